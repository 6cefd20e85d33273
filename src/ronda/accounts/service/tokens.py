"""API tokens: made once, shown once, checked at every call.

Only a digest is kept. A token is found by its first characters, which are no secret, and judged by
comparing digests in constant time; revoking, expiry and disabling the person act on the next call.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.core.cache import cache
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from ronda.accounts import rules, secrecy
from ronda.accounts.errors import NotAllowed, OutOfScope, Refused, TooManyTries
from ronda.accounts.models import ApiToken, Person, Role
from ronda.accounts.rules import scopes
from ronda.accounts.rules.scopes import EVERYTHING, Scope
from ronda.accounts.service import access, audit, people

WRONG_PER_MINUTE = 20
WINDOW_S = 60


@dataclass(frozen=True)
class Grant:
    """What a good token stands for."""

    person: Person
    role: str
    scope: Scope = EVERYTHING


def make(
    person: Person,
    name: str,
    role: str,
    *,
    expires_at: datetime | None = None,
    read_only: bool = False,
    groups: Collection[str] = (),
    addresses: str = "",
    by: Person | None = None,
    source: str = "",
) -> tuple[ApiToken, str]:
    """A new token and its text, which cannot be shown again.

    Raises:
        Refused: a group or an address that is none.
        NotAllowed: a role above the person's own, or a token for somebody `by` may not manage.
    """
    people.check_managed(by, person)
    if not rules.holds(person.role, role):
        raise NotAllowed(_("A token cannot do more than its person may."))
    if not set(groups) <= set(scopes.GROUPS):
        raise Refused(_("There is no such group of operations."))
    try:
        allowed = " ".join(str(network) for network in scopes.networks(addresses))
    except ValueError as wrong:
        raise Refused(
            _("%(part)s is no address; examples are 192.0.2.7 and 10.0.0.0/8.") % {"part": wrong}
        ) from None
    if len(allowed) > 500:
        raise Refused(_("These are too many addresses; name a network instead."))
    text = secrecy.new_token()
    with transaction.atomic():
        token = ApiToken.objects.create(
            person=person,
            name=name.strip()[:80],
            prefix=text[: secrecy.PREFIX_LENGTH],
            digest=secrecy.digest(text),
            role=Role(role),
            made_at=timezone.now(),
            expires_at=expires_at,
            read_only=read_only,
            groups=sorted(groups),
            addresses=allowed,
        )
        audit.record(
            by,
            "token.make",
            f"{person.username}: {token.name}",
            None,
            {
                "role": str(role),
                "expires_at": expires_at,
                "read_only": read_only,
                "groups": sorted(groups),
                "addresses": allowed,
            },
            source,
        )
    return token, text


def revoke(token: ApiToken, *, by: Person | None = None, source: str = "") -> None:
    """End a token; the next call with it is refused."""
    people.check_managed(by, token.person)
    with transaction.atomic():
        changed = ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(
            revoked_at=timezone.now()
        )
        if changed:
            audit.record(
                by, "token.revoke", f"{token.person.username}: {token.name}", source=source
            )


def listed_for(person: Person) -> QuerySet[ApiToken]:
    """The tokens a person may see, newest first: their own; owners and administrators see more."""
    tokens = ApiToken.objects.select_related("person").order_by("-id")
    if person.role == Role.OWNER:
        return tokens
    if person.role == Role.ADMIN and not person.narrowed:
        return tokens.exclude(person__role=Role.OWNER)
    return tokens.filter(person=person)


def judge(text: str, *, address: str = "") -> Grant | None:
    """What this token grants now; None for a wrong, dead or unknown one.

    Args:
        text: the token as it came.
        address: network address of the caller; wrong tokens are counted against it.

    Raises:
        TooManyTries: this one is wrong, and so were many from this address in the last minute. A
            good token is let in all the same: one forgotten script must not shut its neighbours out.
    """
    grant = _grant(text, address)
    if grant is None:
        _check_tries(address)
        _count_try(address)
    return grant


# Written out, for every call of a program asks them: Django took three times as long to make and read its own.
_BY_PREFIX = "SELECT * FROM accounts_apitoken WHERE prefix = %s"
_BY_ID = "SELECT * FROM accounts_person WHERE id = %s"


def _grant(text: str, address: str) -> Grant | None:
    if text.count(".") == 2:  # a JWT
        person = access.judge(text)
        return None if person is None else Grant(person, person.role)
    now = timezone.now()
    # With an unknown prefix there is nothing to compare: prefixes are no secret.
    candidates = ApiToken.objects.raw(_BY_PREFIX, [text[: secrecy.PREFIX_LENGTH]])
    token = next((one for one in candidates if secrecy.matches(text, one.digest)), None)
    if token is None or not rules.token_is_live(token.revoked_at, token.expires_at, now):
        return None
    holder = next(iter(Person.objects.raw(_BY_ID, [token.person_id])), None)
    if holder is None or not holder.is_active:
        return None
    if rules.use_is_worth_noting(token.used_at, now):
        ApiToken.objects.filter(pk=token.pk).update(used_at=now, used_from=address[:64])
    scope = Scope(token.read_only, frozenset(token.groups), scopes.networks(token.addresses))
    return Grant(holder, rules.capped(token.role, holder.role), scope)


def check_scope(grant: Grant, *, reads: bool, group: str, address: str) -> None:
    """Nothing, when the token may be used for this.

    Raises:
        OutOfScope: it may not; the text says what it is for.
    """
    why = scopes.refusal(grant.scope, reads=reads, group=group, address=address)
    if why == "read":
        raise OutOfScope(_("This token may only read."))
    if why == "address":
        raise OutOfScope(_("This token may not be used from this address."))
    if why == "group":
        raise OutOfScope(
            _("This token is for %(groups)s only.")
            % {"groups": ", ".join(sorted(grant.scope.groups))}
        )


def _check_tries(address: str) -> None:
    if address and cache.get(_tries_key(address), 0) >= WRONG_PER_MINUTE:
        raise TooManyTries(WINDOW_S)


def _count_try(address: str) -> None:
    if not address:
        return
    key = _tries_key(address)
    if not cache.add(key, 1, WINDOW_S):
        try:
            cache.incr(key)
        except ValueError:  # it expired between the two calls
            cache.set(key, 1, WINDOW_S)


def _tries_key(address: str) -> str:
    return f"accounts:wrong-tokens:{address}"
