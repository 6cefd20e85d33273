"""Pages of health and connections: all routers, one router, its charts."""

from dataclasses import asdict
from datetime import timedelta

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from ronda.accounts.models import Role
from ronda.accounts.roles import require
from ronda.upkeep.models import Span
from ronda.upkeep.service import connections, fleet
from ronda.upkeep.service import health as health_service
from ronda.upkeep.views.parts import router_or_404

SPANS = 50
MOST_HOURS = 24 * 3660


@require_GET
@require(Role.NOC)
def fleet_page(request: HttpRequest) -> HttpResponse:
    """All routers: how each is connected, since when, how well it is, and how old that is."""
    found = fleet.standings()
    order = {"failed": 0, "waiting": 1, "connected": 2, "never": 3, "off": 4}
    found.sort(key=lambda standing: (order[standing.state], not standing.troubles))
    return render(request, "upkeep/fleet.html", {"standings": found})


@require_GET
@require(Role.NOC)
def router_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One router: its health, charts, connections and their reasons."""
    router = router_or_404(pk)
    now = timezone.now()
    month = now - timedelta(days=30)
    return render(
        request,
        "upkeep/router.html",
        {
            "router": router,
            "standing": fleet.standing_of(router, now),
            "spans": Span.objects.filter(router=router)[:SPANS],
            "calls": health_service.usual_calls(router.pk, now - timedelta(days=1)),
            "failed_month": connections.failed_attempts(router.pk, month),
            "share": connections.connected_share(router.pk, month, now),
        },
    )


@require_GET
@require(Role.NOC)
def part(request: HttpRequest, pk: int) -> HttpResponse:
    """What the router's own page shows of it."""
    router = router_or_404(pk)
    context = {"router": router, "standing": fleet.standing_of(router)}
    return render(request, "upkeep/part.html", context)


@require_GET
@require(Role.NOC)
def series(request: HttpRequest, pk: int) -> JsonResponse:
    """Columns for the charts of the last `?hours=`."""
    router = router_or_404(pk)
    asked = request.GET.get("hours", "")
    hours = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 7 else 24
    end = timezone.now()
    start = end - timedelta(hours=max(1, min(hours, MOST_HOURS)))
    return JsonResponse(asdict(health_service.series(router.pk, start, end)))
