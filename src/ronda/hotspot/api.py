"""`/api/v1/hotspot`: what routers hold, and what is asked of them; an instruction is answered before it is done."""

from datetime import datetime
from typing import Any, Literal

from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema, Status
from pydantic import SecretStr

from ronda.accounts.auth import session_or_token
from ronda.accounts.models import Role
from ronda.accounts.roles import holds
from ronda.devices.acting import actor
from ronda.devices.models import Site
from ronda.devices.service.scope import mine
from ronda.hotspot import models
from ronda.hotspot.models import Part, Verb
from ronda.hotspot.rules.names import LONGEST, problem_of
from ronda.hotspot.rules.standing import presence
from ronda.hotspot.rules.values import write_duration
from ronda.hotspot.service import ages, asking, lists, placing, wording
from ronda.hotspot.service.asking import Target
from ronda.kernel.ids import Id
from ronda.routers.models import Router as RouterRow
from ronda.web.answers import FAILURES, Refused

router = Router(tags=["hotspot"])
READ = session_or_token(Role.VIEWER)
ACT = session_or_token(Role.NOC)
WRITE = session_or_token(Role.ADMIN)


class HotspotQuery(Schema):
    """Which rows; every word of `q` must be somewhere in one."""

    q: str = Field("", max_length=100)
    router: Id | None = None
    site: Id | None = None
    server: str = Field("", max_length=200)
    profile: str = Field("", max_length=200)
    status: Literal["", "active", "idle", "offline", "disabled"] = ""
    page: int = Field(1, ge=1, le=1_000_000)
    per_page: int = Field(100, ge=1, le=1000)


class ReadingAge(Schema):
    """How old a list is at one router; a stale one is not the present."""

    router: int
    name: str
    read_at: datetime | None
    stale: bool
    trouble: str


class OnlineOut(Schema):
    """An open session as it was last read; speeds are bits per second."""

    router: int
    user: str
    server: str
    address: str
    mac: str
    status: Literal["active", "idle"]
    uptime_s: int
    left_s: int | None
    idle_s: int
    bytes_in: int
    bytes_out: int
    upload_bps: int | None
    download_bps: int | None
    stale: bool


class OnlinePage(Schema):
    """One page of sessions, how many there are, and how old the readings are."""

    items: list[OnlineOut]
    total: int
    ages: list[ReadingAge]


class HotspotUserOut(Schema):
    """A hotspot user as its router was last seen to keep it; no answer ever holds a password."""

    id: int
    router: int
    name: str
    server: str
    profile: str
    comment: str
    mac: str
    disabled: bool
    status: Literal["active", "idle", "offline", "disabled"]
    limit_uptime_s: int | None
    limit_bytes_total: int | None
    uptime_s: int
    bytes_in: int
    bytes_out: int
    standing: Literal["ours", "differs", "missing", "foreign"]
    stale: bool


class HotspotUserPage(Schema):
    """One page of users, how many there are, and how old the readings are."""

    items: list[HotspotUserOut]
    total: int
    ages: list[ReadingAge]


class HotspotUserIn(Schema):
    """A new user on one router, or where the rule of a site says; a limit that is left out is none."""

    model_config = {"extra": "forbid"}
    router: Id | None = None
    site: Id | None = None
    name: str = Field(min_length=1, max_length=LONGEST)
    password: SecretStr
    profile: str = Field("default", min_length=1, max_length=200)
    server: str = Field("all", min_length=1, max_length=200)
    limit_uptime_s: int | None = Field(None, ge=1, le=2**31)
    limit_bytes_total: int | None = Field(None, ge=1, le=2**62)
    comment: str = Field("", max_length=200)


class HotspotActionIn(Schema):
    """One thing for many users, by their ids."""

    model_config = {"extra": "forbid"}
    verb: Literal["kick", "disable", "enable", "reset", "move", "delete"]
    users: list[Id] = Field(min_length=1, max_length=asking.MOST_AT_ONCE)
    profile: str = Field("", max_length=200, description="For `move`.")


class HotspotItemOut(Schema):
    """What became of one item: `unknown` means that the line was cut and the next reading tells."""

    router: int
    name: str
    outcome: Literal["waiting", "done", "refused", "unknown"]
    reason: str


class HotspotInstructionOut(Schema):
    """What was asked, and how it stands."""

    id: int
    verb: str
    at: datetime
    actor: str
    ended: bool
    items: list[HotspotItemOut]


@router.get("/hotspot/online", auth=READ, response={200: OnlinePage, **FAILURES})
def list_online(request: HttpRequest, query: Query[HotspotQuery]) -> Any:
    """Who is online, as last read."""
    rows, total, known = _page(Part.ACTIVE, query)
    stale = {age.router.pk for age in known if age.stale}
    items = [
        {
            **columns_of(row, OnlineOut),
            "router": row.router_id,
            "status": presence(disabled=False, idle_s=row.idle_s),
            "stale": row.router_id in stale,
        }
        for row in rows
    ]
    return {"items": items, "total": total, "ages": _ages(known)}


@router.get("/hotspot/users", auth=READ, response={200: HotspotUserPage, **FAILURES})
def list_users(request: HttpRequest, query: Query[HotspotQuery]) -> Any:
    """Users of all routers in use, as last read."""
    rows, total, known = _page(Part.USERS, query)
    stale = {age.router.pk for age in known if age.stale}
    lists.add_sessions(rows)
    items = [
        {
            **columns_of(row, HotspotUserOut),
            "id": row.pk,
            "router": row.router_id,
            "status": presence(
                disabled=row.disabled, idle_s=row.session["idle_s"] if row.session else None
            ),
            "stale": row.router_id in stale,
        }
        for row in rows
    ]
    return {"items": items, "total": total, "ages": _ages(known)}


