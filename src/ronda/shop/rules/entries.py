"""Spans and sizes as people type them: `30d`, `5 jam`, `1 bulan`, `1w 2d`, `500MB`, `1,5 GB`.

Sizes are powers of 1024, as RouterOS counts them. Whatever is not certain is refused with the reason.
"""

import re
from enum import StrEnum

from ronda.hotspot.rules.values import Unreadable, read_amount, write_amount
from ronda.shop.rules.terms import Span, SpanUnit

_PART = re.compile(r"(\d+)\s*([a-z]+)\.?\s*(?:,|\+|dan|and)?\s*")
_UNITS = {
    SpanUnit.MINUTE: "m min mins minute minutes menit mnt",
    SpanUnit.HOUR: "h hr hrs hour hours jam j",
    SpanUnit.DAY: "d day days hari",
    SpanUnit.WEEK: "w week weeks minggu pekan mgg",
    SpanUnit.MONTH: "mo mon month months bulan bln",
}
_WORDS = {word: unit for unit, words in _UNITS.items() for word in words.split()} | {
    "y": "y",
    "year": "y",
    "years": "y",
    "tahun": "y",
    "thn": "y",
}
MINUTES = {SpanUnit.MINUTE: 1, SpanUnit.HOUR: 60, SpanUnit.DAY: 1_440, SpanUnit.WEEK: 10_080}
#: Longer than any package: ten years.
MOST_MINUTES = 10 * 366 * 1_440
MOST_MONTHS = 120
#: 1 PB; more is a slip of the finger.
MOST_BYTES = 1024**5


class Why(StrEnum):
    """Why a text was refused."""

    NO_UNIT = "no_unit"
    UNKNOWN = "unknown"
    NOTHING = "nothing"
    TOO_LONG = "too_long"
    MONTHS_MIXED = "months_mixed"
    MONTHS_ONLINE = "months_online"
    NO_SIZE = "no_size"
    TOO_MUCH = "too_much"


class Refused(ValueError):
    """The text cannot be taken; `why` says for what reason."""

    def __init__(self, why: Why) -> None:
        super().__init__(why.value)
        self.why = why


def read_span(text: str) -> Span | None:
    """The span of `1h`, `1d 12h`, `5 jam`, `2 hari` or `1 bulan`; None for an empty text.

    Several parts become one of the largest unit that holds them exactly. Months and years are those of
    the calendar and stand alone.

    Raises:
        Refused: it is none.
    """
    tidy = text.strip().lower()
    if not tidy:
        return None
    if tidy.isascii() and tidy.isdigit():
        raise Refused(Why.NO_UNIT)
    parts = _parts(tidy)
    months = sum(count * (12 if unit == "y" else 1) for count, unit in parts if unit in {"y", "mo"})
    minutes = sum(count * MINUTES[SpanUnit(unit)] for count, unit in parts if unit in MINUTES)
    if months and minutes:
        raise Refused(Why.MONTHS_MIXED)
    if not (months or minutes):
        raise Refused(Why.NOTHING)
    if months > MOST_MONTHS or minutes > MOST_MINUTES:
        raise Refused(Why.TOO_LONG)
    if months:
        return Span(months, SpanUnit.MONTH)
    if len(parts) == 1:
        count, unit = parts[0]
        return Span(count, SpanUnit(unit))
    return next(
        Span(minutes // size, unit)
        for unit, size in reversed(MINUTES.items())
        if unit is not SpanUnit.WEEK and minutes % size == 0
    )


def _parts(tidy: str) -> list[tuple[int, str]]:
    parts, place = [], 0
    while place < len(tidy):
        found = _PART.match(tidy, place)
        if found is None or found.group(2) not in _WORDS or len(found.group(1)) > 8:
            raise Refused(Why.UNKNOWN)
        parts.append((int(found.group(1)), str(_WORDS[found.group(2)])))
        place = found.end()
    return parts


def read_online(text: str) -> int | None:
    """Seconds of time online, typed as a span; None for an empty text. Months have no fixed length.

    Raises:
        Refused: it is none.
    """
    span = read_span(text)
    if span is None:
        return None
    if span.unit is SpanUnit.MONTH:
        raise Refused(Why.MONTHS_ONLINE)
    return span.count * MINUTES[span.unit] * 60


def write_online(seconds: int) -> str:
    """The shortest exact spelling of seconds, which `read_online` reads: `5h`, `90m`; seconds are cut."""
    minutes = max(1, seconds // 60)
    unit, size = next(
        (unit, size)
        for unit, size in reversed(MINUTES.items())
        if unit is not SpanUnit.WEEK and minutes % size == 0
    )
    return f"{minutes // size}{unit}"


def read_size(text: str) -> int | None:
    """Bytes of `500MB`, `1 GB` or `1,5GB`; None for an empty text.

    Raises:
        Refused: it is none.
    """
    tidy = text.strip()
    if not tidy:
        return None
    if tidy.replace(".", "").replace(",", "").isdigit():
        raise Refused(Why.NO_SIZE)
    try:
        size = read_amount(tidy)
    except Unreadable:
        raise Refused(Why.NO_SIZE) from None
    if size is None:
        raise Refused(Why.NO_SIZE)
    if size == 0:
        raise Refused(Why.NOTHING)
    if size > MOST_BYTES:
        raise Refused(Why.TOO_MUCH)
    return size


def write_size(size: int) -> str:
    """The shortest exact spelling: `500MB`, `1GB`, `1000B`."""
    text = write_amount(size)
    return f"{text}B" if text.isdigit() else text
