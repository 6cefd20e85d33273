"""The prober as an operating-system process of its own, and its handle in the process that asks.

When the child dies or hangs, the one who asks is told by a fatal Trouble, and another is started
with the same targets, at once the first time and then at growing distances.
"""

import contextlib
import math
import multiprocessing
import os
import threading
import time
from array import array
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import replace
from queue import SimpleQueue
from typing import Any, Self

from ronda.probing.child import Settings, run_child, write_all
from ronda.probing.fleet import LARGEST_KEY
from ronda.probing.methods import Choice, MethodRefused, Wanted
from ronda.probing.port import Report, SweepDone, Trouble
from ronda.probing.sockets import WANTED_BUFFER

_START_PATIENCE = 20.0
# The child says something at least every second; silence this long is a hang.
_HANG = 20.0
_PAUSES = (0.0, 1.0, 5.0, 15.0, 30.0)


def start_prober(
    *,
    interval: float = 30.0,
    timeout: float = 1.0,
    max_pps: float = math.inf,
    method: Wanted = "auto",
    buffer: int = WANTED_BUFFER,
    loopback_names: bool = False,
) -> "ProcessProber":
    """Start a prober process and return its handle; `interval` and `timeout` in seconds.

    Never more than `max_pps` probes leave per second; a fleet too large for that is swept in rounds
    longer than the interval, and a Trouble says so.

    Raises:
        MethodRefused: the method asked for is not to be had on this system.
        RuntimeError: the process did not come up.
    """
    return ProcessProber(Settings(method, interval, timeout, max_pps, buffer, loopback_names))


