"""What the keeper tells the feed, besides `monitoring.transitions` and `monitoring.misses`.

(The latter are the ids of ONTs whose misses in a row went on.)

* `monitoring.swept` after each round: `{poller, number, at, took_s, sent, answered, missed, uncertain}`
* `monitoring.poller`: `{poller, state, cause, text, at}` with `state` one of `blind`, `trouble` and
  `recovered`, and `cause` one of `blind`, `prober` and `database`
"""

from __future__ import annotations

import structlog

from ronda.monitoring.events import moment
from ronda.monitoring.service.fold import Fold
from ronda.probing.port import SweepDone

log = structlog.get_logger(__name__)

SWEPT = "monitoring.swept"
POLLER = "monitoring.poller"


class News:
    """Puts news of this poller into the batch that is written next."""

    def __init__(self, poller: str, fold: Fold) -> None:
        self._poller = poller
        self._fold = fold
        self.trouble = ""

    def swept(self, number: int, sweep: SweepDone) -> None:
        """A round is over."""
        payload = {
            "poller": self._poller,
            "number": number,
            "at": moment(sweep.finished_at).isoformat(),
            "took_s": round(sweep.finished_at - sweep.started_at, 3),
            "sent": sweep.sent,
            "answered": sweep.answered,
            "missed": sweep.missed,
            "uncertain": sweep.uncertain,
        }
        self._fold.batch.news.append((SWEPT, payload))

    def in_trouble(self, at: float, text: str) -> None:
        """The prober is in trouble; told once as long as it is the same."""
        if text == self.trouble:
            return
        log.warning("the prober is in trouble", text=text)
        self.trouble = text
        self._fold.batch.poller["trouble"] = text
        self.tell("trouble", "prober", text, at)

    def out_of_trouble(self, at: float) -> None:
        """The prober works again."""
        if self.trouble:
            self.trouble = ""
            self._fold.batch.poller["trouble"] = ""
            self.tell("recovered", "prober", "", at)

    def tell(self, state: str, cause: str, text: str, at: float) -> None:
        """One event about the poller itself, as described above."""
        payload = {
            "poller": self._poller,
            "state": state,
            "cause": cause,
            "text": text,
            "at": moment(at).isoformat(),
        }
        self._fold.batch.news.append((POLLER, payload))
