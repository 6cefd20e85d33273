"""Access and refresh tokens (JWT) for programs that sign in with a person's name and password.

An access token lives 15 minutes, a refresh token 14 days and works once. Both belong to an
`ApiSession`, which every call looks up: ending it acts on the next call. A refresh token that comes
a second time was stolen or lost on the way, so the whole session ends (RFC 9700, section 4.14.2).
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from ronda.accounts.errors import DeadToken
from ronda.accounts.models import ApiSession, Person
from ronda.accounts.service import audit
from ronda.accounts.service.devices import Visitor

ACCESS = timedelta(minutes=15)
REFRESH = timedelta(days=14)
#: After so long the password is asked for again, however often it was refreshed.
LONGEST = timedelta(days=90)
USED_NOTED_EVERY = timedelta(minutes=1)
ALGORITHM = "HS256"
ISSUER = "ronda"


@dataclass(frozen=True)
class Pair:
    """What a program gets; neither can be shown again."""

    access: str
    refresh: str
    expires_at: datetime


def begin(person: Person, visitor: Visitor) -> Pair:
    """A session of a program for somebody whose password and second step were right."""
    now = timezone.now()
    with transaction.atomic():
        session = ApiSession.objects.create(
            key=secrets.token_hex(16),
            person=person,
            refresh=secrets.token_hex(16),
            made_at=now,
            used_at=now,
            expires_at=now + REFRESH,
            address=visitor.address,
            agent=visitor.agent,
        )
        audit.record(person, "api.sign_in", person.username, source=visitor.address)
    return _pair(session, now)


def refresh(text: str, visitor: Visitor) -> Pair:
    """A new pair for a refresh token, which is good no more.

    Raises:
        DeadToken: it is none, expired, of an ended session, or came a second time, which ends the session.
    """
    claims = _claims(text, "refresh")
    session = _session(claims)
    now = timezone.now()
    if session is None or now >= session.expires_at or now >= session.made_at + LONGEST:
        raise DeadToken(_("Sign in again."))
    fresh = secrets.token_hex(16)
    # Of two at the same moment, the database lets one change the row.
    turned = ApiSession.objects.filter(pk=session.pk, refresh=claims["jti"], ended_at=None).update(
        refresh=fresh,
        used_at=now,
        expires_at=min(now + REFRESH, session.made_at + LONGEST),
        address=visitor.address,
    )
    if not turned:
        with transaction.atomic():
            ApiSession.objects.filter(pk=session.pk, ended_at=None).update(ended_at=now)
            audit.record(
                session.person,
                "api.refresh_reused",
                session.person.username,
                source=visitor.address,
            )
        raise DeadToken(
            _("This refresh token was used before, so the session has ended. Sign in again.")
        )
    session.refresh = fresh
    session.expires_at = min(now + REFRESH, session.made_at + LONGEST)
    return _pair(session, now)


def judge(text: str) -> Person | None:
    """Whose access token this is, while it is good; one query."""
    try:
        session = _session(_claims(text, "access"))
    except DeadToken:
        return None
    if session is None:
        return None
    now = timezone.now()
    if now - session.used_at >= USED_NOTED_EVERY:
        ApiSession.objects.filter(pk=session.pk).update(used_at=now)
    return session.person


def end(text: str, visitor: Visitor) -> None:
    """End the session that an access or refresh token belongs to; one that is nobody's does nothing."""
    try:
        session = _session(_claims(text, None, expired=True))
    except DeadToken:
        return
    if session is not None:
        end_session(session, by=session.person, source=visitor.address)


def end_session(session: ApiSession, *, by: Person | None, source: str = "") -> None:
    """End one session; the next call with any of its tokens is refused."""
    with transaction.atomic():
        if ApiSession.objects.filter(pk=session.pk, ended_at=None).update(ended_at=timezone.now()):
            audit.record(by, "api.sign_out", session.person.username, source=source)


def sessions_of(person: Person) -> QuerySet[ApiSession]:
    """The sessions of a person's programs that are not over, last used first."""
    return ApiSession.objects.filter(
        person=person, ended_at=None, expires_at__gt=timezone.now()
    ).order_by("-used_at")


def _session(claims: dict[str, Any]) -> ApiSession | None:
    session = ApiSession.objects.select_related("person").filter(key=claims["sid"]).first()
    if session is None or session.ended_at is not None or not session.person.is_active:
        return None
    return None if session.person.must_change_password else session


def _pair(session: ApiSession, now: datetime) -> Pair:
    ends = now + ACCESS
    return Pair(
        _signed("access", session, secrets.token_hex(16), now, ends),
        _signed("refresh", session, session.refresh, now, session.expires_at),
        ends,
    )


def _signed(kind: str, session: ApiSession, jti: str, now: datetime, ends: datetime) -> str:
    claims = {
        "iss": ISSUER,
        "sub": str(session.person_id),
        "sid": session.key,
        "jti": jti,
        "typ": kind,
        "iat": now,
        "exp": ends,
    }
    import jwt  # takes a tenth of the start of every process, and only programs' sessions need it

    name, key = next(iter(_keys().items()))
    return jwt.encode(claims, key, algorithm=ALGORITHM, headers={"kid": name})


def _claims(text: str, kind: str | None, *, expired: bool = False) -> dict[str, Any]:
    import jwt

    try:
        name = jwt.get_unverified_header(text).get("kid", "")
        claims: dict[str, Any] = jwt.decode(
            text,
            _keys()[name],
            algorithms=[ALGORITHM],
            issuer=ISSUER,
            options={
                "require": ["exp", "sub", "sid", "jti", "typ"],
                "verify_exp": False,
                "verify_iat": False,
            },
        )
    except (jwt.PyJWTError, KeyError, ValueError):
        raise DeadToken(_("This token is unknown, expired or revoked.")) from None
    # By the same clock as everything else here.
    over = not expired and timezone.now().timestamp() >= float(claims["exp"])
    if over or (kind is not None and claims["typ"] != kind):
        raise DeadToken(_("This token is unknown, expired or revoked."))
    return claims


def _keys() -> dict[str, bytes]:
    """Name and key, the one in force first; older ones still verify until they are taken off the key file."""
    keys = {}
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        key = salted_hmac("ronda.accounts.access", "", secret=secret, algorithm="sha256").digest()
        keys[hashlib.sha256(key).hexdigest()[:8]] = key
    return keys
