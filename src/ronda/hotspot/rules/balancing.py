"""On which routers of a site a new hotspot user is made; the rule is stated and survives a dead router."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Rule(StrEnum):
    """How a site chooses."""

    LEAST_LOADED = "least_loaded"
    FIXED = "fixed"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A router that could take the user.

    `online` is how many are online now, `most` how many the licence allows (None: no limit known).
    """

    id: int
    reachable: bool
    online: int
    users: int
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """Where the user is made at once, where as soon as the router answers again, and what was passed by.

    `stood_in` says that the fixed router is away and another one stands in for it.
    """

    now: tuple[int, ...]
    later: tuple[int, ...] = ()
    stood_in: bool = False


class NoRouter(ValueError):
    """There is no active router to choose."""


def choose(rule: Rule, candidates: Sequence[Candidate], fixed: int | None = None) -> Choice:
    """Where to make a user.

    Least loaded: the reachable router with the smallest share of its licence, or the fewest online,
    in use. Fixed: that router; the least loaded one while it is away. All: every router; those that
    are away get the user when they are back. With no router reachable the user waits for the one that
    would have been chosen.

    Raises:
        NoRouter: there is nothing to choose from.
    """
    if not candidates:
        raise NoRouter
    if rule is Rule.ALL:
        return Choice(
            tuple(one.id for one in candidates if one.reachable),
            tuple(one.id for one in candidates if not one.reachable),
        )
    reachable = sorted((one for one in candidates if one.reachable), key=_load)
    wished = next((one for one in candidates if one.id == fixed), None)
    if rule is Rule.FIXED and wished is not None:
        if wished.reachable:
            return Choice((wished.id,))
        if reachable:
            return Choice((reachable[0].id,), stood_in=True)
        return Choice((), (wished.id,))
    if reachable:
        return Choice((reachable[0].id,))
    return Choice((), (min(candidates, key=_load).id,))


def _load(one: Candidate) -> tuple[bool, float, int, int]:
    """Full ones last; then by share of the licence, those online, the users kept."""
    share = one.online / one.most if one.most else 0.0
    return (
        one.most is not None and one.online >= one.most,
        share or one.online / 1e6,
        one.users,
        one.id,
    )
