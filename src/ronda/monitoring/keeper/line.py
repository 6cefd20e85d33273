"""The line to the prober: opened again when it fails or falls silent, and told what is wanted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping

from django.utils.translation import gettext_noop

from ronda.monitoring.canaries import Canary
from ronda.monitoring.keeper.clocks import Clocks, Due
from ronda.monitoring.keeper.news import News
from ronda.monitoring.keeper.settings import KeeperSettings
from ronda.monitoring.service.fold import Fold
from ronda.probing.port import Prober, Report, Trouble


class Line:
    """The prober in use, if any; after a failure it is opened again, ever less often."""

    def __init__(
        self,
        settings: KeeperSettings,
        open_prober: Callable[[], Prober],
        clocks: Clocks,
        fold: Fold,
        news: News,
        chosen: Mapping[int, Canary],
    ) -> None:
        """`chosen` are the canaries by their keys."""
        self._settings = settings
        self._open_prober = open_prober
        self._clocks = clocks
        self._fold = fold
        self._news = news
        self._chosen = chosen
        self._due = Due()
        self._reopen_after = 1.0
        self._heard_at = clocks.monotonic()
        self.prober: Prober | None = None
        self.interval = settings.interval
        self.deaf_since: float | None = None
        """Since when nobody probes, until the next round is over."""

    def open(self, now: float) -> None:
        """Open the prober and tell it everything; a failure is trouble, and tried again later."""
        try:
            prober = self._open_prober()
        except (OSError, RuntimeError, EOFError) as error:
            self._news.in_trouble(now, f"{type(error).__name__}: {error}")
            self._try_later()
            self._reopen_after = min(60.0, self._reopen_after * 2)
            return
        fold = self._fold
        self.prober = prober
        self._heard_at = self._clocks.monotonic()
        prober.pace(self.interval)
        prober.canaries(
            {key: canary.address for key, canary in self._chosen.items()},
            self._settings.canary_every,
        )
        prober.watch(fold.addresses.targets())
        # A new prober reports every reading until told otherwise.
        fold.unsteadied.clear()
        prober.steady(fold.steadied)
        fold.steadied.clear()
        fold.batch.poller |= {
            "method": prober.method,
            "targets": len(fold.addresses.keys),
            "interval_s": self.interval,
        }

    def close(self) -> None:
        """Let go of the prober."""
        if self.prober is not None:
            self.prober.close()
            self.prober = None

    def failed(self, at: float) -> None:
        """The prober said that it cannot go on."""
        self.close()
        self.deaf_since = self.deaf_since or at
        self._try_later()

    def _try_later(self) -> None:
        self._due.at["open"] = self._clocks.monotonic() + self._reopen_after

    def works(self) -> None:
        """A round was finished: the next failure is the first one."""
        self._reopen_after = 1.0

    def hear(self, wait: float) -> list[Report]:
        """What the prober says; opens it again when it failed or has been silent for long."""
        clocks = self._clocks
        if self.prober is None:
            clocks.sleep(wait)
            if self._due.now("open", clocks.monotonic(), self._reopen_after):
                self.open(clocks.wall())
            return []
        try:
            reports = self.prober.reports(wait)
        except (OSError, RuntimeError, EOFError) as error:
            reports = [Trouble(clocks.wall(), f"{type(error).__name__}: {error}", fatal=True)]
        monotonic = clocks.monotonic()
        if reports:
            self._heard_at = monotonic
        elif self._fold.addresses.keys and monotonic - self._heard_at > 3 * self.interval + 10:
            silent = gettext_noop("the prober has fallen silent")
            reports = [Trouble(clocks.wall(), silent, fatal=True)]
        return reports

    def wish(self, now: float) -> None:
        """Tell the prober what the beliefs want to know next."""
        prober, fold = self.prober, self._fold
        if prober is None:
            fold.asks.clear()
            return
        if fold.steadied:
            prober.steady(sorted(fold.steadied))
            fold.steadied.clear()
        if fold.unsteadied:
            prober.unsteady(sorted(fold.unsteadied))
            fold.unsteadied.clear()
        if fold.asks:
            by_delay: defaultdict[float, set[int]] = defaultdict(set)
            for key, at in fold.asks:
                by_delay[round(max(0.0, at - now), 1)].add(key)
            fold.asks.clear()
            for delay, keys in by_delay.items():
                prober.again(sorted(keys), delay)

    def watch(self) -> None:
        """The fleet is another one now."""
        if self.prober is not None:
            self.prober.watch(self._fold.addresses.targets())
        self._fold.batch.poller["targets"] = len(self._fold.addresses.keys)

    def pace(self, interval: float) -> None:
        """Follow the interval that the operator set meanwhile."""
        if interval == self.interval:
            return
        self.interval = self._fold.interval = interval
        self._fold.batch.poller["interval_s"] = interval
        if self.prober is not None:
            self.prober.pace(interval)
