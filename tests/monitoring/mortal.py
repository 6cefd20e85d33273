"""A keeper that may be killed at any moment: run by test_crash.py as a program of its own.

`mortal.py zygote` forks keepers (tests/zygote.py).
`mortal.py check` prints what is wrong in the database, one line each, and a line of counts.
The line that is watched is a function of address and time alone, so every life sees the same world.
"""

import json
import os
import sys
import threading
import time
import zlib
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from itertools import pairwise
from pathlib import Path

import django

django.setup()

from django.db import connection  # noqa: E402 -- Django must be ready before models are imported

from ronda.devices.models import Ont, Site  # noqa: E402
from ronda.monitoring.keeper.loop import run  # noqa: E402
from ronda.monitoring.keeper.settings import KeeperSettings  # noqa: E402
from ronda.monitoring.models import Outage, Poller, Sweep, Transition, Watch  # noqa: E402
from ronda.monitoring.rules.policy import Policy  # noqa: E402
from ronda.probing.port import Cause, Reading, Readings, Report, SweepDone  # noqa: E402
from ronda.work.models import Event  # noqa: E402
from tests.zygote import serve  # noqa: E402

ONTS = 40
INTERVAL = 0.12
TIMES = (0.02, 0.04, 0.06, 0.08)
POLICY = Policy(
    confirm_after=TIMES, confirm_after_when_quiet=TIMES, extra_every=0.02, recover_after=0.04
)
SWEEPS = Path(os.environ["RONDA_DATA"]) / "sweeps.log"


def answers(address: str, at: float) -> bool:
    """Up for two thirds of the time, in stretches of 0.7 s, for each address in its own order."""
    return zlib.crc32(f"{address}/{int(at / 0.7)}".encode()) % 3 != 0


