"""What was changed, by whom, and taking it back."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from ronda.accounts.models import Role
from ronda.accounts.roles import holds, require
from ronda.devices.acting import actor
from ronda.devices.models import Change, Ont
from ronda.devices.service import changes
from ronda.devices.service.errors import ChangedSince, ChangeRefused
from ronda.devices.service.recording import RowRecord, needed_to_undo, unpack
from ronda.devices.views.parts import offer_undo, page_number

PAGE_SIZE = 50
ROWS_SHOWN = 100


@require(Role.VIEWER)
@require_safe
def change_list(request: HttpRequest) -> HttpResponse:
    """All changes of ONTs, newest first."""
    rows = Change.objects.select_related("person").defer("rows")
    page = Paginator(rows, PAGE_SIZE).get_page(page_number(request))
    return render(request, "devices/changes.html", {"page": page})


@require(Role.VIEWER, write=Role.NOC)
@require_http_methods(["GET", "HEAD", "POST"])
def change_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One change, row by row, and the button that takes it back."""
    change = get_object_or_404(Change.objects.select_related("person", "undoes"), pk=pk)
    records = unpack(change)
    may_undo = holds(getattr(request.user, "role", ""), needed_to_undo(records))
    later: ChangedSince | None = None
    if request.method == "POST":
        if not may_undo:
            raise PermissionDenied
        me = actor(request)
        try:
            undone = changes.undo(
                pk, me.person, force=request.POST.get("force") == "yes", source=me.source
            )
        except ChangedSince as refusal:
            later = refusal
        except ChangeRefused as refusal:
            messages.error(request, str(refusal))
            return redirect("devices:change", pk=pk)
        else:
            offer_undo(request, undone)
            return redirect("devices:changes")
    return render(
        request,
        "devices/change.html",
        {
            "change": change,
            "rows": _shown(records[:ROWS_SHOWN]),
            "more": max(0, len(records) - ROWS_SHOWN),
            "may_undo": may_undo and change.undone_at is None,
            "later": later,
        },
        status=409 if later else 200,
    )


def _shown(records: list[RowRecord]) -> list[dict[str, Any]]:
    """Rows for the page: the ONT's name now, and each field before and after."""
    onts = Ont.objects.in_bulk([record.ont_id for record in records])
    return [
        {
            "id": record.ont_id,
            "ont": onts.get(record.ont_id),
            "name": record.after.get("name") or record.ont_id,
            "made": record.before is None,
            "fields": [
                {
                    "label": label,
                    "before": _text(record.before, key) if record.before is not None else "",
                    "after": _text(record.after, key),
                }
                for key, label in _labels().items()
                if key in record.after and (record.before is not None or record.after[key])
            ],
        }
        for record in records
    ]


def _labels() -> dict[str, str]:
    return {
        "site_id": _("Site"),
        "area_id": _("Area"),
        "customer_id": _("Customer ID"),
        "name": _("Name"),
        "location": _("Location"),
        "address": _("Address"),
        "latitude": _("Latitude"),
        "longitude": _("Longitude"),
        "category": _("Category"),
        "notes": _("Notes"),
        "monitored": _("Monitored"),
        "deleted_at": _("Deleted"),
    }


def _text(values: dict[str, Any], key: str) -> str:
    value = values.get(key)
    if key in {"site_id", "area_id"}:
        return str(values.get(key.removesuffix("_id")) or "\u2013")
    if key == "deleted_at":
        return _("yes") if value else _("no")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return "\u2013" if value in (None, "") else str(value)
