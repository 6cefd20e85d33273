"""Bytes of an API connection into the sentences a router says; no I/O, fed in any chunking.

The guarantee: whatever the peer sends, `feed` raises `RouterSpokeNonsense` and nothing else, keeps
at most one unfinished sentence, and reads no byte twice.

It is quick because a router repeats itself: a piece is taken as Latin-1 text, one character a byte,
so that words are slices of it, and the names of a row are expected in the order of the row before,
so that they are compared in place and kept once. Order is only a guess: any order is read right.
"""

from collections.abc import Sequence
from typing import NamedTuple

from ronda.routeros.errors import RouterSpokeNonsense
from ronda.routeros.words import LONGEST_WORD, length_of, length_size, text_of

LONGEST_SENTENCE = LONGEST_WORD + 64 * 1024
MOST_WORDS = 4096
_MOST_NAMES = 512  # a menu has fewer than 100 properties; a peer that invents names is not helped

_BANG = ord("!")
_FIRST = -1  # where the word that names the reply is expected: at no attribute
_NEVER = ("\0\0", "", 0)  # begins no attribute word


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
        self._expected = [_NEVER]  # (`=name=`, name, its length) in the order they came last
        self._places: dict[str, int] = {}
        self._head = "\xff", ""  # how the row before began (`!re`, its tag), and the tag
        self._reply = ""
        self._tag: str | None = None
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
        ascii_only = data.isascii()
        begins_with = text.startswith
        expected = self._expected
        head, head_tag = self._head
        done: list[Sentence] = []
        values = self._values
        at = began = missing = 0
        place = 0 if self._reply else _FIRST
        end = len(data)
        while at < end:
            size = data[at]
            begins = at + 1
            if size == 0:
                at = begins
                if self._reply:
                    done.append(
                        Sentence(
                            self._reply, self._tag, values, self._loose, self._size + at - began
                        )
                    )
                    self._loose = ()
                    self._values = values = {}
                    self._reply, self._size = "", 0
                    if begins_with(head, at):
                        self._reply, self._tag = "!re", head_tag
                        began, at = at, at + len(head)
                        place = 0
                        continue
                    self._tag = None
                    head, head_tag = self._head
                began = at
                place = _FIRST
                continue
            if size >= 0x80:
                begins, size = _long(data, at)
            ends = begins + size
            if ends > end:
                missing = ends - end
                break
            at = ends
            prefix, name, skip = expected[place]
            if begins_with(prefix, begins, ends):
                place += 1
                if ascii_only:
                    values[name] = text[begins + skip : ends]
                else:
                    values[name] = _decoded(text[begins + skip : ends])
            else:
                place = self._unexpected(text[begins:ends], place)
        self._keep(data, at, began, missing)
        return done

    def _unexpected(self, word: str, place: int) -> int:
        """Take a word that was not the expected attribute; the place of what is expected next."""
        if not self._reply:
            if word[0] != "!":
                raise RouterSpokeNonsense("what came is not the API of RouterOS")
            self._reply = word
            return 0
        if word.startswith(".tag="):
            self._tag = word[5:]
            if self._reply == "!re" and not self._values and len(word) < 0x80:
                self._head = f"\3!re{chr(len(word))}{word}", self._tag
            return place
        cut = word.find("=", 1)
        if word[0] != "=" or cut < 0:
            if not self._loose:
                self._loose = []
            self._loose.append(_decoded(word))
            return place
        name = word[1:cut]
        self._values[_decoded(name)] = _decoded(word[cut + 1 :])
        known = self._places.get(name)
        if known is None:
            if len(self._places) >= _MOST_NAMES or not name.isascii():
                return place
            known = self._places[name] = len(self._expected) - 1
            self._expected.insert(known, (word[: cut + 1], name, cut + 1))
        return known + 1

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
    return slice_ if slice_.isascii() else text_of(slice_.encode("latin-1"))


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
