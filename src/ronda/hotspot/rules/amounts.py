"""How much was used, and sharing it out over time: pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

HOUR = timedelta(hours=1)
# Counters of 32 bits start again at this number; seen on old RouterOS only.
WRAP = 1 << 32


class Amount(NamedTuple):
    """Bytes as the router counts them and seconds online: `bytes_in` came from the client.

    RouterOS manual, /ip/hotspot/active: bytes-in is what the router received from the client
    (upload), bytes-out what it sent to it (download).
    """

    bytes_in: int = 0
    bytes_out: int = 0
    seconds: int = 0

    @property
    def total(self) -> int:
        """Bytes of both directions."""
        return self.bytes_in + self.bytes_out

    def plus(self, other: Amount) -> Amount:
        """Both together."""
        return Amount(*(mine + its for mine, its in zip(self, other, strict=True)))

    def beyond(self, other: Amount) -> Amount:
        """What this is more than the other, each part on its own and never below 0."""
        return Amount(*(max(0, mine - its) for mine, its in zip(self, other, strict=True)))

    def covers(self, other: Amount) -> bool:
        """No part is smaller than the other's."""
        return all(mine >= its for mine, its in zip(self, other, strict=True))


NOTHING = Amount()


def grown(before: Amount, after: Amount) -> Amount | None:
    """What a counter gained; None when it was set back, so that it counts something else now.

    Only bytes wrap around, and only from the upper half of 32 bits into the lower one.
    """
    if after.seconds < before.seconds:
        return None
    gained = [_gained(old, new) for old, new in zip(before[:2], after[:2], strict=True)]
    if None in gained:
        return None
    return Amount(gained[0] or 0, gained[1] or 0, after.seconds - before.seconds)


def _gained(old: int, new: int) -> int | None:
    if new >= old:
        return new - old
    if WRAP // 2 <= old < WRAP and new < WRAP // 2:
        return new + WRAP - old
    return None


def hour_of(at: datetime) -> datetime:
    """The beginning of the UTC hour that a time lies in."""
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def by_hour(amount: Amount, since: datetime, until: datetime) -> Iterator[tuple[datetime, Amount]]:
    """The amount shared out evenly over the hours it was used in; nothing is lost or added.

    All of it belongs to the hour of `until` when that is not after `since`.
    """
    first, last = hour_of(since), hour_of(until)
    length = until - since
    if first >= last or length <= timedelta():
        yield last, amount
        return
    given = NOTHING
    at = first
    while at <= last:
        share = (min(at + HOUR, until) - since) / length
        upto = Amount(*(int(part * share) for part in amount)) if at < last else amount
        yield at, upto.beyond(given)
        given = upto
        at += HOUR
