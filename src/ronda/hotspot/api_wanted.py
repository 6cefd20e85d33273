"""`/api/v1/hotspot` beyond users: profiles, taking back, differences, hours, where users are made."""

from datetime import datetime
from typing import Annotated, Any, Literal, NoReturn

from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Router, Schema, Status

from ronda.accounts.roles import holds
from ronda.devices.acting import actor
from ronda.devices.models import Site
from ronda.devices.service.scope import mine
from ronda.hotspot.api import ACT, READ, WRITE, HotspotInstructionOut, ask, columns_of
from ronda.hotspot.models import AccessHours, Drift, HotspotProfile, Instruction, Kind, Part, Verb
from ronda.hotspot.rules.balancing import Rule
from ronda.hotspot.rules.names import LONGEST, problem_of
from ronda.hotspot.rules.properties import PROFILE
from ronda.hotspot.rules.windows import DAY, Window, Zone
from ronda.hotspot.service import adopting, asking, deciding, hours, lists, placing
from ronda.hotspot.service.asking import Target
from ronda.kernel.ids import Id
from ronda.routers.models import Router as RouterRow
from ronda.web.answers import FAILURES, Refused

router = Router(tags=["hotspot"])

Values = Annotated[dict[str, str], Field(max_length=60)]
Name = Annotated[str, Field(min_length=1, max_length=LONGEST)]


class HotspotProfileOut(Schema):
    """A profile; `values` are its properties as the router writes them."""

    id: int
    router: int
    name: str
    rate_limit: str
    shared_users: str
    values: dict[str, str]
    standing: Literal["ours", "differs", "missing", "foreign"]


class HotspotProfileIn(Schema):
    """A new profile on one router, or on every router of a site; `values` as RouterOS writes them."""

    model_config = {"extra": "forbid"}
    router: Id | None = None
    site: Id | None = None
    name: Name
    values: Values = Field(default_factory=dict)


class HotspotProfileEdit(Schema):
    """Properties that become otherwise; what is not named stays."""

    model_config = {"extra": "forbid"}
    values: Values


class DifferenceOut(Schema):
    """What a router does not hold as wanted; `fields` is property -> [wanted, held]."""

    id: int
    router: int
    kind: Literal["user", "profile"]
    name: str
    standing: Literal["missing", "differs"]
    since: datetime
    probably_by: str
    fields: dict[str, list[str]]


class DifferencesIn(Schema):
    """Which differences, and whose side holds: `ronda` changes the router, `router` changes what is wanted."""

    model_config = {"extra": "forbid"}
    differences: list[Id] = Field(min_length=1, max_length=asking.MOST_AT_ONCE)
    side: Literal["ronda", "router"]


class DecidedOut(Schema):
    """The instruction to the routers (`ronda`), or how many items were taken over (`router`)."""

    instruction: HotspotInstructionOut | None = None
    taken_over: int = 0


class WindowIn(Schema):
    """Open on these days (0 is Monday) between two minutes of the day; the end may lie on the next day."""

    days: list[Annotated[int, Field(ge=0, le=6)]] = Field(min_length=1, max_length=7)
    start: int = Field(ge=0, lt=DAY)
    end: int = Field(ge=0, lt=DAY)


class HoursIn(Schema):
    """When users may be online; no windows: always."""

    model_config = {"extra": "forbid"}
    router: Id
    kind: Literal["user", "profile"]
    name: Name
    server: str = Field("all", min_length=1, max_length=200)
    zone: Literal["WIB", "WITA", "WIT"] = "WIB"
    windows: list[WindowIn] = Field(max_length=14)


class HoursOut(Schema):
    """Hours that are kept, by whom (`router`, `ronda` or not yet), and whether it is open now."""

    router: int
    kind: str
    name: str
    server: str
    zone: str
    windows: list[WindowIn]
    keeper: str
    is_open: bool | None
    trouble: str


class PlacementIn(Schema):
    """On which routers of a site new users are made."""

    model_config = {"extra": "forbid"}
    rule: Literal["least_loaded", "fixed", "all"]
    router: Id | None = Field(None, description="For `fixed`.")


@router.get("/hotspot/profiles", auth=READ, response={200: list[HotspotProfileOut], **FAILURES})
def list_profiles(request: HttpRequest) -> Any:
    """Profiles of all routers in use, as last read."""
    found = lists.matching(Part.PROFILES, lists.Filter())
    return [
        {**columns_of(row, HotspotProfileOut), "id": row.pk, "router": row.router_id}
        for row in found
    ]


@router.post("/hotspot/profiles", auth=WRITE, response={202: HotspotInstructionOut, **FAILURES})
def add_profile(request: HttpRequest, given: HotspotProfileIn) -> Any:
    """Make a profile on one router or on all of a site."""
    if (given.router is None) == (given.site is None):
        _refuse("router", _("Name a router or a site."))
    if problem_of(given.name) is not None:
        _refuse("name", _("This cannot be a name: no space at the ends, no invisible characters."))
    _check(given.values)
    found = mine(RouterRow.objects.in_use())
    chosen = found.filter(pk=given.router) if given.router else found.filter(site=given.site)
    targets = [Target(one, given.name, Kind.PROFILE, after=given.values) for one in chosen]
    if not targets:
        _refuse("router", _("There is no such router."))
    return ask(request, Verb.CREATE, targets)


@router.patch(
    "/hotspot/profiles/{pk}", auth=WRITE, response={202: HotspotInstructionOut, **FAILURES}
)
def edit_profile(request: HttpRequest, pk: Id, given: HotspotProfileEdit) -> Any:
    """Change properties of a profile on its router."""
    row = _profile(pk)
    _check(given.values)
    changes = adopting.changes(Kind.PROFILE, row.values, {**row.values, **given.values})
    if not changes:
        _refuse("values", _("Nothing was changed."))
    return ask(request, Verb.EDIT, [asking.target_of(row, changes)])


