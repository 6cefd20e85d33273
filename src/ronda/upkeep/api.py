"""`/api/v1`: health, connections, log and copies of the configuration of routers."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, Literal

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema, Status

from ronda.accounts.auth import session_or_token
from ronda.accounts.models import Role
from ronda.accounts.service import audit
from ronda.devices.acting import actor
from ronda.kernel.ids import Id
from ronda.routers import models as routers
from ronda.upkeep.models import Copy, Span
from ronda.upkeep.rules.conditions import Kind
from ronda.upkeep.rules.logs import chosen
from ronda.upkeep.service import copying, files, fleet, health, logs
from ronda.upkeep.service.fleet import Standing
from ronda.web.answers import FAILURES, Refused

router = Router(tags=["routers"])
READ = session_or_token(Role.NOC)
WRITE = session_or_token(Role.ADMIN)


class TroubleOut(Schema):
    """A trouble that is on; `value` in percent, degrees Celsius or seconds, as its kind has it."""

    kind: Kind
    since: datetime | None
    value: float | None
    text: str


class HealthOut(Schema):
    """How one router is. Shares in percent, times in ms and s; null where it is not known.

    `state` is `waiting` while nobody tries to connect. `old` when the reading is older than three
    intervals.
    """

    router: int
    name: str
    state: Literal["off", "never", "connected", "failed", "waiting"]
    since: datetime | None
    transport: str
    reason: str
    text: str
    failed_attempts_1d: int
    read_at: datetime | None
    old: bool
    uptime_s: int | None
    cpu: float | None
    memory_used: float | None
    disk_used: float | None
    temperature: float | None
    voltage: float | None
    clock_off_s: float | None
    p50_ms: float | None
    p95_ms: float | None
    sensors: list[tuple[str, float | str, str]]
    troubles: list[TroubleOut]


class SeriesOut(Schema):
    """Columns of equal length, oldest first; `at` in epoch seconds."""

    at: list[int]
    cpu: list[float | None]
    memory: list[float | None]
    disk: list[float | None]
    temperature: list[float | None]
    p50_ms: list[float | None]
    p95_ms: list[float | None]


class SpanOut(Schema):
    """A time in which a router was connected, or in which attempts failed for one reason."""

    connected: bool
    since: datetime
    until: datetime | None
    attempts: int
    transport: str
    reason: str
    text: str


class LogLine(Schema):
    """One line; `time` as the router printed it."""

    time: str
    topics: str
    severity: Literal["critical", "error", "warning", "info", "debug"]
    message: str


class LogOut(Schema):
    """The newest copy of the log, newest line first; values after words for passwords are masked."""

    read_at: datetime | None
    lines: list[LogLine]


class Hours(Schema):
    """How far back."""

    hours: int = Field(24, ge=1, le=24 * 3660)


class Newest(Schema):
    """How many."""

    limit: int = Field(100, ge=1, le=1000)


class LogQuery(Schema):
    """Which lines."""

    q: str = Field("", max_length=100)
    severity: Literal["", "critical", "error", "warning", "info", "debug"] = ""
    topic: str = Field("", max_length=40)


class CopyOut(Schema):
    """A copy of the configuration; `checked_at` is when it was last found to be true still."""

    id: int
    at: datetime
    checked_at: datetime
    form: Literal["rsc", "backup", "txt"]
    name: str
    size: int
    sha256: str
    version: str
    sensitive: bool


class CopyIn(Schema):
    """What to copy."""

    sensitive: bool = False


class Begun(Schema):
    """The id of the job that was begun, or joined."""

    job: int


@router.get("/routers/health", auth=READ, response={200: list[HealthOut], **FAILURES})
def all_health(request: HttpRequest) -> Any:
    """How every router is, by name."""
    return [_health(standing) for standing in fleet.standings()]


@router.get("/routers/{int:pk}/health", auth=READ, response={200: HealthOut, **FAILURES})
def one_health(request: HttpRequest, pk: Id) -> Any:
    """How one router is."""
    return _health(fleet.standing_of(_router(pk)))


@router.get("/routers/{int:pk}/health/history", auth=READ, response={200: SeriesOut, **FAILURES})
def history(request: HttpRequest, pk: Id, back: Query[Hours]) -> Any:
    """Health of the last hours, at most 800 points."""
    end = timezone.now()
    return asdict(health.series(_router(pk).pk, end - timedelta(hours=back.hours), end))


@router.get("/routers/{int:pk}/connections", auth=READ, response={200: list[SpanOut], **FAILURES})
def connections(request: HttpRequest, pk: Id, newest: Query[Newest]) -> Any:
    """The history of a router's connection, newest first."""
    return [
        {
            "connected": span.connected,
            "since": span.since,
            "until": span.until,
            "attempts": span.attempts,
            "transport": span.transport,
            "reason": span.code,
            "text": span.text,
        }
        for span in Span.objects.filter(router=_router(pk))[: newest.limit]
    ]


