"""Pages of the operator's own words: which there are, and one with its preview."""

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from ronda.accounts.models import Role
from ronda.accounts.roles import require
from ronda.alerts.service import wordings
from ronda.alerts.service.wordings import WordingRefused
from ronda.devices.acting import actor


class WordingForm(forms.Form):
    """Subject and text as templates."""

    subject = forms.CharField(label=gettext_lazy("Subject"), max_length=200)
    text = forms.CharField(
        label=gettext_lazy("Text"),
        max_length=wordings.LONGEST,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 8}),
    )


@require(Role.ADMIN)
@require_safe
def wording_list(request: HttpRequest) -> HttpResponse:
    """Each sort of message in each language."""
    own = wordings.changed()
    rows = [
        {"what": what, "title": title, "language": code, "name": name, "own": (what, code) in own}
        for what, title in wordings.SORTS.items()
        for code, name in wordings.languages().items()
    ]
    return render(request, "alerts/wordings.html", {"rows": rows})


@require(Role.ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
def wording(request: HttpRequest, what: str, language: str) -> HttpResponse:
    """One template: look at it filled, keep it, or go back to the usual words."""
    if what not in wordings.SORTS or language not in wordings.languages():
        raise Http404
    me = actor(request)
    if request.method == "POST" and "reset" in request.POST:
        wordings.reset(what, language, me.person, me.source)
        messages.success(request, _("The usual words are in force again."))
        return redirect("alerts:wordings")
    present = dict(zip(("subject", "text"), wordings.kept(what, language), strict=True))
    form = WordingForm(request.POST or None, initial=present)
    shown = ("", "")
    try:
        if request.method == "POST" and form.is_valid():
            present = {name: form.cleaned_data[name] for name in ("subject", "text")}
            if "save" in request.POST:
                wordings.save(
                    what, language, present["subject"], present["text"], me.person, me.source
                )
                messages.success(request, _("Saved."))
                return redirect("alerts:wordings")
        with translation.override(language):
            told = wordings.sample(what)
            shown = wordings.filled(present["subject"], present["text"], told, timezone.now())
    except WordingRefused as refused:
        form.add_error("text", str(refused))
    context = {
        "form": form,
        "title": wordings.SORTS[what],
        "language": wordings.languages()[language],
        "shown": shown,
        "fields": wordings.FIELDS.items(),
        "own": (what, language) in wordings.changed(),
    }
    return render(request, "alerts/wording.html", context)
