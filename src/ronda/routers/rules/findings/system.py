"""Version, clock, licence, device-mode and the rights of Ronda's user."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone

from ronda.routers.rules.commands import Command, Line, Look, add, change, change_found
from ronda.routers.rules.findings.finding import Finding, Level, good, on
from ronda.routers.rules.guide import GROUP, LEAST_POLICIES
from ronda.routers.rules.observed import Observed
from ronda.routers.rules.settings import REST

#: From this version on passwords are sent as they are (inside TLS) instead of by MD5 challenge.
PLAIN_LOGIN = (6, 43, 0)
CLOCK_FINE = timedelta(minutes=2)
CLOCK_UNSET = 2020
#: Users of the hotspot at once, by licence level (manual: License); 0 is the trial of 24 hours.
ACTIVE_BY_LEVEL: Mapping[str, int] = {"1": 1, "3": 1, "4": 200, "5": 500}
NEAR = 0.8
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DATE = re.compile(r"([a-z]{3})/(\d{1,2})/(\d{4})|(\d{4})-(\d{2})-(\d{2})")
_OFFSET = re.compile(r"([+-])(\d{2}):(\d{2})")
#: Rights that let whoever has them take over the router.
EXCESS = ("policy", "ssh", "telnet", "winbox", "web", "sniff", "local", "romon", "dude")


def system(observed: Observed) -> list[Finding]:
    """The router itself."""
    return [
        *_policy(observed),
        *_version(observed),
        *_clock(observed),
        *_device_mode(observed),
        *_licence(observed),
    ]


def _policy(observed: Observed) -> list[Finding]:
    mine = _own_row(observed)
    group = mine.get("group", "")
    groups = observed.rows("/user/group") or ()
    row = next((item for item in groups if item.get("name") == group), None)
    if row is None:
        return [Finding("policy_unknown", "policy", Level.NOTE, {"user": observed.user})]
    have = {name for name in row.get("policy", "").split(",") if name and not name.startswith("!")}
    needed = [*LEAST_POLICIES, *(["rest-api"] if observed.transport in REST else [])]
    missing = [name for name in needed if name not in have]
    excess = [name for name in EXCESS if name in have]
    values = {"user": observed.user, "group": group}
    if missing:
        whole = ",".join([*sorted(have), *missing])
        repair = on(observed.major, change_found("/user/group", {"name": group}, policy=whole))
        values |= {"missing": ", ".join(missing)}
        return [Finding("policy_missing", "policy", Level.BAD, values, repair)]
    found: list[Finding] = []
    if excess:
        values |= {"excess": ", ".join(excess)}
        repair = on(observed.major, *_least(observed, needed, have))
        found.append(Finding("policy_excess", "policy", Level.WARN, values, repair))
    else:
        found.append(good("policy_ok", "policy", **values))
    if "password" not in have:
        found.append(Finding("policy_no_rotation", "policy", Level.NOTE, values))
    return found


def _least(observed: Observed, needed: list[str], have: set[str]) -> tuple[Line, ...]:
    kept = [name for name in ("password", "sensitive", "ftp", "reboot") if name in have]
    return (
        add("/user/group", name=GROUP, policy=",".join([*needed, *kept])),
        change_found("/user", {"name": observed.user}, group=GROUP),
    )


def _own_row(observed: Observed) -> Mapping[str, str]:
    rows = observed.rows("/user") or ()
    return next((row for row in rows if row.get("name") == observed.user), {})


def _version(observed: Observed) -> list[Finding]:
    values = {"version": observed.version, "board": observed.board}
    found = [good("version_ok", "version", **values)]
    if not observed.release:
        return [Finding("version_unknown", "version", Level.NOTE, values)]
    if observed.release < PLAIN_LOGIN:
        repair = on(6, Look("/system/package/update"))
        found = [Finding("version_old", "version", Level.WARN, values, repair)]
    if observed.version_hint and observed.version_hint != f"v{observed.major}":
        values = values | {"hint": observed.version_hint, "found": f"v{observed.major}"}
        found.append(Finding("version_other", "version", Level.NOTE, values))
    return found


def clock_of(row: Mapping[str, str]) -> datetime | None:
    """The router's own time; both date forms (ISO from 7.10 on). None when it cannot be read."""
    date = _DATE.fullmatch(row.get("date", "").lower())
    offset = _OFFSET.fullmatch(row.get("gmt-offset", "+00:00"))
    if date is None or offset is None:
        return None
    month = _MONTHS.index(date[1]) + 1 if date[1] in _MONTHS else 0
    year, number, day = (
        (int(date[3]), month, int(date[2]))
        if date[1]
        else (int(date[4]), int(date[5]), int(date[6]))
    )
    away = timedelta(hours=int(offset[2]), minutes=int(offset[3])) * (1 if offset[1] == "+" else -1)
    try:
        hour, minute, second = map(int, row.get("time", "").split(":"))
        return datetime(year, number, day, hour, minute, second, tzinfo=timezone(away))
    except ValueError:
        return None


