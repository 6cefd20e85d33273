"""Values out of answers and callbacks of gateways, and the comparison of signatures: pure."""

import hmac
import json
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from ronda.shop.payments.errors import GatewaySpokeNonsense, NotTheirs

#: Whole rupiah beyond this are no sale of vouchers, and do not fit the column.
MOST_IDR = 2_000_000_000


def header(headers: Mapping[str, str], name: str) -> str:
    """A header's value whatever its case, "" where it is missing."""
    wanted = name.lower()
    return next((value for key, value in headers.items() if key.lower() == wanted), "")


def must_match(given: str, expected: str) -> None:
    """Compare in constant time.

    Raises:
        NotTheirs: they differ, or nothing was given or expected (an empty token is no token).
    """
    pair = (given.encode(errors="replace"), expected.encode(errors="replace"))
    if not (given and expected and hmac.compare_digest(*pair)):
        raise NotTheirs("the signature does not match")


def json_object(raw: bytes) -> dict[str, Any]:
    """The JSON object of a body.

    Raises:
        GatewaySpokeNonsense: it is none.
    """
    try:
        told = json.loads(raw)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise GatewaySpokeNonsense("the body is no JSON object")
    return told


def part(told: Any, name: str) -> dict[str, Any]:
    """The object under a name.

    Raises:
        GatewaySpokeNonsense: there is none.
    """
    found = told.get(name) if isinstance(told, dict) else None
    if not isinstance(found, dict):
        raise GatewaySpokeNonsense(f"{name} is missing")
    return found


def text(told: Mapping[str, Any], name: str, most: int = 500) -> str:
    """A text or number under a name, as text; "" where there is none that a database can keep."""
    found = told.get(name)
    if isinstance(found, bool) or not isinstance(found, str | int):
        return ""
    given = str(found)
    # JSON may name half a character (a lone surrogate), which is no text anywhere else.
    if "\x00" in given or given != given.encode(errors="ignore").decode():
        return ""
    return given.strip()[:most]


def needed(told: Mapping[str, Any], name: str, most: int = 120) -> str:
    """The text under a name.

    Raises:
        GatewaySpokeNonsense: there is none, or it is longer than a name of this kind can be.
    """
    found = text(told, name, most + 1)
    if not found or len(found) > most:
        raise GatewaySpokeNonsense(f"{name} is missing")
    return found


def whole_idr(value: Any) -> int | None:
    """Whole rupiah of `5000`, `"5000"` or `"5000.00"`; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        amount = Decimal(str(value).strip())
        whole = int(amount)
    except (InvalidOperation, ValueError, OverflowError):
        return None
    return whole if whole == amount and 0 <= whole <= MOST_IDR else None


def web_address(told: Mapping[str, Any], name: str) -> str:
    """An address that a buyer may be sent to; "" for anything but http and https."""
    found = text(told, name, 501)
    return found if found.startswith(("https://", "http://")) and len(found) <= 500 else ""
