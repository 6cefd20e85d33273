"""Who takes the older systems' other files: notifications, outages, user counts.

Devices reads and recognises them, since they come through the same door, but they belong to the
slices above. Those register themselves (in `app.wiring`), so that devices knows of none of them.
"""

from __future__ import annotations

from collections.abc import Callable

from ronda.accounts.models import Person
from ronda.devices.formats import Kind, Listing

Taker = Callable[[Listing, Person | None], int]
_takers: dict[Kind, Taker] = {}


def take_over(kind: Kind, taker: Taker) -> None:
    """Register who takes one kind of file.

    The taker gets the whole `Listing` (records in `row.values`, with the older system's keys) and
    the person, within a transaction; it returns how many records it took and raises to refuse all.
    """
    _takers[kind] = taker


def taker_of(kind: Kind) -> Taker | None:
    """Who takes this kind of file; None when nobody does (ONTS never come here)."""
    return _takers.get(kind)
