"""Who takes the older systems' other files: notifications, outages, user counts.

Devices reads and recognises them, since they come through the same door, but they belong to the
slices above. Those register themselves (in their `apps`), so that devices knows of none of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ronda.accounts.models import Person
from ronda.devices.formats import Kind, Listing


@dataclass(frozen=True, slots=True)
class Taken:
    """How many records were taken; `token` is what the taker's `undo` is given later."""

    count: int
    token: str


Taker = Callable[[Listing, Person | None], int | Taken]
Look = Callable[[Listing], list[str]]
Undo = Callable[[str, Person | None], None]


@dataclass(frozen=True, slots=True)
class Hands:
    """Who takes a kind of file, what it would come to in words, and how it is taken back."""

    take: Taker
    look: Look | None = None
    undo: Undo | None = None


_takers: dict[Kind, Hands] = {}


def take_over(
    kind: Kind, taker: Taker, *, look: Look | None = None, undo: Undo | None = None
) -> None:
    """Register who takes one kind of file.

    The taker gets the whole `Listing` (records in `row.values`, with the older system's keys) and
    the person, within a transaction; it returns how many records it took (a `Taken` where it can be
    taken back) and raises to refuse all. `look` says in sentences what it would do, raises as the
    taker does, and changes nothing. `undo` takes back what the token names, within a transaction.
    """
    _takers[kind] = Hands(taker, look, undo)


def taker_of(kind: Kind) -> Taker | None:
    """Who takes this kind of file; None when nobody does (ONTS never come here)."""
    hands = _takers.get(kind)
    return None if hands is None else hands.take


def look_at(listing: Listing) -> list[str]:
    """What taking this file would come to, in sentences; [] where nobody says."""
    hands = _takers.get(listing.kind)
    return [] if hands is None or hands.look is None else hands.look(listing)


def undo_of(kind: Kind) -> Undo | None:
    """What takes back a file of this kind; None where nothing does."""
    hands = _takers.get(kind)
    return None if hands is None else hands.undo
