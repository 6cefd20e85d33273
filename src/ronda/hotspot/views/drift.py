"""Where routers differ from what is wanted, and who decides which side is right."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from ronda.accounts.models import Role
from ronda.accounts.roles import require
from ronda.devices.acting import actor
from ronda.devices.service.scope import mine
from ronda.hotspot.models import Drift, Part, Verb
from ronda.hotspot.service import ages, deciding
from ronda.hotspot.service.asking import Target
from ronda.hotspot.views.parts import (
    PAGE_SIZE,
    ask_and_show,
    back_to,
    page,
    page_number,
    router_or_404,
)
from ronda.hotspot.views.users import differences_of
from ronda.kernel.ids import id_of, ids_of
from ronda.routers.models import Router


@require(Role.VIEWER)
@require_safe
def drift_page(request: HttpRequest) -> HttpResponse:
    """What differs, since when, who probably changed it, and the two ways out."""
    number = page_number(request)
    found = mine(Drift.objects.filter(router__deleted_at=None, router__active=True), "router__site")
    first = (number - 1) * PAGE_SIZE
    rows = list(found.select_related("router", "wanted")[first : first + PAGE_SIZE])
    for row in rows:
        row.differences = differences_of(row)  # type: ignore[attr-defined] # for the template
    known = ages.ages(Part.USERS)
    return render(
        request,
        "hotspot/drift.html",
        {
            "page": page(rows, found.count(), number, PAGE_SIZE),
            "ages": known,
            "stale": [age for age in known if age.stale],
        },
    )


@require(Role.ADMIN)
@require_POST
def decide(request: HttpRequest) -> HttpResponse:
    """Make the chosen items as wanted on their routers, or want them as the routers hold them."""
    ids = ids_of(request.POST.getlist("row"))
    rows = deciding.rows_of(ids)
    if not rows:
        messages.warning(request, _("Choose rows in the list first."))
        return redirect("hotspot:drift")
    if request.POST.get("side") == "router":
        return _believe_routers(request, rows)
    return ask_and_show(request, Verb.REPAIR, deciding.repairs(rows), "/hotspot/differences/")


def _believe_routers(request: HttpRequest, rows: list[Drift]) -> HttpResponse:
    me = actor(request)
    count = deciding.believe_routers(rows, me.person, me.source)
    messages.success(
        request,
        ngettext(
            "The router's side was taken over for %(count)d item.",
            "The router's side was taken over for %(count)d items.",
            count,
        )
        % {"count": count},
    )
    return redirect("hotspot:drift")


@require(Role.NOC)
@require_POST
def refresh(request: HttpRequest) -> HttpResponse:
    """Read one router, or all in use, again now."""
    number = id_of(request.POST.get("router", ""))
    routers = [router_or_404(number)] if number else list(mine(Router.objects.in_use()))
    if not routers:
        return redirect("hotspot:online")
    targets = [Target(router, router.name, kind="router") for router in routers]
    return ask_and_show(request, Verb.REFRESH, targets, back_to(request, "/hotspot/"))
