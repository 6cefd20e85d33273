"""RouterOS's texts for lengths of time, amounts of data and flags, and when two of them mean the same.

Formats: MikroTik manual, "Scripting: data types", and routeros.md of this project's research: a
duration reads back as `1w2d3h4m5s`, older rows as `HH:MM:SS`, and bare digits are seconds; bytes are
whole numbers; a limit that is not set is simply absent.
"""

import re

UNITS_S = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
_PARTS = re.compile(r"(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?")
_CLOCK = re.compile(r"(?:(\d+)w)?(?:(\d+)d)?\s*(\d{1,3}):(\d\d)(?::(\d\d)(?:\.\d+)?)?")
_AMOUNT = re.compile(r"(\d+)(?:[.,](\d+))?\s*([KMGT]?)(?:I?B)?", re.IGNORECASE)
_POWERS = {"": 0, "K": 1, "M": 2, "G": 3, "T": 4}

#: Words that stand for "no limit" or "nothing" in a duration.
NOTHING = frozenset({"", "none", "never", "unlimited"})
TRUE = frozenset({"true", "yes"})


class Unreadable(ValueError):
    """The text is none of the spellings; it is the caller's to say which field it stood in."""


def read_duration(text: str) -> int | None:
    """Whole seconds of `1d2h`, `01:30:00`, `1d 02:00:00` or `7200`; None for no limit.

    Raises:
        Unreadable: it is no duration.
    """
    tidy = text.strip().lower()
    if tidy in NOTHING:
        return None
    if tidy.isascii() and tidy.isdigit():
        return int(tidy)
    if found := _CLOCK.fullmatch(tidy):
        weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
        return weeks * 604_800 + days * 86_400 + hours * 3_600 + minutes * 60 + seconds
    found = _PARTS.fullmatch(tidy.replace(" ", ""))
    if not found or not any(found.groups()):
        raise Unreadable(text)
    *parts, _milliseconds = found.groups()
    return sum(int(part or 0) * size for part, size in zip(parts, UNITS_S.values(), strict=True))


def write_duration(seconds: int) -> str:
    """As RouterOS prints it: `1w2d3h4m5s`, no zero parts, `0s` for nothing."""
    words, rest = [], seconds
    for unit, size in UNITS_S.items():
        count, rest = divmod(rest, size)
        if count:
            words.append(f"{count}{unit}")
    return "".join(words) or "0s"


def read_amount(text: str) -> int | None:
    """Whole bytes of `500MB`, `1G`, `1,5 GB` or `1048576`; units are powers of 1024. None when empty.

    Raises:
        Unreadable: it is no amount.
    """
    tidy = text.strip()
    if tidy.lower() in NOTHING:
        return None
    found = _AMOUNT.fullmatch(tidy)
    if found is None:
        raise Unreadable(text)
    whole, part, unit = found.group(1), found.group(2) or "", found.group(3).upper()
    if part and not unit:
        raise Unreadable(text)  # half a byte
    scale: int = 1024 ** _POWERS[unit]
    return int(whole) * scale + (int(part) * scale // 10 ** len(part) if part else 0)


def write_amount(amount: int) -> str:
    """The shortest exact spelling: `500MB`, `1GB`, `1000`."""
    for unit in ("T", "G", "M", "K"):
        scale = 1024 ** _POWERS[unit]
        if amount and amount % scale == 0:
            return f"{amount // scale}{unit}B"
    return str(amount)


def is_true(text: str | None) -> bool:
    """Whether a flag of a row is set; a flag that is absent is not."""
    return text in TRUE
