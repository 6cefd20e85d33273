"""`/api/v1`: outages, uptime, history of one ONT, why it is down, and the watch's own health."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema

from ronda.accounts.auth import session_or_token
from ronda.accounts.models import Role
from ronda.accounts.service import audit
from ronda.devices.models import Ont
from ronda.monitoring.models import Outage
from ronda.monitoring.rules.intervals import Span, Uptime
from ronda.monitoring.service import health as health_service
from ronda.monitoring.service import outage_files
from ronda.monitoring.service import outages as questions
from ronda.monitoring.service.chart import chart
from ronda.monitoring.service.uptime import GROUPS, by_group, uptimes
from ronda.monitoring.service.why import why as decisions_about
from ronda.web.answers import FAILURES, Refused

router = Router(tags=["monitoring"], auth=session_or_token(Role.VIEWER))

LARGEST_ID = 2**62
MOST_POINTS = 2000
# Far enough from the calendar's ends that arithmetic on a time never leaves it.
FIRST_YEAR, LAST_YEAR = 1970, 9000


class Period(Schema):
    """From and to: epoch seconds or ISO 8601; without an offset the installation's zone is meant."""

    start: str | None = Field(None, alias="from", max_length=40)
    end: str | None = Field(None, alias="to", max_length=40)

    def span(self, *, days: float | None = None) -> tuple[datetime | None, datetime | None]:
        """Both ends; `days` back from the end when only the beginning is left out."""
        start, end = moment_of(self.start, "from"), moment_of(self.end, "to")
        if start is None and days is not None:
            start = (end or timezone.now()) - timedelta(days=days)
        if start and end and end <= start:
            raise Refused(422, "invalid", _("The period ends before it begins."))
        return start, end


class OutageQuery(Period):
    """Which outages."""

    ont: int | None = Field(None, ge=1, le=LARGEST_ID)
    site: int | None = Field(None, ge=1, le=LARGEST_ID)
    area: int | None = Field(None, ge=1, le=LARGEST_ID)
    category: str = Field("", max_length=8)
    ongoing: bool | None = None
    q: str = Field("", max_length=100)
    cleared: bool = Field(False, description="Also those that a person has hidden.")

    def wanted(self, *, days: float | None = None) -> questions.Wanted:
        """The question as the service takes it."""
        start, end = self.span(days=days)
        if "\x00" in self.q or "\x00" in self.category:
            raise Refused(422, "invalid", _("Some values do not fit."))
        return questions.Wanted(
            ont=self.ont,
            site=self.site,
            area=self.area,
            category=self.category,
            ongoing=self.ongoing,
            start=start,
            end=end,
            search=self.q,
            cleared=self.cleared,
        )


class Paging(Schema):
    """Which page."""

    page: int = Field(1, ge=1, le=1_000_000)
    per_page: int = Field(100, ge=1, le=1000)
    sort: str = Field("", max_length=20)


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


class Restoring(Schema):
    """From where."""

    backup: str = Field("", max_length=80, description="Only those of this `outages-….json`.")


class Cleared(Schema):
    """How many outages were hidden or shown again."""

    outages: int


def moment_of(text: str | None, field: str) -> datetime | None:
    """An aware time from epoch seconds or ISO 8601; None for nothing.

    Raises:
        Refused: it is neither, or lies outside of what a calendar holds.
    """
    if not text:
        return None
    try:
        at = _read_moment(text)
    except (ValueError, OverflowError, OSError):
        at = None
    if at is None or not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise Refused(
            422,
            "invalid",
            _("Some values do not fit."),
            {field: [_("Not a time: epoch seconds or ISO 8601.")]},
        )
    return at


def _read_moment(text: str) -> datetime:
    if text.replace(".", "", 1).isdigit() and text.isascii():
        return datetime.fromtimestamp(float(text), UTC)
    # A "+" that was not escaped arrives as a space.
    at = datetime.fromisoformat(text.replace(" ", "+"))
    return (at if at.tzinfo else timezone.make_aware(at)).astimezone(UTC)


def _uptime(figure: Uptime) -> UptimeOut:
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


def _outage(outage: Outage, now: datetime) -> OutageOut:
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


@router.get("/outages", response={200: OutagePage, **FAILURES}, summary="Outages, newest first")
def list_outages(
    request: HttpRequest, query: Query[OutageQuery], paging: Query[Paging]
) -> OutagePage:
    """`sort`: start, end, name or duration, with a minus for descending."""
    wanted = query.wanted()
    now = timezone.now()
    first = (paging.page - 1) * paging.per_page
    rows = questions.listing(wanted, sort=paging.sort or "-start", now=now)
    return OutagePage(
        items=[_outage(outage, now) for outage in rows[first : first + paging.per_page]],
        total=questions.count(wanted),
        page=paging.page,
        per_page=paging.per_page,
    )


@router.get("/outages/summary", response={200: SummaryPage, **FAILURES}, summary="Outages per ONT")
def summarise_outages(
    request: HttpRequest, query: Query[OutageQuery], paging: Query[Paging]
) -> SummaryPage:
    """The last 30 days unless told otherwise. `sort`: count, last or name."""
    now = timezone.now()
    wanted = query.wanted(days=30)
    assert wanted.start is not None  # noqa: S101 -- `days` made it
    period = Span(wanted.start, wanted.end)
    groups = questions.summary_groups(wanted, sort=paging.sort or "-count")
    first = (paging.page - 1) * paging.per_page
    rows = questions.with_uptime(groups[first : first + paging.per_page], period, now)
    return SummaryPage(
        items=[
            SummaryOut(
                ont=row.ont_id,
                name=row.name,
                location=row.location,
                area=row.area,
                count=row.count,
                last_start=row.last_start,
                last_end=row.last_end,
                ongoing=row.ongoing,
                uptime=_uptime(row.uptime),
            )
            for row in rows
        ],
        total=groups.count(),
        page=paging.page,
        per_page=paging.per_page,
        start=period.start,
        end=min(period.end or now, now),
    )


