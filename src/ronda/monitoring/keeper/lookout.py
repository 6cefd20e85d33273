"""What the prober's reports say of the poller itself: whether it can see, and how rounds went."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import structlog

from ronda.monitoring.canaries import Canary
from ronda.monitoring.events import BlindBegan, BlindEnded, moment
from ronda.monitoring.keeper.beginning import Begun
from ronda.monitoring.keeper.line import Line
from ronda.monitoring.keeper.news import News
from ronda.monitoring.rules.belief import Sight
from ronda.monitoring.rules.blind import guarding, judge, unwatched
from ronda.monitoring.service.batch import Column, Gap
from ronda.monitoring.service.drift import Drift
from ronda.monitoring.service.fold import Fold
from ronda.probing.port import Readings, Report, SweepDone

log = structlog.get_logger(__name__)


class Lookout:
    """Holds the blind guard, and hears every report before a belief is stepped."""

    def __init__(
        self,
        fold: Fold,
        drift: Drift,
        news: News,
        line: Line,
        chosen: Mapping[int, Canary],
        *,
        grace: float,
    ) -> None:
        """A gap in watching that is longer than `grace` seconds is unobserved time."""
        self._fold = fold
        self._drift = drift
        self._news = news
        self._line = line
        self._chosen = chosen
        self._grace = grace
        self._domains = {key: canary.domain for key, canary in chosen.items()}
        self._guard = guarding(self._domains)
        self._has_heard = False
        self._told_blind = False
        self.sweeps = 0

    def take_over(self, begun: Begun) -> None:
        """Go on from the last keeper: what it told of is taken back once it is over."""
        self.sweeps = begun.sweeps
        self._told_blind = begun.blind
        self._news.trouble = begun.trouble

    def judge(self, reports: Sequence[Report], now: float) -> None:
        """Decide what we can see before any belief is stepped."""
        for report in reports:
            if isinstance(report, Readings):
                for reading in report.readings:
                    self._has_heard = self._has_heard or reading.rtt_us is not None
                    if reading.key < 0:
                        self._guard = self._guard.heard(reading, reading.key)
            elif isinstance(report, SweepDone):
                self._swept(report, now)
            else:
                self._news.in_trouble(report.at, report.text)
                if report.fatal:
                    self._line.failed(report.at)
        judged = judge(self._guard, now, self._fold.fleet())
        self._guard = judged.guard
        for event in judged.events:
            if isinstance(event, BlindBegan):
                self._went_blind(event, now)
            else:
                self._sees_again(event)
        swept = any(isinstance(one, SweepDone) and not one.uncertain for one in reports)
        if self._told_blind and swept and self.sight is Sight.CLEAR:
            self._told_blind = False
            self._fold.batch.poller["blind_since"] = None
            self._news.tell("recovered", "blind", "", now)

    @property
    def sight(self) -> Sight:
        """What the guard says; but as long as nothing at all has answered, silence proves nothing."""
        if not self._has_heard and self._guard.sight is Sight.CLEAR:
            return Sight.DOUBTFUL
        return self._guard.sight

    @property
    def blind(self) -> bool:
        """Whether the guard says that we see nothing."""
        return self._guard.sight is Sight.BLIND

    def _swept(self, sweep: SweepDone, now: float) -> None:
        """A round is finished: the guard, the history and the pages want to know."""
        fold, batch = self._fold, self._fold.batch
        up, answered = fold.swept(sweep)
        targets = len(fold.addresses.keys)
        if not sweep.uncertain and sweep.sent >= targets:
            self._guard = self._guard.swept(
                sweep.started_at, sweep.finished_at, up=up, answered=answered
            )
        self.sweeps += 1
        self._line.works()
        column = fold.addresses.spread(sweep.rtts)
        batch.columns.append(Column(sweep.started_at, sweep.finished_at, column))
        if self._guard.sight is Sight.CLEAR and not sweep.uncertain:
            self._drift.add(column, sweep.finished_at)
        else:
            self._drift.skip()
        batch.poller |= {
            "alive_at": moment(now),
            "sweep": self.sweeps,
            "swept_from": moment(sweep.started_at),
            "swept_to": moment(sweep.finished_at),
            "sent": sweep.sent,
            "answered": sweep.answered,
            "missed": sweep.missed,
            "late": sweep.late,
            "duplicates": sweep.duplicates,
            "dropped": sweep.dropped,
            "uncertain": sweep.uncertain,
            "targets": targets,
        }
        self._news.swept(self.sweeps, sweep)
        if self._line.deaf_since is not None:
            gap = unwatched(self._line.deaf_since, sweep.started_at, grace=self._grace)
            if gap is not None:
                batch.gaps.append(Gap("stopped", moment(gap[0]), moment(gap[1])))
            self._line.deaf_since = None
        self._news.out_of_trouble(now)

    def _went_blind(self, event: BlindBegan, now: float) -> None:
        log.warning("the watch is blind", why=event.why, since=event.unobserved_from.isoformat())
        self._told_blind = False
        self._fold.go_blind(now)
        self._fold.batch.gaps.append(Gap("blind", event.unobserved_from, None))
        self._fold.batch.poller["blind_since"] = event.unobserved_from
        self._news.tell("blind", "blind", event.why, now)

    def _sees_again(self, event: BlindEnded) -> None:
        log.info("the watch sees again", since=event.unobserved_until.isoformat())
        self._fold.batch.gaps.append(Gap("blind", None, event.unobserved_until))
        self._fold.batch.poller["blind_since"] = None
        self._news.tell("recovered", "blind", "", event.unobserved_until.timestamp())

    def clock_jumped(self, by: float) -> None:
        """Begin the guard's memory anew: its times were of the clock before."""
        since = self._guard.unobserved_from
        self._guard = replace(
            guarding(self._domains),
            sight=self._guard.sight,
            why=self._guard.why,
            unobserved_from=None if since is None else since + by,
        )

    def canary_ages(self, now: float) -> dict[str, float | None]:
        """Seconds since each canary's last reply; None while it has given none."""
        ages: dict[str, float | None] = {}
        for key, canary in self._chosen.items():
            answered = self._guard.canaries[key].answered
            ages[canary.address] = None if answered is None else round(max(0.0, now - answered), 1)
        return ages
