"""What makes rows of the audit trail provable: pure.

A row gets a stamp when it is written: that Ronda wrote it, and nobody who can only write to the database.

Its fingerprint follows when it is linked into the chain: HMAC-SHA-256 (RFC 2104) over the row's place,
the former row's fingerprint and the row's content. Who can write to the database but has no key can
make none; a row that is changed, moved, taken out or slipped in no longer fits to the one after it.
"""

import hashlib
import hmac
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

#: Numbers from here on are no floats; nothing that is recorded comes near.
BEYOND = 1e300
#: The columns that are covered, in order. The person's number is not: it is emptied when they are deleted.
COVERED = ("id", "at", "actor", "action", "subject", "before", "after", "source", "door")


#: What the stamp covers; a row has no number yet when it is stamped.
STAMPED = COVERED[1:]


def content(row: Sequence[Any]) -> bytes:
    """The values of `STAMPED` as bytes, the same before they are written and after they are read.

    Databases give numbers back in other shapes (1e22, -0.0), so here every number is a float.
    """
    return _bytes([_as_floats(_plain(value)) for value in row])


def fingerprint(key: bytes, position: int, former: str, row: Sequence[Any]) -> str:
    """64 hexadecimal digits.

    Args:
        key: 32 bytes.
        position: place in the chain, from 1.
        former: fingerprint of the row at the place before, empty for the first.
        row: the values of `COVERED`, as the database gives them back.
    """
    text = _bytes([position, former, *map(_plain, row)])
    return hmac.new(key, text, hashlib.sha256).hexdigest()


def fits(key: bytes, position: int, former: str, row: Sequence[Any], kept: str) -> bool:
    """Whether `kept` is the fingerprint of this row at this place, in a time that tells nothing."""
    return hmac.compare_digest(fingerprint(key, position, former, row), kept)


def _bytes(values: list[Any]) -> bytes:
    text = json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode(errors="surrogatepass")


def _as_floats(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _as_floats(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_as_floats(item) for item in value]
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value) + 0.0 if abs(value) < BEYOND else str(value)
    return value


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value
