"""`/api/v1/maintenance`: planned work, what was done, and making, changing and ending it."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Literal

from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema, Status

from ronda.accounts.auth import session_or_token
from ronda.accounts.models import Person, Role
from ronda.accounts.service import audit
from ronda.devices.acting import actor
from ronda.devices.models import Area, Ont, Site
from ronda.devices.service import scope
from ronda.kernel.ids import Id
from ronda.monitoring.models import Window
from ronda.monitoring.rules.windows import LONGEST, following
from ronda.monitoring.service import maintenance, maintenance_lists
from ronda.monitoring.service.maintenance_wording import describe
from ronda.web.answers import FAILURES, Refused

router = Router(tags=["maintenance"])


class MaintenanceWindowIn(Schema):
    """A maintenance window over one of `site`, `area`, `onts`. `days`: of the week (0 is Monday) for
    weekly, of the month for monthly. `at` is a time of day in `zone`."""

    model_config = {"extra": "forbid"}
    name: str = Field(min_length=1, max_length=120)
    site: Id | None = None
    area: Id | None = None
    onts: list[Id] = Field(default=[], max_length=2000)
    repeat: Literal["once", "daily", "weekly", "monthly"] = "once"
    first: str = Field(max_length=10, description="A day like 2026-11-21.")
    at: str = Field(max_length=5, description="A time like 21:00.")
    minutes: int = Field(ge=1, le=int(LONGEST.total_seconds() // 60))
    zone: Literal["WIB", "WITA", "WIT"] = "WIB"
    days: list[int] = Field(default=[], max_length=31)
    last: str | None = Field(None, max_length=10)


class MaintenanceWindowOut(Schema):
    """A window; `when` says its times in words, `next` are the next ones."""

    id: int
    name: str
    site: int | None
    area: int | None
    onts: list[int]
    repeat: str
    first: date
    at: str
    minutes: int
    zone: str
    days: list[int]
    last: date | None
    when: str
    next: list[datetime]


class MaintenanceDoneOut(Schema):
    """One time of work, which uptime leaves out."""

    window: int | None
    name: str
    site: int | None
    area: int | None
    onts: list[int]
    start: datetime
    end: datetime


def _out(window: Window) -> dict[str, Any]:
    plan = maintenance.plan_of(window)
    return {
        "id": window.pk,
        "name": window.name,
        "site": window.site_id,
        "area": window.area_id,
        "onts": sorted(ont.pk for ont in window.onts.all()),
        "repeat": window.repeat,
        "first": window.first,
        "at": f"{window.at:%H:%M}",
        "minutes": window.minutes,
        "zone": window.zone,
        "days": window.days,
        "last": window.last,
        "when": describe(plan),
        "next": [turn.start for turn in following(plan, timezone.now(), 3)],
    }


@router.get(
    "/maintenance",
    response={200: list[MaintenanceWindowOut], **FAILURES},
    auth=session_or_token(Role.VIEWER),
)
def windows(request: HttpRequest) -> Any:
    """What is planned, by name; at most 500."""
    rows = maintenance_lists.windows(actor(request).person).prefetch_related("onts")
    return [_out(window) for window in rows[:500]]


@router.get(
    "/maintenance/done",
    response={200: list[MaintenanceDoneOut], **FAILURES},
    auth=session_or_token(Role.VIEWER),
)
def works(request: HttpRequest, days: Annotated[int, Query(ge=1, le=400)] = 30) -> Any:
    """The times of work of the last days, newest first; at most 1,000."""
    rows = maintenance_lists.works(actor(request).person, timezone.now() - timedelta(days=days))
    return [
        {
            "window": work.window_id,
            "name": work.name,
            "site": work.site_id,
            "area": work.area_id,
            "onts": work.onts,
            "start": work.started_at,
            "end": work.ended_at,
        }
        for work in rows[:1000]
    ]


@router.post(
    "/maintenance",
    response={201: MaintenanceWindowOut, **FAILURES},
    auth=session_or_token(Role.NOC),
)
def create(request: HttpRequest, wanted: MaintenanceWindowIn) -> Any:
    """Plan work."""
    who = actor(request)
    window = Window(made_at=timezone.now(), made_by=who.person)
    return Status(201, _save(window, wanted, who.person, who.source, "maintenance.create"))


@router.put(
    "/maintenance/{number}",
    response={200: MaintenanceWindowOut, **FAILURES},
    auth=session_or_token(Role.NOC),
)
def edit(request: HttpRequest, number: Id, wanted: MaintenanceWindowIn) -> Any:
    """Change a window as a whole; what is past stays as it was."""
    who = actor(request)
    return _save(_found(number, who.person), wanted, who.person, who.source, "maintenance.edit")


@router.delete(
    "/maintenance/{number}", response={204: None, **FAILURES}, auth=session_or_token(Role.NOC)
)
def end(request: HttpRequest, number: Id) -> Any:
    """Take a window away: what is being done ends now, and what was done stays on record."""
    who = actor(request)
    window = _found(number, who.person)
    audit.record(who.person, "maintenance.end", window.name, None, None, who.source)
    maintenance.take_away(window, timezone.now())
    return Status(204, None)


def _found(number: int, person: Person) -> Window:
    window = maintenance_lists.windows(person).filter(pk=number).first()
    if window is None:
        raise Http404(_("There is no such maintenance window."))
    return window


def _save(
    window: Window, wanted: MaintenanceWindowIn, person: Person, source: str, action: str
) -> Any:
    if sum((wanted.site is not None, wanted.area is not None, bool(wanted.onts))) != 1:
        raise Refused(422, "place", _("Choose one: a site, an area, or ONTs."))
    window.site = _one(scope.narrow(Site.objects.all(), person, "pk"), wanted.site)
    window.area = _one(scope.narrow(Area.objects.all(), person), wanted.area)
    onts = set(wanted.onts)
    seen = scope.narrow(Ont.objects.present(), person).filter(pk__in=onts)
    if seen.count() != len(onts):
        raise Refused(422, "place", _("One of these ONTs does not exist."))
    window.name = wanted.name.replace("\0", "")
    window.repeat, window.zone, window.minutes = wanted.repeat, wanted.zone, wanted.minutes
    window.days = sorted(set(wanted.days))
    try:
        window.first = date.fromisoformat(wanted.first)
        window.last = date.fromisoformat(wanted.last) if wanted.last else None
        window.at = time.fromisoformat(wanted.at)
        plan = maintenance.plan_of(window)
    except ValueError as error:
        raise Refused(422, "time", _("The days or times do not fit together.")) from error
    if window.at.tzinfo is not None or not 2000 <= window.first.year <= 2200:
        raise Refused(422, "time", _("The days or times do not fit together."))
    maintenance.save(window, onts, timezone.now())
    audit.record(person, action, window.name, None, {"when": describe(plan)}, source)
    return _out(window)


def _one(rows: Any, number: int | None) -> Any:
    if number is None:
        return None
    found = rows.filter(pk=number).first()
    if found is None:
        raise Refused(422, "place", _("There is no such site or area."))
    return found
