"""`ronda run`: the parts of an installation as children of one process, kept alive together.

A part that dies is started again, at once the first time and more slowly if it keeps dying. A part
whose parent died ends itself, so that a killed `ronda run` leaves nothing behind.
"""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import structlog

log = structlog.get_logger(__name__)

PARTS = ("web", "watch", "work", "desk")
CALM_AFTER_S = 60.0
LONGEST_PAUSE_S = 20.0
STOP_WITHIN_S = 8.0


@dataclass(slots=True)
class Part:
    """One child: its command, when it started, how often it died in a row."""

    name: str
    command: list[str]
    process: "subprocess.Popen[bytes] | None" = None
    started: float = 0.0
    deaths: int = 0
    shared: tuple[int, ...] = ()
    due: float = field(default=0.0)

    def start(self, now: float) -> None:
        """Start it with a pipe as standard input: its end tells the child that we are gone."""
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, pass_fds=self.shared)  # noqa: S603 -- our own command
        self.started = now
        log.info("part.started", part=self.name, pid=self.process.pid)

    def look(self, now: float) -> None:
        """Start it if it is due; if it has died, say so and set when it is due again."""
        if self.process is None:
            if now >= self.due:
                self.start(now)
            return
        status = self.process.poll()
        if status is None:
            return
        self.deaths = 1 if now - self.started > CALM_AFTER_S else self.deaths + 1
        pause = min(0.25 * 2**self.deaths, LONGEST_PAUSE_S) if self.deaths > 1 else 0.0
        log.error("part.died", part=self.name, status=status, again_in_s=pause)
        self.process = None
        self.due = now + pause


def command_of(part: str, options: Sequence[str] = ()) -> list[str]:
    """The command line of one part of this installation; nothing in the present folder is imported."""
    return [sys.executable, "-P", "-m", "ronda", part, "--with-parent", *options]


@dataclass(frozen=True, slots=True)
class Webs:
    """How many web processes there are, and the bound socket that they share if they are several."""

    count: int = 1
    shared: socket.socket | None = None

    def parts(self, options: Sequence[str]) -> list[Part]:
        """One part for each."""
        if self.shared is None:
            return [Part("web", command_of("web", options))]
        number = self.shared.fileno()
        command = command_of("web", [*options, "--listening", str(number)])
        return [Part("web", command, shared=(number,)) for _ in range(self.count)]


def supervise(
    stop: threading.Event,
    options: Mapping[str, Sequence[str]] | None = None,
    *,
    names: Sequence[str] = PARTS,
    webs: Webs | None = None,
) -> None:
    """Keep every part running until `stop` is set, then end them all.

    `options` are added to the command lines of the parts they are given for.
    """
    children: list[Part] = []
    for name in names:
        given = (options or {}).get(name, ())
        if name == "web":
            children += (webs or Webs()).parts(given)
        else:
            children.append(Part(name, command_of(name, given)))
    try:
        while not stop.is_set():
            for child in children:
                child.look(time.monotonic())
            stop.wait(0.2)
    finally:
        end(children)


def end(children: list[Part]) -> None:
    """Ask every child to stop, and kill those that have not within a few seconds."""
    running = [
        child.process for child in children if child.process and child.process.poll() is None
    ]
    for process in running:
        process.terminate()
    deadline = time.monotonic() + STOP_WITHIN_S
    for process in running:
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def on_signals(act: Callable[[], None]) -> None:
    """Call `act` on Ctrl-C and on a service manager's stop."""

    def received(_signal: int, _frame: object) -> None:
        act()

    signal.signal(signal.SIGINT, received)
    signal.signal(signal.SIGTERM, received)


def end_with_parent() -> None:
    """End this process when its standard input closes, which is when the parent is gone."""

    def wait() -> None:
        # Not through sys.stdin: its lock, held while waiting, breaks the end of the interpreter.
        while os.read(0, 1):
            pass
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(STOP_WITHIN_S)
        os._exit(1)

    threading.Thread(target=wait, name="parent", daemon=True).start()