class QuickProber:
    """Probes everything at once, several rounds a second, in this process."""

    method = "simulated"

    def __init__(self) -> None:
        self.targets: dict[int, str] = {}
        self.quiet: set[int] = set()
        self.queue: list[tuple[float, int]] = []
        self.due = time.time() + INTERVAL
        self.number = 0
        self.log = os.open(SWEEPS, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def watch(self, targets: Mapping[int, str]) -> None:
        self.targets = dict(targets)

    def steady(self, keys: Iterable[int]) -> None:
        self.quiet.update(keys)

    def unsteady(self, keys: Iterable[int]) -> None:
        self.quiet.difference_update(keys)

    def again(self, keys: Iterable[int], after: float) -> None:
        self.queue += [(time.time() + after, key) for key in keys]

    def pace(self, interval: float) -> None: ...

    def canaries(self, targets: Mapping[int, str], every: float) -> None: ...

    def close(self) -> None: ...

    def reports(self, wait: float) -> list[Report]:
        time.sleep(0.01)
        now = time.time()
        due = [key for at, key in self.queue if at <= now]
        self.queue = [(at, key) for at, key in self.queue if at > now]
        readings = [self._read(key, now, confirm=True) for key in due]
        reports: list[Report] = []
        if now >= self.due:
            self.due = now + INTERVAL
            self.number += 1
            column = array("I", [0]) * (max(self.targets) + 1)
            for key in self.targets:
                reading = self._read(key, now)
                column[key] = reading.rtt_us or 1
                if reading.rtt_us is None or key not in self.quiet:
                    readings.append(reading)
            answered = sum(rtt > 1 for rtt in column)
            count = len(self.targets)
            os.write(self.log, f"{os.getpid()} {round(now * 1000)}\n".encode())
            reports.append(
                SweepDone(
                    self.number, now, now, count, answered, count - answered, 0, 0, 0, False, column
                )
            )
        return [Readings(readings), *reports] if readings else reports

    def _read(self, key: int, at: float, confirm: bool = False) -> Reading:
        up = answers(self.targets[key], at)
        return Reading(key, at, 5000 if up else None, Cause(0 if up else 1), confirm)


def live() -> None:
    settings = KeeperSettings(
        interval=INTERVAL,
        policy=POLICY,
        canaries=["192.0.2.1"],
        wait=0.01,
        turn_every=0.02,
        alive_every=0.05,
        grace=3600.0,
    )
    run(settings, QuickProber, threading.Event())


def zygote() -> None:
    if not Ont.objects.exists():
        site = Site.objects.create(name="Sleman")
        Ont.objects.bulk_create(
            Ont(site=site, customer_id=f"XM{n}", name=f"Ronda {n}", address=f"10.0.0.{n}")
            for n in range(1, ONTS + 1)
        )
    connection.close()
    serve(live, {})


def check() -> None:
    wrong = list(problems())
    counts = {
        "outages": Outage.objects.count(),
        "transitions": Transition.objects.count(),
        "sweeps": Sweep.objects.count(),
        "wrong": wrong,
    }
    print(json.dumps(counts))  # noqa: T201


def problems() -> Iterable[str]:
    """Every broken promise about what stands in the database."""
    entries = [
        entry
        for event in Event.objects.filter(topic="monitoring.transitions").order_by("id")
        for entry in event.payload["onts"]
    ]
    transitions = list(Transition.objects.order_by("id"))
    outages = list(Outage.objects.order_by("ont_id", "started_at", "id"))
    told = [(entry["id"], entry["before"], entry["state"]) for entry in entries]
    written = [(row.ont_id, row.before, row.after) for row in transitions]
    if told != written:
        yield f"feed and transitions differ: {len(told)} told, {len(written)} written"
    last: dict[int, str] = {}
    for ont, before, after in told:
        if last.get(ont, "unknown") != before:
            yield f"ONT {ont}: {before} to {after} told after {last.get(ont)}: lost or doubled"
        last[ont] = after
    states = dict(Watch.objects.values_list("ont_id", "state"))
    if {ont: state for ont, state in last.items() if states.get(ont) != state}:
        yield "watch rows differ from what was told last"
    yield from _of_outages(entries, transitions, outages, states)
    yield from _of_sweeps()


def _of_outages(entries, transitions, outages, states) -> Iterable[str]:
    opened = Counter(entry["outage"] for entry in entries if entry["state"] == "down")
    ended = Counter(
        entry["outage"]
        for entry in entries
        if entry["before"] == "down" and entry["state"] != "down"
    )
    if opened != Counter(outage.pk for outage in outages):
        yield "outages and the events of going down differ"
    if ended != Counter(outage.pk for outage in outages if outage.ended_at):
        yield "ended outages and the events of coming back differ"
    downs = Counter(
        (row.ont_id, row.at, row.decided_at) for row in transitions if row.after == "down"
    )
    if downs != Counter((row.ont_id, row.started_at, row.confirmed_at) for row in outages):
        yield "outages and the transitions that opened them differ"
    by_ont = defaultdict(list)
    for outage in outages:
        by_ont[outage.ont_id].append(outage)
    for ont, rows in by_ont.items():
        for earlier, later in pairwise(rows):
            if earlier.ended_at is None or earlier.ended_at > later.started_at:
                yield f"ONT {ont}: outages overlap"
        if (states.get(ont) == "down") != (rows[-1].ended_at is None):
            yield f"ONT {ont}: state {states.get(ont)}, last outage ended {rows[-1].ended_at}"


def _of_sweeps() -> Iterable[str]:
    lost = Counter()
    kept = set(Sweep.objects.values_list("id", flat=True))
    # Whoever was killed before the first sweep ended left no list of them.
    for line in SWEEPS.read_text().splitlines() if SWEEPS.exists() else ():
        pid, at = line.split()
        lost[pid] += int(at) not in kept
    if any(count > 1 for count in lost.values()):
        yield f"more than one sweep lost by one kill: {lost.most_common(3)}"
    numbers = [
        event.payload["number"]
        for event in Event.objects.filter(topic="monitoring.swept").order_by("id")
    ]
    if numbers != list(range(1, len(numbers) + 1)):
        yield "the numbers of the sweeps have gaps or come twice"
    counted = sum(Poller.objects.values_list("sweep", flat=True))
    if not counted == len(numbers) == len(kept):
        yield f"{counted} sweeps counted, {len(numbers)} told, {len(kept)} kept"


if __name__ == "__main__":
    {"zygote": zygote, "check": check}[sys.argv[1]]()
