"""Who may manage whom, what a token may do, and how links and tokens are judged: pure."""

from collections.abc import Collection
from datetime import datetime, time, timedelta

from ronda.kernel.roles import INCLUDES, holds, shared

__all__ = [
    "capped",
    "holds",
    "is_quiet",
    "leaves_no_owner",
    "link_is_live",
    "may_manage",
    "roles_to_give",
    "token_is_live",
    "use_is_worth_noting",
]

LINK_LIFETIME = timedelta(hours=24)
# Somebody who is invited on a Friday reads it on a Monday.
INVITATION_LIFETIME = timedelta(days=3)
# A token's last use is written at most this often: it is shown to people, not counted.
USE_NOTED_EVERY = timedelta(minutes=1)


def capped(token_role: str, person_role: str) -> str:
    """What both roles allow: a token never does more than its person may do today."""
    return shared(token_role, person_role)


def may_manage(actor: str, subject: str) -> bool:
    """Whether someone of role `actor` may change a person who has, or shall have, role `subject`.

    Administrators look after everybody but owners; owners look after everybody.
    """
    return actor == "owner" or (actor == "admin" and subject != "owner")


def roles_to_give(actor: str) -> list[str]:
    """The roles that someone may hand out, highest first."""
    return [role for role in INCLUDES if may_manage(actor, role)]


def link_is_live(
    made_at: datetime, expires_at: datetime, used_at: datetime | None, now: datetime
) -> bool:
    """Whether a one-time link still opens: unused and within its time."""
    return used_at is None and made_at <= now < expires_at


def token_is_live(revoked_at: datetime | None, expires_at: datetime | None, now: datetime) -> bool:
    """Whether a token is still good."""
    return revoked_at is None and (expires_at is None or now < expires_at)


def use_is_worth_noting(used_at: datetime | None, now: datetime) -> bool:
    """Whether the last use noted is old enough to write a new one."""
    return used_at is None or now - used_at >= USE_NOTED_EVERY


def is_quiet(quiet_from: time | None, quiet_to: time | None, local: time) -> bool:
    """Whether `local`, a time of the person's own day, lies in their quiet hours.

    They begin with `quiet_from` and end before `quiet_to`; 22:00 to 06:00 goes over midnight. Two equal
    times, or a missing one, mean that there are none.
    """
    if quiet_from is None or quiet_to is None:
        return False
    if quiet_from <= quiet_to:
        return quiet_from <= local < quiet_to
    return local >= quiet_from or local < quiet_to


def leaves_no_owner(active_owners: Collection[int], leaving: int) -> bool:
    """Whether nobody could look after the installation any more if `leaving` stopped being an owner."""
    return not set(active_owners) - {leaving}
