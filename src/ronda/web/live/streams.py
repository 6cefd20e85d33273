"""The streams of one process: one encoded frame for all who may see the same, resumed where one left off."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from ronda.web.live import encode
from ronda.web.live.hub import Hub, Listener, Write
from ronda.web.live.quick import WIRE
from ronda.web.live.snapshot import Part, Snapshot
from ronda.web.live.verdicts import Asker, Caller, Verdicts

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

BEAT_S = 15


class Streams:
    """Who listens, and what they are told; for the event loop only."""

    def __init__(self, snapshot: Snapshot, verdicts: Verdicts, build: str) -> None:
        """`build` tells a page that it is older than the server."""
        self.snapshot = snapshot
        self.hub = Hub()
        self._verdicts = verdicts
        self._build = build
        self._told = snapshot.now
        self._closing = False
        self._beat: asyncio.TimerHandle | None = None

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

    def seen_by(self, caller: Caller) -> Snapshot | Part:
        """What of the fleet this caller sees."""
        return self.snapshot if caller.sites is None else self.snapshot.part(caller.sites)

    def missed(self, caller: Caller, since: int) -> bytes | None:
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
        """Send nothing before it was asked again who everybody is."""
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

    async def serve(
        self,
        caller: Caller,
        asker: Asker,
        since: int | None,
        scope: Scope,
        receive: Receive,
        send: Send,
    ) -> None:
        """Answer one request with a stream, until one of both sides ends it."""
        wire: Write | None = scope.get("extensions", {}).get(WIRE)
        stands = self._verdicts.stands

        def at_once(frame: bytes, chunk: bytes) -> bool:
            return (
                wire is not None
                and not self._closing
                and stands(asker, caller, time.monotonic())
                and wire(frame, chunk)
            )

        listener = Listener(at_once)
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
                sender = group.create_task(self._send_frames(caller, asker, listener, send))
                await _disconnected(receive, sender)
                sender.cancel()
        finally:
            self.hub.discard(listener)

    def _greeting(self, caller: Caller, since: int | None) -> bytes:
        """`hello`, then what the client missed; anything newer is already in its queue."""
        now = self.seen_by(caller).now
        missed = None if since is None else self.missed(caller, since)
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
        self, caller: Caller, asker: Asker, listener: Listener, send: Send
    ) -> None:
        while True:
            frames, dropped = await listener.take()
            if self._closing or await self._verdicts.of(asker) != caller:
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