@router.post("/hotspot/users", auth=WRITE, response={202: HotspotInstructionOut, **FAILURES})
def add_user(request: HttpRequest, given: HotspotUserIn) -> Any:
    """Make a user on one router, or by the rule of a site; the instruction says what became of it."""
    places = _places(given)
    if problem_of(given.name) is not None:
        text = _("This cannot be a name: no space at the ends, no invisible characters.")
        raise Refused(422, "invalid", text, {"name": [text]})
    values = {"profile": given.profile, "comment": given.comment}
    if given.limit_uptime_s:
        values["limit-uptime"] = write_duration(given.limit_uptime_s)
    if given.limit_bytes_total:
        values["limit-bytes-total"] = str(given.limit_bytes_total)
    targets = [
        Target(
            place,
            given.name,
            server=given.server,
            after={name: text for name, text in values.items() if text},
            password=given.password.get_secret_value(),
        )
        for place in places
    ]
    return ask(request, Verb.CREATE, targets)


def _places(given: HotspotUserIn) -> list[RouterRow]:
    if (given.router is None) == (given.site is None):
        text = _("Name a router or a site.")
        raise Refused(422, "invalid", text, {"router": [text]})
    if given.router is not None:
        found = list(mine(RouterRow.objects.in_use()).filter(pk=given.router))
        text = _("There is no such router.")
    else:
        site = mine(Site.objects.filter(pk=given.site or 0), "pk").first()
        text = _("This site has no router in use.")
        try:
            found = placing.place(site)[0] if site else []
        except placing.NoRouter:
            found = []
    if not found:
        raise Refused(422, "invalid", text, {"router" if given.router else "site": [text]})
    return found


@router.post("/hotspot/actions", auth=ACT, response={202: HotspotInstructionOut, **FAILURES})
def act(request: HttpRequest, given: HotspotActionIn) -> Any:
    """Ask one thing of many users; deleting and changing profiles needs an administrator."""
    verb = Verb(given.verb)
    if verb in {Verb.MOVE, Verb.DELETE} and not _is_admin(request):
        raise Refused(
            403, "role", _("Your role does not allow this; ask an owner or administrator.")
        )
    if verb is Verb.MOVE and not given.profile:
        text = _("Name the profile.")
        raise Refused(422, "invalid", text, {"profile": [text]})
    present = models.HotspotUser.objects.filter(
        pk__in=given.users, router__deleted_at=None, router__active=True
    )
    rows = mine(present.select_related("router"), "router__site")
    after = {
        Verb.DISABLE: {"disabled": "true"},
        Verb.ENABLE: {"disabled": "false"},
        Verb.MOVE: {"profile": given.profile},
    }.get(verb)
    targets = [asking.target_of(row, after) for row in rows]
    if not targets:
        raise Refused(422, "invalid", _("None of these users is there."))
    return ask(request, verb, targets)


def _is_admin(request: HttpRequest) -> bool:
    return holds(getattr(request.user, "role", ""), Role.ADMIN)


@router.get(
    "/hotspot/instructions/{pk}", auth=READ, response={200: HotspotInstructionOut, **FAILURES}
)
def one_instruction(request: HttpRequest, pk: Id) -> Any:
    """What became of an instruction."""
    instruction = models.Instruction.objects.filter(pk=pk).first()
    if instruction is None:
        raise Http404(_("There is no such instruction."))
    return _instruction(instruction)


def ask(
    request: HttpRequest,
    verb: Verb,
    targets: list[Target],
    undoes: models.Instruction | None = None,
) -> Status[dict[str, Any]]:
    """Ask it in the caller's name; the answer is the instruction as it stands."""
    me = actor(request)
    asked = asking.ask(verb, targets, me.person, source=me.source, undoes=undoes)
    return Status(202, _instruction(asked))


def _instruction(instruction: models.Instruction) -> dict[str, Any]:
    rows = list(asking.actions_of(instruction))
    return {
        "id": instruction.pk,
        "verb": instruction.verb,
        "at": instruction.made_at,
        "actor": instruction.actor,
        "ended": all(row.ended_at or row.outcome in {"done", "refused"} for row in rows),
        "items": [
            {
                "router": row.router_id,
                "name": row.name,
                "outcome": row.outcome,
                "reason": wording.refusal(row) if row.outcome == "refused" else "",
            }
            for row in rows
        ],
    }


def _page(part: Part, query: HotspotQuery) -> tuple[list[Any], int, list[ages.Age]]:
    wanted = lists.Filter(
        query.q, query.router, query.site, query.server, query.profile, query.status
    )
    rows, total = lists.page_of(part, wanted, query.page, query.per_page)
    return rows, total, ages.ages(part)


def _ages(known: list[ages.Age]) -> list[dict[str, Any]]:
    return [
        {
            "router": age.router.pk,
            "name": age.router.name,
            "read_at": age.read_at,
            "stale": age.stale,
            "trouble": age.trouble,
        }
        for age in known
    ]


def columns_of(row: Any, schema: type[Schema]) -> dict[str, Any]:
    """The columns of a row that the schema has under the same name."""
    kept = vars(row)
    return {name: kept[name] for name in schema.model_fields if name in kept}
