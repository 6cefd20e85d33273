"""Pages of planned work: what is planned, on a list and a calendar, and the form."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from ronda.accounts.models import Person, Role
from ronda.accounts.roles import require
from ronda.accounts.service import audit
from ronda.devices.acting import actor
from ronda.devices.models import Ont
from ronda.devices.service import scope
from ronda.kernel.ids import LARGEST_ID, id_of
from ronda.monitoring.maintenance_forms import WindowForm, initial_of, zone_here
from ronda.monitoring.models import Window
from ronda.monitoring.service import maintenance, maintenance_lists
from ronda.monitoring.service.maintenance_wording import calendar, describe, next_ones

SHOWN_WORKS = 50


@require_GET
@require(Role.VIEWER)
def windows(request: HttpRequest) -> HttpResponse:
    """What is planned, the next five weeks, and what was done in the last month."""
    person = actor(request).person
    now = timezone.now()
    found = list(maintenance_lists.windows(person)[:500])
    plans = [(window, maintenance.plan_of(window)) for window in found]
    context = {
        "rows": [
            {"window": window, "when": describe(plan), "next": next_ones(plan, now)}
            for window, plan in plans
        ],
        "weeks": calendar(found, timezone.localdate(now)),
        "works": maintenance_lists.works(person, now - timedelta(days=30))[:SHOWN_WORKS],
        "now": now,
    }
    return render(request, "monitoring/maintenance.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@require(Role.NOC)
def new(request: HttpRequest) -> HttpResponse:
    """Plan work; with `?ont=` the form begins with that ONT."""
    person = actor(request).person
    now = timezone.localtime()
    initial = {
        "repeat": "once",
        "first": now.date(),
        "at": f"{now + timedelta(hours=1):%H}:00",
        "minutes": 120,
        "zone": zone_here(),
        "onts": _customer(request.GET.get("ont", ""), person),
    }
    window = Window(made_at=timezone.now(), made_by=person)
    return _form(request, window, initial)


def _customer(number: str, person: Person) -> str:
    ont = scope.narrow(Ont.objects.present().filter(pk=id_of(number)), person).first()
    return ont.customer_id if ont else ""


@require_http_methods(["GET", "HEAD", "POST"])
@require(Role.NOC)
def edit(request: HttpRequest, number: int) -> HttpResponse:
    """Change a window; what is past stays as it was."""
    window = _found(number, actor(request).person)
    return _form(request, window, initial_of(window))


def _form(request: HttpRequest, window: Window, initial: dict[str, object]) -> HttpResponse:
    who = actor(request)
    is_new = window.pk is None
    before = None if is_new else _audited(window)
    form = WindowForm(request.POST or None, initial=initial, person=who.person)
    if request.method == "POST" and form.is_valid():
        onts = form.put_into(window)
        maintenance.save(window, onts, timezone.now())
        action = "maintenance.create" if is_new else "maintenance.edit"
        audit.record(who.person, action, window.name, before, _audited(window), who.source)
        messages.success(
            request, _("Kept. %(when)s") % {"when": describe(maintenance.plan_of(window))}
        )
        return redirect("monitoring:maintenance")
    return render(
        request,
        "monitoring/maintenance_form.html",
        {"form": form, "window": window, "is_new": is_new},
        status=422 if request.method == "POST" else 200,
    )


def _audited(window: Window) -> dict[str, object]:
    return {
        "when": describe(maintenance.plan_of(window)),
        "site": window.site.name if window.site else None,
        "area": window.area.name if window.area else None,
        "onts": window.onts.count(),
    }


@require_GET
@require(Role.NOC)
def preview(request: HttpRequest) -> HttpResponse:
    """When the work would be done, of a form that is being filled in; a fragment."""
    form = WindowForm(request.GET, person=actor(request).person)
    form.is_valid()
    window = Window()
    text = ""
    needed = ("repeat", "first", "at", "minutes", "zone")
    if not any(name in form.errors for name in (*needed, "weekdays", "monthdays", "last")):
        form.cleaned_data |= {
            name: form.cleaned_data.get(name) for name in ("name", "site", "area")
        }
        form.cleaned_data.setdefault("onts", [])
        form.put_into(window)
        plan = maintenance.plan_of(window)
        text = f"{describe(plan)} {next_ones(plan, timezone.now())}"
    return render(request, "monitoring/part_next.html", {"text": text})


@require_http_methods(["GET", "HEAD", "POST"])
@require(Role.NOC)
def end(request: HttpRequest, number: int) -> HttpResponse:
    """Take a window away, after asking."""
    who = actor(request)
    window = _found(number, who.person)
    if request.method == "POST":
        audit.record(who.person, "maintenance.end", window.name, _audited(window), None, who.source)
        maintenance.take_away(window, timezone.now())
        messages.success(request, _("Taken away. What was done stays on record."))
        return redirect("monitoring:maintenance")
    context = {
        "heading": _("Take away “%(name)s”?") % {"name": window.name},
        "text": _("Work that is being done ends now, and none begins again."),
        "undo": _("Times that are past stay out of the uptime."),
        "confirm_label": _("Take away"),
        "cancel_url": reverse("monitoring:maintenance"),
    }
    return render(request, "web/confirm.html", context)


def _found(number: int, person: Person) -> Window:
    window = maintenance_lists.windows(person).filter(pk=min(number, LARGEST_ID)).first()
    if window is None:
        raise Http404(_("There is no such maintenance window."))
    return window
