"""A fibre that is real to the kernel: a TUN interface behind which every address answers ping.

The packets of the ordinary prober (and of `ping` and `fping`) leave through the kernel's own
routing into a process that answers each after the scenario's delay, or never. The process is a
child: it ends when closed, when its parent dies, and the interface ends with it.

A queue of `queue` packets holds a burst while Python answers at some 100,000 packets/s; a short
queue drops like a real one (docs/decisions/simulated-fibre.md has the figures).
"""

import multiprocessing
import os
import random  # noqa: TID251 -- seeded simulation
import select
import signal
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from heapq import heappop, heappush
from multiprocessing.connection import Connection
from typing import Any, Self

from ronda.simulator import echo, tun
from ronda.simulator.farend import FarEnd
from ronda.simulator.line import Still, World
from ronda.simulator.network import TEST_PREFIX, Layout
from ronda.simulator.tun import FibreUnavailable

__all__ = ["Fibre", "FibreUnavailable", "Tally", "can_open"]

START_SECONDS = 20.0
ANSWER_SECONDS = 10.0
LONGEST_WAIT = 1.0
BURST = 64
DEFAULT_QUEUE = 20_000
ENDED = "The process of the simulated fibre has ended."


def can_open() -> str | None:
    """Why no fibre can be opened here, with the fix; None when one can."""
    return tun.why_not()


@dataclass(frozen=True, slots=True)
class Tally:
    """What the fibre has seen: requests asked, answered and left silent, and its own lateness.

    `late_us` is the worst delay of one reply beyond what the scenario wanted, since the last tally.
    """

    asked: int
    answered: int
    silent: int
    late_us: int


@dataclass(frozen=True, slots=True)
class _Order:
    """What the child is told at its start."""

    world: World
    layout: Layout
    seed: int
    queue: int
    ipv6: bool
    namespace: str | None
    name: str


class Fibre:
    """A running fibre; a context manager. Addresses are literals of either family, or indices."""

    def __init__(
        self,
        world: World | None = None,
        *,
        layout: Layout | None = None,
        seed: int = 1,
        queue: int = DEFAULT_QUEUE,
        ipv6: bool = True,
        namespace: str | None = None,
        name: str = "ronda%d",
    ) -> None:
        """Open the interface and answer from now on; without a world, everything answers in 5 ms.

        Raises:
            FibreUnavailable: it cannot be opened; the text says why and what helps.
        """
        self.layout = layout or Layout(TEST_PREFIX)
        self._lock = threading.Lock()
        order = _Order(world or Still(), self.layout, seed, queue, ipv6, namespace, name)
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(
            target=_serve, args=(order, theirs, os.getpid()), name="ronda-fibre", daemon=True
        )
        self._process.start()
        theirs.close()
        try:
            heard: tuple[str, bool, float] = self._heard(START_SECONDS)
            self.interface, self.has_ipv6, self._started = heard
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    @property
    def pid(self) -> int:
        """The process that answers."""
        return self._process.pid or 0

    def since(self) -> float:
        """Seconds since the scenario's start, as the fibre counts them."""
        return time.monotonic() - self._started

    def cut(self, addresses: Iterable[str | int]) -> None:
        """These are silent from now on."""
        self._do("cut", self._indices(addresses))

    def mend(self, addresses: Iterable[str | int] | None = None) -> None:
        """These answer again, or all that were cut by hand."""
        self._do("mend", self._indices(addresses))

    def loss(self, share: float, addresses: Iterable[str | int] | None = None) -> None:
        """Lose this share of the probes, 0 to 1, on these lines or on all."""
        self._do("loss", share, self._indices(addresses))

    def delay(
        self,
        delay_ms: float,
        jitter_ms: float = 0.0,
        addresses: Iterable[str | int] | None = None,
    ) -> None:
        """Let replies take so long, and up to `jitter_ms` more, on these lines or on all."""
        self._do("delay", delay_ms, jitter_ms, self._indices(addresses))

    def blind(self, on: bool = True) -> None:
        """While on, nothing answers, canaries included."""
        self._do("blind", on)

    def clear(self) -> None:
        """Forget everything set by hand: only the scenario counts again."""
        self._do("clear")

    def clock(self, since: float) -> None:
        """Move the scenario to so many seconds after its start; it goes on from there."""
        self._started = self._do("clock", since)

    def tally(self) -> Tally:
        """What was asked and answered up to now."""
        return Tally(*self._do("tally"))

    def close(self) -> None:
        """Take the interface away; calling it twice is fine."""
        self._pipe.close()
        self._process.join(5)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()

    def _indices(self, addresses: Iterable[str | int] | None) -> list[int] | None:
        if addresses is None:
            return None
        found = []
        for address in addresses:
            index = address if isinstance(address, int) else self.layout.index(address)
            if index is None:
                raise ValueError(f"{address} is not on this fibre ({self.layout.prefix})")
            found.append(index)
        return found

    def _do(self, command: str, *values: Any) -> Any:
        """Have the child do it; returns when it is in force."""
        with self._lock:
            try:
                self._pipe.send((command, values))
            except OSError as error:
                raise FibreUnavailable(ENDED) from error
            return self._heard(ANSWER_SECONDS)

    def _heard(self, seconds: float) -> Any:
        try:
            if not self._pipe.poll(seconds):
                raise FibreUnavailable(f"The simulated fibre did not answer within {seconds:g} s.")
            value = self._pipe.recv()
        except (EOFError, OSError) as error:
            raise FibreUnavailable(ENDED) from error
        if isinstance(value, Exception):
            raise value
        return value


