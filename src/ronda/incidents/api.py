"""`/api/v1/incidents`: what is wrong now, one incident with its story, and what is done about it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema
from pydantic import AwareDatetime

from ronda.accounts.auth import session_or_token
from ronda.accounts.models import Person, Role
from ronda.devices.acting import actor
from ronda.incidents.models import Incident, IncidentOnt
from ronda.incidents.rules.standing import Doing
from ronda.incidents.service import acting, questions, repeating
from ronda.incidents.service.acting import ActRefused
from ronda.incidents.service.wording import story, title
from ronda.kernel.ids import LARGEST_ID, Id
from ronda.web.answers import FAILURES, Refused

router = Router(tags=["incidents"])

MOST_ONTS = 2000


class IncidentOut(Schema):
    """One incident. `onts` counts its ONTs ever, `out` those that are out now; ids are null where gone."""

    id: int
    kind: str
    scope: str
    severity: int
    title: str
    site: int | None
    area: int | None
    router: int | None
    onts: int
    out: int
    began_at: datetime
    opened_at: datetime
    closed_at: datetime | None
    merged_into: int | None
    silent: bool
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    assigned_to: str | None
    snoozed_until: datetime | None


class IncidentsOut(Schema):
    """One page of incidents, worst first, and how many there are in all."""

    count: int
    items: list[IncidentOut]


class IncidentOntOut(Schema):
    """One outage of an incident."""

    ont: int
    name: str
    customer_id: str
    outage: int
    lost_at: datetime
    back_at: datetime | None


class IncidentStepOut(Schema):
    """One line of the timeline; `text` is what a person wrote."""

    at: datetime
    change: str
    who: str
    story: str
    text: str


class IncidentWholeOut(IncidentOut):
    """One incident with its ONTs (those that are out first, at most 2,000) and its story."""

    members: list[IncidentOntOut]
    steps: list[IncidentStepOut]


class OftenLostOut(Schema):
    """One ONT that is lost again and again; `last` is when it was lost last."""

    ont_id: int
    name: str
    count: int
    last: datetime


class IncidentAct(Schema):
    """What to do. `note` for acknowledge, note and snooze; `until` for snooze; `person` (a user name,
    null for nobody) for assign."""

    model_config = {"extra": "forbid"}
    do: Literal["acknowledge", "unacknowledge", "assign", "note", "snooze", "unsnooze"]
    note: str = Field("", max_length=acting.LONGEST_NOTE)
    until: AwareDatetime | None = None
    person: str | None = Field(None, max_length=150)


def _out(one: Incident) -> dict[str, Any]:
    return {
        "id": one.pk,
        "kind": one.kind,
        "scope": one.scope,
        "severity": one.severity,
        "title": title(one),
        "site": one.site_id,
        "area": one.area_id,
        "router": one.router_id,
        "onts": one.onts,
        "out": one.out,
        "began_at": one.began_at,
        "opened_at": one.opened_at,
        "closed_at": one.closed_at,
        "merged_into": one.merged_into_id,
        "silent": one.silent,
        "acknowledged_at": one.acknowledged_at,
        "acknowledged_by": one.acknowledged_by.get_username() if one.acknowledged_by else None,
        "assigned_to": one.assigned_to.get_username() if one.assigned_to else None,
        "snoozed_until": one.snoozed_until,
    }


def _member(row: IncidentOnt) -> dict[str, Any]:
    return {
        "ont": row.ont_id,
        "name": row.ont.name,
        "customer_id": row.ont.customer_id,
        "outage": row.outage_id,
        "lost_at": row.lost_at,
        "back_at": row.back_at,
    }


@router.get(
    "/incidents", response={200: IncidentsOut, **FAILURES}, auth=session_or_token(Role.VIEWER)
)
def incidents(
    request: HttpRequest,
    state: Literal["open", "new", "seen", "snoozed", "over", "all"] = "open",
    site: Annotated[int | None, Query(ge=1, le=LARGEST_ID)] = None,
    area: Annotated[int | None, Query(ge=1, le=LARGEST_ID)] = None,
    ont: Annotated[int | None, Query(ge=1, le=LARGEST_ID)] = None,
    mine: bool = False,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
) -> Any:
    """Incidents, worst first; the open ones unless `state` says otherwise."""
    person = actor(request).person
    wanted = questions.Wanted(state, site, area, person.pk if mine else None, ont)
    rows = questions.listing(wanted, person)
    return {
        "count": rows.count(),
        "items": [_out(one) for one in rows[offset : offset + limit]],
    }


@router.get(
    "/incidents/often",
    response={200: list[OftenLostOut], **FAILURES},
    auth=session_or_token(Role.VIEWER),
)
def often(request: HttpRequest) -> Any:
    """The ONTs that were lost often in the period of the settings, most often first; at most 1,000."""
    return [
        {name: row[name] for name in ("ont_id", "name", "count", "last")}
        for row in repeating.often_lost(actor(request).person, timezone.now())[:1000]
    ]


@router.get(
    "/incidents/{number}",
    response={200: IncidentWholeOut, **FAILURES},
    auth=session_or_token(Role.VIEWER),
)
def incident(request: HttpRequest, number: Id) -> Any:
    """One incident with its ONTs and its story."""
    person = actor(request).person
    found = _found(number, person)
    return {
        **_out(found),
        "members": [_member(row) for row in questions.members(found, person)[:MOST_ONTS]],
        "steps": [
            {
                "at": step.at,
                "change": step.change,
                "who": step.actor,
                "story": story(step),
                "text": step.text,
            }
            for step in questions.timeline(found)
        ],
    }


@router.post(
    "/incidents/{number}/act",
    response={200: IncidentOut, **FAILURES},
    auth=session_or_token(Role.TECHNICIAN),
)
def act(request: HttpRequest, number: Id, wanted: IncidentAct) -> Any:
    """Acknowledge it, take that back, give it to somebody, write a note, snooze or wake it."""
    who = actor(request)
    found = _found(number, who.person)
    try:
        _act(found, wanted, who.person, who.source)
    except ActRefused as refused:
        raise Refused(409, refused.code, refused.text) from refused
    return _out(_found(number, who.person))


def _act(one: Incident, wanted: IncidentAct, person: Person, source: str) -> None:
    match Doing(wanted.do):
        case Doing.ACKNOWLEDGE:
            acting.acknowledge(one, person, wanted.note, source=source)
        case Doing.UNACKNOWLEDGE:
            acting.unacknowledge(one, person, source=source)
        case Doing.ASSIGN:
            acting.assign(one, person, _person(wanted.person), source=source)
        case Doing.NOTE:
            acting.note(one, person, wanted.note, source=source)
        case Doing.SNOOZE:
            until = wanted.until or timezone.now() + timedelta(hours=1)
            acting.snooze(one, person, until, wanted.note, source=source)
        case Doing.UNSNOOZE:
            acting.unsnooze(one, person, source=source)


def _person(name: str | None) -> Person | None:
    if name is None:
        return None
    found = questions.who_may_take().filter(username=name.replace("\0", "")).first()
    if found is None:
        raise Refused(422, "person", _("Nobody of that name can take incidents."))
    return found


def _found(number: int, person: Person) -> Incident:
    try:
        return questions.one(number, person)
    except Incident.DoesNotExist:
        raise Http404(_("There is no such incident.")) from None
