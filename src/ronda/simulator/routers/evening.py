"""What goes wrong with the demo's routers: one vanishes for a while, one reboots, lap after lap."""

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ronda.simulator.routers.control import Handle

LAP_S = 1_200.0
LOOK_S = 0.5


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that happens to a router in each lap, from and until so many seconds."""

    key: str
    kind: str  # "unreachable" or "reboot"
    start: float
    stop: float


# Between the fibre's own troubles, which scenario "evening" tells, so that each is seen alone.
EVENING = (
    Trouble("masjid", "unreachable", 255, 350),
    Trouble("pasar", "reboot", 620, 665),
    Trouble("masjid", "unreachable", 1_070, 1_120),
)


def going_on(since: float) -> frozenset[Trouble]:
    """What is wrong so many seconds after the start."""
    at = max(0.0, since) % LAP_S
    return frozenset(one for one in EVENING if one.start <= at < one.stop)


class Evening:
    """Plays the evening on open routers, in a thread of its own, until it is stopped."""

    def __init__(
        self,
        routers: Iterable[Handle],
        keys: tuple[str, ...],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._routers = dict(zip(keys, routers, strict=True))
        self._clock = clock
        self._started = clock()
        self._now: frozenset[Trouble] = frozenset()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="routers-evening", daemon=True)

    def start(self) -> None:
        """Begin the first lap."""
        self._thread.start()

    def stop(self) -> None:
        """No more; what is wrong at this moment stays so."""
        self._stopped.set()
        self._thread.join(LOOK_S * 20)

    def play(self, since: float) -> None:
        """What the moment asks for, so many seconds after the start."""
        now = going_on(since)
        for trouble in now - self._now:
            _begin(self._routers[trouble.key], trouble)
        for trouble in self._now - now:
            _end(self._routers[trouble.key], trouble)
        self._now = now

    def _run(self) -> None:
        while not self._stopped.wait(LOOK_S):
            self.play(self._clock() - self._started)


def _begin(router: Handle, trouble: Trouble) -> None:
    if trouble.kind == "reboot":
        router.reboot(seconds=trouble.stop - trouble.start, ntp_after=15.0)
        return
    router.set_port("refuse")
    router.ask("disconnect", reset=True)


def _end(router: Handle, trouble: Trouble) -> None:
    if trouble.kind == "unreachable":
        router.set_port("open")
