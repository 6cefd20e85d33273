"""The live server spoken to over ASGI: validators, sign-in, deltas and the stream."""

import asyncio
import json
from typing import Any

import brotli
import pytest

from ronda.web.live import Caller, LiveServer, Snapshot, streams, verdicts
from ronda.web.live.verdicts import Wait
from tests.live.test_snapshot import WATCH, row


class Browser:
    """A caller over ASGI; `cookies` decides who it is."""

    def __init__(self, server: LiveServer, cookie: str = "sari") -> None:
        self.server = server
        self.cookie = cookie

    def scope(self, path: str, method: str = "GET", **headers: str) -> dict[str, Any]:
        path, _, query = path.partition("?")
        sent = {
            "cookie": self.cookie,
            **{name.replace("_", "-"): text for name, text in headers.items()},
        }
        return {
            "type": "http",
            "method": method,
            "path": path,
            "client": ("192.0.2.7", 40_000),
            "query_string": query.encode(),
            "headers": [(name.encode(), text.encode()) for name, text in sent.items()],
        }

    async def get(
        self, path: str, method: str = "GET", **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        messages: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request"}

        async def send(message: Any) -> None:
            messages.append(message)

        await self.server(self.scope(path, method, **headers), receive, send)
        sent = {name.decode(): text.decode() for name, text in messages[0]["headers"]}
        return messages[0]["status"], sent, b"".join(m.get("body", b"") for m in messages[1:])


class Stream:
    """An open `/live/stream`."""

    def __init__(self, browser: Browser, path: str = "/live/stream", **headers: str) -> None:
        self.frames: asyncio.Queue[bytes] = asyncio.Queue()
        self.gone = asyncio.Event()
        self.ended = False
        self.call = browser.server(browser.scope(path, **headers), self.receive, self.send)

    async def receive(self) -> Any:
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.body":
            if not message.get("more_body"):
                self.ended = True
                self.gone.set()
            for frame in message["body"].split(b"\n\n"):
                if frame and not frame.startswith(b"retry"):
                    self.frames.put_nowait(frame)

    async def next(self) -> tuple[str, dict[str, Any]]:
        frame = await asyncio.wait_for(self.frames.get(), 5)
        lines = dict(line.split(b": ", 1) for line in frame.split(b"\n"))
        return lines[b"event"].decode(), json.loads(lines[b"data"])


@pytest.fixture
def signed_in() -> set[str]:
    return {"sari"}


@pytest.fixture
def server(signed_in: set[str], monkeypatch: pytest.MonkeyPatch) -> LiveServer:
    monkeypatch.setattr(verdicts, "VERDICT_S", 0.0)
    snapshot = Snapshot(1_000_000)
    snapshot.replace([row(n) for n in range(1, 4)], at=1000, watch=WATCH)

    def identify(headers: Any, _peer: str) -> Caller | None:
        name = headers.get("cookie")
        if name in signed_in:
            return Caller(public=False)
        if name == "wayan":
            return Caller(public=False, sites=frozenset({7}))
        return Caller(public=True) if name == "public" else None

    made = LiveServer(
        snapshot, identify, lambda ont: {"id": ont, "address": "x"} if ont < 4 else None, "test"
    )
    made.streams.publish()
    return made


def test_a_stranger_gets_401_everywhere(server: LiveServer):
    async def ask() -> list[int]:
        stranger = Browser(server, "")
        paths = (
            "/api/onts",
            "/live/columns",
            "/live/names",
            "/live/stream",
            "/live/delta?since=1",
            "/live/ont/1",
        )
        return [(await stranger.get(path))[0] for path in paths]

    assert asyncio.run(ask()) == [401] * 6


def test_an_unchanged_list_costs_a_304_and_a_changed_one_comes_compressed(server: LiveServer):
    async def ask() -> None:
        browser = Browser(server)
        status, headers, body = await browser.get("/api/onts", accept_encoding="gzip, br")
        assert (status, headers["content-encoding"]) == (200, "br")
        assert len(json.loads(brotli.decompress(body))) == 3
        again = await browser.get(
            "/api/onts", accept_encoding="gzip, br", if_none_match=headers["etag"]
        )
        assert (again[0], again[2]) == (304, b"")
        server.snapshot.apply(at=1001, rows=[row(1, state=3, status="OFF")])
        later = await browser.get(
            "/api/onts", accept_encoding="identity", if_none_match=headers["etag"]
        )
        assert (later[0], json.loads(later[2])[0]["status"]) == (200, "OFF")

    asyncio.run(ask())


def test_wrong_questions_get_a_clear_no(server: LiveServer):
    async def ask() -> list[int]:
        browser = Browser(server)
        return [
            (await browser.get("/live/delta"))[0],
            (await browser.get("/live/delta?since=-5"))[0],
            (await browser.get("/live/delta?since=%B2"))[0],
            (await browser.get("/live/ont/\xb2"))[0],
            (await browser.get("/live/ont/99"))[0],
            (await browser.get("/live/ont/1%00"))[0],
            (await browser.get("/live/nothing"))[0],
            (await browser.get("/live/columns", method="POST"))[0],
        ]

    assert asyncio.run(ask()) == [422] * 3 + [404] * 4 + [405]


def test_the_stream_greets_then_sends_only_what_changed(server: LiveServer):
    async def watch() -> None:
        stream = Stream(Browser(server))
        async with asyncio.TaskGroup() as group:
            group.create_task(stream.call)
            assert (await stream.next())[0] == "hello"
            server.snapshot.apply(at=1001, rows=[row(2, state=3, since=990)])
            server.streams.publish()
            name, delta = await stream.next()
            assert (name, delta["rows"]) == ("delta", [[2, 3, 0, 990, None]])
            stream.gone.set()
        assert len(server.streams.hub) == 0

    asyncio.run(watch())


def test_a_browser_that_comes_back_gets_what_it_missed_in_one_delta(server: LiveServer):
    async def watch() -> None:
        before = server.snapshot.now.number
        server.snapshot.apply(at=1001, rows=[row(1, state=3)])
        server.snapshot.apply(at=1002, rows=[row(1, state=1), row(2, state=3)])
        stream = Stream(Browser(server), last_event_id=str(before))
        async with asyncio.TaskGroup() as group:
            group.create_task(stream.call)
            assert (await stream.next())[0] == "hello"
            name, delta = await stream.next()
            assert name == "delta"
            assert (delta["base"], [r[:2] for r in delta["rows"]]) == (before, [[1, 1], [2, 3]])
            stream.gone.set()

    asyncio.run(watch())


def test_a_browser_from_before_a_restart_is_told_to_start_anew(server: LiveServer):
    async def watch() -> None:
        stream = Stream(Browser(server), last_event_id="17")
        async with asyncio.TaskGroup() as group:
            group.create_task(stream.call)
            assert [(await stream.next())[0] for _ in range(2)] == ["hello", "resync"]
            stream.gone.set()

    asyncio.run(watch())


def test_signing_out_ends_the_stream_at_its_next_frame(server: LiveServer, signed_in: set[str]):
    async def watch() -> bool:
        stream = Stream(Browser(server))
        async with asyncio.TaskGroup() as group:
            group.create_task(stream.call)
            await stream.next()
            signed_in.clear()
            server.snapshot.apply(at=1001, rows=[row(2, state=3)])
            server.streams.publish()
            await asyncio.wait_for(stream.gone.wait(), 5)
        return stream.ended and stream.frames.empty()

    assert asyncio.run(watch())


def test_a_slow_browser_is_told_to_resync_and_memory_stays_bounded(server: LiveServer):
    async def watch() -> None:
        stream = Stream(Browser(server))
        async with asyncio.TaskGroup() as group:
            group.create_task(stream.call)
            await stream.next()
            # All within one turn of the loop: the coroutine that sends gets no chance.
            for n in range(200):
                server.snapshot.apply(at=1001 + n, rows=[row(2, since=n)])
                server.streams.publish()
            (listener,) = server.streams.hub.private
            assert len(listener.frames) <= 64
            assert (await stream.next())[0] == "resync"
            stream.gone.set()

    asyncio.run(watch())


def test_the_public_stream_never_carries_addresses_or_customer_ids(server: LiveServer):
    async def watch() -> None:
        stream = Stream(Browser(server, "public"))
        async with asyncio.TaskGroup() as group:
            group.create_task(stream.call)
            await stream.next()
            server.snapshot.apply(at=1001, changed=[row(9)])
            server.streams.publish()
            changed = (await stream.next())[1]["changed"][0]
            assert (changed["name"], changed["address"], changed["customer_id"]) == (
                "Dukuh RT 9",
                None,
                None,
            )
            stream.gone.set()
        names = json.loads((await Browser(server, "public").get("/live/names"))[2])
        assert set(names["addresses"]) == {None}
        assert (await Browser(server, "public").get("/api/onts"))[0] == 404

    asyncio.run(watch())


def test_nothing_is_served_before_the_fleet_is_known():
    starting = LiveServer(Snapshot(1), lambda *_: Caller(public=False), lambda _ont: None, "test")

    assert asyncio.run(Browser(starting).get("/live/columns"))[0] == 503


def test_many_streams_of_one_person_ask_who_it_is_once():
    asked: list[str] = []

    def identify(headers: Any, _peer: str) -> Caller | None:
        asked.append(headers["cookie"])
        return Caller(public=False)

    snapshot = Snapshot(1)
    snapshot.replace([row(1)], at=1, watch=WATCH)
    server = LiveServer(snapshot, identify, lambda _: None, "test")

    async def ask() -> list[int]:
        answers = [Browser(server).get("/live/columns") for _ in range(50)]
        return [status for status, _, _ in await asyncio.gather(*answers)]

    assert (asyncio.run(ask()), asked) == ([200] * 50, ["sari"])


def test_whoever_tries_many_wrong_tokens_must_wait():
    asked: list[str] = []

    def identify(_headers: Any, peer: str) -> Wait:
        asked.append(peer)
        return Wait(60)

    server = LiveServer(Snapshot(1), identify, lambda _: None, "test")

    async def ask() -> tuple[int, dict[str, str], bytes]:
        return await Browser(server).get("/api/onts")

    status, headers, _body = asyncio.run(ask())
    assert (status, headers["retry-after"], asked) == (429, "60", ["192.0.2.7"])


def test_a_quiet_stream_says_that_it_still_stands(
    server: LiveServer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(streams, "BEAT_S", 0.01)

    async def watch() -> list[str]:
        stream = Stream(Browser(server))
        async with asyncio.TaskGroup() as group:
            group.create_task(stream.call)
            kinds = [(await stream.next())[0] for _ in range(3)]
            stream.gone.set()
        return kinds

    assert asyncio.run(watch()) == ["hello", "beat", "beat"]


def test_whose_access_ended_is_cut_off_although_nothing_else_happens(
    server: LiveServer, signed_in: set[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(verdicts, "VERDICT_S", 3600.0)
    signed_in.add("budi")

    async def watch() -> tuple[bool, bool]:
        streams = [Stream(Browser(server, name)) for name in ("sari", "budi")]
        calls = [asyncio.ensure_future(stream.call) for stream in streams]  # noqa: TID251 -- awaited below
        for stream in streams:
            assert (await stream.next())[0] == "hello"
        signed_in.remove("sari")
        server.recheck()
        await asyncio.wait_for(streams[0].gone.wait(), 60)
        assert await asyncio.wait_for(streams[1].frames.get(), 60) == b":"
        ended = streams[0].ended, streams[1].ended
        streams[1].gone.set()
        await asyncio.gather(*calls)
        return ended

    assert asyncio.run(watch()) == (True, False)


def test_a_verdict_reached_while_somebodys_access_ends_is_asked_for_again():
    asked: list[str] = []
    snapshot = Snapshot(1)
    snapshot.replace([row(1)], at=1, watch=WATCH)

    def identify(headers: Any, _peer: str) -> Caller | None:
        asked.append(headers["cookie"])
        if len(asked) == 1:
            server.recheck()
            return Caller(public=False)
        return None

    server = LiveServer(snapshot, identify, lambda _: None, "test")
    assert asyncio.run(Browser(server).get("/live/columns"))[0] == 401


def test_a_verdict_on_one_address_says_nothing_of_another():
    snapshot = Snapshot(1)
    snapshot.replace([row(1)], at=1, watch=WATCH)
    server = LiveServer(
        snapshot,
        lambda _headers, peer: Caller(public=False) if peer == "192.0.2.7" else None,
        lambda _: None,
        "test",
    )
    there = Browser(server)

    class Elsewhere(Browser):
        def scope(self, path: str, method: str = "GET", **headers: str) -> dict[str, Any]:
            return super().scope(path, method, **headers) | {"client": ("192.0.2.8", 40_000)}

    async def ask() -> list[int]:
        asked = (there, Elsewhere(server), there)
        return [(await browser.get("/live/columns"))[0] for browser in asked]

    assert asyncio.run(ask()) == [200, 401, 200]


def test_who_is_narrowed_gets_their_sites_alone_in_every_way(server: LiveServer):
    server.snapshot.replace([row(1, site_id=7), row(2, site_id=8)], at=1001, watch=WATCH)
    since = server.snapshot.now.number

    async def ask() -> None:
        browser = Browser(server, "wayan")
        for path in ("/live/columns", "/live/names"):
            _status, headers, body = await browser.get(path)
            assert json.loads(body)["ids"] == [1]
            whole = (await Browser(server).get(path))[1]
            assert whole["etag"] != headers["etag"]
            assert (await browser.get(path, if_none_match=headers["etag"]))[0] == 304
        assert [one["id"] for one in json.loads((await browser.get("/api/onts"))[2])] == [1]
        assert [(await browser.get(f"/live/ont/{n}"))[0] for n in (1, 2)] == [200, 404]
        server.streams.publish()
        stream = Stream(browser)
        async with asyncio.TaskGroup() as group:
            group.create_task(stream.call)
            _event, hello = await stream.next()
            assert hello["counts"]["total"] == 1
            both = [row(1, state=3, site_id=7), row(2, state=3, site_id=8)]
            server.snapshot.apply(at=1002, rows=both)
            server.streams.publish()
            event, delta = await stream.next()
            assert (event, [one[0] for one in delta["rows"]]) == ("delta", [1])
            server.streams.tell("hotspot.read", {"router": 3})
            event, told = await stream.next()
            assert (event, set(told)) == ("told", {"topic", "at"})
            late = json.loads((await browser.get(f"/live/delta?since={since}"))[2])
            assert [one[0] for one in late["rows"]] == [1]
            stream.gone.set()

    asyncio.run(ask())
    assert not server.streams.hub.parts
