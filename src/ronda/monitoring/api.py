"""`/api/v1`: outages, uptime, history of one ONT, why it is down, and the watch's own health."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Router

from ronda.accounts.auth import session_or_token
from ronda.accounts.models import Role
from ronda.accounts.service import audit
from ronda.devices.models import Ont
from ronda.kernel.ids import LARGEST_ID
from ronda.monitoring.api_answers import (
    Cleared,
    DecisionOut,
    GroupUptime,
    HistoryOut,
    OutagePage,
    PollerOut,
    SummaryOut,
    SummaryPage,
    UptimeOut,
    outage_out,
    uptime_out,
)
from ronda.monitoring.api_questions import (
    GroupQuery,
    HistoryQuery,
    OutageQuery,
    Paging,
    Period,
    Restoring,
)
from ronda.monitoring.rules.intervals import Span
from ronda.monitoring.service import health as health_service
from ronda.monitoring.service import outage_files
from ronda.monitoring.service import outages as questions
from ronda.monitoring.service.chart import chart
from ronda.monitoring.service.uptime import GROUPS, by_group, uptimes
from ronda.monitoring.service.why import why as decisions_about
from ronda.web.answers import FAILURES, Refused

router = Router(tags=["monitoring"], auth=session_or_token(Role.VIEWER))


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
        items=[outage_out(outage, now) for outage in rows[first : first + paging.per_page]],
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
                uptime=uptime_out(row.uptime),
            )
            for row in rows
        ],
        total=groups.count(),
        page=paging.page,
        per_page=paging.per_page,
        start=period.start,
        end=min(period.end or now, now),
    )


@router.get("/uptime", response={200: list[GroupUptime], **FAILURES}, summary="Uptime, worst first")
def group_uptime(request: HttpRequest, query: Query[GroupQuery]) -> list[GroupUptime]:
    """Per site, area or category over the last 30 days unless told otherwise."""
    start, end = query.span(days=30)
    assert start is not None  # noqa: S101 -- `days` made it
    assert query.by in GROUPS  # noqa: S101 -- the schema's pattern
    return [
        GroupUptime(
            key=group.key, name=group.name, onts=group.onts, uptime=uptime_out(group.uptime)
        )
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
    return uptime_out(uptimes(Span(start, end), onts=[ont.pk]).of(ont.pk))


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