@router.get("/routers/{int:pk}/log", auth=READ, response={200: LogOut, **FAILURES})
def read_log(request: HttpRequest, pk: Id, wanted: Query[LogQuery]) -> Any:
    """The newest copy of a router's log; `POST` reads it anew."""
    copy = logs.copy_of(_router(pk).pk)
    if copy is None:
        return {"read_at": None, "lines": []}
    lines = chosen(copy.lines, text=wanted.q, severity=wanted.severity, topic=wanted.topic)
    shown = [{**line._asdict(), "severity": line.severity} for line in lines]
    return {"read_at": copy.read_at, "lines": shown}


@router.post("/routers/{int:pk}/log", auth=READ, response={202: Begun, **FAILURES})
def begin_log(request: HttpRequest, pk: Id) -> Any:
    """Begin to read the log from the router."""
    return Status(202, {"job": logs.ask(_router(pk).pk)})


@router.get("/routers/{int:pk}/copies", auth=WRITE, response={200: list[CopyOut], **FAILURES})
def copies(request: HttpRequest, pk: Id) -> Any:
    """The copies of a router's configuration, newest first."""
    return list(Copy.objects.filter(router=_router(pk)))


@router.post("/routers/{int:pk}/copies", auth=WRITE, response={202: Begun, **FAILURES})
def begin_copy(request: HttpRequest, pk: Id, wanted: CopyIn) -> Any:
    """Begin to copy the configuration."""
    me = actor(request)
    job = copying.ask(_router(pk), me.person, sensitive=wanted.sensitive, source=me.source)
    return Status(202, {"job": job})


@router.get("/routers/copies/{int:pk}/file", auth=WRITE, response={200: bytes, **FAILURES})
def copy_file(request: HttpRequest, pk: Id) -> Any:
    """The file itself; who read it is recorded."""
    copy = Copy.objects.filter(pk=pk, router__deleted_at=None).first()
    if copy is None:
        raise Http404(_("There is no such copy."))
    try:
        content = files.content_of(copy)
    except files.CopyMissing:
        text = _("The file %(name)s is missing or was changed outside of Ronda; it is not offered.")
        raise Refused(409, "missing", text % {"name": copy.name}) from None
    me = actor(request)
    audit.record(
        me.person, "router.copy-download", copy.name, after={"form": copy.form}, source=me.source
    )
    return HttpResponse(content, content_type="application/octet-stream")


def _router(pk: int) -> routers.Router:
    found = routers.Router.objects.present().select_related("site").filter(pk=pk).first()
    if found is None:
        raise Http404(_("There is no such router."))
    return found


def _health(standing: Standing) -> dict[str, Any]:
    span, reading = standing.span, standing.reading
    return {
        "router": standing.router.pk,
        "name": standing.router.name,
        "state": standing.state,
        "since": span.since if span else None,
        "transport": span.transport if span else "",
        "reason": span.code if span else "",
        "text": span.text if span else "",
        "failed_attempts_1d": standing.failed_attempts,
        "read_at": reading.at if reading else None,
        "old": standing.old,
        "memory_used": standing.memory,
        "disk_used": standing.disk,
        "sensors": reading.sensors if reading else [],
        "troubles": [
            {"kind": one.kind, "since": one.since, "value": one.value, "text": one.text}
            for one in standing.troubles
        ],
        **{name: getattr(reading, name, None) for name in _OF_READING},
    }


_OF_READING = (
    *("uptime_s", "cpu", "temperature", "voltage", "clock_off_s"),
    *("p50_ms", "p95_ms"),
)
