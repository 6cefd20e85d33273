"""Frames that go straight to the wire, through the very connections the server runs."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn

from ronda.web.live import Caller, LiveServer, Snapshot, verdicts
from ronda.web.live.quick import protocol
from tests.live.test_snapshot import WATCH, row

ASK = b"GET /live/stream HTTP/1.1\r\nHost: a\r\nCookie: sari\r\n\r\n"


class Reader:
    """One browser's end of a stream."""

    def __init__(self, reader: asyncio.StreamReader) -> None:
        self.reader = reader

    async def part(self) -> bytes:
        """The next chunk of the answer; empty at its end."""
        size = int(await self.reader.readuntil(b"\r\n"), 16)
        return (await self.reader.readexactly(size + 2))[:-2]


@asynccontextmanager
async def serving(live: LiveServer) -> AsyncIterator[Callable[[], Awaitable[Reader]]]:
    """The server on a port of its own; what is given opens streams."""
    config = uvicorn.Config(
        live, port=0, http=protocol(live.quick), lifespan="off", log_config=None
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())  # noqa: TID251 -- awaited below
    while not server.started:  # noqa: ASYNC110 -- uvicorn has no event for it
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    writers = []

    async def opened() -> Reader:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writers.append(writer)
        writer.write(ASK)
        await reader.readuntil(b"\r\n\r\n")
        return Reader(reader)

    try:
        yield opened
    finally:
        for writer in writers:
            writer.close()
        server.should_exit = True
        await task


@pytest.fixture
def live(monkeypatch: pytest.MonkeyPatch) -> LiveServer:
    monkeypatch.setattr(verdicts, "VERDICT_S", 3600.0)
    snapshot = Snapshot(1_000_000)
    snapshot.replace([row(1)], at=1000, watch=WATCH)
    made = LiveServer(snapshot, lambda headers, _peer: known(headers), lambda _ont: None, "test")
    made.streams.publish()
    return made


signed_out: set[str] = set()


def known(headers: Any) -> Caller | None:
    return None if headers["cookie"] in signed_out else Caller(public=False)


async def caught_up(live: LiveServer, count: int) -> None:
    """Until so many listeners wait for nothing but the next frame."""
    while sum(listener.caught_up for listener in live.streams.hub.private) < count:  # noqa: ASYNC110
        await asyncio.sleep(0.005)


def test_every_browser_gets_every_frame_in_order_without_its_coroutine_waking(live: LiveServer):
    async def watch() -> None:
        async with serving(live) as opened:
            browsers = [await opened() for _ in range(5)]
            for browser in browsers:
                assert b"event: hello" in await browser.part()
            await caught_up(live, 5)
            for n in range(20):
                live.snapshot.apply(at=1001 + n, rows=[row(1, since=n)])
                live.streams.publish()
                assert not any(one.frames for one in live.streams.hub.private)
            for browser in browsers:
                for n in range(20):
                    assert b'"rows":[[1,1,0,%d,' % n in await browser.part()

    asyncio.run(watch())


def test_whose_access_ended_gets_no_frame_more(live: LiveServer):
    async def watch() -> None:
        async with serving(live) as opened:
            browser = await opened()
            await browser.part()
            await caught_up(live, 1)
            signed_out.add("sari")
            try:
                live.recheck()
                live.snapshot.apply(at=1001, rows=[row(1, since=7)])
                live.streams.publish()
                assert await browser.part() == b""
            finally:
                signed_out.clear()

    asyncio.run(watch())


def test_a_browser_that_does_not_read_is_told_to_resync_once_it_does(live: LiveServer):
    long = {"text": "x" * 400_000}

    async def watch() -> None:
        async with serving(live) as opened:
            slow = await opened()
            assert b"event: hello" in await slow.part()
            await caught_up(live, 1)
            (listener,) = live.streams.hub.private
            while not listener.overflowed:
                live.streams.tell("long", long)
                await asyncio.sleep(0)
            assert not listener.frames
            while (part := await slow.part()).startswith(b"event: told"):
                assert part.endswith(b"\n\n")
            assert b"event: resync" in part
            await caught_up(live, 1)
            live.streams.tell("short", {})
            assert b'"topic":"short"' in await slow.part()

    asyncio.run(watch())
