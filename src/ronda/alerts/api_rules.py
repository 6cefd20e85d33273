"""`/api/v1/alert-rules`: who is told of what."""

from datetime import datetime, time
from typing import Annotated, Any, Literal

from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Router, Schema, Status
from pydantic import AfterValidator, WithJsonSchema

from ronda.accounts.auth import session_or_token
from ronda.accounts.models import Person, Role
from ronda.alerts.models import AlertRule
from ronda.alerts.rules.occurrences import What
from ronda.alerts.service import channels, duty, ruling
from ronda.alerts.service.recipients import person_of
from ronda.devices.acting import actor
from ronda.kernel.ids import Id, id_of
from ronda.web.answers import FAILURES, Refused

router = Router(tags=["alerts"])


def wall_clock(at: time) -> time:
    """A time of day without an offset, as it is meant."""
    return at.replace(tzinfo=None)


#: RFC 3339's "time", which JSON Schema means by that format, would want an offset.
WallClock = Annotated[time, AfterValidator(wall_clock), WithJsonSchema({"type": "string"})]

Number = Annotated[int, Field(ge=1, le=2**31)]


class TargetIO(Schema):
    """Whom a step names: `person:<id>`, a role, the number of a rota, or `chat:<channel>:<address>`."""

    by: Literal["person", "role", "rota", "chat"]
    value: str = Field(min_length=1, max_length=280, pattern=r"^[^\x00]+$")


class StepIO(Schema):
    """Who is told so many seconds after the hold."""

    after_s: int = Field(default=0, ge=0, le=604_800)
    to: list[TargetIO] = Field(min_length=1, max_length=50)


class RuleIn(Schema):
    """A rule; empty places mean everywhere, `repeat_s` null never repeats, `digest` "" tells at once."""

    name: str = Field(min_length=1, max_length=80, pattern=r"^[^\x00]+$")
    active: bool = True
    whats: list[What] = Field(min_length=1, max_length=20)
    sites: list[Number] = Field(default=[], max_length=500)
    areas: list[Number] = Field(default=[], max_length=2000)
    categories: list[Literal["general", "csr", "apbd"]] = Field(default=[], max_length=3)
    mass_from: int = Field(default=10, ge=2, le=100_000)
    hold_s: int = Field(default=120, ge=0, le=86_400)
    repeat_s: Annotated[int, Field(ge=600, le=604_800)] | None = None
    wakes: bool = False
    digest: Literal["", "day", "week"] = ""
    digest_at: WallClock = time(7)
    digest_weekday: int = Field(default=0, ge=0, le=6)
    steps: list[StepIO] = Field(min_length=1, max_length=10)


class RuleOut(RuleIn):
    """A rule as it is kept; it speaks of what began after `since`."""

    id: int
    since: datetime


def _out(row: AlertRule) -> dict[str, Any]:
    steps = [
        {"after_s": one["after_s"], "to": [{"by": by, "value": value} for by, value in one["to"]]}
        for one in row.steps
    ]
    return {**ruling.facts(row), "id": row.pk, "since": row.since, "steps": steps}


def _one(number: int) -> AlertRule:
    row = ruling.present().filter(pk=number).first()
    if row is None:
        raise Http404(_("There is no such rule."))
    return row


def _is_known(target: TargetIO) -> bool:
    by, value = target.by, target.value
    if by == "role":
        return value in Role.values
    if by == "rota":
        return duty.present().filter(pk=id_of(value)).exists()
    if by == "person":
        return Person.objects.filter(pk=person_of(value) or 0).exists()
    _chat, *parts = value.split(":", 2)
    known = channels.present().filter(pk=id_of(parts[0])) if len(parts) == 2 else None
    return known is not None and known.exists()


def filled(row: AlertRule, given: RuleIn) -> AlertRule:
    """The rule as it was given, not kept yet.

    Raises:
        Refused: a step names nobody that there is.
    """
    for step in given.steps:
        for target in step.to:
            if not _is_known(target):
                text = _("There is nobody of the name %(name)s to tell.")
                raise Refused(422, "target", text % {"name": target.value})
    for name, value in given.dict().items():
        setattr(row, name, value)
    row.steps = [
        {"after_s": step.after_s, "to": [[one.by, one.value] for one in step.to]}
        for step in sorted(given.steps, key=lambda step: step.after_s)
    ]
    return row


@router.get(
    "/alert-rules", response={200: list[RuleOut], **FAILURES}, auth=session_or_token(Role.ADMIN)
)
def list_rules(request: HttpRequest) -> Any:
    """Every rule."""
    return [_out(row) for row in ruling.present()]


@router.post("/alert-rules", response={201: RuleOut, **FAILURES}, auth=session_or_token(Role.ADMIN))
def add_rule(request: HttpRequest, given: RuleIn) -> Any:
    """A new rule; it speaks of what begins from now on."""
    me = actor(request)
    row = ruling.save(filled(AlertRule(), given), me.person, me.source)
    return Status(201, _out(row))


@router.get(
    "/alert-rules/{number}", response={200: RuleOut, **FAILURES}, auth=session_or_token(Role.ADMIN)
)
def read_rule(request: HttpRequest, number: Id) -> Any:
    """One rule."""
    return _out(_one(number))


@router.put(
    "/alert-rules/{number}", response={200: RuleOut, **FAILURES}, auth=session_or_token(Role.ADMIN)
)
def change_rule(request: HttpRequest, number: Id, given: RuleIn) -> Any:
    """Write a rule anew."""
    me = actor(request)
    return _out(ruling.save(filled(_one(number), given), me.person, me.source))


@router.delete(
    "/alert-rules/{number}", response={204: None, **FAILURES}, auth=session_or_token(Role.ADMIN)
)
def remove_rule(request: HttpRequest, number: Id) -> Any:
    """Remove a rule; what it told stays on record."""
    me = actor(request)
    ruling.delete(_one(number), me.person, me.source)
    return Status(204, None)