def _clock(observed: Observed) -> list[Finding]:
    row = observed.first("/system/clock")
    time = clock_of(row)
    if time is None:
        return [Finding("clock_unread", "clock", Level.NOTE)]
    away = abs(time.astimezone(UTC) - observed.at)
    zone = row.get("time-zone-name", "")
    values = {
        "time": f"{time:%Y-%m-%d %H:%M:%S}",
        "zone": zone,
        "away_s": round(away.total_seconds()),
    }
    repair = on(observed.major, *_clock_repair(observed, zone))
    if time.year < CLOCK_UNSET:
        return [Finding("clock_unset", "clock", Level.BAD, values, repair)]
    if away > CLOCK_FINE:
        return [Finding("clock_wrong", "clock", Level.WARN, values, repair)]
    return [good("clock_ok", "clock", **values)]


def _clock_repair(observed: Observed, zone: str) -> tuple[Line, ...]:
    servers = {"servers" if observed.major >= 7 else "server_dns_names": "id.pool.ntp.org"}
    ntp = change("/system/ntp/client", enabled="yes", **servers)
    if zone in {"", "manual"}:
        return (change("/system/clock", time_zone_name="Asia/Jakarta"), ntp)
    return (ntp,)


def _device_mode(observed: Observed) -> list[Finding]:
    row = observed.first("/system/device-mode")
    if not row:
        return []
    values = {"mode": row.get("mode", "")}
    if row.get("flagged") in {"yes", "true"}:
        repair = on(7, Look("/system/device-mode"))
        return [Finding("device_mode_flagged", "device_mode", Level.BAD, values, repair)]
    if row.get("hotspot") in {"no", "false"}:
        repair = on(7, *_allow(row))
        return [Finding("device_mode_forbids", "device_mode", Level.BAD, values, repair)]
    if row.get("scheduler") in {"no", "false"}:
        repair = on(7, *_allow(row))
        return [Finding("device_mode_no_scheduler", "device_mode", Level.WARN, values, repair)]
    return [good("device_mode_ok", "device_mode", **values)]


def _allow(row: Mapping[str, str]) -> tuple[Line, ...]:
    wanted = tuple(
        (name, "yes") for name in ("hotspot", "scheduler") if row.get(name) in {"no", "false"}
    )
    return (Command("/system/device-mode", "update", wanted), Look("/system/device-mode"))


def _licence(observed: Observed) -> list[Finding]:
    row = observed.first("/system/license")
    level = row.get("nlevel") or row.get("level", "")
    if not level:
        return []
    active = observed.counts.get("/ip/hotspot/active", 0)
    most = ACTIVE_BY_LEVEL.get(level.lower().removeprefix("level").strip())
    values = {"level": level, "active": active, "most": most}
    if most is None:
        return [good("licence_ok", "licence", **values)]
    if active >= most:
        return [Finding("licence_full", "licence", Level.BAD, values)]
    if active >= NEAR * most:
        return [Finding("licence_near", "licence", Level.WARN, values)]
    return [good("licence_limit", "licence", **values)]
