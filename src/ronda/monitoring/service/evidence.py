"""What a change is written down with: the outage it opens or closes, its date, reason and evidence."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from ronda.monitoring.events import (
    Appeared,
    CameBack,
    Cleared,
    Degraded,
    OntEvent,
    Paused,
    Reason,
    Regained,
    Resumed,
    SettledDown,
    StartedFlapping,
    WentDown,
    moment,
)
from ronda.monitoring.rules.belief import State, Watch
from ronda.monitoring.service.batch import Opening
from ronda.probing.port import Cause

CAUSES = {
    Cause.SILENT: "silent",
    Cause.UNREACHABLE: "unreachable",
    Cause.TTL_EXCEEDED: "loop",
    Cause.SEND_FAILED: "not-sent",
}


def outage(events: Iterable[OntEvent]) -> tuple[Opening | None, datetime | None]:
    """The outage that begins, and the end of the one that was open."""
    for event in events:
        if isinstance(event, WentDown):
            cause = CAUSES.get(Cause(event.cause), "silent")
            return Opening(event.since, event.at, event.last_ok, cause), None
        if isinstance(event, CameBack):
            return None, event.until
        if isinstance(event, Paused) and event.since is not None:
            return None, event.at
    return None, None


def dated(watch: Watch, event: OntEvent | None, at: float) -> datetime:
    """The moment a change is dated to, which lies before the moment we were sure."""
    if isinstance(event, WentDown):
        return event.since
    if isinstance(event, CameBack):
        return event.until
    if watch.state is State.SUSPECT and watch.first_miss is not None:
        return moment(watch.first_miss)
    return moment(at)


def reason(before: Watch, watch: Watch, event: OntEvent | None) -> str:
    if isinstance(event, Appeared | Cleared | WentDown | CameBack | Paused | Resumed):
        return str(event.reason)
    if watch.state is State.SUSPECT:
        return str(Reason.MISSED)
    return str(Reason.FOUND_AFTER_RESTART if before.provisional else Reason.ANSWERED_AGAIN)


def of_overlay(event: StartedFlapping | SettledDown | Degraded | Regained) -> dict[str, object]:
    if isinstance(event, Degraded):
        return {"what": event.what, "value": event.value, "usual": event.usual}
    if isinstance(event, Regained):
        return {"since": event.since.isoformat()}
    return {"changes": event.changes, "since": event.since.isoformat()}


def evidence(watch: Watch, event: OntEvent | None, loss: float | None) -> dict[str, object]:
    """What the decision rests on, as `why` reads it."""
    found: dict[str, object] = {}
    probes = event.probes if isinstance(event, WentDown | CameBack) else watch.probes
    if probes:
        found["probes"] = [list(probe) for probe in probes]
    if isinstance(event, WentDown):
        found["cause"] = event.cause
        found["last_ok"] = event.last_ok.isoformat() if event.last_ok else None
    if isinstance(event, CameBack):
        found["since"] = event.since.isoformat()
    if isinstance(event, Cleared):
        found["misses"] = event.misses
    if loss is not None:
        found["loss"] = round(loss, 5)
    return found
