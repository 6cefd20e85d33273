"""Hours of access: stated for a profile or a user, and how they are kept."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ronda.accounts.models import Role
from ronda.accounts.roles import require
from ronda.devices.acting import actor
from ronda.devices.models import Site
from ronda.devices.service.scope import mine
from ronda.hotspot.forms import PlacementForm
from ronda.hotspot.hours_forms import HoursForm
from ronda.hotspot.models import AccessHours, Kind
from ronda.hotspot.rules.balancing import Rule
from ronda.hotspot.service import hours, placing
from ronda.hotspot.views import profiles, users
from ronda.hotspot.views.hours_words import line_of
from ronda.routers.models import Router


@require(Role.VIEWER)
@require_safe
def hours_list(request: HttpRequest) -> HttpResponse:
    """All hours of access, and where each site makes its users."""
    stated = AccessHours.objects.filter(router__deleted_at=None).select_related("router")
    rows = mine(stated, "router__site")
    sites = mine(Site.objects.filter(routers__in=Router.objects.in_use()), "pk").distinct()
    placements = []
    for site in sites:
        rule, fixed = placing.rule_of(site)
        form = PlacementForm(None, site, initial={"rule": rule, "fixed": fixed})
        count = Router.objects.in_use().filter(site=site).count()
        placements.append({"site": site, "form": form, "count": count})
    return render(
        request,
        "hotspot/hours.html",
        {
            "rows": [line_of(row) for row in rows.order_by("router__name", "name")],
            "placements": placements,
        },
    )


@require(Role.ADMIN)
def profile_hours(request: HttpRequest, pk: int) -> HttpResponse:
    """The hours of everybody who has a profile."""
    row = profiles.find(pk)
    return _edit(request, row.router, Kind.PROFILE, row.name, "all", f"/hotspot/profiles/{pk}/")


@require(Role.ADMIN)
def user_hours(request: HttpRequest, pk: int) -> HttpResponse:
    """The hours of one user."""
    row = users.find(pk)
    return _edit(request, row.router, Kind.USER, row.name, row.server, f"/hotspot/users/{pk}/")


def _edit(
    request: HttpRequest, router: Router, kind: Kind, name: str, server: str, back: str
) -> HttpResponse:
    old = AccessHours.objects.filter(router=router, kind=kind, name=name, server=server).first()
    form = HoursForm(request.POST if request.method == "POST" else None, hours=old)
    if request.method == "POST" and form.is_valid():
        me = actor(request)
        hours.set_hours(
            router, kind, name, server, form.chosen_zone(), form.windows(), me.person, me.source
        )
        messages.success(
            request, _("The hours are stated; the router is told at its next sign of life.")
        )
        return redirect(back)
    context = {"form": form, "name": name, "kind": kind, "router": router, "back": back}
    return render(request, "hotspot/hours_form.html", context)


@require(Role.ADMIN)
def placement(request: HttpRequest, pk: int) -> HttpResponse:
    """State where new users of a site are made."""
    site = Site.objects.filter(pk=pk).first()
    if site is not None and request.method == "POST":
        form = PlacementForm(request.POST, site)
        if form.is_valid():
            me = actor(request)
            rule = Rule(form.cleaned_data["rule"])
            placing.set_rule(site, rule, form.cleaned_data["fixed"], me.person, me.source)
            messages.success(request, _("The rule is stated."))
        else:
            messages.error(
                request, " ".join(str(one) for errors in form.errors.values() for one in errors)
            )
    return redirect("hotspot:hours")
