"""Nobody proves who they are in clear text across the internet, unless the owner says so.

From private networks (a village's own), from the machine itself and through a proxy that is not
announced, plain HTTP works: there the owner's own cables and air lie in between. Buyers' pages ask for
no password and stay open.
"""

from collections.abc import Callable
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from ronda.accounts.auth import token_in
from ronda.accounts.service import audit
from ronda.web.answers import Failure, Problem

#: Below these people and programs sign in.
DOORS = ("/accounts/", "/setup/", "/api/v1/auth/")


class NoPlainSignIn:
    """Answers 403 to passwords, sessions and tokens that came over plain HTTP from the internet."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._answer = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer of what lies behind, or the refusal."""
        if not _carries_proof(request) or not is_plain_from_outside(request):
            return self._answer(request)
        if request.path.startswith("/api/"):
            text = _(
                "Passwords and tokens are not taken over plain HTTP from the internet; use https."
            )
            failure = Failure(error=Problem(code="plain-http", message=text))
            return JsonResponse(failure.model_dump(), status=403)
        return render(request, "accounts/plain.html", status=403)


def is_plain_from_outside(request: HttpRequest) -> bool:
    """Whether strangers may have read this request on its way."""
    conf = settings.RONDA
    if conf.https or conf.plain_sign_in or request.is_secure():
        return False
    try:
        return ip_address(audit.source_of(request)).is_global
    except ValueError:
        return False


def _carries_proof(request: HttpRequest) -> bool:
    return (
        request.path.startswith(DOORS)
        or settings.SESSION_COOKIE_NAME in request.COOKIES
        or token_in(request.headers) is not None
    )
