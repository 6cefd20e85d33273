"""What `/api/v1` answers about outages, uptime and the watch."""

from __future__ import annotations

from datetime import datetime

from ninja import Schema

from ronda.monitoring.models import Outage
from ronda.monitoring.rules.intervals import Uptime


class OutageOut(Schema):
    """One outage; `end` is null while it goes on, `seconds` then grows."""

    id: int
    ont: int
    name: str
    customer_id: str
    location: str
    site: str
    area: str | None
    category: str
    start: datetime
    end: datetime | None
    confirmed: datetime
    last_ok: datetime | None
    seconds: float
    cause: str


class OutagePage(Schema):
    """One page of outages and how many there are in all."""

    items: list[OutageOut]
    total: int
    page: int
    per_page: int


class UptimeOut(Schema):
    """Uptime by the accounting policy of the reports: unobserved time is neither up nor down."""

    uptime_percent: float | None
    observed_percent: float | None
    up_s: float
    down_s: float
    unobserved_s: float
    excluded_s: float
    outages: int
    longest_s: float


class SummaryOut(Schema):
    """The outages of one ONT in the period."""

    ont: int
    name: str
    location: str
    area: str
    count: int
    last_start: datetime
    last_end: datetime | None
    ongoing: bool
    uptime: UptimeOut


class SummaryPage(Schema):
    """One page of summaries; the period they are about."""

    items: list[SummaryOut]
    total: int
    page: int
    per_page: int
    start: datetime
    end: datetime


class GroupUptime(Schema):
    """Uptime of all ONTs of a site, an area or a category."""

    key: int | str | None
    name: str
    onts: int
    uptime: UptimeOut


class ProbeOut(Schema):
    """One probe as evidence."""

    at: datetime
    rtt_ms: float | None
    outcome: str
    confirm: bool


class DecisionOut(Schema):
    """One change of belief and what it rests on."""

    id: int
    at: datetime
    decided_at: datetime
    before: str
    after: str
    reason: str
    text: str
    last_ok: datetime | None
    loss: float | None
    probes: list[ProbeOut]


class HistoryOut(Schema):
    """Columns of equal length: point times (epoch seconds), mean and slowest round trip, loss 0-1.

    A point is null where nothing was measured.
    """

    at: list[int]
    rtt_ms: list[float | None]
    worst_ms: list[float | None]
    loss: list[float | None]


class PollerOut(Schema):
    """One poller: `state` is ok, starting, blind, trouble or silent."""

    name: str
    state: str
    method: str
    interval_s: float
    targets: int
    sweep: int
    swept_at: datetime | None
    took_s: float | None
    sent: int
    answered: int
    missed: int
    uncertain: bool
    blind_since: datetime | None
    trouble: str
    canaries: dict[str, float | None]


class Cleared(Schema):
    """How many outages were hidden or shown again."""

    outages: int


def uptime_out(figure: Uptime) -> UptimeOut:
    return UptimeOut(
        uptime_percent=figure.uptime_percent,
        observed_percent=figure.observed_percent,
        up_s=figure.up.total_seconds(),
        down_s=figure.down.total_seconds(),
        unobserved_s=figure.unobserved.total_seconds(),
        excluded_s=figure.excluded.total_seconds(),
        outages=figure.outages,
        longest_s=figure.longest.total_seconds(),
    )


def outage_out(outage: Outage, now: datetime) -> OutageOut:
    ont = outage.ont
    return OutageOut(
        id=outage.pk,
        ont=ont.pk,
        name=ont.name,
        customer_id=ont.customer_id,
        location=ont.location,
        site=ont.site.name,
        area=ont.area.name if ont.area else None,
        category=ont.category,
        start=outage.started_at,
        end=outage.ended_at,
        confirmed=outage.confirmed_at,
        last_ok=outage.last_ok_at,
        seconds=((outage.ended_at or now) - outage.started_at).total_seconds(),
        cause=outage.cause,
    )
