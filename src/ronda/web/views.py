"""How a visitor wants the pages to look: colours and language, kept in cookies.

Cookies and not the person's row, because they belong to the screen: the wallboard is dark, the
same person's phone is not. Works for visitors who are not signed in.
"""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

A_YEAR = 365 * 24 * 3600
THEMES = frozenset({"light", "dark", "auto"})


@login_not_required
@require_POST
def choose_theme(request: HttpRequest) -> HttpResponse:
    """Remember light, dark or as-the-device; anything else changes nothing."""
    response = back(request)
    if (theme := request.POST.get("theme", "")) in THEMES:
        response.set_cookie(
            "theme", theme, max_age=A_YEAR, samesite="Lax", secure=request.is_secure()
        )
    return response


@login_not_required
@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Remember one of the languages there are; anything else changes nothing."""
    response = back(request)
    if (language := request.POST.get("language", "")) in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=A_YEAR,
            samesite="Lax",
            secure=request.is_secure(),
        )
    return response


def back(request: HttpRequest) -> HttpResponseRedirect:
    """To where the visitor came from, within this server; never to another one."""
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return HttpResponseRedirect(target if safe else "/")
