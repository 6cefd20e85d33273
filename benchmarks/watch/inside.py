"""Measured inside one process on the installation's database: rules at scale, a power cut, pages."""

import random  # noqa: TID251 -- seeded fleets
import statistics
import sys
import time
from array import array
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import django

django.setup()

from django.test import Client  # noqa: E402 -- after django.setup
from django.utils import timezone  # noqa: E402

from ronda.accounts.models import Person  # noqa: E402
from ronda.devices.models import Area, Ont, Site  # noqa: E402
from ronda.monitoring.keeper.loop import Keeper  # noqa: E402
from ronda.monitoring.keeper.settings import KeeperSettings  # noqa: E402
from ronda.monitoring.models import Outage  # noqa: E402
from ronda.monitoring.rules.belief import State, Watch  # noqa: E402
from ronda.monitoring.rules.intervals import Span  # noqa: E402
from ronda.monitoring.service.addresses import Member  # noqa: E402
from ronda.monitoring.service.shown import Shown  # noqa: E402
from ronda.monitoring.service.uptime import uptimes  # noqa: E402
from ronda.probing.port import Cause, Reading, Readings, Report, SweepDone  # noqa: E402


def make_onts(count: int) -> None:
    """A fleet on loopback addresses, 40 to an area."""
    site = Site.objects.get_or_create(name="Benchmark")[0]
    areas = Area.objects.bulk_create(
        Area(site=site, name=f"Padukuhan {n}") for n in range(-(-count // 40))
    )
    Ont.objects.bulk_create(
        (
            Ont(
                site=site,
                area=areas[n // 40],
                customer_id=f"XM{n:07}",
                name=f"Padukuhan RW {n % 40} RT {n % 7}",
                location="Pos Ronda",
                address=f"127.{1 + n // 62500}.{n // 250 % 250}.{n % 250 + 1}",
            )
            for n in range(count)
        ),
        batch_size=500,
    )


class Silence:
    """A prober that says what it is told."""

    method = "simulated"

    def __init__(self) -> None:
        self.next: list[Report] = []
        self.asked: list[int] = []

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *_: None

    def again(self, keys: Any, after: float) -> None:
        self.asked += keys

    def reports(self, wait: float) -> list[Report]:
        said, self.next = self.next, []
        return said


class Fleet:
    """A keeper with so many ONTs in memory that are all up."""

    def __init__(self, count: int, *, from_database: bool = False) -> None:
        self.prober = Silence()
        self.keeper = Keeper(KeeperSettings(name=f"bench-{count}"), lambda: self.prober)
        self.keeper.begin()
        self.chance = random.Random(3)
        self.number = 0
        self.ids = sorted(self.keeper.fold.members) if from_database else list(range(1, count + 1))
        fold = self.keeper.fold
        if not from_database:
            # As they are after the first round; writing a million rows is not what is measured.
            fold.restore(
                (Watch(ont, State.UP, since=1.0, last_ok=1.0) for ont in self.ids),
                dict.fromkeys(self.ids, Shown(State.UP)),
            )
            fold.adopt((Member(ont, f"a{ont}", 1) for ont in self.ids), 0.0)
            fold.asks.clear()
        self.round(loss=0.0, everybody=from_database)

    def round(self, *, loss: float, everybody: bool = False, dead: set[int] = frozenset()) -> float:
        """CPU seconds the keeper spends on one round of 30 s with this loss; confirms answer."""
        at = time.time()
        missed = (
            [] if everybody else sorted(self.chance.sample(self.ids, int(loss * len(self.ids))))
        )
        column = array("I", [0]) * (self.ids[-1] + 1)
        column[self.ids[0] :] = array("I", [6000]) * (self.ids[-1] + 1 - self.ids[0])
        for key in (*missed, *dead):
            column[key] = 1
        self.number += 1
        answered = len(self.ids) - len(missed) - len(dead)
        sweep = SweepDone(
            self.number, at - 30, at, len(self.ids), answered, len(missed), 0, 0, 0, False, column
        )
        loud = self.ids if everybody else []
        readings = [Reading(key, at, 6000, Cause.REPLY, False) for key in loud]
        readings += [Reading(key, at - 1, None, Cause.SILENT, False) for key in (*missed, *dead)]
        began = time.process_time()
        # As it comes: a few hundred readings at a time, then what the confirm probes gave.
        for first in range(0, len(readings), 500):
            self._tick([Readings(readings[first : first + 500])])
            confirmed = [
                Reading(key, time.time(), 6000, Cause.REPLY, True) for key in self.prober.asked
            ]
            self.prober.asked = []
            if confirmed and not dead:
                self._tick([Readings(confirmed)])
        self._tick([sweep])
        return time.process_time() - began

    def _tick(self, reports: list[Report]) -> None:
        self.prober.next = reports
        self.keeper.tick(0.0)

    def power_cut(self, count: int) -> tuple[float, float]:
        """CPU seconds to write that so many went down at once, and that they came back."""
        fold, onts = self.keeper.fold, self.ids[:count]
        at = time.time()
        for after in (0, 1, 3, 10, 25):
            for ont in onts:
                fold.hear(Reading(ont, at + after, None, Cause.SILENT, after > 0))
        down = self._write()
        for after in (40, 46):
            for ont in onts:
                fold.hear(Reading(ont, at + after, 6000, Cause.REPLY, False))
        return down, self._write()

    def _write(self) -> float:
        began = time.process_time()
        self.keeper.writing.write()
        return time.process_time() - began


def rules(count: int) -> None:
    """CPU per round at this size, at 0.3 % loss."""
    fleet = Fleet(count)
    costs = [fleet.round(loss=0.003) for _ in range(5)]
    print(f"rules {count} {statistics.median(costs):.4f}")


def cut(count: int) -> None:
    """A power cut of the installation's own ONTs."""
    fleet = Fleet(count, from_database=True)
    down, back = fleet.power_cut(count)
    print(f"cut {count} {down:.3f} {back:.3f}")


def pages(onts: int, outages: int) -> None:
    """CPU milliseconds of each page and question."""
    chance = random.Random(5)
    now = timezone.now()
    ids = list(Ont.objects.values_list("id", flat=True))
    Ont.objects.update(created_at=now - timedelta(days=400))
    rows = []
    for ont in (chance.choice(ids) for _ in range(outages)):
        start = now - timedelta(days=chance.uniform(0.1, 60))
        length = timedelta(minutes=chance.expovariate(1 / 40))
        rows.append(
            Outage(ont_id=ont, started_at=start, confirmed_at=start, ended_at=start + length)
        )
    Outage.objects.all().delete()
    Outage.objects.bulk_create(rows, batch_size=500)
    person = Person.objects.create(username="bench", role="viewer")
    client = Client(SERVER_NAME="localhost")
    client.force_login(person)
    addresses = {
        "outages, newest": "/outages/",
        "outages, longest first": "/outages/?sort=-duration",
        "outages, page 200": "/outages/?page=200",
        "outages, search": "/outages/?q=rw+17",
        "outages of one ONT": f"/outages/?ont={ids[5]}",
        "per ONT, 30 days": "/outages/summary/",
        "/api/v1/outages": "/api/v1/outages",
        "/api/v1/uptime by area": "/api/v1/uptime?by=area",
        "/api/outages (all)": "/api/outages",
        "/api/outages/summary (all)": "/api/outages/summary",
        "watch health": "/watch/",
    }
    for name, address in addresses.items():
        assert client.get(address).status_code == 200, address
        print(f"page {median_ms(lambda address=address: client.get(address).content):.1f} {name}")
    month = Span(now - timedelta(days=30), now)
    print(
        f"page {median_ms(lambda: uptimes(month, now=now)):.1f} 30-day uptime of every ONT, exact"
    )


def median_ms(act: Callable[[], object]) -> float:
    """Median CPU milliseconds of seven calls, after one that warms up."""
    act()
    times = []
    for _ in range(7):
        began = time.process_time()
        act()
        times.append((time.process_time() - began) * 1000)
    return statistics.median(times)


if __name__ == "__main__":
    what, *numbers = sys.argv[1:]
    {"onts": make_onts, "rules": rules, "cut": cut, "pages": pages}[what](*map(int, numbers))
