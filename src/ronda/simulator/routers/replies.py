"""Reply sentences of the API, whole commands at once, and where such bytes may be cut."""

from collections.abc import Iterable, Iterator, Mapping

from ronda.simulator.routers.commands import Answer, shown
from ronda.simulator.routers.store import Row, encoded_words
from ronda.simulator.routers.traps import Trap
from ronda.simulator.routers.wire import encode_word, length_form, to_bytes

RE, DONE, EMPTY, TRAP = (encode_word(word) for word in (b"!re", b"!done", b"!empty", b"!trap"))
END = b"\0"


class Frame:
    """How sentences with one tag are put together.

    `tag` is the whole word (`.tag=7`), None without; `last` puts it behind the attributes.
    """

    def __init__(self, tag: bytes | None, *, last: bool = False) -> None:
        word = encode_word(tag) if tag is not None else b""
        self._first, self._last = (b"", word) if last else (word, b"")

    def sentence(self, kind: bytes, attributes: bytes = b"") -> bytes:
        """One reply sentence; `kind` is one of the encoded reply words."""
        return kind + self._first + attributes + self._last + END

    def answer(self, answer: Answer, *, has_empty: bool) -> bytes:
        """All sentences of an answer."""
        rows = self.rows(answer)
        if has_empty and answer.listing and not rows:
            rows = self.sentence(EMPTY)
        return rows + self.done(answer.ret)

    def rows(self, answer: Answer) -> bytes:
        """Only the `!re` sentences."""
        head, tail = RE + self._first, self._last + END
        properties, hide = answer.properties, answer.hide
        pieces: list[bytes] = []
        for row in answer.rows:
            pieces += (head, row_words(row, properties, hide), tail)
        return b"".join(pieces)

    def dead(self, row: Row) -> bytes:
        """A row that is gone."""
        return self.sentence(RE, encoded_words({".id": row.id, ".dead": "yes"}))

    def done(self, ret: str | None = None) -> bytes:
        """The end of a command."""
        return self.sentence(DONE, b"" if ret is None else encoded_words({"ret": ret}))

    def trap(self, trap: Trap) -> bytes:
        """A failure and the end of its command."""
        values = {"category": trap.category} if trap.category else {}
        return self.sentence(TRAP, encoded_words({**values, "message": trap.message})) + self.done()


def row_words(
    row: Row | Mapping[str, str], properties: tuple[str, ...] | None, hide: frozenset[str]
) -> bytes:
    """A row's attribute words."""
    if isinstance(row, Row) and not hide:
        return row.words(properties)
    return encoded_words(shown(row, properties, hide))


def fatal(message: str, *, as_attribute: bool = False) -> bytes:
    """The last sentence of a connection; never tagged."""
    word = to_bytes(f"=message={message}" if as_attribute else message)
    return encode_word(b"!fatal") + encode_word(word) + END


def words_of(data: bytes) -> Iterator[bytes]:
    """Encoded sentences split into words, each with its length before it."""
    at = 0
    while at < len(data):
        more, length = length_form(data[at])
        start = at + 1 + more
        if more:
            length = int.from_bytes(data[at + 1 : start], "big") | length << 8 * more
        yield data[at : start + length]
        at = start + length


def sentences_of(data: bytes) -> Iterator[bytes]:
    """Encoded sentences, one by one."""
    words: list[bytes] = []
    for word in words_of(data):
        words.append(word)
        if word == END:
            yield b"".join(words)
            words = []


def cut(data: bytes, at: str) -> bytes:
    """What of a reply still arrives when the connection ends at this place.

    Raises:
        ValueError: there is no such place.
    """
    words = list(words_of(data))
    if at == "before-reply":
        return b""
    if at == "mid-sentence":
        return words[0]
    if at == "mid-word":
        return _join(words[:-2]) + words[-2][: max(1, len(words[-2]) // 2)]
    if at == "after-re":
        return _join(list(sentences_of(data))[:-1])
    raise ValueError(f"a reply has no place {at!r}")


def _join(pieces: Iterable[bytes]) -> bytes:
    return b"".join(pieces)
