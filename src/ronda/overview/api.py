"""`/api/v1/reports`: the figures of the reports page."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema

from ronda.accounts.auth import session_or_token
from ronda.accounts.models import Role
from ronda.kernel.ids import LARGEST_ID
from ronda.kernel.periods import Kind, Period, WrongPeriod, period_of
from ronda.overview.report_files import cells
from ronda.overview.service import reports
from ronda.web.answers import FAILURES, IsoDay, Refused
from ronda.web.periods import complaint

router = Router(tags=["reports"], auth=session_or_token(Role.VIEWER))


class ReportQuery(Schema):
    """Which report; without a day the present one is meant."""

    period: Kind = "month"
    day: IsoDay | None = Field(None, description="A day in it; for `any` its first day.")
    until: IsoDay | None = Field(None, description="For `any`: its last day.")
    by: Literal["site", "area", "category", "ont"] = "area"
    site: int | None = Field(None, ge=1, le=LARGEST_ID)
    area: int | None = Field(None, ge=1, le=LARGEST_ID)
    category: Literal["", "general", "csr", "apbd"] = ""
    page: int = Field(1, ge=1, le=1_000_000)
    per_page: int = Field(100, ge=1, le=1000)


class ReportRow(Schema):
    """A site, area, category, ONT, or the totals. Times in seconds; null: nothing is known."""

    level: str
    key: int | str | None = Field(None, description="Id of site, area or ONT; or the category.")
    name: str
    site: str
    area: str
    category: str
    customer_id: str
    location: str
    onts: int
    uptime_percent: float | None
    observed_percent: float | None
    outages: int
    down_s: float
    longest_s: float
    up_s: float
    unobserved_s: float
    excluded_s: float
    total_s: float
    rtt_ms: float | None
    rtt95_ms: float | None
    loss_percent: float | None
    uptime_before_percent: float | None


class ReportOut(Schema):
    """A report: the totals, one page of its rows (worst first), and how they were counted."""

    start: datetime
    end: datetime
    until: datetime = Field(description="Up to when time was counted.")
    by: str
    still_down: int
    totals: ReportRow
    items: list[ReportRow]
    total: int
    page: int
    per_page: int
    policy: list[str]


def period_asked(kind: Kind, day: date | None, until: date | None) -> Period:
    """The period that a program asks for; from today where it names no day.

    Raises:
        Refused: 422, with the reason beside the field.
    """
    zone = timezone.get_current_timezone()
    try:
        return period_of(kind, day or timezone.localdate(), until, zone)
    except WrongPeriod as wrong:
        text = complaint(wrong)
        raise Refused(422, "invalid", _("Some values do not fit."), {wrong.field: [text]}) from None


@router.get("/reports", response={200: ReportOut, **FAILURES})
def report(request: HttpRequest, query: Query[ReportQuery]) -> ReportOut:
    """Uptime, outages, RTT and loss of a period by site, area, category or ONT, worst first."""
    period = period_asked(query.period, query.day, query.until)
    scope = reports.Scope(query.site, query.area, query.category)
    made = reports.report(period, query.by, scope, onts=0)
    first = (query.page - 1) * query.per_page
    return ReportOut(
        start=period.start,
        end=period.end,
        until=made.until,
        by=query.by,
        still_down=made.still_down,
        totals=_row(made.totals, "total"),
        items=[_row(row) for row in made.rows[first : first + query.per_page]],
        total=len(made.rows),
        page=query.page,
        per_page=query.per_page,
        policy=reports.policy(made),
    )


def _row(row: reports.Row, level: str = "") -> ReportRow:
    return ReportRow.model_validate({**cells(row, level), "key": row.key})
