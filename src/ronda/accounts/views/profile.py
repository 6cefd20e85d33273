"""One's own page: address, language, time zone, quiet hours, colours; password and second step are allauth's pages."""

from dataclasses import fields

from allauth.account.internal.flows.reauthentication import (
    raise_if_reauthentication_required,
)
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from ronda.accounts.errors import Refused
from ronda.accounts.forms import ProfileForm
from ronda.accounts.models import Person
from ronda.accounts.pages import profile_links
from ronda.accounts.roles import ANYONE, require
from ronda.accounts.service import audit, people

YEAR_S = 365 * 24 * 3600


@require(ANYONE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def profile_page(request: HttpRequest) -> HttpResponse:
    """What a person chooses for themselves."""
    person = request.user
    assert isinstance(person, Person)  # noqa: S101 -- `require` let nobody else through
    names = [field.name for field in fields(people.Profile)]
    present = {name: getattr(person, name) for name in names}
    form = ProfileForm(
        request.POST or None, initial={**present, "theme": request.COOKIES.get("theme", "auto")}
    )
    if request.method == "POST" and form.is_valid():
        chosen = people.Profile(**{name: form.cleaned_data[name] for name in names})
        # Links for a new password are sent to these: a telephone left lying about changes neither.
        if any(getattr(chosen, name) != present[name] for name in ("email", "phone")):
            raise_if_reauthentication_required(request, app="ronda.accounts")
        try:
            people.change_profile(person, chosen, source=audit.source_of(request))
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            return _kept(request, form)
    return render(request, "accounts/profile.html", {"form": form, "links": list(profile_links)})


def _kept(request: HttpRequest, form: ProfileForm) -> HttpResponse:
    language = form.cleaned_data["language"] or settings.RONDA.language
    with translation.override(language):
        messages.success(request, _("Saved."))
    answer = redirect("accounts:profile")
    # The cookie is asked before the person, so that the sign-in page too speaks the chosen language.
    answer.set_cookie(
        settings.LANGUAGE_COOKIE_NAME, language, YEAR_S, secure=settings.RONDA.https, samesite="Lax"
    )
    answer.set_cookie(
        "theme", form.cleaned_data["theme"], YEAR_S, secure=settings.RONDA.https, samesite="Lax"
    )
    return answer
