"""The page of hotspot use, its chart and its files."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from ronda.accounts.models import Role
from ronda.accounts.roles import require
from ronda.hotspot.service.usage import analytics, counts, sessions
from ronda.hotspot.service.usage.analytics import Analytics
from ronda.hotspot.service.usage.counts import Scope
from ronda.kernel.periods import Period, midnight
from ronda.overview.report_files import XLSX_TYPE
from ronda.overview.usage_files import RANKINGS, as_csv, as_xlsx, file_name
from ronda.overview.usage_forms import UsageForm
from ronda.web.periods import query_of, title
from ronda.work import tuning

POINTS = 400
GB = 1024**3
HOURS = (24, 7 * 24, 30 * 24)


def _found(period: Period, scope: Scope) -> Analytics:
    return analytics.analyse(scope, period.first, period.last, period.zone, timezone.now())


@require_GET
@require(Role.VIEWER)
def usage_page(request: HttpRequest) -> HttpResponse:
    """Who used the hotspot in a period, how much and when."""
    form = UsageForm(request.GET)
    period, scope = form.asked()
    found = _found(period, scope)
    now = timezone.now()
    end = min(period.end, now)
    points = counts.chart(scope, period.start, end, POINTS) if end > period.start else []
    context = {
        "form": form,
        "found": found,
        "title": title(period),
        "online": counts.now(now),
        "most": max((cell for row in found.heat for cell in row if cell is not None), default=None),
        "weekdays": _weekdays(period, found),
        "chart": columns(points),
        "volumes": _volumes(period, found),
        "running": period.end > now,
        "query": request.GET.urlencode(),
        "earlier": query_of(request.GET, period.before()),
        "later": query_of(request.GET, period.after()) if period.end <= now else "",
    }
    return render(request, "overview/usage.html", context)


def _weekdays(period: Period, found: Analytics) -> list[tuple[Any, list[float | None]]]:
    """Each row of the heat map with a day that bears its weekday's name."""
    monday = period.first - timedelta(days=period.first.weekday())
    return [(monday + timedelta(days=number), row) for number, row in enumerate(found.heat)]


def columns(points: list[counts.Point]) -> dict[str, list[Any]]:
    """Points as columns for the plot: seconds, average and most users."""
    return {
        "at": [round(point.at.timestamp()) for point in points],
        "users": [None if p.average is None else round(p.average, 2) for p in points],
        "most": [point.most for point in points],
    }


def _volumes(period: Period, found: Analytics) -> dict[str, list[Any]]:
    """Gigabytes of each day; None for a day of which nothing is known."""
    known = [bool(day.level.known or day.used.total) for day in found.days]
    days = list(zip(found.days, known, strict=True))
    return {
        "at": [round(midnight(day.day, period.zone).timestamp()) for day in found.days],
        "down": [round(day.used.bytes_out / GB, 3) if yes else None for day, yes in days],
        "up": [round(day.used.bytes_in / GB, 3) if yes else None for day, yes in days],
    }


@require_GET
@require(Role.VIEWER)
def usage_chart(request: HttpRequest) -> JsonResponse:
    """Users online over the last hours (`?hours=24`), as columns for the dashboard's chart."""
    asked = request.GET.get("hours", "")
    hours = int(asked) if asked in {str(item) for item in HOURS} else HOURS[0]
    now = timezone.now()
    points = counts.chart(counts.scope_of(None, None), now - timedelta(hours=hours), now, POINTS)
    return JsonResponse(columns(points))


PER_PAGE = 50
LARGEST_PAGE = 100_000


@require_GET
@require(Role.VIEWER)
def usage_sessions(request: HttpRequest) -> HttpResponse:
    """Single sessions, newest first; `?user=` or `?mac=` those of one client."""
    wanted = sessions.Wanted(
        request.GET.get("user", "")[:120].replace("\x00", ""),
        request.GET.get("mac", "")[:40].replace("\x00", ""),
    )
    asked = request.GET.get("page", "")
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 7 else 1
    number = min(max(number, 1), LARGEST_PAGE)
    first = (number - 1) * PER_PAGE
    rows = list(sessions.listing(wanted)[first : first + PER_PAGE + 1])
    context = {
        "rows": rows[:PER_PAGE],
        "wanted": wanted,
        "number": number,
        "more": len(rows) > PER_PAGE,
        "earlier": _page(request, number - 1),
        "later": _page(request, number + 1),
    }
    return render(request, "overview/usage_sessions.html", context)


def _page(request: HttpRequest, number: int) -> str:
    values = request.GET.copy()
    values["page"] = str(number)
    return values.urlencode()


@require_GET
@require(Role.VIEWER)
def usage_csv(request: HttpRequest) -> HttpResponse:
    """One table as CSV: `?by=day`, user, device, profile or router."""
    period, scope = UsageForm(request.GET).asked()
    by = request.GET.get("by", "")
    by = by if by in RANKINGS else "day"
    content = as_csv(_found(period, scope), by)
    return _file(content, "text/csv; charset=utf-8", file_name(period, by, "csv"))


@require_GET
@require(Role.VIEWER)
def usage_xlsx(request: HttpRequest) -> HttpResponse:
    """All tables as a workbook."""
    period, scope = UsageForm(request.GET).asked()
    content = as_xlsx(_found(period, scope), period, tuning.value("site_name"))
    return _file(content, XLSX_TYPE, file_name(period, "use", "xlsx"))


def _file(content: bytes, kind: str, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=kind, headers=headers)
