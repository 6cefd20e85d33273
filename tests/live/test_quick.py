"""Requests whose bytes were answered before, through the very classes the server runs."""

import asyncio
from typing import Any

import pytest
import uvicorn

from ronda.web.live import Caller, LiveServer, Snapshot, verdicts
from ronda.web.live.quick import MOST, Quick, is_repeatable, protocol
from tests.live.test_snapshot import WATCH, row

ASK = b"GET /api/onts HTTP/1.1\r\nHost: a\r\nCookie: sari\r\n%s\r\n"


@pytest.mark.parametrize(
    ("raw", "fits"),
    [
        (ASK % b"", True),
        (b"GET /live/delta?since=1 HTTP/1.1\r\nHost: a\r\n\r\n", True),
        (b"GET /live/stream HTTP/1.1\r\nHost: a\r\n\r\n", False),
        (b"GET /live/ont/1 HTTP/1.1\r\nHost: a\r\n\r\n", False),
        (b"POST /api/onts HTTP/1.1\r\nHost: a\r\n\r\n", False),
        (ASK % b"Connection: close\r\n", False),
        (ASK % b"Content-Length: 3\r\n", False),
        (ASK % b"" + ASK % b"", False),
        (ASK % b"X: %s\r\n" % (b"x" * 5000), False),
        (b"GET /api/onts HTTP/1.0\r\n\r\n", False),
    ],
)
def test_only_whole_requests_for_what_is_prepared_are_kept(raw: bytes, fits: bool) -> None:
    assert is_repeatable(raw) is fits


def test_an_answer_holds_for_its_caller_its_time_and_its_state() -> None:
    state = [object()]
    quick = Quick(lambda: state[0])
    forever = float("inf")
    quick.keep(b"ask", "192.0.2.1", forever, (b"head", b"body"))
    quick.keep(b"late", "192.0.2.1", 0.0, (b"head", b"body"))

    assert quick.get(b"ask", "192.0.2.1") == (b"head", b"body")
    assert quick.get(b"ask", "192.0.2.2") is None
    assert quick.get(b"late", "192.0.2.1") is None
    quick.forget()
    assert quick.get(b"ask", "192.0.2.1") is None

    quick.keep(b"ask", "192.0.2.1", forever, (b"head", b"body"))
    state[0] = object()
    assert quick.get(b"ask", "192.0.2.1") is None
    for number in range(2 * MOST):
        quick.keep(b"%d" % number, "", forever, (b"", b""))
    assert quick.get(b"%d" % (2 * MOST - 1), "") == (b"", b"")
    assert quick.get(b"0", "") is None


def test_the_same_bytes_are_answered_alike_until_something_is_new(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(verdicts, "VERDICT_S", 3600.0)
    snapshot = Snapshot(1_000_000)
    snapshot.replace([row(1)], at=1000, watch=WATCH)
    asked: list[str] = []
    signed_in = [True]

    def identify(_headers: Any, peer: str) -> Caller | None:
        return Caller(public=False) if signed_in[0] else None

    live = LiveServer(snapshot, identify, lambda _ont: None, "test")

    async def application(scope: Any, receive: Any, send: Any) -> None:
        asked.append(scope["path"])
        await live(scope, receive, send)

    async def answers() -> None:
        config = uvicorn.Config(
            application,
            port=0,
            http=protocol(live.quick),
            lifespan="off",
            log_config=None,
            server_header=False,
        )
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve())  # noqa: TID251 -- awaited below
        while not server.started:  # noqa: ASYNC110 -- uvicorn has no event for it
            await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)

        async def ask(raw: bytes) -> tuple[bytes, bytes]:
            writer.write(raw)
            head = await reader.readuntil(b"\r\n\r\n")
            size = next(
                int(line.split()[1]) for line in head.lower().split(b"\r\n") if b"length" in line
            )
            return head, await reader.readexactly(size)

        first, second = await ask(ASK % b""), await ask(ASK % b"")
        assert asked == ["/api/onts"]
        assert first[1] == second[1]
        assert set(first[0].split(b"\r\n")) == set(second[0].split(b"\r\n"))
        # Another request over the same connection is read as ever, and so is the next after it.
        assert (await ask(ASK % b"X-Other: 1\r\n"))[1] == first[1]
        assert (await ask(ASK % b""))[1] == first[1]
        assert len(asked) == 2

        snapshot.apply(at=1001, changed=[row(2)])
        assert len((await ask(ASK % b""))[1]) > len(first[1])
        assert len(asked) == 3

        signed_in[0] = False
        live.recheck()
        assert (await ask(ASK % b""))[0].startswith(b"HTTP/1.1 401")
        writer.close()
        server.should_exit = True
        await serving

    asyncio.run(answers())
