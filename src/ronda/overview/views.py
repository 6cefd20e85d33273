"""Dashboard, map, wallboard and the public page."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from ronda.accounts import screens
from ronda.accounts.models import Person, Role
from ronda.accounts.roles import ANYONE, holds, require
from ronda.alerts.service import filtered
from ronda.alerts.service.wording import text_of
from ronda.devices.service.scope import here
from ronda.hotspot.service.usage import counts
from ronda.overview.service import first_hour, incidents_now, summary
from ronda.web.navigation import links
from ronda.work import tuning

RECENT = 6


@require_GET
@require(ANYONE)
def dashboard(request: HttpRequest) -> HttpResponse:
    """What is down, where, since when, and how the watch is; those who only sell go on to their page."""
    role = getattr(request.user, "role", "")
    if not holds(role, Role.VIEWER):
        first = next(iter(links(role, request.path)), None)
        return redirect(first.url if first else "accounts:profile")
    notices = [(notice, text_of(notice)) for notice in filtered()[:RECENT]]
    context = {
        **down_now(request),
        "notices": notices,
        "online": counts.now(),
        "first_hour": holds(role, Role.ADMIN) and here() is None and first_hour.wanted(),
    }
    return render(request, "overview/dashboard.html", context)


@require_GET
@require(Role.VIEWER)
def map_page(request: HttpRequest) -> HttpResponse:
    """The live map."""
    return render(request, "overview/map.html", base_map_of())


@require_GET
@require(Role.VIEWER)
def wallboard(request: HttpRequest) -> HttpResponse:
    """Counts, outages and map for a screen on the wall."""
    return render(
        request,
        "overview/wallboard.html",
        {**base_map_of(), "wallboard": True, **down_now(request)},
    )


@require_GET
@require(Role.VIEWER)
def ongoing(request: HttpRequest) -> HttpResponse:
    """The list of what is down now, for pages that fetch it again when something changed."""
    return render(request, "overview/ongoing.html", down_now(request))


def down_now(request: HttpRequest) -> dict[str, Any]:
    """What `overview/ongoing.html` shows: the worst incidents, and what is down."""
    person = request.user if isinstance(request.user, Person) else None
    return {"summary": summary.summary(), "incidents": incidents_now.worst(person)}


@require_GET
@login_not_required
def public(request: HttpRequest) -> HttpResponse:
    """Map and counts for everybody, where the owner has switched it on; no addresses, no customers."""
    if not tuning.value("public_map"):
        raise Http404
    return render(
        request,
        "overview/public.html",
        {**base_map_of(), "public": True, "counts": summary.counts(), "areas": summary.areas()},
    )


@require_GET
@login_not_required
def base_map(request: HttpRequest) -> HttpResponseBase:
    """The operator's PMTiles file, in the ranges that the map asks for."""
    path = settings.RONDA.pmtiles
    visible = (
        tuning.value("public_map")
        or holds(getattr(request.user, "role", ""), Role.VIEWER)
        or screens.person_of(request) is not None
    )
    if path is None or not visible or not path.is_file():
        raise Http404
    return _ranged(request, path.open("rb"), path.stat().st_size)


def _ranged(request: HttpRequest, file: Any, size: int) -> HttpResponseBase:
    """The part of `file` that a `Range: bytes=a-b` header asks for, or all of it."""
    unit, _, span = request.headers.get("range", "").partition("=")
    first, _, last = span.partition("-")
    if unit.strip() != "bytes" or not _is_number(first):
        return FileResponse(file, content_type="application/octet-stream")
    start = int(first)
    end = min(int(last) if _is_number(last) else size - 1, size - 1)
    with file:
        if start > end:
            return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
        file.seek(start)
        answer = HttpResponse(
            file.read(min(end - start + 1, LARGEST_RANGE)),
            status=206,
            content_type="application/octet-stream",
        )
    end = start + len(answer.content) - 1
    answer["Content-Range"] = f"bytes {start}-{end}/{size}"
    answer["Cache-Control"] = "private, max-age=3600"
    return answer


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19


# A reader of PMTiles asks for tiles and directories, which are far smaller.
LARGEST_RANGE = 8 * 1024 * 1024


def base_map_of() -> dict[str, Any]:
    """Where the map of a page takes its ground from."""
    conf = settings.RONDA
    return {
        "tiles_url": conf.tiles_url,
        "tiles_attribution": conf.tiles_attribution,
        "pmtiles_url": reverse("overview:base-map") if conf.pmtiles else "",
    }
