"""How a program or a browser proves who it is at the JSON doors.

Two ways: the session cookie (with the CSRF token for methods that change something), or a token in
`Authorization: Bearer …` or `X-API-Key: …`. A request that brings a token is judged by the token
alone, so a wrong token never falls back to a cookie.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user
from django.db import close_old_connections, connection
from django.http import HttpRequest
from django.http.cookie import parse_cookie
from django.utils.translation import gettext as _
from ninja.errors import HttpError
from ninja.security.base import AuthBase
from ninja.utils import check_csrf

from ronda.accounts import rules
from ronda.accounts.errors import OutOfScope, TooManyTries
from ronda.accounts.models import Person, Role
from ronda.accounts.roles import SAFE_METHODS, Needed
from ronda.accounts.rules import scopes
from ronda.accounts.seen import is_idle
from ronda.accounts.service import audit, second_step, tokens
from ronda.web.answers import Refused


@dataclass(frozen=True)
class Identity:
    """Who sent a request; may be kept for a few seconds, not longer."""

    person_id: int
    name: str
    role: str
    narrowed: bool = False

    def holds(self, needed: str) -> bool:
        """Whether this caller has the rights of `needed`."""
        return rules.holds(self.role, needed)


def token_in(headers: Mapping[str, str]) -> str | None:
    """The token a request brings, None when it brings none. `headers` ignores case."""
    scheme, _space, credentials = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return credentials.strip()
    return headers.get("x-api-key", "").strip() or None


def identify(headers: Mapping[str, str], *, address: str = "", group: str = "") -> Identity | None:
    """Who sent these headers, None for a stranger; needs no Django request, but blocks on the database.

    Args:
        headers: of the request, names in any case.
        address: of the caller; given, it is made to wait after many wrong tokens.
        group: of `rules.scopes`, what is read; a token that is for something else is a stranger's.

    Raises:
        TooManyTries: only when `address` is given.
    """
    lower = {name.lower(): value for name, value in headers.items()}
    _drop_old_connections()
    try:
        token = token_in(lower)
        if token is not None:
            grant = tokens.judge(token, address=address)
            if grant is None or scopes.refusal(
                grant.scope, reads=True, group=group, address=address
            ):
                return None
            holder = grant.person
            return Identity(holder.pk, holder.username, grant.role, narrowed=holder.narrowed)
        person = person_of_cookie(lower.get("cookie", ""))
    finally:
        _drop_old_connections()
    if person is None or person.must_change_password:
        return None
    return Identity(person.pk, person.username, person.role, narrowed=person.narrowed)


def _drop_old_connections() -> None:
    # Outside of a request nobody else does it; inside a transaction it would cut the branch we sit on.
    # The embedded database has no server that could hang up: opening it anew for each of 500 streams
    # cost most of a verdict (4.0 ms of processor for a cookie; 1.1 ms without; 2026-11-21, 2 cores).
    if connection.vendor != "sqlite" and not connection.in_atomic_block:
        close_old_connections()


def person_of_cookie(cookie: str) -> Person | None:
    """The person whose session this `Cookie` header carries; None when it is over or they are disabled."""
    key = parse_cookie(cookie).get(settings.SESSION_COOKIE_NAME)
    if not key:
        return None
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(key)
    person = get_user(request)
    if not isinstance(person, Person) or is_idle(request.session):
        return None
    return person


class _Door(AuthBase):
    def __init__(self, needed: Needed) -> None:
        super().__init__()
        self.needed = needed


class TokenAuth(_Door):
    """`Authorization: Bearer …`: an API token (`rnd_…`), or the access token of a program that signed in."""

    openapi_type = "http"
    openapi_scheme = "bearer"

    def __call__(self, request: HttpRequest) -> Any:
        """The person, or None when the request brings no token; other outcomes are raised."""
        return _by_token(request, self.needed)


class KeyAuth(_Door):
    """`X-API-Key: rnd_…`"""

    openapi_type = "apiKey"
    openapi_in = "header"
    openapi_name = "X-API-Key"

    def __call__(self, request: HttpRequest) -> Any:
        """As `TokenAuth`: both look for either header, so their order does not matter."""
        return _by_token(request, self.needed)


class SessionAuth(_Door):
    """The cookie of a person who signed in; changes need the CSRF token as well."""

    openapi_type = "apiKey"
    openapi_in = "cookie"
    openapi_name = settings.SESSION_COOKIE_NAME

    def __call__(self, request: HttpRequest) -> Any:
        """The person, or None for a stranger."""
        person = request.user
        if not isinstance(person, Person) or not person.is_active or is_idle(request.session):
            return None
        if request.method not in SAFE_METHODS and check_csrf(request):
            raise HttpError(403, _("The form's token is missing or old. Reload the page."))
        if person.must_change_password:
            raise HttpError(403, _("Choose a new password first."))
        if second_step.is_missing(person):
            raise HttpError(
                403, _("Set up a second step first: an authenticator app or a passkey.")
            )
        _check_role(person.role, self.needed)
        return person


def session_or_token(needed: Needed) -> list[AuthBase]:
    """The `auth=` of a JSON operation: people and tokens with the rights of this role.

    Strangers get 401, people without them 403, callers with many wrong tokens 429. The operation
    finds the person in `request.user` and `request.auth`.
    """
    return [TokenAuth(needed), KeyAuth(needed), SessionAuth(needed)]


def _by_token(request: HttpRequest, needed: Needed) -> Person | None:
    token = token_in(request.headers)
    if token is None:
        return None
    try:
        grant = tokens.judge(token, address=audit.source_of(request))
    except TooManyTries as wait:
        raise HttpError(429, str(wait)) from None
    if grant is None:
        raise HttpError(401, _("This token is unknown, expired or revoked."))
    # A refusal, too, is this person's.
    request.user = grant.person
    try:
        tokens.check_scope(
            grant,
            reads=request.method in SAFE_METHODS,
            group=scopes.group_of(request.path),
            address=audit.source_of(request),
        )
    except OutOfScope as refused:
        raise Refused(403, "scope", str(refused)) from None
    _check_role(grant.role, needed)
    # What the operation does is done in this person's name, with no more than the token's rights.
    grant.person.role = Role(grant.role)
    return grant.person


def _check_role(role: str, needed: Needed) -> None:
    if not rules.holds(role, needed):
        label = Role(needed).label if needed in Role.values else ""
        raise HttpError(403, _("This needs the rights of the role %(role)s.") % {"role": label})
