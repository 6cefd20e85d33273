"""Words and sentences of the RouterOS API, as bytes and as text; pure.

Source: MikroTik manual, "API", sections "API words" and "API sentences". A word is a length and
that many bytes; a sentence is words and an empty one.
"""

from collections.abc import Iterable
from typing import Self

LONGEST_WORD = 4 * 1024 * 1024
"""Bytes; nothing a router prints comes near, and what would is not read into memory."""

RESERVED = 0xF8
"""First bytes from here on are control bytes of a future protocol, never a length."""


NUL = "\x00"
_CP1252 = {
    byte: bytes((byte,)).decode("cp1252")
    for byte in range(0x80, 0xA0)
    if byte not in {0x81, 0x8D, 0x8F, 0x90, 0x9D}
}


class RawText(str):
    """Text that came as bytes other than UTF-8, or with a NUL, and the bytes, so that it goes back unchanged.

    RouterOS v6 keeps what was typed, and WinBox on Windows types cp1252; anybody who tries to sign in
    gets what he types into the log, and no PostgreSQL keeps a NUL. It equals, hashes and prints like the
    text it shows; stored in a database it is that text only.
    """

    __slots__ = ("raw",)
    raw: bytes

    def __new__(cls, raw: bytes) -> Self:
        """The text of `raw` as cp1252 unless it is UTF-8; the five bytes cp1252 lacks stand for themselves."""
        try:
            shown = raw.decode()
        except UnicodeDecodeError:
            shown = "".join(_CP1252.get(byte, chr(byte)) for byte in raw)
        text = super().__new__(cls, shown.replace(NUL, "\ufffd"))
        text.raw = raw
        return text

    def __getnewargs__(self) -> tuple[bytes]:  # type: ignore[override] # made from bytes, not text
        return (self.raw,)


def text_of(raw: bytes) -> str:
    """What a router's bytes say: UTF-8, else cp1252. `bytes_of` gives the same bytes back."""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return RawText(raw)
    return RawText(raw) if NUL in text else text


def bytes_of(text: str) -> bytes:
    """The bytes to send for a text; a lone surrogate, which no router keeps, becomes `?`."""
    return text.raw if isinstance(text, RawText) else text.encode(errors="replace")


def attribute(name: str, value: str) -> bytes:
    """The word `=name=value`."""
    return b"=%b=%b" % (name.encode(errors="replace"), bytes_of(value))


def length(size: int) -> bytes:
    """How the length of a word is written: one to five bytes.

    Raises:
        ValueError: no word can have this length.
    """
    if size < 0:
        raise ValueError(f"a word cannot have {size} bytes")
    if size < 0x80:
        return bytes((size,))
    if size < 0x4000:
        return (size | 0x8000).to_bytes(2, "big")
    if size < 0x200000:
        return (size | 0xC00000).to_bytes(3, "big")
    if size < 0x10000000:
        return (size | 0xE0000000).to_bytes(4, "big")
    if size < 0x100000000:
        return b"\xf0" + size.to_bytes(4, "big")
    raise ValueError(f"a word cannot have {size} bytes")


def length_size(first: int) -> int:
    """How many bytes the length has that begins with this byte; 0 for a reserved control byte."""
    if first < 0x80:
        return 1
    if first < 0xC0:
        return 2
    if first < 0xE0:
        return 3
    if first < 0xF0:
        return 4
    # Only the low bits of 0xF0 to 0xF7 are unused; RouterOS writes 0xF0.
    return 5 if first < RESERVED else 0


def length_of(head: bytes) -> int:
    """The length that these bytes, as many as `length_size` said, stand for."""
    if len(head) == 5:
        return int.from_bytes(head[1:], "big")
    return int.from_bytes(head, "big") & ((1 << (7 * len(head))) - 1)


def sentence(words: Iterable[bytes]) -> bytes:
    """The words as one sentence, ready to be sent in one write."""
    parts: list[bytes] = []
    for word in words:
        parts.append(length(len(word)))
        parts.append(word)
    parts.append(b"\0")
    return b"".join(parts)
