"""The ASGI side of the live snapshot: full lists with ETags, deltas, and the stream."""

import asyncio
from collections.abc import Callable, MutableMapping
from email.utils import formatdate
from typing import Any
from urllib.parse import parse_qs

from ronda.web.live import encode
from ronda.web.live.encoded import Encoding, Kind, Version
from ronda.web.live.quick import RAW, Quick, is_repeatable
from ronda.web.live.snapshot import Snapshot
from ronda.web.live.streams import Receive, Scope, Send, Streams
from ronda.web.live.verdicts import Asker, Caller, Headers, Identify, Verdicts, Wait

JSON = (b"content-type", b"application/json")


Detail = Callable[[int], dict[str, Any] | None]


class LiveServer:
    """Answers `/live/*` and the older `GET /api/onts` without touching Django."""

    def __init__(self, snapshot: Snapshot, identify: Identify, detail: Detail, build: str) -> None:
        """`identify` (headers, peer address) and `detail` may block: they run in threads."""
        self.snapshot = snapshot
        self.quick = Quick(lambda: snapshot.now)
        self._verdicts = Verdicts(identify)
        self.streams = Streams(snapshot, self._verdicts, build)
        self._detail = detail

    @staticmethod
    def answers(method: str, path: str) -> bool:
        """Whether this request is for us."""
        return path.startswith("/live/") or (path == "/api/onts" and method in {"GET", "HEAD"})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI)."""
        if scope["method"] not in {"GET", "HEAD"}:
            return await _answer(send, 405, b'{"error":"method"}', [(b"allow", b"GET, HEAD")])
        headers = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
        }
        asker = Asker(headers, (scope.get("client") or ("",))[0])
        state = self.snapshot.now
        caller = await self._verdicts.of(asker)
        if isinstance(caller, Wait):
            wait = [(b"retry-after", b"%d" % caller.seconds)]
            return await _answer(send, 429, b'{"error":"too many wrong tokens"}', wait)
        if caller is None:
            return await _answer(send, 401, b'{"error":"sign in first"}', [])
        path: str = scope["path"]
        body = scope["method"] == "GET"
        raw: bytes = scope.get("extensions", {}).get(RAW, {}).get("bytes", b"")
        if body and is_repeatable(raw):
            send = self._noting(raw, asker, state, send)
        if path == "/api/onts" and not caller.public:
            return await self._whole(caller, "older", headers, send, body=body)
        if path == "/live/columns":
            return await self._whole(caller, "columns", headers, send, body=body)
        if path == "/live/names":
            kind: Kind = "names-public" if caller.public else "names"
            return await self._whole(caller, kind, headers, send, body=body)
        if path == "/live/delta":
            return await self._delta(caller, _number(scope, "since"), headers, send)
        if path == "/live/stream":
            last = _version(headers.get("last-event-id", ""))
            since = _number(scope, "since") if last is None else last
            return await self.streams.serve(caller, asker, since, scope, receive, send)
        if path.startswith("/live/ont/"):
            return await self._one(caller, path.removeprefix("/live/ont/"), send)
        return await _answer(send, 404, b'{"error":"not found"}', [])

    def recheck(self) -> None:
        """Ask again who everybody is, now: somebody's access has ended. Call it from the event loop."""
        self._verdicts.forget()
        self.quick.forget()
        self.streams.recheck()

    def _noting(self, raw: bytes, asker: Asker, state: Version, send: Send) -> Send:
        """A `send` that also lets `quick` answer the same bytes for as long as the verdict stands."""
        until = self._verdicts.until(asker)
        head: list[bytes] = []

        async def noting(message: MutableMapping[str, Any]) -> None:
            await send(message)
            if message["type"] == "http.response.start":
                if message["status"] in {200, 304}:
                    head.append(_head(message["status"], message["headers"]))
            elif head and not message.get("more_body"):
                if self.snapshot.now is state:
                    self.quick.keep(raw, asker.peer, until, (head[0], message.get("body", b"")))
            else:
                head.clear()

        return noting

    async def _whole(
        self, caller: Caller, kind: Kind, headers: Headers, send: Send, *, body: bool
    ) -> None:
        seen = self.streams.seen_by(caller)
        if not seen.ready:
            return await _answer(send, 503, b'{"error":"starting"}', [(b"retry-after", b"1")])
        encoding = _encoding(headers.get("accept-encoding", ""))
        etag = seen.etag(kind, encoding)
        if headers.get("if-none-match") == etag:
            return await _answer(send, 304, b"", _validators(etag), kind=None)
        if seen.is_built(kind, encoding):
            content, etag = seen.encoded(kind, encoding)
        else:
            content, etag = await asyncio.to_thread(seen.encoded, kind, encoding)
        extra = _validators(etag)
        if encoding != "identity":
            extra.append((b"content-encoding", encoding.encode()))
        return await _answer(send, 200, content if body else b"", extra, length=len(content))

    async def _delta(self, caller: Caller, since: int | None, headers: Headers, send: Send) -> None:
        if since is None:
            return await _answer(send, 422, b'{"error":"since must be a version"}', [])
        made = self.streams.missed(caller, since)
        if made is None:
            made = encode.compact({"resync": True, "version": self.snapshot.now.number})
        return await _answer(send, 200, made, [(b"cache-control", b"no-cache")])

    async def _one(self, caller: Caller, text: str, send: Send) -> None:
        number = -1 if (found := _version(text)) is None else found
        theirs = caller.sites is None or number in self.streams.seen_by(caller).now.rows
        row = await asyncio.to_thread(self._detail, number) if number >= 0 and theirs else None
        if row is None:
            return await _answer(send, 404, b'{"error":"no such ONT"}', [])
        if caller.public:
            row = {**row, "customer_id": None, "address": None}
        return await _answer(send, 200, encode.compact(row), [(b"cache-control", b"no-cache")])


async def _answer(
    send: Send,
    status: int,
    body: bytes,
    extra: list[tuple[bytes, bytes]],
    *,
    kind: tuple[bytes, bytes] | None = JSON,
    length: int | None = None,
) -> None:
    headers = [
        *extra,
        (b"x-content-type-options", b"nosniff"),
        (b"vary", b"Accept-Encoding, Cookie"),
    ]
    if kind is not None:
        headers += [kind, (b"content-length", b"%d" % (len(body) if length is None else length))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _head(status: int, headers: list[tuple[bytes, bytes]]) -> bytes:
    """Status line and headers as uvicorn writes them."""
    lines = [b"HTTP/1.1 200 OK" if status == 200 else b"HTTP/1.1 304 Not Modified"]
    lines.append(b"date: " + formatdate(usegmt=True).encode())
    lines += [name + b": " + value for name, value in headers]
    return b"\r\n".join([*lines, b"", b""])


def _validators(etag: str) -> list[tuple[bytes, bytes]]:
    return [(b"etag", etag.encode()), (b"cache-control", b"private, no-cache")]


def _encoding(accepted: str) -> Encoding:
    wishes = {
        part.split(";", 1)[0].strip()
        for part in accepted.split(",")
        if "q=0" not in part.replace("q=0.", "")
    }
    if "br" in wishes:
        return "br"
    return "gzip" if "gzip" in wishes else "identity"


def _number(scope: Scope, name: str) -> int | None:
    value = parse_qs(scope["query_string"].decode("latin-1")).get(name, [""])[0]
    return _version(value)


def _version(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
