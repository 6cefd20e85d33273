"""The far end of a connection, as small as a test needs it: sentences in, scripted replies out."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Protocol, TypeVar

from ronda.routeros.api import ApiLink
from ronda.routeros.port import Link, Target, Transport
from ronda.routeros.words import length_of, length_size, sentence

CANARY = "kenari-Rahasia-91"
"""The password of every target, which must appear nowhere."""

Words = list[bytes]
Answer = Callable[[Words], list[Words] | bytes | None]
"""Words of a command, without its tag, to the reply sentences; bytes are sent as they are and the
connection is closed after them; None answers nothing."""


async def read_word(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readexactly(1)
    head += await reader.readexactly(length_size(head[0]) - 1)
    return await reader.readexactly(length_of(head))


async def read_sentence(reader: asyncio.StreamReader) -> Words:
    words = []
    while word := await read_word(reader):
        words.append(word)
    return words


def tag_of(words: Words) -> bytes | None:
    for word in words:
        if word.startswith(b".tag="):
            return word
    return None


class Peer:
    """A router that logs anybody in, says it is a CHR 7.16, and asks `answer` about the rest."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.port = 0
        self.heard: list[Words] = []
        self.connections = 0
        self.login: Answer = lambda words: [[b"!done"]]
        self._news = asyncio.Condition()

    async def until(self, enough: Callable[[list[Words]], bool]) -> None:
        """Wait for what was heard to be enough."""
        async with self._news:
            await self._news.wait_for(lambda: enough(self.heard))

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                words = await read_sentence(reader)
                tag = tag_of(words)
                plain = [word for word in words if word != tag]
                self.heard.append(plain)
                async with self._news:
                    self._news.notify_all()
                replies = self._reply(plain)
                if isinstance(replies, bytes):
                    writer.write(replies)
                    break
                for reply in replies or []:
                    # A reply that carries a tag already is one the test wrote out.
                    own = [] if tag is None or tag_of(reply) else [tag]
                    writer.write(sentence([reply[0], *own, *reply[1:]]))
        except (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
            pass
        finally:
            writer.close()

    def _reply(self, words: Words) -> list[Words] | bytes | None:
        if words[0] == b"/login":
            return self.login(words)
        if words == [b"/system/resource/print"]:
            return [[b"!re", b"=version=7.16 (stable)", b"=board-name=CHR"], [b"!done"]]
        if words == [b"/system/identity/print"]:
            return [[b"!re", b"=name=desa-01"], [b"!done"]]
        if words == [b"/system/routerboard/print"]:
            return [[b"!trap", b"=message=no such command prefix"], [b"!done"]]
        if words == [b"/system/license/print"]:
            return [[b"!re", b"=system-id=Ab1/cd"], [b"!done"]]
        return self.answer(words)


class Served(Protocol):
    """What can be put on a port."""

    port: int

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None: ...


P = TypeVar("P", bound=Served)


@asynccontextmanager
async def listening(peer: P, tls: ssl.SSLContext | None = None) -> AsyncIterator[P]:
    """The peer on a free port of loopback."""
    server = await asyncio.start_server(peer.serve, "127.0.0.1", 0, ssl=tls)
    peer.port = server.sockets[0].getsockname()[1]
    try:
        yield peer
    finally:
        server.close()
        await server.wait_closed()


def run(story: Callable[[], Awaitable[None]]) -> None:
    """Run an async story to its end, and see that it left no task behind."""

    async def whole() -> None:
        await story()
        # Callbacks of closed connections run in the next turns of the loop.
        for _ in range(200):
            left = asyncio.all_tasks() - {asyncio.current_task()}
            if not left:
                return
            await asyncio.wait(left, timeout=0.05)
        raise AssertionError(f"left behind: {left}")

    asyncio.run(whole(), debug=False)


def hurry(link: Link, seconds: float = 0.3) -> None:
    """From now on the link waits so long for an answer; opening it took its time."""
    assert isinstance(link, ApiLink)
    link.connection._timeout = seconds


def target(peer: Peer, **changes: object) -> Target:
    """Where the peer is; the plain API unless the changes say otherwise."""
    asked = {"transport": Transport.API, "timeout": 5.0} | changes
    return Target("127.0.0.1", "ronda", CANARY, port=peer.port, **asked)


def nothing(words: Words) -> list[Words]:
    """The answer of a peer that does everything and has nothing to say."""
    return [[b"!done"]]
