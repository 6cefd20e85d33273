"""Bytes of an API connection into the sentences a router says; no I/O, fed in any chunking.

The guarantee: whatever the peer sends, `feed` raises `RouterSpokeNonsense` and nothing else, keeps
at most one unfinished sentence, and reads no byte more than twice.

It is quick because a router repeats itself. A piece is taken as Latin-1 text, one character a byte,
so that words are slices of it. A row is first read in the layout of the rows before it, where each
name is compared in place and kept once; what has another layout, or is cut, is read word by word.
"""

from collections.abc import Sequence
from typing import NamedTuple

from ronda.routeros.errors import RouterSpokeNonsense
from ronda.routeros.words import LONGEST_WORD, NUL, length_of, length_size, text_of

LONGEST_SENTENCE = LONGEST_WORD + 64 * 1024
MOST_WORDS = 4096
_MOST_NAMES = 64
"""In a layout; beyond, it begins anew. No menu has as many."""

_BANG = ord("!")
_NO_HEAD = "\xff", ""  # begins no sentence

Layout = list[tuple[str, str]]
"""For each property its `=name=` and its name."""


class Sentence(NamedTuple):
    """One reply: its first word (`!re`), the tag, the attributes, other words, and bytes taken."""

    reply: str
    tag: str | None
    values: dict[str, str]
    loose: Sequence[str]
    size: int


class Parser:
    """What was received of one connection and not yet given out."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._wanted = 0  # bytes still to come before reading on makes sense
        self._layout: Layout = []
        self._head: tuple[str, str | None] = _NO_HEAD  # how rows begin (`!re`, tag), and the tag
        self._reply = ""
        self._tag: str | None = None
        self._second = ""  # the tag's word, where it is the second one
        self._values: dict[str, str] = {}
        self._loose: list[str] | tuple[()] = ()
        self._size = 0  # bytes of the unfinished sentence in earlier pieces

    def feed(self, data: bytes) -> list[Sentence]:
        """The sentences these bytes complete.

        Raises:
            RouterSpokeNonsense: this is not the API; nothing more can be read from this peer.
        """
        if self._pieces:
            # Pieces of one long word are joined once, when all of them are here.
            self._wanted -= len(data)
            self._pieces.append(data)
            if self._wanted > 0:
                return []
            data = b"".join(self._pieces)
            self._pieces.clear()
        return self._read(data)

    def _read(self, data: bytes) -> list[Sentence]:
        text = data.decode("latin-1")
        done: list[Sentence] = []
        at = began = missing = 0
        end = len(data)
        while at < end:
            if not self._reply:
                began = at = self._rows(data, text, at, done)
                if at >= end:
                    break
            size = data[at]
            begins = at + 1
            if size == 0:
                at = begins
                if self._reply:
                    done.append(self._finish(at - began))
                began = at
                continue
            if size >= 0x80:
                begins, size = _long(data, at)
            ends = begins + size
            if ends > end:
                missing = ends - end
                break
            at = ends
            self._word(text[begins:ends])
        self._keep(data, at, began, missing)
        return done

    def _rows(self, data: bytes, text: str, at: int, done: list[Sentence]) -> int:
        """Read whole rows of the expected head and layout, from `at` on; where the others begin."""
        head, tag = self._head
        head_size = len(head)
        layout = self._layout
        plain = data.isascii()
        new = tuple.__new__
        try:
            # Taking a prefix off gives the word itself where it has none: quicker than asking first.
            while text.startswith(head, at):
                values: dict[str, str] = {}
                now = at + head_size
                for prefix, name in layout:
                    size = data[now]
                    if size >= 0x80:
                        break
                    begins = now + 1
                    word = text[begins : begins + size]
                    value = word.removeprefix(prefix)
                    if value is not word:
                        values[name] = value
                        now = begins + size
                if data[now]:
                    break
                now += 1
                # Lengths of words are never 0: what is before the end of the row is in a value.
                if not plain or text.find(NUL, at, now - 1) >= 0:
                    for name, value in values.items():
                        values[name] = _decoded(value)
                # The constructor of a named tuple is a function of Python, and takes twice as long.
                done.append(new(Sentence, ("!re", tag, values, (), now - at)))
                at = now
        except IndexError:  # the piece ends within this row
            pass
        return at

    def _word(self, word: str) -> None:
        """Take one word of a sentence that is read word by word."""
        if not self._reply:
            if word[0] != "!":
                raise RouterSpokeNonsense("what came is not the API of RouterOS")
            self._reply = word
        elif word.startswith(".tag="):
            self._tag = word[5:]
            if not self._values and not self._loose:
                self._second = word
        else:
            name, found, value = word[1:].partition("=")
            if word[0] == "=" and found:
                self._values[_decoded(name)] = _decoded(value)
            else:
                if not self._loose:
                    self._loose = []
                self._loose.append(_decoded(word))

    def _finish(self, taken: int) -> Sentence:
        """The sentence that has just ended, `taken` bytes of it in this piece."""
        if self._reply == "!re":
            self._learn()
        done = Sentence(self._reply, self._tag, self._values, self._loose, self._size + taken)
        self._reply, self._tag, self._second = "", None, ""
        self._values, self._loose, self._size = {}, (), 0
        return done

    def _learn(self) -> None:
        """Expect the next row to be like this one: so begun, with these names among others."""
        second = self._second
        # Its own tag, not the sentence's: a peer may send two, of which the last counts.
        self._head = (f"\3!re{chr(len(second))}{second}", second[5:]) if second else ("\3!re", None)
        known = {name: place for place, (_, name) in enumerate(self._layout)}
        if len(known.keys() | self._values.keys()) > _MOST_NAMES:
            self._layout.clear()
            known.clear()
        place = 0
        for name in self._values:
            if name in known:
                place = known[name] + 1
            elif name.isascii() and len(known) < _MOST_NAMES:
                self._layout.insert(place, (f"={name}=", name))
                place += 1
                known = {name: place for place, (_, name) in enumerate(self._layout)}

    def _keep(self, data: bytes, at: int, began: int, missing: int) -> None:
        """Put aside what is not a whole word yet, within the limits."""
        rest = len(data) - at
        self._size += at - began
        if self._size + rest + missing > LONGEST_SENTENCE:
            raise RouterSpokeNonsense("a reply without end came")
        if len(self._values) + len(self._loose) > MOST_WORDS:
            raise RouterSpokeNonsense("a reply of too many words came")
        if rest:
            self._refuse_early(data, at)
            self._pieces.append(data[at:])
            self._wanted = max(1, missing)

    def _refuse_early(self, data: bytes, at: int) -> None:
        """Tell another service by its first bytes; half a word of it may be all it ever sends."""
        begins = at + length_size(data[at])
        if not self._reply and begins < len(data) and data[begins] != _BANG:
            raise RouterSpokeNonsense("what came is not the API of RouterOS")


def _decoded(slice_: str) -> str:
    plain = slice_.isascii() and NUL not in slice_
    return slice_ if plain else text_of(slice_.encode("latin-1"))


def _long(data: bytes, at: int) -> tuple[int, int]:
    """Where the word at `at` begins and how long it is; past the end where its length is cut."""
    wide = length_size(data[at])
    if not wide:
        raise RouterSpokeNonsense(f"a reserved control byte came (0x{data[at]:02X})")
    begins = at + wide
    if begins > len(data):
        return begins, 0
    size = length_of(data[at:begins])
    if size > LONGEST_WORD:
        raise RouterSpokeNonsense(f"a word of {size} bytes was announced")
    return begins, size
