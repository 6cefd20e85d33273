"""`/api/v1/hotspot/usage`: the figures of the page of hotspot use, and single sessions."""

from __future__ import annotations

from datetime import date, datetime

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from ronda.accounts.auth import session_or_token
from ronda.accounts.models import Role
from ronda.hotspot.service.usage import analytics, sessions
from ronda.hotspot.service.usage.counts import scope_of
from ronda.kernel.ids import LARGEST_ID
from ronda.kernel.periods import Kind
from ronda.overview.api import period_asked
from ronda.web.answers import FAILURES, IsoDay

router = Router(tags=["hotspot"], auth=session_or_token(Role.VIEWER))


class UsageQuery(Schema):
    """Whose use and of when; without a day the present one is meant, a router counts before a site."""

    period: Kind = "month"
    day: IsoDay | None = Field(None, description="A day in it; for `any` its first day.")
    until: IsoDay | None = Field(None, description="For `any`: its last day.")
    site: int | None = Field(None, ge=1, le=LARGEST_ID)
    router: int | None = Field(None, ge=1, le=LARGEST_ID)


class UsageLevel(Schema):
    """Users online; null when nobody counted. `hours_known` hours were counted at all."""

    peak: int | None
    peak_at: datetime | None
    lowest: int | None
    lowest_at: datetime | None
    average: float | None
    hours_known: int


class UsageAmount(Schema):
    """What was used; `bytes_in` came from the clients. Users and devices null: not known any more."""

    bytes_in: int
    bytes_out: int
    seconds: int
    sessions: int
    users: int | None
    devices: int | None


class UsageDayOut(Schema):
    """One local day."""

    day: date
    level: UsageLevel
    used: UsageAmount


class UsageRank(Schema):
    """A user, device, profile or router; pseudonyms begin with `~~`."""

    name: str
    used: UsageAmount


class UsageOut(Schema):
    """The use of a period. `heat` is weekday (from Monday) x hour; null where nobody counted."""

    start: datetime
    end: datetime
    hours: int
    level: UsageLevel
    used: UsageAmount
    days: list[UsageDayOut]
    heat: list[list[float | None]]
    users: list[UsageRank]
    devices: list[UsageRank]
    profiles: list[UsageRank]
    routers: list[UsageRank]


class SessionsQuery(Schema):
    """Which sessions, newest first."""

    user: str = Field("", max_length=120)
    mac: str = Field("", max_length=40)
    router: int | None = Field(None, ge=1, le=LARGEST_ID)
    page: int = Field(1, ge=1, le=1_000_000)
    per_page: int = Field(100, ge=1, le=1000)


class UsageSessionOut(Schema):
    """One stay; `ended_at` null while it lasts. `watched` false: only the user's counters told of it."""

    router: str
    user: str
    mac: str
    address: str
    server: str
    profile: str
    started_at: datetime
    ended_at: datetime | None
    seen_at: datetime
    seconds: int
    bytes_in: int
    bytes_out: int
    watched: bool


class SessionsOut(Schema):
    """One page of sessions; `more` says whether there is another."""

    items: list[UsageSessionOut]
    page: int
    per_page: int
    more: bool


@router.get("/hotspot/usage", response={200: UsageOut, **FAILURES})
def usage(request: HttpRequest, query: Query[UsageQuery]) -> UsageOut:
    """Users online, data, devices and clients of a period, as the page of hotspot use has them."""
    zone = timezone.get_current_timezone()
    period = period_asked(query.period, query.day, query.until)
    scope = scope_of(None if query.router else query.site, query.router)
    found = analytics.analyse(scope, period.first, period.last, zone, timezone.now())
    return UsageOut(
        start=found.start,
        end=found.end,
        hours=found.hours,
        level=_level(found.level),
        used=_used(found.used),
        days=[
            UsageDayOut(day=day.day, level=_level(day.level), used=_used(day.used))
            for day in found.days
        ],
        heat=found.heat,
        users=_ranked(found.users),
        devices=_ranked(found.devices),
        profiles=_ranked(found.profiles),
        routers=_ranked(found.routers),
    )


def _level(level: analytics.Level) -> UsageLevel:
    return UsageLevel(
        peak=level.peak,
        peak_at=level.peak_at,
        lowest=level.lowest,
        lowest_at=level.lowest_at,
        average=level.average,
        hours_known=level.known,
    )


def _used(used: analytics.Used) -> UsageAmount:
    return UsageAmount(
        bytes_in=used.bytes_in,
        bytes_out=used.bytes_out,
        seconds=used.seconds,
        sessions=used.sessions,
        users=used.users,
        devices=used.devices,
    )


def _ranked(rows: list[analytics.Ranked]) -> list[UsageRank]:
    return [UsageRank(name=row.name, used=_used(row.used)) for row in rows]


@router.get("/hotspot/sessions", response={200: SessionsOut, **FAILURES})
def list_sessions(request: HttpRequest, query: Query[SessionsQuery]) -> SessionsOut:
    """Single sessions, newest first, by user, device or router."""
    wanted = sessions.Wanted(query.user, query.mac, query.router)
    first = (query.page - 1) * query.per_page
    rows = list(sessions.listing(wanted)[first : first + query.per_page + 1])
    items = [
        UsageSessionOut(
            router=row.series.name,
            user=row.user,
            mac=row.mac,
            address=row.address,
            server=row.server,
            profile=row.profile,
            started_at=row.started_at,
            ended_at=row.ended_at,
            seen_at=row.seen_at,
            seconds=row.seconds,
            bytes_in=row.bytes_in,
            bytes_out=row.bytes_out,
            watched=row.watched,
        )
        for row in rows[: query.per_page]
    ]
    return SessionsOut(
        items=items, page=query.page, per_page=query.per_page, more=len(rows) > query.per_page
    )
