"""One round now, over any list of addresses, with the same engine that watches the fleet."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from ronda.probing.course import Burst
from ronda.probing.methods import Choice, Wanted, open_engine
from ronda.probing.names import Resolver
from ronda.probing.port import Cause, Readings, SweepDone
from ronda.probing.targets import Book
from ronda.probing.wave import SHORTEST, UNKNOWN

_NAMES_PATIENCE = 6.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one round gave: `rtts_us` by position in the list, None for no answer.

    `causes` says why there is none; a position without answer and without cause is not known,
    because our own machine lost replies.
    """

    choice: Choice
    done: SweepDone
    rtts_us: list[int | None]
    causes: dict[int, Cause]


def sweep_once(
    addresses: Sequence[str],
    *,
    timeout: float = 1.0,
    retries: int = 1,
    rate: int = 10_000,
    method: Wanted = "auto",
) -> Outcome:
    """Probe each address, silence `retries` times more, at `rate` probes per second (0: no limit).

    Blocks for about addresses / rate + timeout * (1 + retries) seconds, and up to six more while
    host names are looked up.

    Raises:
        MethodRefused: the method asked for is not to be had on this system.
    """
    engine, choice = open_engine(
        method=method, timeout=timeout, burst=Burst(rate=rate, retries=retries)
    )
    try:
        book = _resolved(addresses)
        engine.watch(book.targets, book.hopeless)
        engine.steady(range(len(addresses)))
        causes: dict[int, Cause] = {}
        done: SweepDone | None = None
        while done is None:
            wait = engine.turn()
            for report in engine.collect():
                if isinstance(report, SweepDone):
                    done = report
                elif isinstance(report, Readings):
                    causes |= {r.key: r.cause for r in report.readings if r.rtt_us is None}
            if wait:
                time.sleep(wait)
    finally:
        engine.close()
    column = [*done.rtts, *[UNKNOWN] * (len(addresses) - len(done.rtts))]
    return Outcome(
        choice,
        done,
        [value if value >= SHORTEST else None for value in column],
        {key: cause for key, cause in causes.items() if column[key] < SHORTEST},
    )


def _resolved(addresses: Sequence[str]) -> Book:
    resolver = Resolver(loopback=True)
    book = Book(resolver)
    book.write(range(len(addresses)), addresses)
    names = book.names
    resolver.want(names)
    deadline = time.monotonic() + _NAMES_PATIENCE
    while not all(resolver.judged(name) for name in names) and time.monotonic() < deadline:
        resolver.refresh()
        time.sleep(0.01)
    return book
