"""The gate before every view: closed unless the view says otherwise."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from ronda.accounts import doors
from ronda.accounts.auth import identify, token_in
from ronda.accounts.errors import TooManyTries
from ronda.accounts.models import Person
from ronda.accounts.seen import is_idle
from ronda.accounts.service import audit, refusals, second_step, setup
from ronda.web.answers import Failure, Problem

# Where somebody who must choose a new password may still go.
BEFORE_NEW_PASSWORD = frozenset({"account_change_password", "account_logout"})


class Door:
    """Notes through which door a request comes, for the audit trail."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._answer = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer of what lies behind."""
        with doors.through(doors.of_path(request.path)):
            return self._answer(request)


class Refusals:
    """Keeps on record who was turned away: a page or operation beyond their rights, or a wrong token."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._answer = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer of what lies behind."""
        answer = self._answer(request)
        wrong_token = answer.status_code == 401 and token_in(request.headers) is not None
        if answer.status_code == 403 or wrong_token:
            person = request.user if isinstance(request.user, Person) else None
            refusals.note(
                person,
                audit.source_of(request),
                request.method or "",
                request.path,
                answer.status_code,
            )
        return answer


class SignInRequired(LoginRequiredMiddleware):
    """Lets signed-in people through and sends strangers to sign in; the JSON doors answer 401.

    - A view is open only when it carries Django's `login_not_required`.
    - Operations of the JSON API judge cookies and tokens themselves (`accounts.auth`).
    - A session that nobody used for long is over, whichever page is asked for.
    - Before there is an owner, every closed page leads to the page that says how to set up.
    - Somebody whose password was given by an administrator chooses their own before anything else.
    - Where the setting asks for it, owners and administrators set up a second step before anything else.
    """

    def process_view(
        self,
        request: HttpRequest,
        view_func: Callable[..., HttpResponseBase],
        view_args: Any,
        view_kwargs: Any,
    ) -> HttpResponseBase | None:
        """None to go on to the view, else the answer in its place."""
        if is_operation(view_func):
            return None
        is_open = not getattr(view_func, "login_required", True)
        name = request.resolver_match.view_name if request.resolver_match else ""
        if request.user.is_authenticated and is_idle(request.session):
            logout(request)
        if request.user.is_authenticated:
            if (
                request.user.must_change_password
                and not is_open
                and name not in BEFORE_NEW_PASSWORD
            ):
                return _choose_password_first(request)
            if (
                not is_open
                and not _leads_to_second_step(name)
                and second_step.is_missing(request.user)
            ):
                return _second_step_first(request)
            return None
        if not (is_open and _works_without_owner(name)) and not setup.has_owner():
            return _set_up_first(request)
        if is_open:
            return None
        if request.path.startswith("/api/"):
            return _by_token(request)
        answer: HttpResponseBase = self.handle_no_permission(request, view_func)
        return answer


def is_operation(view: Callable[..., HttpResponseBase]) -> bool:
    """Whether the view is an operation of the JSON API, which has `auth=` of its own."""
    return getattr(view, "__module__", "") == "ninja.operation"


def _works_without_owner(name: str) -> bool:
    # Sign-in makes no sense before somebody exists.
    return not name.startswith(("account_", "mfa_"))


def _set_up_first(request: HttpRequest) -> HttpResponseBase:
    if request.path.startswith("/api/"):
        return _json(401, "not-set-up", _("This installation is not set up yet."))
    return redirect("accounts:setup-needed")


def _choose_password_first(request: HttpRequest) -> HttpResponseBase:
    if request.path.startswith("/api/"):
        return _json(403, "choose-password", _("Choose a new password first."))
    return redirect("account_change_password")


def _leads_to_second_step(name: str) -> bool:
    return name.startswith("mfa_") or name in {"account_logout", "account_reauthenticate"}


def _second_step_first(request: HttpRequest) -> HttpResponseBase:
    text = _("Set up a second step first: an authenticator app or a passkey.")
    if request.path.startswith("/api/"):
        return _json(403, "second-step", text)
    messages.warning(request, text)
    return redirect("mfa_index")


def _by_token(request: HttpRequest) -> HttpResponseBase | None:
    # Not an operation: the OpenAPI document and its page, which tools read with a token.
    try:
        identity = identify(request.headers, address=audit.source_of(request))
    except TooManyTries as wait:
        return _json(429, "too-often", str(wait))
    if identity is None:
        return _json(401, "sign-in", _("Sign in, or send a token."))
    return None


def _json(status: int, code: str, message: str) -> HttpResponseBase:
    failure = Failure(error=Problem(code=code, message=message))
    return JsonResponse(failure.model_dump(), status=status)
