"""Screens on the wall: an address with a token opens the wallboard and nothing else, without signing in.

The token is an API token of the group `wall`, which opens no address of the API. The screen keeps it in a
cookie, so that it leaves the address bar, and is on again after a power cut. What the screen shows is what
its maker sees.
"""

from collections.abc import Mapping

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.http.cookie import parse_cookie

from ronda.accounts.auth import Identity
from ronda.accounts.errors import TooManyTries
from ronda.accounts.models import ApiToken, Person, Role
from ronda.accounts.rules import scopes
from ronda.accounts.service import audit, tokens

GROUP = "wall"
COOKIE = "ronda_wall"
#: Browsers forget cookies after 400 days at the latest; every visit begins anew.
KEPT_S = 400 * 24 * 3600


def make(person: Person, name: str, *, source: str = "") -> str:
    """A new screen of this person; the text of its token, which cannot be shown again.

    Raises:
        NotAllowed: somebody who may not look at the network.
    """
    _token, text = tokens.make(
        person, name, Role.VIEWER, read_only=True, groups=[GROUP], by=person, source=source
    )
    return text


def listed_for(person: Person) -> QuerySet[ApiToken]:
    """The screens a person may see and end, newest first, those that were ended left out."""
    # SQLite cannot look into a list of JSON; a screen has this one group and no other.
    return tokens.listed_for(person).filter(groups=[GROUP], revoked_at=None)


def judge(text: str, address: str) -> Person | None:
    """Whose eyes a screen with this token has, with no more than a viewer's rights; None for a wrong one."""
    if not text:
        return None
    try:
        grant = tokens.judge(text, address=address)
    except TooManyTries:
        return None
    if grant is None or GROUP not in grant.scope.groups:
        return None
    if scopes.refusal(grant.scope, reads=True, group=GROUP, address=address):
        return None
    grant.person.role = Role.VIEWER
    return grant.person


def person_of(request: HttpRequest) -> Person | None:
    """Whose eyes the screen has that sent this request; None for anything else."""
    return judge(request.COOKIES.get(COOKIE, ""), audit.source_of(request))


def identify(headers: Mapping[str, str], address: str) -> Identity | None:
    """The same for live data, which is asked for outside of Django."""
    person = judge(parse_cookie(headers.get("cookie", "")).get(COOKIE, ""), address)
    if person is None:
        return None
    return Identity(person.pk, person.username, person.role, narrowed=person.narrowed)


def keep(answer: HttpResponseBase, text: str) -> None:
    """Let the browser keep the token of a screen."""
    answer.set_cookie(
        COOKIE,
        text,
        max_age=KEPT_S,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
