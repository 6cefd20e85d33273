"""The week behind the demo, so that charts and reports have something to show at once.

The far end of the past is simulated like that of the present; what the watch makes of it is decided
by the same rules (`Fold`) and written by the same hands. Only, nobody is told of it any more. The
hotspot's week is taken over from a log of the older system, as an operator who moves would do it.
"""

from array import array
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from random import Random  # noqa: TID251 -- seeded

from django.db import transaction
from django.utils import timezone

from ronda.devices.formats import read_listing
from ronda.devices.models import Ont
from ronda.hotspot.service.usage import taking
from ronda.monitoring.events import moment
from ronda.monitoring.history import outage_days
from ronda.monitoring.history.store import append, compact, seal
from ronda.monitoring.models import Unobserved, Watch
from ronda.monitoring.rules.belief import Sight
from ronda.monitoring.service.addresses import Member
from ronda.monitoring.service.batch import Batch, Column
from ronda.monitoring.service.fold import Fold
from ronda.monitoring.service.ledger import write_outages, write_transitions, write_watches
from ronda.probing.port import Cause, Reading, SweepDone
from ronda.simulator.farend import FarEnd
from ronda.simulator.guest_log import user_log
from ronda.simulator.neighbourhood import Neighbourhood
from ronda.simulator.people import people_of
from ronda.simulator.scenario import Story

DAYS = 7
STEP_S = 600.0
STEPS_AN_HOUR = 6
POLLER = "main"
#: The demo's routers live through their last hours by themselves.
AN_HOUR = timedelta(hours=1)


def enter(neighbourhood: Neighbourhood, now: datetime, *, days: int = DAYS, seed: int = 1) -> None:
    """A round every ten minutes of these days, today's included, unless a watch ever ran here."""
    if Watch.objects.exists():
        return
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    begin = midnight - timedelta(days=days - 1)
    with transaction.atomic():
        Ont.objects.update(created_at=begin)
        past = Past(neighbourhood, begin.timestamp(), now.timestamp() - STEP_S, seed)
        for start, end in past.blind:
            Unobserved.objects.create(
                poller=POLLER, started_at=moment(start), ended_at=moment(end), reason="blind"
            )
        for batch in past.hours():
            append(batch.columns)
            write_outages(batch.changes)
            write_watches(batch.changes)
            write_transitions(batch.changes)
        log = user_log(timezone.localtime(begin), now - AN_HOUR, seed)
        taking.take(read_listing(log.encode()), None)
    seal(now)
    compact(now)
    outage_days.seal(now)


class Past:
    """The rounds from `begin` to `end`, epoch seconds, folded as the watch would have done it."""

    def __init__(self, neighbourhood: Neighbourhood, begin: float, end: float, seed: int) -> None:
        self.begin = begin
        self.end = end
        self._story = Story("week", people_of(neighbourhood), seed)
        self._chance = Random(seed)  # noqa: S311 -- the same every time
        self._far_end = FarEnd(self._story, self._chance)
        self._fold = Fold(interval=STEP_S)
        self._fold.sight = Sight.CLEAR
        rows = Ont.objects.filter(monitored=True).exclude(address="").order_by("id")
        self._fold.adopt([Member(*row) for row in rows.values_list("id", "address", "site")], begin)
        self._indexes = self._index_of(neighbourhood)

    def _index_of(self, neighbourhood: Neighbourhood) -> Mapping[int, int]:
        targets = self._fold.addresses.targets()
        found = {key: neighbourhood.layout.index(address) for key, address in targets.items()}
        return {key: index for key, index in found.items() if index is not None}

    @property
    def blind(self) -> list[tuple[float, float]]:
        """When nothing answered, the canaries neither; epoch seconds."""
        lap = self._story.happenings(0, self.end - self.begin)
        return [
            (self.begin + began.since, self.begin + ended.since)
            for began, ended in zip(
                (one for one in lap if one.kind == "blind" and one.begins),
                (one for one in lap if one.kind == "blind" and not one.begins),
                strict=False,
            )
        ]

    def hours(self) -> Iterator[Batch]:
        """What is to be written, an hour at a time."""
        blind, number, at = self.blind, 0, self.begin
        while at < self.end:
            for _ in range(STEPS_AN_HOUR):
                when = at + STEP_S * self._chance.random()  # nobody's trouble keeps to full minutes
                if at < self.end and not any(start <= when < end for start, end in blind):
                    self._round(number, when)
                number, at = number + 1, at + STEP_S
            self._fold.settle_flaps(at)
            yield self._fold.take_batch()

    def _round(self, number: int, at: float) -> None:
        """Ask everybody once, and at once again whom the rules want to be asked again."""
        fold, width = self._fold, max(self._fold.watches, default=0) + 1
        rtts = array("I", bytes(4 * width))
        for key in self._indexes:
            rtt = self._ask(key, at)
            rtts[key] = 1 if rtt is None else rtt
        while fold.asks:
            asks, fold.asks = sorted(fold.asks, key=lambda ask: ask[1]), []
            for key, when in asks:
                self._ask(key, when, confirm=True)
        silent = rtts.count(1)
        asked = len(self._indexes)
        fold.swept(
            SweepDone(
                number=number,
                started_at=at,
                finished_at=at + 1,
                sent=asked,
                answered=asked - silent,
                missed=silent,
                late=0,
                duplicates=0,
                dropped=0,
                uncertain=False,
                rtts=rtts,
            )
        )
        fold.batch.columns.append(Column(at, at + 1, fold.addresses.spread(rtts)))

    def _ask(self, key: int, at: float, *, confirm: bool = False) -> int | None:
        """The round trip in microseconds; the fold has heard it."""
        delay = self._far_end.answer(self._indexes[key], at - self.begin)
        rtt = None if delay is None else max(2, round(delay * 1e6))
        self._fold.hear(Reading(key, at, rtt, Cause.SILENT, confirm))
        return rtt
