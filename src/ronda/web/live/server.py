"""The ASGI side of the live snapshot: full lists with ETags, deltas, and the stream."""

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from email.utils import formatdate
from typing import Any
from urllib.parse import parse_qs

from ronda.web.live import encode
from ronda.web.live.encoded import Encoding, Kind, Version
from ronda.web.live.hub import Hub, Listener
from ronda.web.live.quick import RAW, Quick, is_repeatable
from ronda.web.live.snapshot import Part, Snapshot

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Headers = Mapping[str, str]

BEAT_S = 15
# A signed-out person is turned away after at most this long.
VERDICT_S = 3.0
VERDICTS = 5000
# A verdict in use is renewed beside the traffic from this age on, so that no frame waits for it.
RENEW_S = 1.5

JSON = (b"content-type", b"application/json")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: someone signed in, or a stranger where the public map is on.

    `sites` are those that somebody is narrowed to; None is everything.
    """

    public: bool
    sites: frozenset[int] | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """Nobody: too many wrong tokens came from this address, which may try again after `seconds`."""

    seconds: int


Verdict = Caller | Wait | None
Identify = Callable[[Headers, str], Verdict]
Detail = Callable[[int], dict[str, Any] | None]


class LiveServer:
    """Answers `/live/*` and the older `GET /api/onts` without touching Django."""

    def __init__(self, snapshot: Snapshot, identify: Identify, detail: Detail, build: str) -> None:
        """`identify` (headers, peer address) and `detail` may block: they run in threads."""
        self.snapshot = snapshot
        self.hub = Hub()
        self.quick = Quick(lambda: snapshot.now)
        self._identify = identify
        self._detail = detail
        self._build = build
        self._verdicts: dict[bytes, tuple[float, Verdict]] = {}
        self._judging: dict[bytes, asyncio.Task[Verdict]] = {}
        self._told = snapshot.now
        self._rechecks = 0
        self._closing = False
        self._beat: asyncio.TimerHandle | None = None

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
        peer = (scope.get("client") or ("",))[0]
        state = self.snapshot.now
        caller = await self._caller(headers, peer)
        if isinstance(caller, Wait):
            wait = [(b"retry-after", b"%d" % caller.seconds)]
            return await _answer(send, 429, b'{"error":"too many wrong tokens"}', wait)
        if caller is None:
            return await _answer(send, 401, b'{"error":"sign in first"}', [])
        path: str = scope["path"]
        body = scope["method"] == "GET"
        raw: bytes = scope.get("extensions", {}).get(RAW, {}).get("bytes", b"")
        if body and is_repeatable(raw):
            send = self._noting(raw, headers, peer, state, send)
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
            last = headers.get("last-event-id", "")
            since = int(last) if last.isdigit() else _number(scope, "since")
            return await self._stream(caller, headers, peer, since, receive, send)
        if path.startswith("/live/ont/"):
            return await self._one(caller, path.removeprefix("/live/ont/"), send)
        return await _answer(send, 404, b'{"error":"not found"}', [])

    def publish(self) -> None:
        """Send what is new since the last call to every listener; call it from the event loop."""
        now = self.snapshot.now
        before, self._told = self._told, now
        if before is now or not len(self.hub):
            return
        private = self.snapshot.delta(before.number)
        if private is None:
            frame = encode.event("resync", encode.compact({"version": now.number}))
            self.hub.publish(frame, frame, lambda _sites: frame)
        else:
            public = b""
            if self.hub.public:
                public = self.snapshot.delta(before.number, public=True) or b""
            self.hub.publish(
                encode.event("delta", private, now.number),
                encode.event("delta", public, now.number),
                lambda sites: self._news(sites, before.number),
            )

    def _news(self, sites: frozenset[int], since: int) -> bytes:
        """The frame for people who see these sites alone."""
        part = self.snapshot.part(sites)
        made = part.delta(since)
        number = part.now.number
        if made is None:
            return encode.event("resync", encode.compact({"version": number}))
        return encode.event("delta", made, number)

    def _seen_by(self, caller: Caller) -> Snapshot | Part:
        """What of the fleet this caller sees."""
        return self.snapshot if caller.sites is None else self.snapshot.part(caller.sites)

    def _missed(self, caller: Caller, since: int) -> bytes | None:
        if caller.sites is None:
            return self.snapshot.delta(since, public=caller.public)
        return self.snapshot.part(caller.sites).delta(since)

    def tell(self, topic: str, payload: Mapping[str, Any]) -> None:
        """Say something else that happened to every signed-in listener; call it from the event loop.

        It is not kept: a page that was away asks again when it is back.
        """
        if not self.hub.private and not self.hub.parts:
            return
        at = int(time.time())
        frame = encode.event("told", encode.compact({**payload, "topic": topic, "at": at}))
        # Whose it is cannot be seen here; who is narrowed learns that something of the kind happened.
        bare = encode.event("told", encode.compact({"topic": topic, "at": at}))
        self.hub.publish(frame, b"", lambda _sites: bare)

    def recheck(self) -> None:
        """Ask again who everybody is, now: somebody's access has ended. Call it from the event loop."""
        self._rechecks += 1
        self._verdicts.clear()
        self.quick.forget()
        # A comment says nothing to the page, but nothing is sent before the verdict.
        self.hub.publish(b":\n\n", b"", lambda _sites: b":\n\n")

    def close(self) -> None:
        """End every stream: the server is about to end, and browsers go on at the next one."""
        self._closing = True
        self.hub.publish(b":\n\n", b":\n\n", lambda _sites: b":\n\n")

    def _keep_beating(self) -> None:
        """One timer says to all listeners that the line still stands; it ends with the last of them."""
        if self._beat is None:
            self._beat = asyncio.get_running_loop().call_later(BEAT_S, self._say_beat)

    def _say_beat(self) -> None:
        self._beat = None
        if len(self.hub):
            told = {"version": self.snapshot.now.number, "at": int(time.time())}
            frame = encode.event("beat", encode.compact(told))
            self.hub.publish(frame, frame, lambda _sites: frame)
            self._keep_beating()

    async def _caller(self, headers: Headers, peer: str) -> Verdict:
        """The verdict on this caller's cookie or token, remembered for a few seconds."""
        key = _proof(headers)
        kept = self._verdicts.get(key)
        moment = time.monotonic()
        if kept is not None and kept[0] > moment:
            if kept[0] - moment < VERDICT_S - RENEW_S:
                _renewal = self._judge(key, headers, peer)
            return kept[1]
        return await asyncio.shield(self._judge(key, headers, peer))

    def _noting(self, raw: bytes, headers: Headers, peer: str, state: Version, send: Send) -> Send:
        """A `send` that also lets `quick` answer the same bytes for as long as the verdict stands."""
        until = self._verdicts.get(_proof(headers), (0.0, None))[0]
        head: list[bytes] = []

        async def noting(message: MutableMapping[str, Any]) -> None:
            await send(message)
            if message["type"] == "http.response.start":
                if message["status"] in {200, 304}:
                    head.append(_head(message["status"], message["headers"]))
            elif head and not message.get("more_body"):
                if self.snapshot.now is state:
                    self.quick.keep(raw, peer, until, (head[0], message.get("body", b"")))
            else:
                head.clear()

        return noting

    def _judge(self, key: bytes, headers: Headers, peer: str) -> "asyncio.Task[Verdict]":
        """Ask once, however many streams of one person want to know."""
        task = self._judging.get(key)
        if task is None:
            task = asyncio.create_task(self._judged(key, headers, peer))  # noqa: TID251 -- kept below
            self._judging[key] = task
            task.add_done_callback(lambda _: self._judging.pop(key, None))
        return task

    async def _judged(self, key: bytes, headers: Headers, peer: str) -> Verdict:
        while True:
            asked, rechecks = time.monotonic(), self._rechecks
            caller = await asyncio.to_thread(self._identify, headers, peer)
            if rechecks == self._rechecks:  # else the verdict may rest on what was true before
                break
        if len(self._verdicts) >= VERDICTS:
            self._verdicts.clear()
        self._verdicts[key] = (asked + VERDICT_S, caller)
        return caller

    async def _whole(
        self, caller: Caller, kind: Kind, headers: Headers, send: Send, *, body: bool
    ) -> None:
        seen = self._seen_by(caller)
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
        made = self._missed(caller, since)
        if made is None:
            made = encode.compact({"resync": True, "version": self.snapshot.now.number})
        return await _answer(send, 200, made, [(b"cache-control", b"no-cache")])

    async def _one(self, caller: Caller, text: str, send: Send) -> None:
        number = int(text) if text.isdigit() and len(text) < 19 else -1
        theirs = caller.sites is None or number in self._seen_by(caller).now.rows
        row = await asyncio.to_thread(self._detail, number) if number >= 0 and theirs else None
        if row is None:
            return await _answer(send, 404, b'{"error":"no such ONT"}', [])
        if caller.public:
            row = {**row, "customer_id": None, "address": None}
        return await _answer(send, 200, encode.compact(row), [(b"cache-control", b"no-cache")])

    async def _stream(
        self,
        caller: Caller,
        headers: Headers,
        peer: str,
        since: int | None,
        receive: Receive,
        send: Send,
    ) -> None:
        listener = Listener()
        await send(
            {
                "type": "http.response.start",
                "status": 200,
                "headers": [
                    (b"content-type", b"text/event-stream; charset=utf-8"),
                    (b"cache-control", b"no-store"),
                    (b"x-accel-buffering", b"no"),
                    (b"x-content-type-options", b"nosniff"),
                ],
            }
        )
        self.hub.add(listener, public=caller.public, sites=caller.sites)
        self._keep_beating()
        try:
            await _send(send, self._greeting(caller, since))
            async with asyncio.TaskGroup() as group:
                sender = group.create_task(self._send_frames(caller, headers, peer, listener, send))
                await _disconnected(receive, sender)
                sender.cancel()
        finally:
            self.hub.discard(listener)

    def _greeting(self, caller: Caller, since: int | None) -> bytes:
        """`hello`, then what the client missed; anything newer is already in its queue."""
        now = self._seen_by(caller).now
        missed = None if since is None else self._missed(caller, since)
        hello = encode.compact(
            {
                "version": now.number,
                "at": now.at,
                "build": self._build,
                "every": BEAT_S,
                "counts": now.counts,
                "watch": now.watch,
            }
        )
        frames = b"retry: 2000\n\n" + encode.event("hello", hello, since if missed else None)
        if missed is not None:
            frames += encode.event("delta", missed, now.number)
        elif since is not None:
            frames += encode.event("resync", encode.compact({"version": now.number}))
        return frames

    async def _send_frames(
        self, caller: Caller, headers: Headers, peer: str, listener: Listener, send: Send
    ) -> None:
        while True:
            await listener.wake.wait()
            frames, dropped = listener.take()
            if self._closing or await self._caller(headers, peer) != caller:
                break
            if dropped:
                frames = [
                    encode.event("resync", encode.compact({"version": self.snapshot.now.number}))
                ]
            await _send(send, b"".join(frames))
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _disconnected(receive: Receive, sender: "asyncio.Task[None]") -> None:
    """Return when the client is gone or the sender has ended the stream."""
    while not sender.done():
        message = await receive()
        if message["type"] == "http.disconnect":
            return


async def _send(send: Send, body: bytes) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": True})


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


def _proof(headers: Headers) -> bytes:
    """What a verdict is remembered by: what the caller brings to be known by."""
    proof = "\n".join(headers.get(name, "") for name in ("cookie", "authorization", "x-api-key"))
    return hashlib.blake2b(proof.encode("latin-1"), digest_size=16).digest()


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
    return int(value) if value.isdigit() and len(value) < 19 else None
