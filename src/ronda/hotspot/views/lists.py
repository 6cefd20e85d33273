"""The lists: who is online now, all users, and the other things that routers hold."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from ronda.accounts.models import Role
from ronda.accounts.roles import require
from ronda.devices.service.scope import mine
from ronda.hotspot.forms import FilterForm
from ronda.hotspot.models import Drift, Part, Reading
from ronda.hotspot.rules.standing import presence
from ronda.hotspot.service import ages, lists
from ronda.hotspot.views.parts import PAGE_SIZE, page, page_number, router_or_404

TABS = (
    ("online", Part.ACTIVE, gettext_lazy("Online")),
    ("users", Part.USERS, gettext_lazy("Users")),
    ("profiles", Part.PROFILES, gettext_lazy("Profiles")),
    ("hosts", Part.HOSTS, gettext_lazy("Hosts")),
    ("cookies", Part.COOKIES, gettext_lazy("Cookies")),
    ("bindings", Part.BINDINGS, gettext_lazy("Bindings")),
    ("leases", Part.LEASES, gettext_lazy("Leases")),
)
_FILTERS: dict[Part, tuple[str, ...]] = {
    Part.ACTIVE: ("q", "status", "site", "router", "server", "profile"),
    Part.USERS: ("q", "status", "site", "router", "server", "profile", "standing"),
    Part.PROFILES: ("q", "site", "router"),
    Part.HOSTS: ("q", "site", "router", "server"),
    Part.COOKIES: ("q", "site", "router"),
    Part.BINDINGS: ("q", "site", "router", "server"),
    Part.LEASES: ("q", "site", "router", "server"),
}


def context_of(request: HttpRequest, part: Part) -> dict[str, Any]:
    """What every list page has: its rows, filters, tabs, and how old the list is at each router."""
    filters = FilterForm(request.GET, _FILTERS[part])
    listing = lists.LISTINGS[part]
    sort = request.GET.get("sort", "")
    if sort.lstrip("-") not in listing.sorts:
        sort = listing.default
    wanted = lists.Filter(sort=sort, **filters.wanted())
    number = page_number(request)
    rows, total = lists.page_of(part, wanted, number, PAGE_SIZE)
    known = ages.ages(part)
    chosen = [age for age in known if wanted.router in (None, age.router.pk)]
    stale = {age.router.pk for age in known if age.stale}
    for row in rows:
        row.stale = row.router_id in stale
    return {
        "part": part,
        "tabs": TABS,
        "filters": filters,
        "narrowed": bool(filters.wanted()),
        "sort": sort,
        "page": page(rows, total, number, PAGE_SIZE),
        "ages": chosen,
        "stale": [age for age in chosen if age.stale],
        "several": len(known) > 1,
        "any_router": bool(known),
        "drifts": mine(
            Drift.objects.filter(router__deleted_at=None, router__active=True), "router__site"
        ).count(),
    }


@require(Role.VIEWER)
@require_safe
def online(request: HttpRequest) -> HttpResponse:
    """Who is online now; the page is renewed when routers were read, and asks for quick readings."""
    context = context_of(request, Part.ACTIVE)
    rows = context["page"].object_list
    lists.add_profiles(rows)
    for row in rows:
        row.presence = presence(disabled=False, idle_s=row.idle_s)
    ages.look_at(age.router.pk for age in context["ages"])
    return render(
        request, "hotspot/online.html", context | {"now": ages.presences(context["ages"])}
    )


@require(Role.VIEWER)
@require_safe
def users(request: HttpRequest) -> HttpResponse:
    """All users of all routers."""
    context = context_of(request, Part.USERS)
    rows = context["page"].object_list
    lists.add_sessions(rows)
    for row in rows:
        idle = row.session["idle_s"] if row.session else None
        row.presence = presence(disabled=row.disabled, idle_s=idle)
    return render(request, "hotspot/users.html", context)


@require(Role.VIEWER)
@require_safe
def others(request: HttpRequest, part: str) -> HttpResponse:
    """Hosts, cookies, bindings or leases."""
    if part not in {Part.HOSTS, Part.COOKIES, Part.BINDINGS, Part.LEASES}:
        raise Http404(_("There is no such list."))
    return render(request, f"hotspot/{part}.html", context_of(request, Part(part)))


@require(Role.VIEWER)
@require_safe
def tiles(request: HttpRequest) -> HttpResponse:
    """A fragment for other pages: active and idle now, and users per profile."""
    return render(
        request,
        "hotspot/tiles.html",
        {"now": ages.presences(), "profiles": ages.users_per_profile()[:8]},
    )


@require(Role.VIEWER)
@require_safe
def of_router(request: HttpRequest, pk: int) -> HttpResponse:
    """A fragment for the page of a router: how many of each it holds, and how old that is."""
    router = router_or_404(pk)
    readings = {row.part: row for row in Reading.objects.filter(router=router)}
    rows = [
        {"name": name, "label": label, "reading": readings.get(part)} for name, part, label in TABS
    ]
    return render(request, "hotspot/of_router.html", {"rows": rows, "router": router})
