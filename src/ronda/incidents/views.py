"""Pages of incidents: what is wrong now, one of them with its story, and what is done about it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from ronda.accounts.models import Person, Role
from ronda.accounts.roles import holds, require
from ronda.devices.acting import actor
from ronda.devices.models import Ont
from ronda.devices.service import scope
from ronda.incidents.forms import IncidentFilters
from ronda.incidents.models import Incident, Scope, Severity
from ronda.incidents.pages import incident_sections
from ronda.incidents.rules.standing import Doing
from ronda.incidents.service import acting, questions, repeating
from ronda.incidents.service.acting import ActRefused
from ronda.incidents.service.wording import place, story, title
from ronda.kernel.ids import LARGEST_ID, id_of
from ronda.web.navigation import address_of

PER_PAGE = 50
#: Hours for which the page offers to snooze.
SNOOZES = (1, 4, 12, 24, 72, 168)
MARKS = {Severity.MINOR: "degraded", Severity.MAJOR: "down", Severity.CRITICAL: "down"}


@require_GET
@require(Role.VIEWER)
def incidents(request: HttpRequest) -> HttpResponse:
    """The incidents, worst first; the open ones unless the filters say otherwise."""
    person = actor(request).person
    form = IncidentFilters(request.GET, person)
    page = Paginator(questions.listing(form.wanted(), person), PER_PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        "form": form,
        "page": page,
        "rows": [_row(one) for one in page.object_list],
        "summary": questions.summary(person),
        "may_act": holds(person.role, Role.TECHNICIAN),
        "here": request.get_full_path(),
    }
    return render(request, "incidents/incidents.html", context)


def _row(incident: Incident) -> dict[str, Any]:
    end = incident.closed_at
    return {
        "incident": incident,
        "title": title(incident),
        "place": place(incident),
        "mark": "up" if end else MARKS[Severity(incident.severity)],
        "lasted": end - incident.began_at if end else None,
    }


@require_GET
@require(Role.VIEWER)
def incident(request: HttpRequest, number: int) -> HttpResponse:
    """One incident: how it stands, its ONTs, its story, and the buttons."""
    person = actor(request).person
    found = _found(number, person)
    page: Page[Any] = Paginator(questions.members(found, person), PER_PAGE).get_page(
        request.GET.get("page")
    )
    may_act = holds(person.role, Role.TECHNICIAN)
    row = _row(found)
    context = {
        **row,
        "me": row,
        "page": page,
        "steps": [(step, story(step)) for step in questions.timeline(found)[:200]],
        "may_act": may_act,
        "people": questions.who_may_take() if may_act and not found.closed_at else [],
        "snoozes": [(hours, timedelta(hours=hours)) for hours in SNOOZES],
        "map_url": _map(found),
        "here": request.get_full_path(),
        "person": person,
        "sections": [(one.title, one.url(found.pk)) for one in incident_sections],
    }
    return render(request, "incidents/incident.html", context)


def _map(incident: Incident) -> str:
    url = address_of("overview:map")
    if not url:
        return ""
    if incident.scope == Scope.ONT and incident.ont_id:
        return f"{url}#ont={incident.ont_id:d}"
    if incident.scope == Scope.AREA and incident.area_id:
        return f"{url}#area={incident.area_id:d}"
    return f"{url}#state=3"


def _found(number: int, person: Person) -> Incident:
    try:
        return questions.one(min(number, LARGEST_ID), person)
    except Incident.DoesNotExist:
        raise Http404(_("There is no such incident.")) from None


@require_POST
@require(Role.TECHNICIAN)
def act(request: HttpRequest, number: int) -> HttpResponse:
    """Do what the button `do` names, and go back to where it was pressed."""
    who = actor(request)
    found = _found(number, who.person)
    doing = ACTS.get(request.POST.get("do", ""))
    if doing is None:
        raise Http404(_("There is no such thing."))
    try:
        doing(request, found, who.person, who.source)
    except ActRefused as refused:
        messages.error(request, refused.text)
    back = request.POST.get("back", "")
    ours = url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure())
    if not (ours and back.startswith("/")):
        back = reverse("incidents:incident", args=[found.pk])
    return redirect(back)


def _take(request: HttpRequest, one: Incident, person: Person, source: str) -> None:
    acting.assign(one, person, person, source=source)
    acting.acknowledge(one, person, source=source)


def _assign(request: HttpRequest, one: Incident, person: Person, source: str) -> None:
    chosen = request.POST.get("person", "")
    to = None
    if chosen:
        to = questions.who_may_take().filter(pk=id_of(chosen)).first()
        if to is None:
            raise ActRefused("person", _("Choose somebody from the list."))
    acting.assign(one, person, to, source=source)


def _snooze(request: HttpRequest, one: Incident, person: Person, source: str) -> None:
    hours = request.POST.get("hours", "")
    if hours not in {str(offered) for offered in SNOOZES}:
        raise ActRefused("hours", _("Choose a time from the list."))
    until = timezone.now() + timedelta(hours=int(hours))
    acting.snooze(one, person, until, request.POST.get("note", ""), source=source)


ACTS: dict[str, Callable[[HttpRequest, Incident, Person, str], object]] = {
    "take": _take,
    Doing.ASSIGN: _assign,
    Doing.SNOOZE: _snooze,
    Doing.ACKNOWLEDGE: lambda request, one, person, source: acting.acknowledge(
        one, person, request.POST.get("note", ""), source=source
    ),
    Doing.UNACKNOWLEDGE: lambda request, one, person, source: acting.unacknowledge(
        one, person, source=source
    ),
    Doing.UNSNOOZE: lambda request, one, person, source: acting.unsnooze(
        one, person, source=source
    ),
    Doing.NOTE: lambda request, one, person, source: acting.note(
        one, person, request.POST.get("note", ""), source=source
    ),
}


@require_GET
@require(Role.VIEWER)
def often(request: HttpRequest) -> HttpResponse:
    """The ONTs that are lost again and again."""
    rows = repeating.often_lost(actor(request).person, timezone.now())
    context = {
        "page": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
        "least": repeating.least(),
        "period": repeating.period(),
    }
    return render(request, "incidents/often.html", context)


@require_GET
@require(Role.VIEWER)
def of_ont(request: HttpRequest, ont_id: int) -> HttpResponse:
    """The newest incidents of one ONT, a part of its page."""
    person = actor(request).person
    ont = scope.narrow(Ont.objects.filter(pk=min(ont_id, LARGEST_ID)), person).first()
    if ont is None:
        raise Http404(_("There is no such ONT."))
    rows = questions.listing(questions.Wanted(state="all", ont=ont.pk), person)[:10]
    context = {
        "ont": ont,
        "rows": [_row(one) for one in rows],
        "times": repeating.times_lost(ont.pk, timezone.now()),
        "least": repeating.least(),
        "period": repeating.period(),
    }
    return render(request, "incidents/part_of_ont.html", context)