class GroupQuery(Period):
    """Uptime of what."""

    by: str = Field("site", pattern="^(site|area|category)$")
    site: int | None = Field(None, ge=1, le=LARGEST_ID)


@router.get("/uptime", response={200: list[GroupUptime], **FAILURES}, summary="Uptime, worst first")
def group_uptime(request: HttpRequest, query: Query[GroupQuery]) -> list[GroupUptime]:
    """Per site, area or category over the last 30 days unless told otherwise."""
    start, end = query.span(days=30)
    assert start is not None  # noqa: S101 -- `days` made it
    assert query.by in GROUPS  # noqa: S101 -- the schema's pattern
    return [
        GroupUptime(key=group.key, name=group.name, onts=group.onts, uptime=_uptime(group.uptime))
        for group in by_group(query.by, Span(start, end), site=query.site)
    ]


@router.post(
    "/outages/clear-all",
    response={200: Cleared, **FAILURES},
    auth=session_or_token(Role.ADMIN),
    summary="Hide all outages that are over",
)
def clear_outages(request: HttpRequest) -> Cleared:
    """Uptime figures still count them; `/outages/restore` shows them again."""
    try:
        hidden = questions.clear_all()
    except OSError as error:
        raise Refused(409, "disk", str(error.strerror)) from error
    audit.record_request(request, "outages.hide", str(hidden))
    return Cleared(outages=hidden)


@router.post(
    "/outages/restore",
    response={200: Cleared, **FAILURES},
    auth=session_or_token(Role.ADMIN),
    summary="Show hidden outages again",
)
def restore_outages(request: HttpRequest, query: Query[Restoring]) -> Cleared:
    """Takes back every `/outages/clear-all`, or brings back what one backup file holds."""
    try:
        if query.backup:
            shown = outage_files.restore(query.backup).count
        else:
            shown = questions.restore_cleared()
    except outage_files.FileUnreadable as refusal:
        raise Refused(422, "backup", str(refusal)) from refusal
    except OSError as error:
        raise Refused(409, "disk", str(error.strerror)) from error
    audit.record_request(request, "outages.show", query.backup or str(shown))
    return Cleared(outages=shown)


def _ont(ont_id: int) -> Ont:
    ont = Ont.objects.present().filter(pk=ont_id).first() if 0 < ont_id <= LARGEST_ID else None
    if ont is None:
        raise Http404(_("There is no such ONT."))
    return ont


@router.get(
    "/onts/{int:ont_id}/why",
    response={200: list[DecisionOut], **FAILURES},
    summary="Why it is down",
)
def explain(request: HttpRequest, ont_id: int) -> list[dict[str, Any]]:
    """The last decisions about the ONT, newest first, with the probes they rest on."""
    ont = _ont(ont_id)
    return [
        {
            "id": decision.id,
            "at": decision.at,
            "decided_at": decision.decided_at,
            "before": decision.before,
            "after": decision.after,
            "reason": decision.reason,
            "text": str(decision.text),
            "last_ok": decision.last_ok,
            "loss": decision.loss,
            "probes": [
                {
                    "at": probe.at,
                    "rtt_ms": probe.rtt_ms,
                    "outcome": str(probe.outcome),
                    "confirm": probe.confirm,
                }
                for probe in decision.probes
            ],
        }
        for decision in decisions_about(ont.pk, limit=50)
    ]


@router.get(
    "/onts/{int:ont_id}/uptime", response={200: UptimeOut, **FAILURES}, summary="Uptime of one ONT"
)
def ont_uptime(request: HttpRequest, ont_id: int, query: Query[Period]) -> UptimeOut:
    """The last 30 days unless told otherwise."""
    ont = _ont(ont_id)
    start, end = query.span(days=30)
    assert start is not None  # noqa: S101 -- `days` made it
    return _uptime(uptimes(Span(start, end), onts=[ont.pk]).of(ont.pk))


class HistoryQuery(Period):
    """What the chart shows."""

    points: int = Field(400, ge=10, le=MOST_POINTS)


@router.get(
    "/onts/{int:ont_id}/history",
    response={200: HistoryOut, **FAILURES},
    summary="Round trip and loss",
)
def ont_history(request: HttpRequest, ont_id: int, query: Query[HistoryQuery]) -> HistoryOut:
    """The last 24 hours unless told otherwise, in at most `points` points."""
    ont = _ont(ont_id)
    start, end = query.span(days=1)
    assert start is not None  # noqa: S101 -- `days` made it
    columns = chart(ont.pk, start, end or timezone.now(), query.points)
    return HistoryOut(
        at=columns.at, rtt_ms=columns.rtt_ms, worst_ms=columns.worst_ms, loss=columns.loss
    )


@router.get("/watch", response={200: list[PollerOut], **FAILURES}, summary="Health of the watch")
def watch_health(request: HttpRequest) -> list[PollerOut]:
    """The pollers, what their last round saw, and whether they can see at all."""
    return [
        PollerOut(
            name=item.row.name,
            state=item.state,
            method=item.row.method,
            interval_s=item.row.interval_s,
            targets=item.row.targets,
            sweep=item.row.sweep,
            swept_at=item.row.swept_to,
            took_s=None if item.took is None else item.took.total_seconds(),
            sent=item.row.sent,
            answered=item.row.answered,
            missed=item.row.missed,
            uncertain=item.row.uncertain,
            blind_since=item.row.blind_since,
            trouble=item.row.trouble,
            canaries=item.row.canaries,
        )
        for item in health_service.pollers()
    ]
