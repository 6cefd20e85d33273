"""`/api/v1/rotas`: who is on call, and who takes whose place."""

from datetime import date, datetime, time, timedelta
from typing import Annotated, Any
from zoneinfo import available_timezones

from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema, Status
from pydantic import AwareDatetime

from ronda.accounts.auth import session_or_token
from ronda.accounts.models import Person, Role
from ronda.alerts.api_rules import WallClock
from ronda.alerts.models import Rota, Swap
from ronda.alerts.service import duty
from ronda.devices.acting import actor
from ronda.kernel.ids import Id
from ronda.web.answers import FAILURES, Refused

router = Router(tags=["alerts"])
WEEKS = timedelta(weeks=4)
TEXT = r"^[^\x00]*$"


class ShiftOut(Schema):
    """Who is on call from when to when; null is nobody."""

    begin: datetime
    end: datetime
    person: str | None
    swapped: bool


class SwapOut(Schema):
    """Somebody takes the place of whoever would be on call."""

    id: int
    person: str
    begin: datetime
    end: datetime
    note: str


class RotaOut(Schema):
    """A rota: its people in the order of their turns of `days`, and who is on call now and in the coming days."""

    id: int
    name: str
    zone: str
    first_day: date
    handover_at: str
    days: int
    people: list[str]
    shifts: list[ShiftOut]
    swaps: list[SwapOut]


class RotaIn(Schema):
    """A rota: ids of people in the order of their turns, the first of them from `first_day` on."""

    name: str = Field(min_length=1, max_length=60, pattern=r"^[^\x00]+$")
    zone: str = Field(default="Asia/Jakarta", max_length=64, pattern=TEXT)
    first_day: date
    handover_at: WallClock = time(8)
    days: int = Field(default=7, ge=1, le=28)
    people: list[Id] = Field(min_length=1, max_length=50)


class SwapIn(Schema):
    """Who is on call from when to when, whoever's turn it is."""

    person: Id
    begin: AwareDatetime
    end: AwareDatetime
    note: str = Field(default="", max_length=120, pattern=TEXT)


def _out(row: Rota, span: timedelta = WEEKS) -> dict[str, Any]:
    now = timezone.now()
    swaps = row.swaps.filter(end__gt=now).select_related("person")
    return {
        **duty.facts(row),
        "id": row.pk,
        "shifts": [
            {
                "begin": one.begin,
                "end": one.end,
                "person": one.person.username if one.person else None,
                "swapped": one.swapped,
            }
            for one in duty.coming(row, now, now + span)
        ],
        "swaps": [
            {
                "id": one.pk,
                "person": one.person.username,
                "begin": one.begin,
                "end": one.end,
                "note": one.note,
            }
            for one in swaps
        ],
    }


def _one(number: int) -> Rota:
    row = duty.present().filter(pk=number).first()
    if row is None:
        raise Http404(_("There is no such rota."))
    return row


def _keep(request: HttpRequest, row: Rota, given: RotaIn) -> Rota:
    if given.zone not in available_timezones() or given.first_day.year not in range(1990, 2200):
        raise Refused(422, "period", _("This time zone or day does not exist."))
    if len(set(given.people)) < len(given.people):
        raise Refused(422, "people", _("Somebody is there twice."))
    found = Person.objects.filter(is_active=True).in_bulk(given.people)
    if len(found) < len(given.people):
        raise Http404(_("There is no such person."))
    for name in ("name", "zone", "first_day", "handover_at", "days"):
        setattr(row, name, getattr(given, name))
    me = actor(request)
    return duty.save(row, [found[pk] for pk in given.people], me.person, me.source)


@router.get(
    "/rotas", response={200: list[RotaOut], **FAILURES}, auth=session_or_token(Role.TECHNICIAN)
)
def list_rotas(request: HttpRequest, days: Annotated[int, Query(ge=1, le=366)] = 28) -> Any:
    """Every rota with who is on call in the coming `days`."""
    return [_out(row, timedelta(days=days)) for row in duty.present()]


@router.post("/rotas", response={201: RotaOut, **FAILURES}, auth=session_or_token(Role.ADMIN))
def add_rota(request: HttpRequest, given: RotaIn) -> Any:
    """A new rota."""
    return Status(201, _out(_keep(request, Rota(), given)))


@router.put(
    "/rotas/{number}", response={200: RotaOut, **FAILURES}, auth=session_or_token(Role.ADMIN)
)
def change_rota(request: HttpRequest, number: Id, given: RotaIn) -> Any:
    """Write a rota anew; its swaps stay."""
    return _out(_keep(request, _one(number), given))


@router.delete(
    "/rotas/{number}", response={204: None, **FAILURES}, auth=session_or_token(Role.ADMIN)
)
def remove_rota(request: HttpRequest, number: Id) -> Any:
    """Remove a rota; rules that name it reach nobody by it."""
    me = actor(request)
    duty.delete(_one(number), me.person, me.source)
    return Status(204, None)


@router.post(
    "/rotas/{number}/swaps", response={201: RotaOut, **FAILURES}, auth=session_or_token(Role.NOC)
)
def add_swap(request: HttpRequest, number: Id, given: SwapIn) -> Any:
    """Let somebody take the place of whoever is on call; the rota's coming four weeks."""
    row = duty.present().filter(pk=number).first()
    person = Person.objects.filter(pk=given.person, is_active=True).first()
    if row is None or person is None:
        raise Http404(_("There is no such rota or person."))
    if not duty.is_near(given.begin, given.end, timezone.now()):
        raise Refused(422, "period", _("It has to end after it begins, and within a year."))
    me = actor(request)
    duty.swap(row, person, given.begin, given.end, me.person, given.note, me.source)
    return Status(201, _out(row))


@router.delete(
    "/rotas/{number}/swaps/{swap}",
    response={200: RotaOut, **FAILURES},
    auth=session_or_token(Role.NOC),
)
def take_swap_back(request: HttpRequest, number: Id, swap: Id) -> Any:
    """Undo a swap that has not passed: the turns count again; the rota's coming four weeks."""
    row = _one(number)
    made = Swap.objects.filter(pk=swap, rota=row, end__gt=timezone.now()).first()
    if made is None:
        raise Http404(_("There is no such swap, or it has passed."))
    me = actor(request)
    duty.take_back(made, me.person, me.source)
    return _out(row)
