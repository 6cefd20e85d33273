"""Why is this ONT what it is: the last decisions about it, each with the probes it rests on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ronda.monitoring.events import Reason, moment
from ronda.monitoring.models import Transition
from ronda.probing.port import Cause

Text = str | Promise

REASONS: dict[str, Text] = {
    Reason.FIRST_ANSWER: _("It answered for the first time."),
    Reason.MISSED: _("It missed a probe and two quick confirm probes; being asked further."),
    Reason.ANSWERED_AGAIN: _("A confirm probe was answered: packets were lost, nothing was down."),
    Reason.CONFIRMED_SILENT: _("Every confirm probe was missed too."),
    Reason.CONFIRMED_UNREACHABLE: _("A router on the way says that it cannot be reached."),
    Reason.NEVER_ANSWERED: _("It has never answered since the watch of it began."),
    Reason.FOUND_AFTER_RESTART: _("Found so when the watch began again; it changed in between."),
    Reason.TWO_REPLIES: _("It answered twice, some seconds apart."),
    Reason.POLLER_WAS_BLIND: _("Our own network was lost, so the suspicion was dropped."),
    Reason.OPERATOR: _("A person changed what is watched."),
    Reason.MAINTENANCE: _("Planned work began or ended here; see Maintenance."),
    "reported": _("Another system reported it."),
    "started-flapping": _("It went up and down so often that single changes are no news."),
    "settled-down": _("It has been steady for long enough."),
    "degraded": _("It answers worse than it usually does."),
    "regained": _("It answers as usual again."),
}

CAUSES: dict[int, Text] = {
    Cause.REPLY: _("answered"),
    Cause.SILENT: _("no reply"),
    Cause.UNREACHABLE: _("unreachable, said a router"),
    Cause.TTL_EXCEEDED: _("lost in a routing loop"),
    Cause.SEND_FAILED: _("could not be sent"),
}


@dataclass(frozen=True, slots=True)
class Probe:
    """One probe as evidence; `rtt_ms` is None when no reply came."""

    at: datetime
    rtt_ms: float | None
    outcome: Text
    confirm: bool


@dataclass(frozen=True, slots=True)
class Decision:
    """One change of belief, and why."""

    id: int
    at: datetime
    decided_at: datetime
    before: str
    after: str
    reason: str
    text: Text
    probes: list[Probe]
    last_ok: datetime | None
    loss: float | None

    @property
    def seconds_to_be_sure(self) -> float:
        """From the moment it is dated to until we were sure."""
        return (self.decided_at - self.at).total_seconds()


def why(ont: int, *, limit: int = 10) -> list[Decision]:
    """The last decisions about this ONT, newest first."""
    return [_decision(row) for row in Transition.objects.filter(ont=ont)[:limit]]


def _decision(row: Transition) -> Decision:
    evidence: dict[str, Any] = row.evidence
    last_ok = evidence.get("last_ok")
    return Decision(
        id=row.pk,
        at=row.at,
        decided_at=row.decided_at,
        before=row.before,
        after=row.after,
        reason=row.reason,
        text=REASONS.get(row.reason, row.reason),
        probes=[_probe(*probe) for probe in evidence.get("probes", [])],
        last_ok=datetime.fromisoformat(last_ok) if last_ok else None,
        loss=evidence.get("loss"),
    )


def _probe(at: float, rtt_us: int | None, cause: int, confirm: bool) -> Probe:
    return Probe(
        moment(at),
        None if rtt_us is None else rtt_us / 1000,
        CAUSES.get(cause, CAUSES[Cause.SILENT]),
        bool(confirm),
    )