def _serve(order: _Order, pipe: Connection, parent: int) -> None:
    """Answer until the pipe is closed from the other side or the parent is gone."""
    # Ctrl-C reaches the whole group of the terminal; it is the parent who decides.
    # Ctrl-C and a service manager's stop reach the whole group; the parent hears them and closes us.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        if order.namespace:
            tun.enter_namespace(order.namespace)
        descriptor, name = tun.open_device(order.name)
        has_ipv6 = tun.bring_up(name, order.layout, queue=order.queue, ipv6=order.ipv6)
    except FibreUnavailable as refusal:
        pipe.send(refusal)
        return
    tun.wake_punctually()
    answerer = _Answerer(order, descriptor)
    pipe.send((name, has_ipv6, answerer.started))
    while os.getppid() == parent:
        ready, _, _ = select.select((descriptor, pipe.fileno()), (), (), answerer.wait())
        if pipe.fileno() in ready:
            try:
                command, values = pipe.recv()
            except (EOFError, OSError):
                return
            pipe.send(answerer.do(command, values))
        answerer.reply_due()
        if descriptor in ready:
            answerer.take_burst()


class _Answerer:
    """Takes requests off the interface and puts each reply back when it is due.

    `select` with its microseconds and not `epoll`, whose Python interface waits whole milliseconds:
    the descriptors are two, and the delay is what is being simulated.
    """

    def __init__(self, order: _Order, descriptor: int) -> None:
        self.started = time.monotonic()
        self._far_end = FarEnd(order.world, random.Random(order.seed))  # noqa: S311 -- seeded simulation
        self._descriptor = descriptor
        self._start = {
            4: int(order.layout.ipv4.network_address),
            6: int(order.layout.ipv6.network_address),
        }
        self._due: list[tuple[float, int, bytes]] = []
        self._asked = 0
        self._silent = 0
        self._answered = 0
        self._late = 0.0

    def wait(self) -> float:
        """How long nothing is to be sent, in seconds, at most a second."""
        if not self._due:
            return LONGEST_WAIT
        return min(LONGEST_WAIT, max(0.0, self._due[0][0] - time.monotonic()))

    def take_burst(self) -> None:
        """Read what has come, up to a burst, so that due replies never wait long behind it."""
        descriptor, due, far_end, start = self._descriptor, self._due, self._far_end, self._start
        for _ in range(BURST):
            try:
                packet = os.read(descriptor, 2048)
            except BlockingIOError:
                return
            request = echo.asked(packet)
            if request is None:
                continue
            self._asked += 1
            now = time.monotonic()
            delay = far_end.answer(request[1] - start[request[0]], now - self.started)
            if delay is None:
                self._silent += 1
            else:
                heappush(due, (now + delay, self._asked, echo.reply(packet)))

    def reply_due(self) -> None:
        """Send every reply whose time has come."""
        due = self._due
        now = time.monotonic()
        if due and due[0][0] <= now:
            self._late = max(self._late, now - due[0][0])
        while due and due[0][0] <= now:
            _, _, packet = heappop(due)
            try:
                os.write(self._descriptor, packet)
            except OSError:
                # The interface was taken down under us: like a cut, not an end.
                self._silent += 1
            else:
                self._answered += 1

    def do(self, command: str, values: tuple[Any, ...]) -> Any:
        """Carry out one request of the parent; an exception goes back to it as a value."""
        controls = self._far_end.controls
        try:
            match command, values:
                case "cut", (indices,):
                    controls.cut(indices)
                case "mend", (indices,):
                    controls.mend(indices)
                case "loss", (share, indices):
                    controls.loss(share, indices)
                case "delay", (delay_ms, jitter_ms, indices):
                    controls.delay(delay_ms, jitter_ms, indices)
                case "blind", (on,):
                    controls.blind(on)
                case "clear", ():
                    controls.clear()
                case "clock", (since,):
                    self.started = time.monotonic() - since
                    return self.started
                case "tally", ():
                    return self._tally()
        except ValueError as error:
            return error
        return None

    def _tally(self) -> tuple[int, int, int, int]:
        late, self._late = self._late, 0.0
        return self._asked, self._answered, self._silent, round(late * 1e6)
