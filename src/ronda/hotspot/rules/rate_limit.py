"""The speed limit of a hotspot profile: one line of RouterOS taken apart and put together again.

`rate-limit` reads `rx/tx [burst-rx/burst-tx [threshold [burst-time [priority [least]]]]]`, from the
router's side: rx is what it receives, the customer's upload (MikroTik manual, "Hotspot: user
profile", property rate-limit; "Queues: burst"). Rates are bits per second, k, M and G powers of 1000.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from ronda.hotspot.rules.values import Unreadable, read_duration

_RATE = re.compile(r"(\d+)([kKmMgG]?)")
_SCALE = {"": 1, "k": 1_000, "m": 1_000_000, "g": 1_000_000_000}
#: The manual's default where a burst rate is given without a time.
DEFAULT_BURST_S = 1
#: More than RouterOS keeps in a rate.
MOST = 2**32 * 1_000


@dataclass(frozen=True, slots=True)
class Pair:
    """The same figure for both ways, as the customer sees them."""

    upload: int
    download: int

    def __bool__(self) -> bool:
        return bool(self.upload or self.download)


ZERO = Pair(0, 0)


@dataclass(frozen=True, slots=True)
class RateLimit:
    """A speed limit; a figure of 0 is no limit of that kind. `priority` is 1 (first) to 8.

    `rate`, `burst`, `threshold` and `least` are bits per second, `burst_s` is seconds.
    """

    rate: Pair = ZERO
    burst: Pair = ZERO
    threshold: Pair = ZERO
    burst_s: Pair = ZERO
    priority: int | None = None
    least: Pair = ZERO


class Doubt(StrEnum):
    """What makes no sense in a speed limit, though a router would take it."""

    BURST_NOT_FASTER = "burst_not_faster"
    THRESHOLD_NOT_BELOW_BURST = "threshold_not_below_burst"
    THRESHOLD_ABOVE_RATE = "threshold_above_rate"
    BURST_WITHOUT_RATE = "burst_without_rate"
    TIME_WITHOUT_BURST = "time_without_burst"
    LEAST_ABOVE_RATE = "least_above_rate"


def parse(text: str) -> RateLimit:
    """The speed limit a router's text describes; all zero for an empty one.

    Raises:
        Unreadable: it is not written as RouterOS writes it.
    """
    words = text.split()
    if len(words) > 6:
        raise Unreadable(text)
    pairs = [ZERO, ZERO, ZERO, ZERO]
    for place, word in enumerate(words[:4]):
        pairs[place] = _pair(word, seconds=place == 3)
    priority = None
    if len(words) > 4:
        if words[4] not in {"1", "2", "3", "4", "5", "6", "7", "8"}:
            raise Unreadable(text)
        priority = int(words[4])
    least = _pair(words[5], seconds=False) if len(words) > 5 else ZERO
    return RateLimit(pairs[0], pairs[1], pairs[2], pairs[3], priority, least)


def render(limit: RateLimit) -> str:
    """The text for the router: no longer than it has to be, "" where nothing is limited."""
    words = [
        _render_pair(limit.rate),
        _render_pair(limit.burst),
        _render_pair(limit.threshold),
        f"{limit.burst_s.upload}/{limit.burst_s.download}",
        str(limit.priority or 8),
        _render_pair(limit.least),
    ]
    needed = [
        bool(limit.rate),
        bool(limit.burst),
        bool(limit.threshold),
        bool(limit.burst_s),
        limit.priority is not None,
        bool(limit.least),
    ]
    last = max((place for place, need in enumerate(needed) if need), default=-1)
    return " ".join(words[: last + 1])


def doubts(limit: RateLimit) -> list[Doubt]:
    """What makes no sense in it, worst first; empty for a sound limit."""
    found = []
    if limit.burst and not limit.rate:
        found.append(Doubt.BURST_WITHOUT_RATE)
    if (limit.threshold or limit.burst_s) and not limit.burst:
        found.append(Doubt.TIME_WITHOUT_BURST)
    if _any(limit.burst, limit.rate, lambda burst, rate: burst <= rate):
        found.append(Doubt.BURST_NOT_FASTER)
    if _any(limit.threshold, limit.burst, lambda threshold, burst: threshold >= burst):
        found.append(Doubt.THRESHOLD_NOT_BELOW_BURST)
    elif _any(limit.threshold, limit.rate, lambda threshold, rate: threshold > rate):
        found.append(Doubt.THRESHOLD_ABOVE_RATE)
    if _any(limit.least, limit.rate, lambda least, rate: least > rate):
        found.append(Doubt.LEAST_ABOVE_RATE)
    return found


def burst_lasts_s(limit: RateLimit) -> Pair | None:
    """Whole seconds a burst from rest lasts at full burst speed; None where there is no burst.

    The manual's rule: threshold x time / burst rate, with the rate as threshold and one second as
    time where they are not given.
    """
    if not limit.burst:
        return None
    threshold = limit.threshold or limit.rate
    length = limit.burst_s or Pair(DEFAULT_BURST_S, DEFAULT_BURST_S)
    return Pair(
        _lasts(limit.burst.upload, threshold.upload, length.upload),
        _lasts(limit.burst.download, threshold.download, length.download),
    )


def read_rate(text: str) -> int:
    """Bits per second of `512k`, `2M` or `2000000`; 0 for an empty text.

    Raises:
        Unreadable: it is no rate.
    """
    tidy = text.strip()
    if not tidy:
        return 0
    found = _RATE.fullmatch(tidy)
    if found is None:
        raise Unreadable(text)
    value = int(found.group(1)) * _SCALE[found.group(2).lower()]
    if value > MOST:
        raise Unreadable(text)
    return value


def write_rate(rate: int) -> str:
    """The shortest exact spelling: `2M`, `1536k`, `100`."""
    for unit, scale in (("G", 1_000_000_000), ("M", 1_000_000), ("k", 1_000)):
        if rate and rate % scale == 0:
            return f"{rate // scale}{unit}"
    return str(rate)


def _lasts(burst: int, threshold: int, seconds: int) -> int:
    return threshold * seconds // burst if burst else 0


def _pair(word: str, *, seconds: bool) -> Pair:
    first, slash, second = word.partition("/")
    read = _seconds if seconds else read_rate
    if not first or (slash and not second):
        raise Unreadable(word)
    upload = read(first)
    return Pair(upload, read(second) if slash else upload)


def _seconds(text: str) -> int:
    return read_duration(text) or 0


def _render_pair(pair: Pair) -> str:
    return f"{write_rate(pair.upload)}/{write_rate(pair.download)}"


def _any(one: Pair, other: Pair, wrong: Callable[[int, int], bool]) -> bool:
    """Whether it is wrong one way or the other, where both figures are given."""
    return any(
        first and second and wrong(first, second)
        for first, second in ((one.upload, other.upload), (one.download, other.download))
    )
