"""A status that another system reports, for ONTs that we do not probe ourselves."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from ronda.devices.models import Ont
from ronda.monitoring.models import Outage
from ronda.monitoring.models import Watch as Row
from ronda.monitoring.rules.belief import State, Watch
from ronda.monitoring.rules.older import PROBES_OF_A_FAILURE, legacy_status
from ronda.monitoring.service.batch import Change, Opening
from ronda.monitoring.service.ledger import (
    MISSES,
    transition_events,
    write_misses,
    write_outages,
    write_transitions,
    write_watches,
)
from ronda.monitoring.service.shown import Shown
from ronda.work import feed

REPORTED = "reported"
"""The reason, and the cause of an outage, where somebody else said so."""

STATES = {
    "ON": State.UP,
    "OFF(WAITING CONNECTION)": State.SUSPECT,
    "OFF(RTO)": State.SUSPECT,
    "OFF": State.DOWN,
    "UNKNOWN": State.UNKNOWN,
}


class WatchedHere(Exception):
    """We probe this ONT ourselves: what others say of it is not taken over."""


def report(ont: Ont, status: str, failures: int, now: datetime | None = None) -> str:
    """Take over what another system says of an ONT without an address; its older status word.

    `failures` in a row are its own count, each of three silent probes.

    Raises:
        WatchedHere: the ONT is probed by this installation.
        ValueError: the status is none of the older system's words.
    """
    state = STATES.get(status.strip().upper())
    if state is None:
        raise ValueError(status)
    if ont.address and ont.monitored:
        raise WatchedHere
    moment = now or timezone.now()
    with transaction.atomic():
        Ont.objects.select_for_update().get(pk=ont.pk)
        row = Row.objects.filter(ont=ont).first()
        before = row.state if row else State.UNKNOWN
        misses = failures + PROBES_OF_A_FAILURE - 1 if failures else 0
        if before == state == State.SUSPECT and row is not None and row.misses != max(misses, 1):
            write_misses({ont.pk: max(misses, 1)})
            feed.append(MISSES, {"onts": [ont.pk]})
        elif before != state:
            change = _change(ont.pk, before, state, misses, moment, row)
            outages = write_outages([change])
            write_watches([change])
            write_transitions([change])
            feed.append_all(transition_events([change], outages))
    return legacy_status(state, failures)


def _change(
    ont: int, before: str, state: State, misses: int, now: datetime, row: Row | None
) -> Change:
    at = now.timestamp()
    silent = state in (State.SUSPECT, State.DOWN)
    first = row.first_miss_at if row and row.first_miss_at and silent else None
    started = first or now
    is_open = Outage.objects.filter(ont=ont, ended_at=None).exists()
    last_ok = now if before == State.UP else row.last_ok_at if row else None
    return Change(
        ont=ont,
        before=before,
        after=state,
        shown=Shown(state),
        watch=Watch(
            ont,
            state,
            since=started.timestamp() if state is State.DOWN else at,
            last_ok=at if state is State.UP else last_ok.timestamp() if last_ok else None,
            misses=max(misses, 1) if silent else 0,
            first_miss=started.timestamp() if silent else None,
        ),
        at=started if state is State.DOWN else now,
        decided_at=now,
        reason=REPORTED,
        evidence={"misses": misses},
        opens=Opening(started, now, last_ok, REPORTED) if state is State.DOWN else None,
        closes=now if is_open and state in (State.UP, State.UNKNOWN) else None,
    )
