"""`/api/v1/routers`: routers as the pages have them; no answer ever holds a password."""

from collections.abc import Callable
from dataclasses import asdict, fields, replace
from datetime import datetime
from functools import wraps
from typing import Any, Literal, ParamSpec

from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _
from ninja import Router, Schema, Status
from pydantic import SecretStr, StrictBool

from ronda.accounts.auth import session_or_token
from ronda.accounts.models import Role
from ronda.devices.acting import actor
from ronda.devices.models import Site
from ronda.devices.service.scope import mine
from ronda.kernel.ids import Id
from ronda.routers import models
from ronda.routers.rules.settings import RouterSettings
from ronda.routers.service import examining, reports, routers
from ronda.routers.service.errors import Gone, Refusal, WrongSettings
from ronda.web.answers import FAILURES, Refused
from ronda.work import jobs
from ronda.work.jobs import JobState

router = Router(tags=["routers"])
READ = session_or_token(Role.NOC)
WRITE = session_or_token(Role.ADMIN)

Prefer = Literal["auto", "rest", "pinned"]
Transport = Literal["", "api-ssl", "api", "rest-https", "rest-http"]
Trust = Literal["pin", "verify", "anonymous", "off"]
Version = Literal["", "v6", "v7"]

P = ParamSpec("P")


class RouterOut(Schema):
    """A router; `facts` is what it said of itself at the last connection."""

    id: int
    name: str
    site_id: int
    site: str
    host: str
    port: int | None
    user: str
    prefer: Prefer
    transport: Transport
    plain_rest: bool
    trust: Trust
    pin: str
    timeout_ms: int
    poll_s: int
    active: bool
    hotspot_interface: str
    hotspot_name: str
    default_profile: str
    version_hint: Version
    password_stored: bool
    connection_status: Literal["never", "connected", "failed"]
    status_since: datetime | None
    last_connected_at: datetime | None
    error: str
    facts: dict[str, Any]
    created_at: datetime
    updated_at: datetime


class RouterIn(Schema):
    """A router to add."""

    model_config = {"extra": "forbid"}
    name: str
    site_id: Id
    host: str
    user: str
    password: SecretStr
    port: int | None = None
    prefer: Prefer = "auto"
    transport: Transport = ""
    plain_rest: StrictBool = False
    trust: Trust = "pin"
    timeout_ms: int = 10_000
    poll_s: int = 300
    active: StrictBool = True
    hotspot_interface: str = ""
    hotspot_name: str = ""
    default_profile: str = ""
    version_hint: Version = ""


class RouterChange(Schema):
    """What to change; what is left out stays. `port` null is the usual one."""

    model_config = {"extra": "forbid"}
    name: str | None = None
    site_id: Id | None = None
    host: str | None = None
    user: str | None = None
    password: SecretStr | None = None
    port: int | None = None
    prefer: Prefer | None = None
    transport: Transport | None = None
    plain_rest: StrictBool | None = None
    trust: Trust | None = None
    timeout_ms: int | None = None
    poll_s: int | None = None
    active: StrictBool | None = None
    hotspot_interface: str | None = None
    hotspot_name: str | None = None
    default_profile: str | None = None
    version_hint: Version | None = None


def refusals_answered(operation: Callable[P, Any]) -> Callable[P, Any]:
    """An operation whose refusals become 404, 409 or 422 with the service's code and sentence."""

    @wraps(operation)
    def answered(*args: P.args, **kwargs: P.kwargs) -> Any:
        try:
            return operation(*args, **kwargs)
        except Gone as gone:
            raise Http404(str(gone)) from None
        except WrongSettings as wrong:
            raise Refused(422, wrong.code, _("Some values do not fit."), wrong.fields) from None
        except Refusal as refusal:
            named = {refusal.field: [str(refusal)]} if refusal.field else {}
            raise Refused(409, refusal.code, str(refusal), named) from None

    return answered


@router.get("/routers", auth=READ, response={200: list[RouterOut], **FAILURES})
def list_routers(request: HttpRequest) -> Any:
    """All routers, by name."""
    return [router_out(item) for item in routers.routers()]


@router.post("/routers", auth=WRITE, response={201: RouterOut, **FAILURES})
@refusals_answered
def add_router(request: HttpRequest, new: RouterIn) -> Any:
    """Add a router; nothing is asked of it yet."""
    me = actor(request)
    settings = RouterSettings(**new.model_dump(include=_NAMES))
    made = routers.add(
        settings,
        new.password.get_secret_value(),
        _site(new.site_id),
        me.person,
        source=me.source,
    )
    return Status(201, router_out(made))


@router.get("/routers/{int:pk}", auth=READ, response={200: RouterOut, **FAILURES})
@refusals_answered
def get_router(request: HttpRequest, pk: Id) -> Any:
    """One router."""
    return router_out(routers.router_of(pk))


