"""Pages of who was told of what, and why others were not."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from ronda.accounts.models import Person, Role
from ronda.accounts.roles import holds, require
from ronda.alerts.service import why
from ronda.devices.acting import actor
from ronda.devices.service.scope import sites_of
from ronda.incidents.models import Incident
from ronda.incidents.service import questions
from ronda.kernel.ids import LARGEST_ID, id_of


@require_safe
@require(Role.TECHNICIAN)
def told(request: HttpRequest) -> HttpResponse:
    """What one person was told and why not; the NOC asks for anybody, others for themselves.

    Whoever sees some sites only asks for themselves, and reads of these.
    """
    me = actor(request).person
    sites = sites_of(me)
    may_ask = holds(me.role, Role.NOC) and sites is None
    wanted, about = request.GET.get("person", ""), request.GET.get("about", "")
    person = me
    if may_ask and (number := id_of(wanted)):
        person = get_object_or_404(Person, pk=number)
    occurrence = id_of(about) or None
    context = {
        "tab": "told",
        "who": person,
        "people": Person.objects.filter(is_active=True).order_by("username") if may_ask else [],
        "lines": why.of_person(person, occurrence, sites=sites),
        "about": occurrence,
    }
    return render(request, "alerts/told.html", context)


@require_safe
@require(Role.VIEWER)
def of_incident(request: HttpRequest, number: int) -> HttpResponse:
    """Who was told of an incident when, as a fragment for its page."""
    try:
        found = questions.one(min(number, LARGEST_ID), actor(request).person)
    except Incident.DoesNotExist:
        raise Http404 from None
    return render(request, "alerts/parts/told.html", {"lines": why.of_incident(found.pk)})
