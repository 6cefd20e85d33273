"""One command on its way: what is sent, what came back, and who waits for it."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence

from ronda.routeros.errors import InvalidValue, RouterError
from ronda.routeros.port import Query, Row
from ronda.routeros.words import LONGEST_WORD, attribute, bytes_of

_READERS = frozenset(
    {"print", "get", "getall", "find", "listen", "monitor", "monitor-traffic", "ping", "torch"}
)


def reads(command: str) -> bool:
    """Whether a command changes nothing, so that it may be repeated whatever became of it."""
    return command == "/login" or command.rpartition("/")[2] in _READERS


def words_of(
    command: str,
    values: Mapping[str, str] | None = None,
    *,
    query: Query | None = None,
    properties: Sequence[str] = (),
) -> list[bytes]:
    """The words of a command, without its tag.

    Raises:
        InvalidValue: a value is longer than a word may be.
    """
    words = [command.encode(errors="replace")]
    for name, value in (values or {}).items():
        words.append(attribute(name, value))
    if properties:
        words.append(attribute(".proplist", ",".join(properties)))
    if query is not None:
        words.extend(b"?" + bytes_of(word) for word in query.words)
    for word in words:
        if len(word) > LONGEST_WORD:
            raise InvalidValue(f"a value of {len(word)} bytes is too long for {command}")
    return words


def in_hundreds(ids: Sequence[str]) -> Iterator[str]:
    """Ids as comma lists of at most a hundred, so that one sentence stays small."""
    for start in range(0, len(ids), 100):
        yield ",".join(ids[start : start + 100])


class Command:
    """A command from the moment it is asked until its `!done`; its repr shows no word of it."""

    __slots__ = (
        "began",
        "future",
        "heard",
        "on_row",
        "path",
        "reads",
        "refusal",
        "rows",
        "size",
        "tag",
        "timer",
        "whole",
        "within",
        "words",
    )

    def __init__(
        self,
        words: list[bytes],
        *,
        tag: str,
        within: float,
        whole: bool,
        future: "asyncio.Future[str | None] | None",
        on_row: Callable[[Row], None] | None = None,
    ) -> None:
        self.words = words
        self.path = words[0].decode(errors="replace")
        self.reads = reads(self.path)
        self.tag = tag
        self.within = within  # seconds
        self.whole = whole  # whether `within` is for all of it, or for each silence of the router
        self.future = future  # None once nobody waits
        self.on_row = on_row
        self.rows: list[Row] = []
        self.size = 0  # bytes of all rows
        self.refusal: RouterError | None = None
        self.timer: asyncio.TimerHandle | None = None
        self.began = 0.0  # monotonic seconds at sending, 0 while it waits for the window
        self.heard = 0.0  # monotonic seconds at its newest row

    @property
    def waited_for(self) -> bool:
        """Whether somebody still wants the answer."""
        return self.future is not None and not self.future.done()