@router.patch("/routers/{int:pk}", auth=WRITE, response={200: RouterOut, **FAILURES})
@refusals_answered
def change_router(request: HttpRequest, pk: Id, change: RouterChange) -> Any:
    """Change a router. A new address, user or way to connect forgets the pinned certificate."""
    me = actor(request)
    present = routers.router_of(pk)
    given = change.model_dump(include=change.model_fields_set & _NAMES)
    wanted = {name: value for name, value in given.items() if value is not None or name == "port"}
    site = _site(change.site_id) if change.site_id else present.site
    password = change.password.get_secret_value() if change.password else ""
    changed = routers.edit(
        pk,
        replace(routers.settings_of(present), **wanted),
        site,
        me.person,
        password=password,
        source=me.source,
    )
    return router_out(changed)


@router.delete("/routers/{int:pk}", auth=WRITE, response={204: None, **FAILURES})
@refusals_answered
def delete_router(request: HttpRequest, pk: Id) -> Any:
    """Delete a router; `restore` brings it back for 30 days."""
    me = actor(request)
    routers.delete(pk, me.person, source=me.source)
    return Status(204, None)


@router.post("/routers/{int:pk}/restore", auth=WRITE, response={200: RouterOut, **FAILURES})
@refusals_answered
def restore_router(request: HttpRequest, pk: Id) -> Any:
    """Bring a deleted router back."""
    me = actor(request)
    return router_out(routers.restore(pk, me.person, source=me.source))


@router.post("/routers/{int:pk}/forget", auth=WRITE, response={200: RouterOut, **FAILURES})
@refusals_answered
def find_out_again(request: HttpRequest, pk: Id) -> Any:
    """Forget the pinned certificate and the way to connect that was found."""
    me = actor(request)
    return router_out(routers.find_out_again(pk, me.person, source=me.source))


class ConnectionStep(Schema):
    """One step of connecting; `error` is "" where it went well."""

    transport: str
    port: int
    stage: str
    ms: float
    error: str
    text: str


class RouterRepair(Schema):
    """Commands for the router's terminal; `versions` says for which RouterOS."""

    versions: str
    commands: str


class RouterFinding(Schema):
    """One thing the test found; `code` is stable, the texts are in the caller's language."""

    code: str
    step: str
    level: Literal["good", "note", "warn", "bad"]
    title: str
    text: str
    hint: str
    lines: list[str]
    repairs: list[RouterRepair]


class RouterReport(Schema):
    """The newest test; `running` while another is under way. `at` is null before the first."""

    running: bool
    trouble: str
    at: datetime | None
    connected: bool
    level: Literal["good", "note", "warn", "bad"] | None
    headline: str
    steps: list[ConnectionStep]
    findings: list[RouterFinding]


class TestBegun(Schema):
    """The id of the job; the report is under the router's `test`."""

    job: int


@router.post("/routers/{int:pk}/test", auth=READ, response={202: TestBegun, **FAILURES})
@refusals_answered
def begin_test(request: HttpRequest, pk: Id) -> Any:
    """Begin a test of a router, or join the one under way; it changes nothing on the router."""
    return Status(202, {"job": examining.start(routers.router_of(pk).pk)})


@router.get("/routers/{int:pk}/test", auth=READ, response={200: RouterReport, **FAILURES})
@refusals_answered
def get_test(request: HttpRequest, pk: Id, job: Id | None = None) -> Any:
    """The newest report, and with `job` whether that test is still running or why it failed."""
    item = routers.router_of(pk)
    state = jobs.state(job) if job else None
    return report_out(item, state)


def report_out(item: models.Router, state: JobState | None) -> dict[str, Any]:
    """The newest report of a router as the API shows it."""
    report = reports.report_of(item)
    running = state is not None and not state.finished
    return {
        "running": running,
        "trouble": reports.trouble_of(state) if state is not None and not running else "",
        "at": item.reported_at,
        "connected": bool(report and report.observed.connected),
        "level": report.level if report else None,
        "headline": report.headline if report else "",
        "steps": [asdict(step) for step in report.steps] if report else [],
        "findings": [_finding_out(said) for said in report.said] if report else [],
    }


def _finding_out(said: reports.Said) -> dict[str, Any]:
    repairs = [{"versions": name, "commands": text} for name, text in said.repairs]
    return asdict(said) | {"repairs": repairs, "lines": list(said.lines)}


_NAMES = {item.name for item in fields(RouterSettings)}
_TOLD = (
    *("site_id", "pin", "connection_status", "status_since", "last_connected_at", "error"),
    *("facts", "created_at", "updated_at"),
)


def _site(pk: int) -> Site:
    site = mine(Site.objects.filter(pk=pk), "pk").first()
    if site is None:
        text = _("There is no such site.")
        raise Refused(422, "invalid", _("Some values do not fit."), {"site_id": [text]})
    return site


def router_out(item: models.Router) -> dict[str, Any]:
    """A router as the API shows it."""
    return {
        "id": item.pk,
        "site": item.site.name,
        "password_stored": bool(item.secret),
        **asdict(routers.settings_of(item)),
        **{name: getattr(item, name) for name in _TOLD},
    }
