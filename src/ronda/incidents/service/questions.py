"""Questions about incidents; filtering, sorting and paging happen in SQL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, Exists, IntegerField, OuterRef, Q, QuerySet, Value, When

from ronda.accounts.models import Person, Role
from ronda.devices.service import scope
from ronda.incidents.models import Incident, IncidentOnt, Scope, Step
from ronda.kernel.roles import INCLUDES

STATES = ("open", "new", "seen", "snoozed", "over", "all")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which incidents are meant. `state` is one of `STATES`: "new" nobody has acknowledged."""

    state: str = "open"
    site: int | None = None
    area: int | None = None
    mine: int | None = None
    """Assigned to this person, or acknowledged by them."""
    ont: int | None = None


def visible(person: Person | None) -> QuerySet[Incident]:
    """The incidents that somebody sees; one of several sites when one of them is theirs."""
    sites = scope.sites_of(person)
    rows = Incident.objects.all()
    if sites is None:
        return rows
    touched = IncidentOnt.objects.filter(incident=OuterRef("pk"), ont__site__in=sites)
    return rows.filter(Q(site__in=sites) | Q(Exists(touched), scope=Scope.FLEET))


def listing(wanted: Wanted, person: Person | None) -> QuerySet[Incident]:
    """Incidents with what their row shows, worst first; those that are over, newest first."""
    rows = visible(person).filter(_where(wanted)).select_related("assigned_to", "acknowledged_by")
    if wanted.state in ("over", "all"):
        return rows.order_by("-opened_at", "-pk")
    asleep = Case(
        When(snoozed_until=None, then=Value(0)), default=Value(1), output_field=IntegerField()
    )
    return rows.order_by(asleep, "-severity", "-out", "began_at", "pk")


def _where(wanted: Wanted) -> Q:
    where = Q(merged_into=None)
    if wanted.state == "over":
        where &= Q(closed_at__isnull=False)
    elif wanted.state != "all":
        where &= Q(closed_at=None)
    if wanted.state == "new":
        where &= Q(acknowledged_at=None, snoozed_until=None)
    elif wanted.state == "seen":
        where &= Q(acknowledged_at__isnull=False)
    elif wanted.state == "snoozed":
        where &= Q(snoozed_until__isnull=False)
    if wanted.site is not None:
        where &= Q(site=wanted.site) | Q(scope=Scope.FLEET)
    if wanted.area is not None:
        inside = IncidentOnt.objects.filter(incident=OuterRef("pk"), ont__area=wanted.area)
        where &= Q(area=wanted.area) | Q(Exists(inside))
    if wanted.mine is not None:
        where &= Q(assigned_to=wanted.mine) | Q(assigned_to=None, acknowledged_by=wanted.mine)
    if wanted.ont is not None:
        where &= Q(Exists(IncidentOnt.objects.filter(incident=OuterRef("pk"), ont=wanted.ont)))
    return where


def one(number: int, person: Person | None) -> Incident:
    """One incident with its people and places.

    Raises:
        Incident.DoesNotExist: there is none, or it is not theirs to see.
    """
    rows = visible(person).select_related(
        "assigned_to", "acknowledged_by", "site", "area", "router", "ont", "merged_into"
    )
    return rows.get(pk=number)


def members(incident: Incident, person: Person | None) -> QuerySet[IncidentOnt]:
    """Its outages with their ONTs, those that are out first, then by the time of the loss."""
    rows = incident.members.select_related("ont__area", "ont__site", "ont__watch")
    seen = scope.narrow(rows, person, "ont__site")
    back = Case(When(back_at=None, then=Value(0)), default=Value(1), output_field=IntegerField())
    return seen.order_by(back, "lost_at", "pk")


def timeline(incident: Incident) -> QuerySet[Step]:
    """What became of it and what was done, newest first."""
    return incident.steps.select_related("person").order_by("-pk")


def summary(person: Person | None) -> dict[str, int]:
    """How many are open, how many of them nobody has acknowledged, and how many ONTs they keep out."""
    rows = visible(person).filter(closed_at=None)
    found: dict[str, Any] = rows.aggregate(
        open=Count("pk"),
        new=Count("pk", filter=Q(acknowledged_at=None, snoozed_until=None)),
        snoozed=Count("pk", filter=Q(snoozed_until__isnull=False)),
    )
    return {name: int(value) for name, value in found.items()}


def who_may_take() -> QuerySet[Person]:
    """People to whom an incident can be given, by name."""
    roles = [role for role, included in INCLUDES.items() if Role.TECHNICIAN.value in included]
    return Person.objects.filter(is_active=True, role__in=roles).order_by("username")
