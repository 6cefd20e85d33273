"""Codes of vouchers: which letters, how many there can be, how hard one is to guess. No chance here.

No alphabet has characters that look alike in print (0 O o, 1 l I i) and none mixes upper and lower
case: phones write a capital first, and a mistyped code is a complaint.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

SHORTEST = 4
LONGEST = 16
PREFIX_LONGEST = 12
#: A code somebody chooses, and what an imported one may be: nothing that a router or a form bends.
_CHOSEN = re.compile(r"[A-Za-z0-9._@+-]{1,64}")
_PREFIX = re.compile(r"[A-Za-z0-9._-]*")
#: With more of all possible codes in use, every second guess of somebody would let him in.
MOST_IN_USE = 0.5
#: Guesses a minute that a patient machine makes at a hotspot's login page.
TRIES_A_MINUTE = 60.0
#: A code that such a machine finds within this many years is easy to guess.
EASY_YEARS = 0.1
_MINUTES_A_YEAR = 525_960


class Alphabet(StrEnum):
    """A named set of characters."""

    MIXED = "mixed"
    LOWER = "lower"
    UPPER = "upper"
    UPPER_MIXED = "upper_mixed"
    DIGITS = "digits"


_LOWER = "abcdefghjkmnpqrstuvwxyz"
_DIGITS = "23456789"
LETTERS: Mapping[Alphabet, str] = MappingProxyType(
    {
        Alphabet.MIXED: _LOWER + _DIGITS,
        Alphabet.LOWER: _LOWER,
        Alphabet.UPPER: _LOWER.upper(),
        Alphabet.UPPER_MIXED: _LOWER.upper() + _DIGITS,
        Alphabet.DIGITS: _DIGITS,
    }
)


class BadCode(ValueError):
    """The code, or what codes shall look like, cannot be; `what` is the word for the reason.

    `length`, `prefix`, `code`, `count`; `most` is how many there can be where that is the reason.
    """

    def __init__(self, what: str, most: int = 0) -> None:
        super().__init__(what)
        self.what = what
        self.most = most


@dataclass(frozen=True, slots=True)
class Look:
    """What the codes of a batch look like: prefix, then `length` characters of the alphabet.

    Raises:
        BadCode: the length or the prefix cannot be.
    """

    alphabet: Alphabet = Alphabet.MIXED
    length: int = 6
    prefix: str = ""

    def __post_init__(self) -> None:
        if not SHORTEST <= self.length <= LONGEST:
            raise BadCode("length")
        if len(self.prefix) > PREFIX_LONGEST or not _PREFIX.fullmatch(self.prefix):
            raise BadCode("prefix")

    @property
    def space(self) -> int:
        """How many different codes there are."""
        return int(len(LETTERS[self.alphabet]) ** self.length)


@dataclass(frozen=True, slots=True)
class Resistance:
    """How hard it is to guess a code that works: one try in `one_in`, and how long until the first hit.

    `years` is the mean time at `tries` guesses a minute.
    """

    one_in: int
    years: float
    tries: float

    @property
    def easy(self) -> bool:
        """Whether a patient machine succeeds soon."""
        return self.years < EASY_YEARS


def resistance(look: Look, live: int, tries: float = TRIES_A_MINUTE) -> Resistance:
    """How hard guessing is while `live` codes of this look work."""
    one_in = look.space // max(live, 1)
    return Resistance(one_in, one_in / tries / _MINUTES_A_YEAR, tries)


def room(look: Look, used: int) -> int:
    """How many more codes of this look may be made when `used` of them exist; never below 0."""
    return max(0, int(look.space * MOST_IN_USE) - used)


def check_room(look: Look, count: int, used: int) -> None:
    """Refuse a batch whose codes would be too few or too easy to meet by chance.

    Raises:
        BadCode: `count`, with how many can be made.
    """
    if count < 1 or count > room(look, used):
        raise BadCode("count", room(look, used))


def check_chosen(code: str) -> str:
    """A code somebody chose.

    Raises:
        BadCode: it is empty, too long, or has characters that a login form or a router bends.
    """
    if not _CHOSEN.fullmatch(code):
        raise BadCode("code")
    return code
