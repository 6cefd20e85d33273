"""A WSGI application behind the lines, spoken to over ASGI."""

import asyncio
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
import structlog

from ronda.web.serving import Line, Pages
from ronda.web.serving import job as job_module
from ronda.web.serving import pages as pages_module
from ronda.web.serving.environ import Body, environ_of
from ronda.web.serving.lines import BOUNDS, Bound

Start = Callable[..., Any]


def scope(path: str = "/", method: str = "GET", *headers: tuple[bytes, bytes]) -> dict[str, Any]:
    return {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": b"q=1",
        "http_version": "1.1",
        "scheme": "http",
        "server": ("127.0.0.1", 8000),
        "client": ("192.0.2.7", 4000),
        "headers": list(headers),
    }


def line_of(asked: Any) -> Line:
    return Line.CALLBACK if asked["path"].startswith("/pay") else Line.PAGE


class Caller:
    """One request and what came back."""

    def __init__(self, pages: Pages, path: str = "/", body: tuple[bytes, ...] = (b"",)) -> None:
        self.parts = list(body)
        self.messages: list[Any] = []
        self.pages, self.path = pages, path
        self.wake = asyncio.Event()

    async def receive(self) -> Any:
        if not self.parts:
            return {"type": "http.disconnect"}
        part = self.parts.pop(0)
        return {"type": "http.request", "body": part, "more_body": bool(self.parts)}

    async def send(self, message: Any) -> None:
        self.messages.append(message)

    async def call(self) -> tuple[int, bytes]:
        await self.pages(scope(self.path, "POST"), self.receive, self.send)
        return self.status, b"".join(m["body"] for m in self.messages[1:])

    @property
    def status(self) -> int:
        return int(self.messages[0]["status"])


def served(application: Any) -> Pages:
    return Pages(application, line_of, lambda _scope: ([(b"retry-after", b"5")], b"busy"))


def text(content: Iterable[bytes], *headers: tuple[str, str]) -> Any:
    def application(_environ: Any, start: Start) -> Iterable[bytes]:
        start("200 OK", list(headers))
        return content

    return application


def test_an_answer_comes_in_one_piece() -> None:
    async def ask() -> None:
        caller = Caller(served(text([b"a", b"b"], ("Content-Type", "text/plain"))))
        assert await caller.call() == (200, b"ab")
        assert caller.messages[0]["headers"] == [(b"content-type", b"text/plain")]
        assert len(caller.messages) == 2

    asyncio.run(ask())


def test_a_long_answer_of_known_length_holds_no_thread() -> None:
    async def ask() -> None:
        long = b"x" * (2 * job_module.PIECE)
        caller = Caller(served(text([long], ("Content-Length", str(len(long))))))
        assert await caller.call() == (200, long)
        assert len(caller.messages) == 2

    asyncio.run(ask())


def test_a_stream_comes_in_pieces() -> None:
    async def ask() -> None:
        piece = b"x" * job_module.PIECE
        caller = Caller(served(text(iter([piece, piece, b"end"]))))
        assert await caller.call() == (200, piece * 2 + b"end")
        assert len(caller.messages) == 5

    asyncio.run(ask())


def test_a_stream_that_breaks_has_no_end() -> None:
    def broken() -> Iterator[bytes]:
        yield b"x" * job_module.PIECE
        raise ValueError("broken")

    async def ask() -> None:
        caller = Caller(served(text(broken())))
        with structlog.testing.capture_logs() as logs:
            await caller.call()
        assert all(message.get("more_body", True) for message in caller.messages[1:])
        assert [one["event"] for one in logs] == ["web.failed"]

    asyncio.run(ask())


def test_an_application_that_fails_is_a_500() -> None:
    def application(_environ: Any, _start: Start) -> Iterable[bytes]:
        raise ValueError("wrong")

    async def ask() -> None:
        with structlog.testing.capture_logs():
            assert await Caller(served(application)).call() == (500, b"")

    asyncio.run(ask())


