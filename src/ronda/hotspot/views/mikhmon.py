"""The page that shows what Mikhmon keeps on a router, before anything is taken over."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from ronda.accounts.models import Role
from ronda.accounts.roles import require
from ronda.hotspot.service import mikhmon
from ronda.routers.models import Router
from ronda.work import jobs

PATIENCE_S = 8.0
STATES = {
    "unused": gettext_lazy("Not used yet"),
    "active": gettext_lazy("In use"),
    "expired": gettext_lazy("Over"),
    "unlimited": gettext_lazy("Used, and no end was written"),
    "other": gettext_lazy("Other users"),
}
ODDITIES = {
    "unlimited": gettext_lazy("vouchers were used without their end being written: they never end"),
    "orphan-scheduler": gettext_lazy(
        "schedulers bear the name of a user: a first login was cut off"
    ),
    "no-monitor": gettext_lazy("plans have no job that ends their vouchers"),
    "unreadable-sale": gettext_lazy("sales cannot be read and would be left out"),
    "unreadable-package": gettext_lazy("quick print packages cannot be read and would be left out"),
    "no-clock": gettext_lazy(
        "the router's clock cannot be read: nothing is called over by its date"
    ),
    "records-nothing": gettext_lazy("plans do not record their sales: their income is not known"),
}


@require_http_methods(["GET", "HEAD", "POST"])
@require(Role.ADMIN)
def mikhmon_page(request: HttpRequest) -> HttpResponse:
    """What the newest look at the chosen router found; posting looks again."""
    routers = list(Router.objects.in_use().order_by("name"))
    router = _chosen(request, routers)
    if request.method == "POST" and router is not None:
        jobs.wait(mikhmon.ask(router.pk), PATIENCE_S)
        return redirect(f"{reverse('hotspot:mikhmon')}?router={router.pk}")
    state = mikhmon.newest(router.pk) if router else None
    context: dict[str, Any] = {"routers": routers, "router": router, "state": state}
    if state is not None and state.result is not None:
        found = dict(state.result)
        context |= {
            "found": found,
            "read_at": parse_datetime(str(found.get("read_at", ""))),
            "vouchers": [(STATES[name], count) for name, count in found["vouchers"].items()],
            "oddities": [(ODDITIES[odd["code"]], odd) for odd in found["oddities"]],
        }
    elif state is not None and state.finished:
        context["trouble"] = state.error or _("it was not reached in time")
    return render(request, "hotspot/mikhmon.html", context)


def _chosen(request: HttpRequest, routers: list[Router]) -> Router | None:
    asked = request.POST.get("router") or request.GET.get("router", "")
    if not asked:
        return routers[0] if routers else None
    found = next((router for router in routers if str(router.pk) == asked), None)
    if found is None:
        raise Http404(_("There is no such router."))
    return found
