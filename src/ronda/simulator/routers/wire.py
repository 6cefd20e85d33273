"""Words and sentences of the binary API, both ways, whatever the pieces they arrive in.

Text is UTF-8; bytes that are none survive the round trip (surrogateescape): a router keeps them
as they came. Source: the manual's page "API", section "API words".
"""

from collections.abc import Iterable, Iterator

ENCODING = ("utf-8", "surrogateescape")
RESERVED = 0xF8
LONGEST_WORD = 0xFFFFFFFF


class NotTheProtocol(ValueError):
    """The peer sent what no API client sends; the connection cannot go on."""


def to_bytes(text: str) -> bytes:
    """Text as it goes over the wire."""
    return text.encode(*ENCODING)


def to_text(word: bytes) -> str:
    """A word as text; `to_bytes` gives the same bytes back."""
    return word.decode(*ENCODING)


def encode_length(length: int) -> bytes:
    """The shortest of the five forms.

    Raises:
        ValueError: more than 32 bits.
    """
    if length < 0x80:
        return bytes((length,))
    if length < 0x4000:
        return (length | 0x8000).to_bytes(2, "big")
    if length < 0x20_0000:
        return (length | 0xC0_0000).to_bytes(3, "big")
    if length < 0x1000_0000:
        return (length | 0xE000_0000).to_bytes(4, "big")
    if length <= LONGEST_WORD:
        return b"\xf0" + length.to_bytes(4, "big")
    raise ValueError(f"a word of {length} bytes has no length form")


def encode_word(word: bytes) -> bytes:
    """A word with its length before it."""
    length = len(word)
    return (bytes((length,)) if length < 0x80 else encode_length(length)) + word


def encode_sentence(words: Iterable[bytes]) -> bytes:
    """Words and the empty word that ends them."""
    return b"".join(map(encode_word, words)) + b"\0"


def length_form(first: int) -> tuple[int, int]:
    """How many more bytes of length follow this first byte, and its own part of the length.

    Raises:
        NotTheProtocol: a reserved control byte.
    """
    if first < 0x80:
        return 0, first
    if first < 0xC0:
        return 1, first & 0x3F
    if first < 0xE0:
        return 2, first & 0x1F
    if first < 0xF0:
        return 3, first & 0x0F
    if first < RESERVED:
        return 4, 0
    raise NotTheProtocol(f"control byte {first:#x}")


class Decoder:
    """Turns the bytes of one connection into sentences.

    `longest` bounds a single word and `most` a whole unfinished sentence, in bytes.
    """

    def __init__(self, *, longest: int = 0x100_0000, most: int = 0x400_0000) -> None:
        self.longest = longest
        self.most = most
        self._buffer = bytearray()
        self._words: list[bytes] = []
        self._held = 0

    @property
    def pending(self) -> bool:
        """Whether a sentence has begun that has not ended."""
        return bool(self._words or self._buffer)

    def feed(self, data: bytes) -> Iterator[list[bytes]]:
        """The sentences these bytes complete, without empty ones.

        Raises:
            NotTheProtocol: a reserved control byte, or a word or sentence too long.
        """
        self._buffer += data
        buffer, at = self._buffer, 0
        try:
            while at < len(buffer):
                more, length = length_form(buffer[at])
                start = at + 1 + more
                if start > len(buffer):
                    return
                if more:
                    length = int.from_bytes(buffer[at + 1 : start], "big") | length << 8 * more
                self._measure(length)
                if start + length > len(buffer):
                    return
                at = start + length
                if length:
                    self._words.append(bytes(buffer[start:at]))
                    self._held += length
                elif self._words:
                    words, self._words, self._held = self._words, [], 0
                    yield words
        finally:
            del buffer[:at]

    def _measure(self, length: int) -> None:
        if length > self.longest:
            raise NotTheProtocol(f"a word of {length} bytes")
        if self._held + length > self.most:
            raise NotTheProtocol(f"a sentence of more than {self.most} bytes")
