"""The report's page and its files."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from ronda.accounts.models import Role
from ronda.accounts.roles import require
from ronda.overview.report_files import XLSX_TYPE, as_csv, as_xlsx, file_name
from ronda.overview.report_forms import ReportForm
from ronda.overview.service import reports
from ronda.web.periods import query_of, title
from ronda.work import tuning


@require_GET
@require(Role.VIEWER)
def reports_page(request: HttpRequest) -> HttpResponse:
    """Uptime, outages, RTT and loss of a period, worst first; prints on A4."""
    form = ReportForm(request.GET)
    asked = form.asked()
    made = reports.report(asked.period, asked.by, asked.scope)
    shown = made.rows if asked.by != "ont" else made.rows[: reports.WORST_ONTS]
    context = {
        "form": form,
        "report": made,
        "rows": shown,
        "hidden": len(made.rows) - len(shown),
        "title": title(asked.period),
        "title_before": title(asked.period.before()),
        "policy": reports.policy(made),
        "query": request.GET.urlencode(),
        "earlier": query_of(request.GET, asked.period.before()),
        "later": query_of(request.GET, asked.period.after()) if not made.running else "",
    }
    return render(request, "overview/report.html", context)


@require_GET
@require(Role.VIEWER)
def report_csv(request: HttpRequest) -> HttpResponse:
    """All rows of the level asked for, as CSV."""
    asked = ReportForm(request.GET).asked()
    made = reports.report(asked.period, asked.by, asked.scope, onts=0)
    return _file(as_csv(made), "text/csv; charset=utf-8", file_name(asked.period, asked.by, "csv"))


@require_GET
@require(Role.VIEWER)
def report_xlsx(request: HttpRequest) -> HttpResponse:
    """All levels, down to every ONT, as a workbook."""
    asked = ReportForm(request.GET).asked()
    made = reports.levels(asked.period, asked.scope)
    content = as_xlsx(made, tuning.value("site_name"))
    return _file(content, XLSX_TYPE, file_name(asked.period, "all", "xlsx"))


def _file(content: bytes, kind: str, name: str) -> HttpResponse:
    headers: dict[str, Any] = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=kind, headers=headers)
