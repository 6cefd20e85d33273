"""Names that tell nobody who somebody was, and still tell apart: pure.

A keyed hash (HMAC-SHA-256): the same name gives the same pseudonym as long as the key is the same, so
different devices can still be counted. MAC addresses and voucher codes are few enough to be tried one
by one, so without the key, and only without it, nobody can find the name again.
"""

from __future__ import annotations

import hmac
import re
from base64 import b32encode

MARK = "~~"
LENGTH = 16
_PSEUDONYM = re.compile(r"~~[a-z2-7]{16}")


def pseudonym(key: bytes, kind: str, text: str) -> str:
    """The pseudonym of a name of one kind (`user`, `mac`); "" and pseudonyms stay as they are."""
    if not text or is_pseudonym(text):
        return text
    digest = hmac.digest(key, f"{kind}:{text}".encode(), "sha256")
    return MARK + b32encode(digest).decode().lower()[:LENGTH]


def is_pseudonym(text: str) -> bool:
    """Whether this is one already."""
    return _PSEUDONYM.fullmatch(text) is not None
