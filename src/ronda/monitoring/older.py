"""The older system's outage and status paths, mounted at `/api`, with their old shapes.

Times are ISO with an offset, where the older system wrote naive local ones.
"""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Router, Schema

from ronda.accounts.auth import session_or_token
from ronda.accounts.models import Role
from ronda.accounts.service import audit
from ronda.devices.models import Ont
from ronda.kernel.ids import LARGEST_ID
from ronda.monitoring.service import outages as questions
from ronda.monitoring.service import reported

router = Router(tags=["older"], auth=session_or_token(Role.VIEWER))


def _time(at: Any) -> str | None:
    return None if at is None else timezone.localtime(at).isoformat(timespec="seconds")


@router.get("/outages")
def list_outages(request: HttpRequest) -> HttpResponse:
    """`[{ont_id, ont_name, start_time, end_time|null}]`, newest first."""
    rows = questions.listing(questions.Wanted()).values_list(
        "ont_id", "ont__name", "started_at", "ended_at"
    )
    zone = timezone.get_current_timezone()
    answer = [
        {
            "ont_id": ont,
            "ont_name": name,
            "start_time": start.astimezone(zone).isoformat(timespec="seconds"),
            "end_time": end and end.astimezone(zone).isoformat(timespec="seconds"),
        }
        for ont, name, start, end in rows
    ]
    return JsonResponse(answer, safe=False)


@router.get("/outages/summary")
def summarise_outages(request: HttpRequest) -> HttpResponse:
    """`[{ont_id, ont_name, outage_count, last_start, last_end, ongoing}]`, most often first."""
    rows = [
        {
            "ont_id": row["ont_id"],
            "ont_name": row["name"],
            "outage_count": row["count"],
            "last_start": _time(row["last_start"]),
            "last_end": None if row["open"] else _time(row["last_end"]),
            "ongoing": bool(row["open"]),
        }
        for row in questions.summary_groups(questions.Wanted())
    ]
    return JsonResponse(rows, safe=False)


@router.post("/outages/clear-all", auth=session_or_token(Role.ADMIN))
def clear_outages(request: HttpRequest) -> dict[str, Any]:
    """Hides what is over; nothing is deleted, and the page of outages can show it again."""
    hidden = questions.clear_all()
    audit.record_request(request, "outages.hide", str(hidden))
    return {
        "success": True,
        "message": _("%(count)d outages hidden. They can be shown again.") % {"count": hidden},
    }


class Status(Schema):
    """What another system says of an ONT."""

    status: str = Field(max_length=40)
    rto_count: int = Field(0, ge=0, le=1_000_000)


@router.post("/ont-status/{int:ont_id}", auth=session_or_token(Role.NOC))
def report_status(request: HttpRequest, ont_id: int, body: Status) -> HttpResponse:
    """Taken over for ONTs that are not probed here; 409 for the others, which we know better."""
    ont = Ont.objects.present().filter(pk=ont_id).first() if ont_id < LARGEST_ID else None
    if ont is None:
        raise Http404(_("There is no such ONT."))
    try:
        status = reported.report(ont, body.status, body.rto_count)
    except ValueError:
        return _refused(
            400, _("Unknown status: ON, OFF(Waiting Connection), OFF(RTO), OFF, UNKNOWN.")
        )
    except reported.WatchedHere:
        return _refused(409, _("This ONT is watched here; its status comes from its own probes."))
    return JsonResponse({"success": True, "message": _("Status recorded."), "status": status})


def _refused(status: int, message: str) -> HttpResponse:
    body = {"success": False, "message": message, "error": message}
    return JsonResponse(body, status=status)