class ProcessProber:
    """The port's Prober in front of the process; use it from one thread."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._keys = array("I")
        self._addresses: tuple[str, ...] = ()
        self._quiet = bytearray()  # by key: 1 is steady
        self._canaries: tuple[dict[int, str], float] = ({}, 5.0)
        self._pending: deque[Report] = deque()
        self._deaths = 0
        self._died_at = 0.0
        self._restart_at: float | None = None
        self._closed = False
        self._start()

    # -- the child -----------------------------------------------------------------------------

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(
            target=run_child,
            args=(theirs, self._settings, os.getpid()),
            name="ronda-prober",
            daemon=True,
        )
        self._process.start()
        theirs.close()
        self._outbox: SimpleQueue[Any] = SimpleQueue()
        threading.Thread(
            target=write_all,
            args=(self._connection, self._outbox),
            name="ronda-prober-requests",
            daemon=True,
        ).start()
        self._choice = self._greeting()
        self._heard_at = self._looked_at = time.monotonic()
        self._restart_at = None
        self._repeat_requests()

    def _greeting(self) -> Choice:
        hello: Any = None
        with contextlib.suppress(EOFError, OSError):
            if self._connection.poll(_START_PATIENCE):
                hello = self._connection.recv()
        if isinstance(hello, Choice):
            return hello
        self._end_child()
        if isinstance(hello, str):
            raise MethodRefused(hello)
        raise RuntimeError("the prober process did not start")

    def _repeat_requests(self) -> None:
        if len(self._keys):
            self._send_fleet()
            self._send("steady", _keys_where(self._quiet, 1))
        if self._canaries[0]:
            self._send("canaries", *self._canaries)

    def _send_fleet(self) -> None:
        # Two flat objects travel ten times faster than a mapping of a million strings.
        self._send("watch", self._keys, "\n".join(self._addresses))

    def _send(self, *request: Any) -> None:
        if not self._closed and self._restart_at is None:
            self._outbox.put(request)

    def _end_child(self) -> None:
        self._outbox.put(None)  # its thread ends, however often a child dies
        self._process.kill()
        self._process.join(5.0)
        self._connection.close()

    # -- the port --------------------------------------------------------------------------------

    @property
    def method(self) -> str:
        """How the child probes."""
        return self._choice.method

    @property
    def choice(self) -> Choice:
        """How the child probes, why so, and what would be better."""
        return self._choice

    @property
    def pid(self) -> int | None:
        """The process id of the child."""
        return self._process.pid

    def watch(self, targets: Mapping[int, str]) -> None:
        """Replace the fleet; see the port.

        Raises:
            ValueError: a key is negative or too large for a column.
        """
        keys = array("I") if not targets else _checked(targets)
        kept = bytearray(max(keys, default=-1) + 1)
        before = dict(zip(self._keys, self._addresses, strict=True))
        for key in _keys_where(self._quiet, 1):
            if targets.get(key) is not None and before.get(key) == targets[key]:
                kept[key] = 1
        self._keys, self._addresses, self._quiet = keys, tuple(targets.values()), kept
        self._send_fleet()

    def steady(self, keys: Iterable[int]) -> None:
        """Report these keys' replies in the column only."""
        self._set_quiet("steady", keys, 1)

    def unsteady(self, keys: Iterable[int]) -> None:
        """Report every reading of these keys."""
        self._set_quiet("unsteady", keys, 0)

    def _set_quiet(self, request: str, keys: Iterable[int], value: int) -> None:
        known = array("I", [key for key in keys if 0 <= key < len(self._quiet)])
        for key in known:
            self._quiet[key] = value
        if known:
            self._send(request, known)

    def again(self, keys: Iterable[int], after: float) -> None:
        """Probe each key once more; forgotten if the child dies before."""
        self._send("again", array("I", keys), after)

    def pace(self, interval: float) -> None:
        """Set the length of the rounds."""
        self._settings = replace(self._settings, interval=interval)
        self._send("pace", interval)

    def canaries(self, targets: Mapping[int, str], every: float) -> None:
        """Replace the canaries."""
        self._canaries = (dict(targets), every)
        self._send("canaries", *self._canaries)

    def reports(self, wait: float) -> list[Report]:
        """Return what came, oldest first; block at most `wait` seconds (longer on a restart)."""
        if self._closed:
            return []
        if self._restart_at is not None:
            self._restart_when_due(wait)
        else:
            self._read(wait)
        reports = list(self._pending)
        self._pending.clear()
        return reports

    def _read(self, wait: float) -> None:
        before = self._looked_at
        deadline = time.monotonic() + wait
        try:
            while self._connection.poll(max(0.0, deadline - time.monotonic())):
                self._hear(self._connection.recv())
                if self._pending:
                    deadline = 0.0  # What is there already comes along, nothing more is waited for.
        except (EOFError, OSError):
            self._process.join(1.0)
            self._bury(f"the prober process ended (exit code {self._process.exitcode})")
            return
        self._looked_at = time.monotonic()
        # Only an owner who looks often can tell a hang from its own absence.
        if self._looked_at - self._heard_at > _HANG and self._looked_at - before < _HANG / 2:
            self._bury(f"the prober process has not moved for {_HANG:.0f} s")

    def _hear(self, message: Report | None) -> None:
        self._heard_at = time.monotonic()
        if message is None:
            return
        if isinstance(message, SweepDone):
            self._settings = replace(self._settings, first_number=message.number + 1)
            self._deaths = 0
        self._pending.append(message)

    def _bury(self, text: str) -> None:
        self._end_child()
        pause = _PAUSES[min(self._deaths, len(_PAUSES) - 1)]
        self._deaths += 1
        self._restart_at = time.monotonic() + pause
        self._pending.append(Trouble(time.time(), f"{text}; it is started again", fatal=True))

    def _restart_when_due(self, wait: float) -> None:
        assert self._restart_at is not None  # noqa: S101 -- the only caller has looked
        left = self._restart_at - time.monotonic()
        if left > wait:
            time.sleep(wait)
            return
        time.sleep(max(0.0, left))
        try:
            self._start()
        except (RuntimeError, OSError) as failed:
            self._restart_at = None
            self._bury(f"the prober process cannot be started: {failed}")
        else:
            self._pending.append(
                Trouble(time.time(), f"the prober runs again ({self.method})", fatal=False)
            )

    def close(self) -> None:
        """End the child and free everything."""
        if self._closed:
            return
        self._send("close")
        self._closed = True
        if self._restart_at is not None:
            return
        self._process.join(2.0)
        self._end_child()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _checked(targets: Mapping[int, str]) -> "array[int]":
    if min(targets) < 0 or max(targets) > LARGEST_KEY:
        raise ValueError(f"keys of a fleet are from 0 to {LARGEST_KEY}")
    return array("I", targets)


def _keys_where(marks: bytearray, value: int) -> "array[int]":
    return array("I", [key for key, mark in enumerate(marks) if mark == value])