def test_a_body_is_read_whole_even_when_it_is_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages_module, "READ_FIRST", 4)

    def application(environ: Any, start: Start) -> Iterable[bytes]:
        start("200 OK", [])
        file = environ["wsgi.input"]
        return [file.readline(), b"|", file.read(2), b"|", file.read()]

    async def ask() -> None:
        caller = Caller(served(application), body=(b"one", b"two", b"\nth", b"ree"))
        assert await caller.call() == (200, b"onetwo\n|th|ree")

    asyncio.run(ask())


def test_without_room_one_is_told_so_and_a_callback_goes_before_the_pages(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pages_module, "AT_ONCE", 1)
    monkeypatch.setattr(pages_module, "HELD_UP_S", 100.0)
    monkeypatch.setitem(BOUNDS, Line.PAGE, Bound(2, 100.0, 100.0))
    held, go_on = threading.Event(), threading.Event()
    order: list[str] = []

    def application(environ: Any, start: Start) -> Iterable[bytes]:
        order.append(environ["PATH_INFO"])
        held.set()
        assert go_on.wait(30)
        start("200 OK", [])
        return [b"done"]

    async def ask() -> None:
        pages = served(application)
        async with asyncio.TaskGroup() as group:
            calls = []
            for path in ("/1", "/2", "/3", "/4", "/pay/1/callback"):
                calls.append(group.create_task(Caller(pages, path).call()))
                if path == "/1":
                    await asyncio.to_thread(held.wait, 30)
            assert await calls[3] == (503, b"busy")
            go_on.set()
        assert [call.result()[0] for call in calls] == [200, 200, 200, 503, 200]

    asyncio.run(ask())
    assert order == ["/1", "/pay/1/callback", "/2", "/3"]


def test_one_who_waits_for_somebody_else_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages_module, "AT_ONCE", 1)
    monkeypatch.setattr(pages_module, "HELD_UP_S", 0.01)
    go_on = threading.Event()

    def application(environ: Any, start: Start) -> Iterable[bytes]:
        start("200 OK", [])
        if environ["PATH_INFO"] == "/slow":
            assert go_on.wait(30)
        return [b"done"]

    async def ask() -> None:
        pages = served(application)
        async with asyncio.TaskGroup() as group:
            slow = group.create_task(Caller(pages, "/slow").call())
            assert await Caller(pages, "/quick").call() == (200, b"done")
            go_on.set()
            assert await slow == (200, b"done")

    asyncio.run(ask())


def test_the_end_turns_away_who_waits_and_who_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages_module, "AT_ONCE", 1)
    monkeypatch.setattr(pages_module, "HELD_UP_S", 100.0)
    held, go_on = threading.Event(), threading.Event()

    def application(_environ: Any, start: Start) -> Iterable[bytes]:
        held.set()
        assert go_on.wait(30)
        start("200 OK", [])
        return [b"done"]

    async def ask() -> None:
        pages = served(application)
        async with asyncio.TaskGroup() as group:
            working = group.create_task(Caller(pages).call())
            await asyncio.to_thread(held.wait, 30)
            waiting = group.create_task(Caller(pages).call())
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            pages.close()
            assert await waiting == (503, b"busy")
            assert await Caller(pages).call() == (503, b"busy")
            working.cancel()
            assert await working == (503, b"busy")
        go_on.set()

    asyncio.run(ask())


def test_a_header_with_an_underscore_does_not_pass_for_another() -> None:
    environ = environ_of(
        scope("/x", "GET", (b"x_forwarded_for", b"1"), (b"accept", b"a"), (b"accept", b"b"),
              (b"cookie", b"a=1"), (b"cookie", b"b=2"), (b"content-type", b"text/csv")),
        Body(b"", None),
    )  # fmt: skip

    assert "HTTP_X_FORWARDED_FOR" not in environ
    assert environ["HTTP_ACCEPT"] == "a,b"
    assert environ["HTTP_COOKIE"] == "a=1; b=2"
    assert environ["CONTENT_TYPE"] == "text/csv"
    assert environ["REMOTE_ADDR"] == "192.0.2.7"


def test_a_body_is_a_file() -> None:
    body = Body(b"one\ntwo\nthree", None)

    assert body.readline() == b"one\n"
    assert body.readline(2) == b"tw"
    assert list(body) == [b"o\n", b"three"]
    assert body.read() == body.readline() == b""