@router.delete(
    "/hotspot/profiles/{pk}", auth=WRITE, response={202: HotspotInstructionOut, **FAILURES}
)
def delete_profile(request: HttpRequest, pk: Id) -> Any:
    """Delete a profile on its router, which refuses while users have it."""
    return ask(request, Verb.DELETE, [asking.target_of(_profile(pk))])


@router.post(
    "/hotspot/instructions/{pk}/undo", auth=ACT, response={202: HotspotInstructionOut, **FAILURES}
)
def undo(request: HttpRequest, pk: Id) -> Any:
    """Take an instruction back by another one."""
    instruction = Instruction.objects.filter(pk=pk).first()
    if instruction is None:
        raise Http404(_("There is no such instruction."))
    way = asking.undo_targets(instruction)
    if way is None:
        raise Refused(409, "conflict", _("This cannot be undone."))
    verb, targets = way
    needed = deciding.role_to_undo(instruction, verb)
    if not holds(getattr(request.user, "role", ""), needed):
        raise Refused(
            403, "role", _("Your role does not allow this; ask an owner or administrator.")
        )
    return ask(request, verb, targets, undoes=instruction)


@router.get("/hotspot/differences", auth=READ, response={200: list[DifferenceOut], **FAILURES})
def list_differences(request: HttpRequest) -> Any:
    """What routers do not hold as wanted, newest first, at most 1,000."""
    found = mine(Drift.objects.filter(router__deleted_at=None, router__active=True), "router__site")
    return [
        {
            "id": row.pk,
            "router": row.router_id,
            "kind": row.wanted.kind,
            "name": row.wanted.name,
            "standing": row.standing,
            "since": row.since,
            "probably_by": row.likely,
            "fields": row.fields,
        }
        for row in found.select_related("wanted")[:1000]
    ]


@router.post("/hotspot/differences", auth=WRITE, response={202: DecidedOut, **FAILURES})
def decide(request: HttpRequest, given: DifferencesIn) -> Any:
    """End differences: by changing the routers, or by wanting what they hold."""
    rows = deciding.rows_of(given.differences)
    if not rows:
        raise Refused(422, "invalid", _("None of these differences is there."))
    if given.side == "router":
        me = actor(request)
        return Status(202, {"taken_over": deciding.believe_routers(rows, me.person, me.source)})
    asked = ask(request, Verb.REPAIR, deciding.repairs(rows))
    return Status(202, {"instruction": asked.value})


@router.get("/hotspot/hours", auth=READ, response={200: list[HoursOut], **FAILURES})
def list_hours(request: HttpRequest) -> Any:
    """Every stated time of access, at most 1,000."""
    stated = AccessHours.objects.filter(router__deleted_at=None)
    found = mine(stated, "router__site").order_by("router", "kind", "name")
    return [_hours(row) for row in found[:1000]]


@router.put("/hotspot/hours", auth=WRITE, response={200: HoursOut, **FAILURES})
def state_hours(request: HttpRequest, given: HoursIn) -> Any:
    """State when a user, or the users of a profile, may be online on a router; it is told at once."""
    place = mine(RouterRow.objects.in_use()).filter(pk=given.router).first()
    if place is None:
        _refuse("router", _("There is no such router."))
    me = actor(request)
    windows = [Window(frozenset(one.days), one.start, one.end) for one in given.windows]
    kind = Kind(given.kind)
    hours.set_hours(
        place, kind, given.name, given.server, Zone(given.zone), windows, me.person, me.source
    )
    kept = AccessHours.objects.filter(
        router=place, kind=kind, name=given.name, server=given.server
    ).first()
    return _hours(
        kept or AccessHours(router=place, kind=kind, name=given.name, server=given.server)
    )


@router.put("/hotspot/placement/{site}", auth=WRITE, response={200: PlacementIn, **FAILURES})
def state_placement(request: HttpRequest, site: Id, given: PlacementIn) -> Any:
    """State on which routers of a site new users are made."""
    place = Site.objects.filter(pk=site).first()
    if place is None:
        raise Http404(_("There is no such site."))
    fixed = RouterRow.objects.in_use().filter(pk=given.router or 0, site=place).first()
    if given.rule == "fixed" and fixed is None:
        _refuse("router", _("Name a router of this site."))
    me = actor(request)
    placing.set_rule(place, Rule(given.rule), fixed, me.person, me.source)
    rule, chosen = placing.rule_of(place)
    return {"rule": rule.value, "router": chosen.pk if chosen else None}


def _profile(pk: int) -> HotspotProfile:
    found = HotspotProfile.objects.filter(pk=pk, router__deleted_at=None, router__active=True)
    row = found.select_related("router").first()
    if row is None:
        raise Http404(_("There is no such profile (any more)."))
    return row


def _check(values: dict[str, str]) -> None:
    for name in values:
        if name not in PROFILE:
            _refuse("values", _("A profile has no property %(name)s.") % {"name": name[:60]})


def _refuse(field: str, text: str) -> NoReturn:
    raise Refused(422, "invalid", text, {field: [text]})


def _hours(row: AccessHours) -> dict[str, Any]:
    return {
        **{name: getattr(row, name) for name in ("kind", "name", "server", "zone", "keeper")},
        "router": row.router_id,
        "windows": [{"days": days, "start": start, "end": end} for days, start, end in row.windows],
        "is_open": row.is_open,
        "trouble": row.trouble,
    }
