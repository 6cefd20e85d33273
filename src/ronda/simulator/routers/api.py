"""The binary API of one virtual router, one object per connection.

Each reply of a command is handed to the transport whole: some clients lose sync when the words of
a sentence arrive one by one, which only a fault does. Commands of one connection run at the same
time by tag; streams end by `/cancel`.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import md5
from typing import cast

from ronda.simulator.routers import traps
from ronda.simulator.routers.commands import Answer, Repeat, Watch, parsed
from ronda.simulator.routers.faults import Kind
from ronda.simulator.routers.outlet import NOTHING, Outlet
from ronda.simulator.routers.replies import RE, Frame, cut, fatal, row_words
from ronda.simulator.routers.serving import Door
from ronda.simulator.routers.sessions import (
    Session,
    admitted,
    allowed,
    log_in,
    log_out,
    wrong_password,
)
from ronda.simulator.routers.spoiling import send, work_takes
from ronda.simulator.routers.store import Row
from ronda.simulator.routers.wire import Decoder, NotTheProtocol, to_bytes, to_text

STRANGER_WORD = 0x4000
WEB_PAGE = (
    b"HTTP/1.0 400 Bad Request\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n"
    b"<html><head><title>Error 400: Bad Request</title></head></html>\r\n"
)


@dataclass(eq=False)
class Running:
    """One command that has not ended."""

    command: str
    words: list[str]
    frame: Frame
    tag: bytes | None
    stop: Callable[[], None] = field(default=lambda: None)
    timer: asyncio.TimerHandle | None = None

    def end(self) -> None:
        """It goes no further."""
        if self.timer is not None:
            self.timer.cancel()
        self.stop()


class ApiConnection(asyncio.Protocol):
    """One client of the API, logged in or not."""

    def __init__(self, door: Door) -> None:
        self.door = door
        self.router = door.router
        self.session: Session | None = None
        self._decoder = Decoder(longest=STRANGER_WORD)
        self._running: list[Running] = []
        self._mute = False
        self._received_limit: int | None = None
        self._challenge = b""
        self._service: Row | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody connects: is he let in, and what goes wrong already?"""
        self._loop = asyncio.get_running_loop()
        self._transport = cast("asyncio.Transport", transport)
        self.out = Outlet(self._transport, self._loop)
        peer = transport.get_extra_info("peername") or ("127.0.0.1", 0)
        self.address: str = peer[0]
        door, faults = self.door, self.router.faults
        service = self.router.menus["/ip/service"].find(name=door.service)
        if self._turned_away(service) or faults.take(Kind.RESET):
            self.out.close(reset=True)
            return
        door.connections.add(self)
        self._service = door.listed(self.address, peer[1])
        if faults.take(Kind.HANG):
            self._mute = True
        ends = faults.take(Kind.CUT)
        if ends:
            self.out.limit_by_reset = bool(ends["rst"])
            self.out.limit = ends["sent"] if ends["sent"] >= 0 else None
            self._received_limit = ends["received"] if ends["received"] >= 0 else None
        garbage = faults.take(Kind.GARBAGE)
        if garbage:
            self.out.send([faults.noise(garbage["bytes"])])

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone."""
        self.door.connections.discard(self)
        self.out.drop()
        for running in list(self._running):
            running.end()
        self._running.clear()
        if self.session is not None:
            log_out(self.router, self.session)
        self.door.unlist(self._service)

    def data_received(self, data: bytes) -> None:
        """Bytes, split anywhere."""
        if self._mute or self._transport.is_closing():
            return
        if self.router.faults.take(Kind.HTTP):
            self.out.send([WEB_PAGE], then=self.out.close)
            return
        last = False
        if self._received_limit is not None:
            data = data[: self._received_limit]
            self._received_limit -= len(data)
            last = not self._received_limit
        try:
            for sentence in self._decoder.feed(data):
                if self._transport.is_closing() or self._mute:
                    return
                self._hear(sentence)
        except NotTheProtocol:
            self.out.close()
        if last:
            self.out.close(reset=self.out.limit_by_reset)

    def end(self, *, reason: str | None, reset: bool = False) -> None:
        """The router ends it."""
        if reason is not None:
            self._transport.write(fatal(reason))
        self.out.close(reset=reset)

    def _turned_away(self, service: Row | None) -> bool:
        if service is None:
            return False
        limit = int(service.get("max-sessions", "0"))
        full = limit and self.router.profile.since(7, 16) and len(self.door.connections) >= limit
        return bool(full) or not allowed(service, self.address)

    def _hear(self, sentence: list[bytes]) -> None:
        """One sentence: a login, a word to the connection itself, or a command."""
        tag = next((word for word in sentence if word.startswith(b".tag=")), None)
        words = [to_text(word) for word in sentence if not word.startswith(b".tag=")]
        command = words.pop(0) if words else ""
        frame = Frame(tag, last=self.router.tag_last)
        if command == "/login":
            self._schedule(Running(command, words, frame, tag), self._log_in)
        elif self.session is None:
            self._say_goodbye("not logged in")
        elif command == "/quit":
            self._say_goodbye("session terminated on request")
        elif command == "/cancel":
            self._schedule(Running(command, words, frame, tag), self._cancel)
        else:
            self._schedule(Running(command, words, frame, tag), self._execute)

    def _schedule(self, running: Running, work: Callable[[Running], None]) -> None:
        """Do it when the router gets to it."""
        self._running.append(running)
        serving = self.door.serving
        cost = work_takes(serving, running.command, self._loop.time())
        if not cost:
            work(running)
            return
        start = max(self._loop.time(), serving.busy_until)
        serving.busy_until = start + cost
        running.timer = self._loop.call_at(serving.busy_until, work, running)

    def _execute(self, running: Running) -> None:
        """Do a command and answer it."""
        running.timer = None
        faults, command = self.router.faults, running.command
        close = faults.take(Kind.CLOSE, command) if faults else None
        if close and close["at"] == "before":
            self.out.close(reset=close["rst"])
            return
        silence = faults.take(Kind.NO_REPLY, command) if faults else None
        if silence and not silence["applied"]:
            return
        reply = self._done(running)
        if reply is None:
            return
        if silence:
            return
        self._running.remove(running)
        if close:
            reset = bool(close["rst"])
            self.out.send([cut(reply, close["at"])], then=lambda: self.out.close(reset=reset))
            return
        self._send(running, reply, then=self._restart if self.router.wants_reboot else NOTHING)

    def _done(self, running: Running) -> bytes | None:
        """The whole reply, None for a stream that has begun."""
        assert self.session is not None  # noqa: S101 -- _hear lets nobody else in
        trap = self.router.faults.take(Kind.TRAP, running.command) if self.router.faults else None
        if trap:
            return running.frame.trap(traps.Trap(trap["message"], trap["category"] or None))
        try:
            outcome = self.router.execute(running.command, running.words, self.session)
        except traps.Trap as refused:
            return running.frame.trap(refused)
        if isinstance(outcome, Answer):
            return running.frame.answer(outcome, has_empty=self.router.profile.since(7, 18))
        if isinstance(outcome, Watch):
            self._watch(running, outcome)
        else:
            self._repeat(running, outcome)
        return None

    def _watch(self, running: Running, watch: Watch) -> None:
        frame = running.frame

        def tell(row: Row, dead: bool) -> None:
            if dead:
                self._send(running, frame.dead(row))
            elif watch.test(row):
                words = row_words(row, watch.properties, watch.hide)
                self._send(running, frame.sentence(RE, words))

        watch.menu.listeners.append(tell)
        running.stop = lambda: watch.menu.listeners.remove(tell)

    def _repeat(self, running: Running, repeat: Repeat) -> None:
        left = repeat.times

        def again() -> None:
            nonlocal left
            self.router.tick()
            try:
                answer = repeat.ask()
            except traps.Trap as refused:
                self._running.remove(running)
                self._send(running, running.frame.trap(refused))
                return
            self._send(running, running.frame.rows(answer))
            if left is not None:
                left -= 1
                if not left:
                    self._running.remove(running)
                    self._send(running, running.frame.done())
                    return
            running.timer = self._loop.call_later(repeat.every, again)

        again()

    def _cancel(self, running: Running) -> None:
        """End one command, or all of them, with `interrupted`."""
        self._running.remove(running)
        values, _ = parsed(running.words)
        tag = values.get("tag")
        wanted = None if tag is None else b".tag=" + to_bytes(tag)
        ended = [one for one in self._running if wanted is None or one.tag == wanted]
        for one in ended:
            self._running.remove(one)
            one.end()
            self._send(one, one.frame.trap(traps.interrupted()))
        if not ended and tag is not None:
            trap = traps.no_such_item(self.router.profile.version)
            self._send(running, running.frame.trap(trap))
            return
        self._send(running, running.frame.done())
        for one in ended:
            late = self.router.faults.take(Kind.LATE, one.command)
            if late:
                row = one.frame.rows(Answer([{".id": "*7FFF"}])) + one.frame.done()
                self.out.send([row], delay=late["ms"] / 1000)

    def _send(self, running: Running, reply: bytes, *, then: Callable[[], None] = NOTHING) -> None:
        """Hand a reply out, with everything that goes wrong on the way."""
        as_attribute = self.router.fatal_as_attribute
        send(
            self.out,
            self.router.faults,
            running.command,
            reply,
            then=then,
            fatal_as_attribute=as_attribute,
        )

    def _say_goodbye(self, reason: str) -> None:
        word = fatal(reason, as_attribute=self.router.fatal_as_attribute)
        self.out.send([word], then=self.out.close)

    def _restart(self) -> None:
        self.router.wants_reboot = False
        self.door.serving.reboot()

    def _log_in(self, running: Running) -> None:
        """Both forms: name and password at once, and before 6.43 the answer to a challenge."""
        self._running.remove(running)
        values, _ = parsed(running.words)
        if self.router.faults.take(Kind.WRONG_PASSWORD):
            self._send(running, running.frame.trap(wrong_password(self.router)))
            return
        try:
            if self.router.profile.since(6, 43):
                session = self._checked(values)
            elif "response" in values:
                session = self._challenged(values)
            else:
                self._challenge = self.router.random.randbytes(16)
                self._send(running, running.frame.done(self._challenge.hex()))
                return
        except traps.Trap as refused:
            self._send(running, running.frame.trap(refused))
            return
        if self.session is not None:
            log_out(self.router, self.session)
        self.session = session
        self._decoder.longest = Decoder().longest
        self._send(running, running.frame.done())

    def _checked(self, values: dict[str, str]) -> Session:
        return log_in(
            self.router,
            values.get("name", ""),
            values.get("password", ""),
            address=self.address,
            via="api",
            policy="api",
        )

    def _challenged(self, values: dict[str, str]) -> Session:
        row = self.router.menus["/user"].find(name=values.get("name", ""))
        if row is None or not self._challenge or not allowed(row, self.address):
            raise wrong_password(self.router)
        secret = to_bytes(row.hidden.get("password", ""))
        proof = md5(b"\0" + secret + self._challenge, usedforsecurity=False).hexdigest()
        self._challenge = b""
        if values["response"] != f"00{proof}":
            raise wrong_password(self.router)
        return admitted(self.router, row, address=self.address, via="api", policy="api")
