"""Who is watched, and what was believed about them when the last keeper stopped."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta
from typing import NamedTuple

from ronda.devices.models import Ont
from ronda.monitoring.events import moment
from ronda.monitoring.models import Outage
from ronda.monitoring.models import Watch as Row
from ronda.monitoring.rules.belief import State, Watch, restored
from ronda.monitoring.rules.flapping import DEFAULT as FLAP_POLICY
from ronda.monitoring.rules.flapping import FlapMemory
from ronda.monitoring.service.addresses import Member
from ronda.monitoring.service.shown import Shown


class Roll(NamedTuple):
    """The ONTs asked about, sorted by what the keeper does with them."""

    watched: list[Member]
    set_aside: list[int]
    """Not monitored, or deleted."""
    without_address: list[int]


def roll_call(onts: Iterable[int] | None = None) -> Roll:
    """All ONTs, or these: who is probed, and who is not any more."""
    query = Ont.objects.order_by("id")
    if onts is None:
        query = query.present()
    else:
        query = query.filter(id__in=list(onts))
    roll = Roll([], [], [])
    rows = query.values_list("id", "address", "site_id", "monitored", "deleted_at")
    for ont, address, site, monitored, deleted_at in rows.iterator(chunk_size=5000):
        if deleted_at is not None or (address and not monitored):
            roll.set_aside.append(ont)
        elif not address:
            roll.without_address.append(ont)
        else:
            roll.watched.append(Member(ont, address, site))
    return roll


class Known(NamedTuple):
    """What the database says was believed."""

    watches: list[Watch]
    shown: dict[int, Shown]
    flaps: dict[int, FlapMemory]


def known(now: float) -> Known:
    """The beliefs as they were left, provisional until a reading confirms them.

    The outage rows are the truth: a watch without its outage, as a restored backup may have it,
    is not believed, and an open outage makes an ONT down.
    """
    started = dict(Outage.objects.filter(ended_at=None).values_list("ont_id", "started_at"))
    watches: list[Watch] = []
    shown: dict[int, Shown] = {}
    for row in Row.objects.order_by("ont_id").iterator(chunk_size=5000):
        shown[row.ont_id] = Shown(row.state, row.flapping, row.degraded)
        outage = started.pop(row.ont_id, None)
        state = State(row.state)
        if outage is not None:
            state = State.DOWN
        elif state in (State.DOWN, State.UNKNOWN):
            continue
        since = outage or row.since
        watches.append(
            restored(
                row.ont_id,
                state,
                since.timestamp() if since else now,
                last_ok=row.last_ok_at.timestamp() if row.last_ok_at else None,
                misses=row.misses,
            )
        )
    watches += [restored(ont, State.DOWN, at.timestamp()) for ont, at in started.items()]
    return Known(watches, shown, _flaps(now, shown))


def _flaps(now: float, shown: dict[int, Shown]) -> dict[int, FlapMemory]:
    """The confirmed changes of the last hour, which is what flapping is judged by."""
    begin = moment(now) - timedelta(seconds=FLAP_POLICY.window)
    changes: defaultdict[int, list[float]] = defaultdict(list)
    recent = Outage.objects.filter(confirmed_at__gt=begin) | Outage.objects.filter(
        ended_at__gt=begin
    )
    for ont, confirmed, ended in recent.order_by().values_list(
        "ont_id", "confirmed_at", "ended_at"
    ):
        changes[ont] += [at.timestamp() for at in (confirmed, ended) if at and at > begin]
    flaps = {}
    for ont in changes.keys() | {ont for ont, row in shown.items() if row.flapping}:
        past = tuple(sorted(changes.get(ont, ())))
        row = shown.get(ont)
        since = (past[0] if past else now) if row and row.flapping else None
        flaps[ont] = FlapMemory(ont, past, since, len(past))
    return flaps
