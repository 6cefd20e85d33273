"""QRIS codes as text: read, checked, and given an amount: pure.

EMV QR Code Specification for Payment Systems, Merchant-Presented Mode 1.1: fields of two digits id, two
digits length and value; the last is `63`, a CRC-16 (polynomial 1021, start FFFF) over all before it with
its own id and length. Indonesia's QRIS puts ASPI's merchant account into field 51 and rupiah (360) into 53.
"""

from collections.abc import Sequence
from dataclasses import dataclass

POINT_OF_INITIATION = "01"
CURRENCY = "53"
AMOUNT = "54"
COUNTRY = "58"
NAME = "59"
CITY = "60"
CRC = "63"
STATIC, DYNAMIC = "11", "12"
RUPIAH = "360"
MOST = 512


class NoQris(ValueError):
    """It is no QRIS text; `why` is one of `format`, `checksum`, `currency`."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Qris:
    """A QRIS that was read. `amount_idr` is None where the payer enters it."""

    fields: tuple[tuple[str, str], ...]
    merchant: str
    city: str
    amount_idr: int | None

    @property
    def is_static(self) -> bool:
        """Whether it may be paid any number of times."""
        return self.amount_idr is None


def read(text: str) -> Qris:
    """The fields of a QRIS text; blanks and line ends around it are forgiven.

    Raises:
        NoQris: it is broken, mistyped, or not in rupiah.
    """
    clean = text.strip()
    fields = _fields(clean)
    if not fields or fields[0] != ("00", "01") or fields[-1][0] != CRC:
        raise NoQris("format")
    if checksum(clean[:-4]) != clean[-4:].upper():
        raise NoQris("checksum")
    values = dict(fields)
    if len(values) != len(fields) or not values.get(NAME):
        raise NoQris("format")
    if values.get(CURRENCY) != RUPIAH or values.get(COUNTRY) != "ID":
        raise NoQris("currency")
    return Qris(tuple(fields), values[NAME], values.get(CITY, ""), _amount(values.get(AMOUNT)))


def with_amount(text: str, amount_idr: int) -> str:
    """The same merchant's code that asks for exactly this amount, to be paid once.

    Raises:
        NoQris: the text is none.
        ValueError: the amount is nothing or less.
    """
    if amount_idr <= 0:
        raise ValueError(amount_idr)
    kept = [(key, value) for key, value in read(text).fields if key not in (AMOUNT, CRC)]
    changed = [(key, DYNAMIC if key == POINT_OF_INITIATION else value) for key, value in kept]
    if POINT_OF_INITIATION not in dict(changed):
        changed.insert(1, (POINT_OF_INITIATION, DYNAMIC))
    place = next(i for i, (key, _value) in enumerate(changed) if key > AMOUNT)
    changed.insert(place, (AMOUNT, str(amount_idr)))
    return _written(changed)


def checksum(text: str) -> str:
    """CRC-16/CCITT-FALSE of a text in UTF-8 as four capital hex digits."""
    value = 0xFFFF
    for byte in text.encode():
        value ^= byte << 8
        for _bit in range(8):
            value = (value << 1) ^ 0x1021 if value & 0x8000 else value << 1
        value &= 0xFFFF
    return f"{value:04X}"


def _fields(text: str) -> list[tuple[str, str]]:
    if len(text) > MOST:
        raise NoQris("format")
    fields: list[tuple[str, str]] = []
    at = 0
    while at < len(text):
        head = text[at : at + 4]
        if len(head) < 4 or not (head.isascii() and head.isdigit()):
            raise NoQris("format")
        end = at + 4 + int(head[2:])
        value = text[at + 4 : end]
        if end > len(text) or not value:
            raise NoQris("format")
        fields.append((head[:2], value))
        at = end
    return fields


def _amount(value: str | None) -> int | None:
    if value is None:
        return None
    whole, _point, rest = value.partition(".")
    if not whole.isascii() or not whole.isdigit() or rest.strip("0"):
        raise NoQris("format")
    return int(whole)


def _written(fields: Sequence[tuple[str, str]]) -> str:
    body = "".join(f"{key}{len(value):02}{value}" for key, value in fields) + f"{CRC}04"
    return body + checksum(body)
