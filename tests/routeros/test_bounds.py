"""Everything ends and nothing grows: silences, cancelled calls, streams, replies without end."""

import asyncio
import contextlib
import gc

import pytest

from ronda.routeros import connection, streams
from ronda.routeros.errors import (
    NoSuchItem,
    Outcome,
    RouterError,
    RouterSpokeNonsense,
    RouterTimedOut,
)
from ronda.routeros.links import open_link
from ronda.routeros.port import Transport
from ronda.routeros.words import sentence
from tests.routeros.peer import (
    Peer,
    Words,
    hurry,
    listening,
    nothing,
    read_sentence,
    run,
    tag_of,
    target,
)


def test_a_command_that_gets_no_answer_is_cancelled_and_the_link_stays_in_step() -> None:
    def answer(words: Words) -> list[Words] | None:
        if words[0] == b"/slow":
            return None
        if words[0] == b"/cancel":
            late = words[1].removeprefix(b"=").replace(b"tag=", b".tag=")
            return [
                [b"!re", b"=late=1", late],
                [b"!trap", b"=category=2", b"=message=interrupted", late],
                [b"!done", late],
                [b"!done"],
            ]
        return [[b"!re", b"=n=1"], [b"!done"]]

    async def story() -> None:
        async with listening(Peer(answer)) as peer:
            link = await open_link(target(peer))
            with pytest.raises(RouterTimedOut) as late:
                await link.call("/slow", within=0.05)
            assert late.value.outcome is Outcome.UNKNOWN
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05):
                    await link.call("/slow")
            assert await link.print("/quick") == [{"n": "1"}]
            assert [words[0] for words in peer.heard[5:]] == [
                b"/slow", b"/cancel", b"/slow", b"/cancel", b"/quick/print",
            ]  # fmt: skip
            assert peer.connections == 1
            await link.close()

    run(story)


def test_a_router_that_takes_the_connection_and_hangs_costs_its_timeout() -> None:
    async def story() -> None:
        peer = Peer(nothing)
        peer.login = lambda words: None
        async with listening(peer):
            with pytest.raises(RouterTimedOut):
                await open_link(target(peer, timeout=0.05))

    run(story)


def test_a_router_that_stops_answering_is_given_up() -> None:
    async def story() -> None:
        async with listening(Peer(lambda words: None)) as peer:
            link = await open_link(target(peer))
            hurry(link, 0.05)
            outcomes = await asyncio.gather(
                *(link.call("/x") for _ in range(40)), return_exceptions=True
            )
            assert {type(error) for error in outcomes} == {RouterTimedOut}
            assert not link.alive
            await link.close()

    run(story)


@pytest.mark.parametrize("transport", list(Transport))
def test_opening_that_is_cancelled_leaves_nothing_open(transport: Transport) -> None:
    """The peer takes the connection and hangs, so that each transport waits where it waits first."""

    async def story() -> None:
        ended = asyncio.Event()

        class Hanging(Peer):
            async def serve(
                self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
            ) -> None:
                begun.set()
                with contextlib.suppress(ConnectionError):
                    while await reader.read(4096):
                        pass
                writer.close()
                ended.set()

        begun = asyncio.Event()
        async with listening(Hanging(nothing)) as peer:
            opening = asyncio.get_running_loop().create_task(
                open_link(target(peer, transport=transport))
            )
            await begun.wait()
            opening.cancel()
            with pytest.raises(asyncio.CancelledError):
                await opening
            async with asyncio.timeout(5):
                await ended.wait()

    run(story)
    gc.collect()


def test_a_stream_gives_rows_and_cancels_when_it_is_left() -> None:
    def answer(words: Words) -> list[Words] | None:
        if words[0] == b"/ip/hotspot/active/listen":
            return [[b"!re", b"=user=%d" % n] for n in range(3)]
        return None

    async def story() -> None:
        async with listening(Peer(answer)) as peer:
            link = await open_link(target(peer))
            seen = []
            async for row in link.stream("/ip/hotspot/active/listen"):
                seen.append(row["user"])
                if len(seen) == 3:
                    break
            await peer.until(lambda heard: heard[-1][0] == b"/cancel")
            assert (seen, peer.heard[-1]) == (["0", "1", "2"], [b"/cancel", b"=tag=6"])
            await link.close()

    run(story)


def test_a_stream_ends_with_its_error() -> None:
    refused = [[b"!trap", b"=message=no such item"], [b"!done"]]

    async def story() -> None:
        async with listening(Peer(lambda words: refused)) as peer:
            link = await open_link(target(peer))
            rows = link.stream("/interface/monitor-traffic", {"interface": "x"})
            with pytest.raises(NoSuchItem):
                await anext(rows)
            await link.close()

    run(story)


def test_a_reply_without_end_is_not_read_into_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "LARGEST_REPLY", 20_000)

    async def story() -> None:
        rows = [[b"!re", b"=x=" + b"y" * 100]] * 1000
        async with listening(Peer(lambda words: rows)) as peer:
            link = await open_link(target(peer))
            with pytest.raises(RouterSpokeNonsense, match="does not end"):
                await link.print("/x")
            assert not link.alive
            await link.close()

    run(story)


def test_a_reader_that_is_too_slow_loses_its_stream_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(streams, "MOST_WAITING", 5)

    def answer(words: Words) -> list[Words]:
        if words[0].endswith(b"/listen"):
            return [[b"!re", b"=n=%d" % n] for n in range(9)]
        return [[b"!done"]]

    async def story() -> None:
        async with listening(Peer(answer)) as peer:
            link = await open_link(target(peer))
            rows = link.stream("/log/listen")
            seen = [(await anext(rows))["n"] for _ in range(5)]
            with pytest.raises(RouterError, match="faster than they were read"):
                await anext(rows)
            assert seen == ["0", "1", "2", "3", "4"]
            assert await link.print("/x") == []
            await peer.until(lambda heard: [b"/cancel", b"=tag=6"] in heard)
            await link.close()

    run(story)


def test_a_long_table_may_take_longer_than_one_silence() -> None:
    class Slow(Peer):
        async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while (words := await read_sentence(reader))[0] != b"/long/print":
                replies = self._reply([word for word in words if word != tag_of(words)])
                assert isinstance(replies, list)
                for reply in replies:
                    writer.write(sentence([reply[0], tag_of(words) or b"", *reply[1:]]))
            for n in range(8):
                writer.write(sentence([b"!re", tag_of(words) or b"", b"=n=%d" % n]))
                await asyncio.sleep(0.1)
            writer.write(sentence([b"!done", tag_of(words) or b""]))
            await reader.read()
            writer.close()

    async def story() -> None:
        async with listening(Slow(nothing)) as peer:
            link = await open_link(target(peer))
            hurry(link, 0.5)
            assert len(await link.print("/long")) == 8
            await link.close()

    run(story)
