"""Profiles: what each router has, the editor with its speed limit in parts, and where they are used."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ronda.accounts.models import Role
from ronda.accounts.roles import require
from ronda.devices.acting import actor
from ronda.devices.service.scope import mine
from ronda.hotspot.models import AccessHours, Drift, HotspotProfile, HotspotUser, Kind, Part, Verb
from ronda.hotspot.profile_forms import ProfileForm, SpeedForm
from ronda.hotspot.rules import rate_limit
from ronda.hotspot.rules.on_login import MODES, mikhmon_plan
from ronda.hotspot.rules.rate_limit import RateLimit
from ronda.hotspot.rules.values import Unreadable
from ronda.hotspot.service import adopting, ages, asking, wording
from ronda.hotspot.service.asking import Target
from ronda.hotspot.views.hours_words import line_of
from ronda.hotspot.views.lists import context_of
from ronda.hotspot.views.parts import ask_and_show
from ronda.hotspot.views.users import differences_of
from ronda.routers.models import Router


@require(Role.VIEWER)
@require_safe
def profile_list(request: HttpRequest) -> HttpResponse:
    """The profiles of every router, with their speeds and how many users have them."""
    context = context_of(request, Part.PROFILES)
    rows = context["page"].object_list
    counts = _users_of(rows)
    for row in rows:
        row.users = counts.get((row.router_id, row.name), 0)
        row.limit = _limit(row)
        row.mikhmon = mikhmon_plan(row.values.get("on-login", ""))
    return render(request, "hotspot/profiles.html", context)


def _users_of(rows: list[HotspotProfile]) -> dict[tuple[int, str], int]:
    found: QuerySet[Any] = HotspotUser.objects.filter(router__in={row.router_id for row in rows})
    counted = found.values_list("router", "profile").annotate(count=Count("id")).order_by()
    return {(router, profile): count for router, profile, count in counted}


def _limit(row: HotspotProfile) -> RateLimit | None:
    try:
        return rate_limit.parse(row.rate_limit)
    except Unreadable:
        return None


@require(Role.VIEWER)
@require_safe
def profile_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One profile of one router: speeds, limits, its scripts, where it is used and what differs."""
    row = find(pk)
    limit = _limit(row)
    drift = Drift.objects.filter(
        wanted__router=row.router_id, wanted__kind=Kind.PROFILE, wanted__name=row.name
    ).first()
    plan = mikhmon_plan(row.values.get("on-login", ""))
    stated = AccessHours.objects.filter(
        router=row.router_id, kind=Kind.PROFILE, name=row.name
    ).first()
    return render(
        request,
        "hotspot/profile.html",
        {
            "row": row,
            "limit": limit,
            "doubts": [wording.DOUBTS[one] for one in rate_limit.doubts(limit)] if limit else [],
            "burst": rate_limit.burst_lasts_s(limit) if limit else None,
            "users": HotspotUser.objects.filter(router=row.router_id, profile=row.name).count(),
            "facts": [
                (wording.property_name(name), wording.value_of(name, text))
                for name, text in row.values.items()
                if name not in {"rate-limit", "on-login", "on-logout"}
            ],
            "scripts": [
                (wording.property_name(name), row.values[name])
                for name in ("on-login", "on-logout")
                if row.values.get(name)
            ],
            "plan": plan,
            "plan_mode": MODES.get(plan.mode, "") if plan else "",
            "age": ages.ages(Part.PROFILES, [row.router])[0],
            "drift": drift,
            "differences": differences_of(drift),
            "history": asking.history_of(row.router_id, Kind.PROFILE, row.name),
            "line": line_of(stated) if stated else None,
        },
    )


def find(pk: int) -> HotspotProfile:
    """A profile of a router that was not deleted."""
    found = HotspotProfile.objects.filter(pk=pk, router__deleted_at=None).select_related("router")
    row = found.first()
    if row is None:
        raise Http404(_("There is no such profile (any more)."))
    return row


@require(Role.ADMIN)
def profile_new(request: HttpRequest) -> HttpResponse:
    """A form for a new profile on one router or on every router of a site."""
    form = ProfileForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        kind, _colon, number = form.cleaned_data["place"].partition(":")
        routers = mine(Router.objects.in_use())
        chosen = (
            routers.filter(site=int(number)) if kind == "site" else routers.filter(pk=int(number))
        )
        # What is RouterOS's own default need not be sent, and some versions refuse "none".
        values = {
            name: text for name, text in form.values().items() if text not in {"", "none", "0s"}
        }
        if "keepalive-timeout" not in values:
            values["keepalive-timeout"] = "none"
        targets = [
            Target(router, form.cleaned_data["name"], Kind.PROFILE, after=values)
            for router in chosen
        ]
        return ask_and_show(request, Verb.CREATE, targets, "/hotspot/profiles/")
    return render(request, "hotspot/profile_form.html", {"form": form})


@require(Role.ADMIN)
def profile_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """A form for a profile as its router was last seen to have it."""
    row = find(pk)
    form = ProfileForm(request.POST if request.method == "POST" else None, profile=row)
    if request.method == "POST" and form.is_valid():
        changes = adopting.changes(Kind.PROFILE, row.values, form.values())
        if not changes:
            messages.info(request, _("Nothing was changed."))
            return redirect("hotspot:profile", pk)
        return ask_and_show(
            request, Verb.EDIT, [asking.target_of(row, changes)], f"/hotspot/profiles/{pk}/"
        )
    return render(request, "hotspot/profile_form.html", {"form": form, "row": row})


@require(Role.ADMIN)
@require_safe
def speed_preview(request: HttpRequest) -> HttpResponse:
    """What a speed limit comes to, while it is typed: RouterOS's line, what makes no sense, how long a burst lasts."""
    form = SpeedForm(request.GET)
    context: dict[str, Any] = {"form": form}
    if form.is_valid():
        limit = form.limit()
        context |= {
            "line": rate_limit.render(limit),
            "limit": limit,
            "doubts": [wording.DOUBTS[one] for one in rate_limit.doubts(limit)],
            "burst": rate_limit.burst_lasts_s(limit),
        }
    return render(request, "hotspot/speed_preview.html", context)


@require(Role.ADMIN)
def profile_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks, then deletes a profile; the router refuses while users have it."""
    row = find(pk)
    users = HotspotUser.objects.filter(router=row.router_id, profile=row.name).count()
    if request.method == "POST":
        return ask_and_show(request, Verb.DELETE, [asking.target_of(row)], "/hotspot/profiles/")
    return render(
        request,
        "web/confirm.html",
        {
            "heading": _("Delete the profile %(name)s?") % {"name": row.name},
            "text": _(
                "%(count)d users of %(router)s have it; it can be deleted only when none has."
            )
            % {"count": users, "router": row.router.name},
            "undo": _("It can be undone: Ronda keeps what it was."),
            "confirm_label": _("Delete"),
            "danger": True,
            "cancel_url": f"/hotspot/profiles/{pk}/",
        },
    )


@require(Role.ADMIN)
def profile_adopt(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a profile over as its router has it."""
    row = find(pk)
    if request.method == "POST":
        me = actor(request)
        adopting.adopt([row], me.person, me.source)
        messages.success(request, _("The profile was taken over."))
    return redirect("hotspot:profile", pk)
