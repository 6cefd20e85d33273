"""One connection of the RouterOS API: tags, replies in any order, deadlines, and the way it ends.

Guarantees: every awaited command ends, with its answer or a `RouterError`; a command nobody waits
for any more is cancelled on the router and its late replies are swallowed, so that the connection
stays in step; what is held in memory is bounded whatever the router sends.
"""

import asyncio
import socket
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import cast

import structlog

from ronda.routeros.commands import Command
from ronda.routeros.errors import (
    Outcome,
    RouterClosed,
    RouterError,
    RouterSpokeNonsense,
    RouterTimedOut,
    RouterUnreachable,
)
from ronda.routeros.parser import Parser, Sentence
from ronda.routeros.port import Reply, Row
from ronda.routeros.refusals import meaning_of
from ronda.routeros.window import Window
from ronda.routeros.words import sentence

log = structlog.get_logger(__name__)

LARGEST_REPLY = 64 * 1024 * 1024
"""Bytes of all rows of one command; 10,000 users take about 3 MB."""

LONGEST_IN_SILENCES = 12
"""A command that goes on sending rows may take this many times its time."""

_KEEPALIVE = {"TCP_KEEPIDLE": 30, "TCP_KEEPINTVL": 10, "TCP_KEEPCNT": 3}


class Connection(asyncio.Protocol):
    """Made by `loop.create_connection`; `timeout` bounds each single wait, in seconds."""

    def __init__(self, timeout: float, *, name: str = "") -> None:
        self.window = Window()
        self._timeout = timeout
        self._name = name
        self._loop = asyncio.get_running_loop()
        self._parser = Parser()
        self._transport: asyncio.Transport | None = None
        self._ended: asyncio.Future[None] = self._loop.create_future()
        self._error: RouterError | None = None
        self._tags = 0
        self._pending: dict[str, Command] = {}
        self._waiting: deque[Command] = deque()
        self._busy = 0  # commands under way that count for the window: all but streams and cancels
        self._pump_due = False
        self._paused = False

    # What the event loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Small sentences leave at once, and a peer that vanished is noticed by keepalive."""
        self._transport = cast("asyncio.Transport", transport)
        plug = transport.get_extra_info("socket")
        if plug is not None and plug.family in {socket.AF_INET, socket.AF_INET6}:
            plug.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            plug.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            for option, value in _KEEPALIVE.items():
                if hasattr(socket, option):
                    plug.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)

    def data_received(self, data: bytes) -> None:
        """Give every sentence to the command it answers."""
        if self._error is not None:
            return
        run: Command | None = None
        try:
            for said in self._parser.feed(data):
                # Most of what comes is rows, and those of one command come in runs.
                if run is not None and said[0] == "!re" and said[1] == run.tag:
                    run.rows.append(said[2])
                    run.size += said[4]
                else:
                    run = self._take(said)
        except RouterError as error:
            self.fail(error)
            return
        self._pump()

    def eof_received(self) -> bool:
        """The router closed its half: nothing more will come."""
        self.fail(RouterUnreachable("the router closed the connection"))
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """The socket is gone."""
        why = f": {exc}" if exc else ""
        self.fail(RouterUnreachable(f"the connection was lost{why}"))
        if not self._ended.done():
            self._ended.set_result(None)

    def pause_writing(self) -> None:
        """The router does not read: what is not sent yet waits."""
        self._paused = True

    def resume_writing(self) -> None:
        """The router reads again."""
        self._paused = False
        self._pump()

    # What links call.

    @property
    def alive(self) -> bool:
        """False once the connection is known to be gone."""
        return self._error is None

    @property
    def certificate(self) -> bytes | None:
        """The peer's certificate in DER; None without TLS, or where it showed none."""
        tls = self._transport and self._transport.get_extra_info("ssl_object")
        return tls.getpeercert(binary_form=True) if tls else None

    async def ask(self, words: list[bytes], *, within: float | None = None) -> Reply:
        """Send one command and wait for its `!done`.

        `within` bounds all of it, waiting for the window included. Without it, the usual timeout
        bounds every silence of the router. Cancelled, the command is cancelled on the router.

        Raises:
            RouterError: it was refused, or the connection failed.
        """
        if self._error is not None:
            raise _same(self._error, Outcome.FAILED)
        future: asyncio.Future[str | None] = self._loop.create_future()
        command = Command(
            words,
            tag=self._tag(),
            within=within or self._timeout,
            whole=within is not None,
            future=future,
        )
        if command.whole:
            command.timer = self._loop.call_later(command.within, self._late, command)
        self._waiting.append(command)
        self._pump_soon()
        try:
            ret = await future
        finally:
            if not future.done() or future.cancelled():
                self._abandon(command)
            else:
                future.exception()  # seen, also where the caller was cancelled meanwhile
        return Reply(command.rows, ret)

    def start(
        self,
        words: list[bytes],
        on_row: Callable[[Row], None],
        future: "asyncio.Future[str | None]",
    ) -> Callable[[], None]:
        """Send a command that goes on; the callable that is returned cancels it."""
        if self._error is not None:
            raise _same(self._error, Outcome.FAILED)
        command = Command(
            words, tag=self._tag(), within=0, whole=False, future=future, on_row=on_row
        )
        self._send([command])
        return lambda: self._abandon(command)

    def fail(self, error: RouterError) -> None:
        """End the connection; every command that waits gets the error. The first error counts."""
        if self._error is not None:
            return
        self._error = error
        commands = [*self._pending.values(), *self._waiting]
        self._pending.clear()
        self._waiting.clear()
        for command in commands:
            _stop_timer(command)
            if command.future is not None and not command.future.done():
                command.future.set_exception(_same(error, _outcome(command)))
        if self._transport is not None:
            self._transport.abort()

    def drop(self) -> None:
        """Cut the connection at once."""
        self.fail(RouterUnreachable("the connection was closed"))

    async def close(self) -> None:
        """End the session; what is under way gets `RouterUnreachable`."""
        transport, self._transport = self._transport, None
        self.fail(RouterUnreachable("the connection was closed"))
        if transport is None:
            return
        transport.close()
        try:
            async with asyncio.timeout(min(self._timeout, 2.0)):
                await asyncio.shield(self._ended)
        except TimeoutError:
            transport.abort()

    # Sending.

    def _tag(self) -> str:
        self._tags += 1
        return str(self._tags)

    def _pump_soon(self) -> None:
        # Commands that are asked in one turn of the loop leave in one write; a window that they
        # fill leaves at once, since a turn in which a thousand are asked takes its time.
        if self._busy < self.window.size <= self._busy + len(self._waiting):
            self._pump()
        elif not self._pump_due:
            self._pump_due = True
            self._loop.call_soon(self._pump)

    def _pump(self) -> None:
        self._pump_due = False
        ready = []
        room = self.window.size - self._busy
        while room > 0 and self._waiting and not self._paused:
            command = self._waiting.popleft()
            if command.waited_for:
                ready.append(command)
                room -= 1
        if ready and self._error is None:
            self._busy += len(ready)
            self._send(ready)

    def _send(self, commands: Sequence[Command]) -> None:
        now = time.monotonic()
        parts = []
        for command in commands:
            command.began = command.heard = now
            self._pending[command.tag] = command
            parts.append(sentence([*command.words, b".tag=%b" % command.tag.encode()]))
            command.words = []  # what was sent may hold a password, and is not needed any more
            if command.timer is None and command.within:
                command.timer = self._loop.call_later(command.within, self._late, command)
        if self._transport is not None:
            self._transport.write(b"".join(parts))

    # Replies.

    def _take(self, said: Sentence) -> Command | None:
        """Do what a reply says; the command whose rows may follow without coming through here."""
        if said.reply == "!fatal":
            text = said.values.get("message") or (said.loose[0] if said.loose else "")
            raise RouterClosed(text or "the router ended the session")
        command = self._addressed(said)
        if command is None:
            return None
        if said.reply == "!re":
            return self._row(command, said)
        if said.reply == "!done":
            self._done(command, said.values.get("ret"))
        elif said.reply == "!trap":
            if command.refusal is None:
                command.refusal = _refusal(said, command)
        elif said.reply != "!empty":
            log.warning("routeros.unknown_reply", router=self._name, word=said.reply[:40])
        return None

    def _addressed(self, said: Sentence) -> Command | None:
        """The command a reply is for; an untagged one is for the only one there is, if so."""
        if said.tag is not None:
            return self._pending.get(said.tag)
        if len(self._pending) == 1:
            return next(iter(self._pending.values()))
        return None

    def _row(self, command: Command, said: Sentence) -> Command | None:
        command.heard = time.monotonic()
        if not command.waited_for:
            return None
        if command.on_row is not None:
            command.on_row(said.values)
            return None
        command.size += said.size
        if command.size > LARGEST_REPLY:
            raise RouterSpokeNonsense(f"the reply to {command.path} does not end")
        command.rows.append(said.values)
        return command

    def _done(self, command: Command, ret: str | None) -> None:
        del self._pending[command.tag]
        _stop_timer(command)
        if command.on_row is None:
            self._busy -= 1
        if command.waited_for and command.future is not None:
            if command.refusal is not None:
                command.future.set_exception(command.refusal)
            else:
                command.future.set_result(ret)
            if not command.rows and command.on_row is None:
                self.window.answered(time.monotonic() - command.began, full=bool(self._waiting))

    # Commands that end early.

    def _late(self, command: Command) -> None:
        now = time.monotonic()
        if command.began and not command.whole:
            quiet_until = command.heard + command.within
            if command.heard > command.began and (
                now < quiet_until and now < command.began + LONGEST_IN_SILENCES * command.within
            ):
                command.timer = self._loop.call_later(quiet_until - now, self._late, command)
                return
        self.window.stalled()
        if command.future is not None and not command.future.done():
            command.future.set_exception(
                command.refusal
                or RouterTimedOut(
                    f"no answer to {command.path} within {command.within:g} s",
                    outcome=_outcome(command),
                )
            )
        self._abandon(command)

    def _abandon(self, command: Command) -> None:
        """Nobody waits any more: tell the router, and keep the tag until its last reply came."""
        _stop_timer(command)
        command.rows = []
        if command.tag not in self._pending or self._error is not None:
            return
        if command.future is None:
            return
        command.future = None
        command.timer = self._loop.call_later(self._timeout, self._never_ended)
        # The cancel has a tag of its own that is not kept, so that its replies are passed over.
        words = [b"/cancel", b"=tag=%b" % command.tag.encode(), b".tag=%b" % self._tag().encode()]
        if self._transport is not None:
            self._transport.write(sentence(words))

    def _never_ended(self) -> None:
        self.fail(RouterTimedOut("the router stopped answering on this connection"))


def _stop_timer(command: Command) -> None:
    if command.timer is not None:
        command.timer.cancel()
        command.timer = None


def _refusal(said: Sentence, command: Command) -> RouterError:
    category = said.values.get("category", "")
    return meaning_of(
        said.values.get("message") or (said.loose[0] if said.loose else "the router said no"),
        category=int(category) if category.isascii() and category.isdecimal() else None,
        command=command.path,
    )


def _outcome(command: Command) -> Outcome:
    sent = command.began > 0
    return Outcome.UNKNOWN if sent and not command.reads else Outcome.FAILED


def _same(error: RouterError, outcome: Outcome) -> RouterError:
    """The error again, for one more command: an exception is raised at one place only."""
    return type(error)(error.text, outcome=outcome)
