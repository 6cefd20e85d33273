"""The older monitoring system's paths about hotspot users, mounted at `/api`, with their old shapes.

Times carry their offset, where the older system wrote naive local ones; readers of either take both.
No request waits for a router: all of it is what the background has read.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Router

from ronda.accounts.auth import session_or_token
from ronda.accounts.models import Role
from ronda.hotspot.rules.older_rows import MOST_ROWS, WrongRow
from ronda.hotspot.service.usage import analytics, older
from ronda.hotspot.service.usage.counts import Scope

router = Router(tags=["older"], auth=session_or_token(Role.VIEWER))

MOST_USERS = 10_000_000
SUMMARY_DAYS = 30


@router.get("/history")
def history(request: HttpRequest) -> HttpResponse:
    """`[{timestamp, users}]`, at most 100, oldest first; `[]` when nothing was counted yet."""
    return JsonResponse(older.history(), safe=False)


@router.post("/record-history", auth=session_or_token(Role.NOC))
def record_history(request: HttpRequest) -> HttpResponse:
    """Keeps `{users}` as the count of this moment: `{success, recorded: {timestamp, users}}`."""
    body = _body(request)
    users = body.get("users") if isinstance(body, dict) else None
    if isinstance(users, bool) or not isinstance(users, int) or not 0 <= users <= MOST_USERS:
        return _refused(400, _("Send {“users”: N}, with a whole number that is not negative."))
    at = older.record_count(users)
    recorded = {"timestamp": older.iso(at), "users": users}
    return JsonResponse({"success": True, "recorded": recorded})


@router.post("/log-active-users", auth=session_or_token(Role.NOC))
def log_active_users(request: HttpRequest) -> HttpResponse:
    """Keeps a batch `[{ip, mac, uptime, bytes_in, bytes_out}]`: `{success, message}`."""
    body = _body(request)
    if not isinstance(body, list):
        return _refused(
            400, _("Send a list: [{“ip”, “mac”, “uptime”, “bytes_in”, “bytes_out”}, …].")
        )
    try:
        count = older.log_active(body)
    except WrongRow as wrong:
        return _refused(400, _complaint(wrong))
    # The older programs look for these words.
    return JsonResponse({"success": True, "message": f"Logged {count} users."})


def _complaint(wrong: WrongRow) -> str:
    if not wrong.number:
        return _("At most %(most)d users fit into one batch.") % {"most": MOST_ROWS}
    return _("User %(number)d: %(field)s is missing or of the wrong kind. Nothing was kept.") % {
        "number": wrong.number,
        "field": wrong.field,
    }


@router.get("/analytics-data")
def analytics_data(request: HttpRequest) -> HttpResponse:
    """`{summary, daily_summary, raw_logs}` of the last 30 days and 100 readings; 404 when empty."""
    now = timezone.now()
    zone = timezone.get_current_timezone()
    last = timezone.localdate(now)
    first = last - timedelta(days=SUMMARY_DAYS - 1)
    found = analytics.analyse(Scope(), first, last, zone, now)
    logs = older.logs()
    if found.empty and not logs:
        return JsonResponse({"error": _("Nobody has been counted yet.")}, status=404)
    answer: dict[str, Any] = {
        "summary": {
            "peak_users": found.level.peak or 0,
            "trough_users": found.level.lowest or 0,
            "average_users": round(found.level.average or 0, 2),
            "unique_devices": found.used.devices or 0,
        },
        "daily_summary": [
            {
                "date": day.day.isoformat(),
                "peak": day.level.peak,
                "trough": day.level.lowest,
                "average": round(day.level.average or 0, 2),
            }
            for day in found.days
            if day.level.known
        ],
        "raw_logs": logs,
    }
    return JsonResponse(answer)


@router.get("/hotspot/active-users")
def active_users(request: HttpRequest) -> HttpResponse:
    """`[{ip, mac}]` as last read, with the time of the reading in `X-Read-At`; 503 when too old."""
    try:
        users, at = older.active_now()
    except older.NeverRead:
        return JsonResponse(
            {"error": _("No router could be read lately. The page of the routers says why.")},
            status=503,
        )
    headers = {} if at is None else {"X-Read-At": older.iso(at)}
    return JsonResponse(users, safe=False, headers=headers)


def _body(request: HttpRequest) -> Any:
    """The JSON of the request; None when it is none."""
    try:
        return json.loads(request.body)
    except (ValueError, RecursionError):
        return None


def _refused(status: int, message: str) -> HttpResponse:
    body = {"success": False, "message": message, "error": message}
    return JsonResponse(body, status=status)
