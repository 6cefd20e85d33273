"""The settings page: what may be changed while everything runs, and the facts beside it."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from ronda.accounts.models import Role
from ronda.accounts.roles import require
from ronda.accounts.service import audit
from ronda.app.facts import facts
from ronda.app.forms import WORDS, SettingsForm, shown
from ronda.work import tuning


@require(Role.ADMIN)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def settings_page(request: HttpRequest) -> HttpResponse:
    """Settings with their explanation and origin; posting changes those that differ."""
    current = tuning.listing()
    back = request.POST.get("reset", "")
    if request.method == "POST" and back in tuning.KNOBS:
        with transaction.atomic():
            _tell(request, back, tuning.reset(back, by=_name(request)))
        messages.success(
            request,
            _("“%(name)s” follows the environment again.") % {"name": WORDS[back].label},
        )
        return redirect("app:settings")
    form = SettingsForm(current, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        changed = _change(request, form)
        if changed:
            messages.success(request, _("Saved: %(names)s.") % {"names": ", ".join(changed)})
        else:
            messages.info(request, _("Nothing was different; nothing was changed."))
        return redirect("app:settings")
    context = {
        "form": form,
        "rows": [(form[item.knob.name], item, shown(item.configured)) for item in current],
        "facts": facts(),
    }
    return render(request, "app/settings.html", context, status=422 if form.errors else 200)


def _change(request: HttpRequest, form: SettingsForm) -> list[str]:
    """Put in force what differs, all or nothing; the labels of what was changed."""
    changed = []
    with transaction.atomic():
        for name, value in form.cleaned_data.items():
            before = tuning.change(name, value, by=_name(request))
            if before is not None:
                _tell(request, name, before)
                changed.append(str(WORDS[name].label))
    return changed


def _tell(request: HttpRequest, name: str, before: tuning.Setting | None) -> None:
    if before is None:
        return
    audit.record_request(
        request,
        "settings.change",
        name,
        before={"value": before.value},
        after={"value": tuning.value(name)},
    )


def _name(request: HttpRequest) -> str:
    return str(request.user.get_username())
