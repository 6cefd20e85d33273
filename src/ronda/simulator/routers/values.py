"""How RouterOS takes a value and how it prints it back: durations, sizes, booleans and the rest."""

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass

from ronda.simulator.routers import traps

UNITS = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
WITH_UNITS = re.compile(r"(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+)s)?(?:(\d+)ms)?")
WITH_COLONS = re.compile(r"(?:(?:(\d+)w)?(?:(\d+)d)? ?)(\d{1,2}):(\d{2})(?::(\d{2}))?")
SIZE = re.compile(r"(\d+)([kKMGT]?)")
SIZES = {"": 1, "k": 1024, "K": 1024, "M": 1024**2, "G": 1024**3, "T": 1024**4}
RATE = re.compile(r"\d+[kMG]?(?:/\d+[kMG]?)?")
RATES = {"k": 1_000, "M": 1_000_000, "G": 1_000_000_000}
MAC = re.compile(r"[0-9A-Fa-f]{2}(?:[:.-]?[0-9A-Fa-f]{2}){5}")
TRUE, FALSE = {"yes", "true"}, {"no", "false"}
POLICIES = {
    6: "local telnet ssh ftp reboot read write policy test winbox password web sniff sensitive api"
    " romon dude tikapp",
    7: "local telnet ssh ftp reboot read write policy test winbox password web sniff sensitive api"
    " romon rest-api",
}

Exists = Callable[[str, str], bool]


def seconds_of(text: str) -> float | None:
    """The duration as seconds, None when it is none: `1w2d`, `01:30:00`, `1d 02:00:00`, `90`."""
    if text.isascii() and text.isdigit():
        return float(text)
    found = WITH_UNITS.fullmatch(text)
    if found and text:
        *whole, milli = (int(part or 0) for part in found.groups())
        return sum(n * unit for n, unit in zip(whole, UNITS.values(), strict=True)) + milli / 1000
    found = WITH_COLONS.fullmatch(text)
    if found:
        parts = (int(part or 0) for part in found.groups())
        return float(sum(n * unit for n, unit in zip(parts, UNITS.values(), strict=True)))
    return None


def duration(seconds: float) -> str:
    """A duration as it is printed: no part is zero, `0s` when all are."""
    whole, milli = divmod(round(seconds * 1000), 1000)
    text = ""
    for unit, size in UNITS.items():
        count, whole = divmod(whole, size)
        if count:
            text += f"{count}{unit}"
    return (text + (f"{milli}ms" if milli else "")) or "0s"


def rate(bits: int) -> str:
    """Bits a second as they are printed: `512k`, `2M`, `1500k`."""
    for unit, size in reversed(RATES.items()):
        if bits >= size and bits % size == 0:
            return f"{bits // size}{unit}"
    return str(bits)


@dataclass(frozen=True, slots=True)
class Kind:
    """The type of one property; `words` are values beside it, or all there are."""

    name: str
    words: tuple[str, ...] = ()
    low: str = ""
    high: str = ""

    def taken(self, argument: str, value: str, exists: Exists, major: int) -> str:
        """The value as the router will print it.

        Raises:
            Trap: it is no value of this type.
        """
        if self.name in {"text", "secret", "hidden"}:
            return value
        if self.name == "ref":
            menu, *words = self.words
            if value in words or exists(menu, value):
                return value
            raise traps.no_match(argument)
        if self.name == "policies":
            return policies(argument, value, major)
        if value in self.words:
            return value
        return TAKERS[self.name](self, argument, value)


def policies(argument: str, value: str, major: int) -> str:
    """What a group may, then with `!` what it may not, each in the router's own order."""
    known = POLICIES[major].split()
    given = [word for word in value.split(",") if word]
    if any(word.removeprefix("!") not in known for word in given):
        raise traps.no_match(argument)
    has = [word for word in known if word in given]
    return ",".join(has + [f"!{word}" for word in known if word not in has])


def _bool(_kind: Kind, argument: str, value: str) -> str:
    if value in TRUE:
        return "true"
    if value in FALSE:
        return "false"
    raise traps.invalid_value(argument)


def _int(kind: Kind, argument: str, value: str) -> str:
    if not (value.isascii() and value.isdigit()):
        raise traps.invalid_value(argument)
    if kind.high and not int(kind.low) <= int(value) <= int(kind.high):
        raise traps.out_of_range(argument, kind.low, kind.high)
    return str(int(value))


def _size(_kind: Kind, argument: str, value: str) -> str:
    found = SIZE.fullmatch(value)
    if not found:
        raise traps.invalid_value(argument)
    size = int(found[1]) * SIZES[found[2]]
    if size >= 1 << 64:
        raise traps.out_of_range(argument, "0", str((1 << 64) - 1))
    return str(size)


def _rate(_kind: Kind, argument: str, value: str) -> str:
    if not RATE.fullmatch(value):
        raise traps.invalid_value(argument)
    up, _, down = value.partition("/")
    return f"{rate(_bits(up))}/{rate(_bits(down or up))}"


def _bits(text: str) -> int:
    return int(text) if text.isdigit() else int(text[:-1]) * RATES[text[-1]]


def _duration(kind: Kind, argument: str, value: str) -> str:
    seconds = seconds_of(value)
    if seconds is None:
        raise traps.invalid_value(argument)
    if kind.low and not (seconds_of(kind.low) or 0) <= seconds <= (seconds_of(kind.high) or 0):
        raise traps.out_of_range(argument, kind.low, kind.high)
    return duration(seconds)


def _ip(_kind: Kind, argument: str, value: str) -> str:
    try:
        return str(ipaddress.IPv4Address(value))
    except ValueError:
        raise traps.invalid_value(argument) from None


def _mac(_kind: Kind, argument: str, value: str) -> str:
    if not MAC.fullmatch(value):
        raise traps.invalid_value(argument)
    digits = re.sub(r"[:.-]", "", value).upper()
    return ":".join(digits[at : at + 2] for at in range(0, 12, 2))


def _enum(_kind: Kind, argument: str, _value: str) -> str:
    raise traps.no_match(argument)


def _flags(kind: Kind, argument: str, value: str) -> str:
    given = [word for word in value.split(",") if word]
    if any(word not in kind.words for word in given):
        raise traps.no_match(argument)
    return ",".join(word for word in kind.words if word in given)


TAKERS: dict[str, Callable[[Kind, str, str], str]] = {
    "bool": _bool,
    "flag": _bool,
    "int": _int,
    "size": _size,
    "rate": _rate,
    "duration": _duration,
    "ip": _ip,
    "mac": _mac,
    "enum": _enum,
    "flags": _flags,
}


def kind_of(text: str) -> Kind:
    """A type as the data files write it: `int(1..4|unlimited)`, `duration(none)`, `text`."""
    name, _, inside = text.removesuffix(")").partition("(")
    words = [word for word in inside.split("|") if word]
    low = high = ""
    if words and ".." in words[0] and name in {"int", "duration"}:
        low, _, high = words.pop(0).partition("..")
    return Kind(name, tuple(words), low, high)
