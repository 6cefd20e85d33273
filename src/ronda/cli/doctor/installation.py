"""Checks of the installation: database, owner, backups, watch and background work."""

import contextlib
import ipaddress
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from django.db import DatabaseError

from ronda.app.configuration import Configuration
from ronda.cli.doctor.findings import Finding, State, fail, ok, warn
from ronda.cli.doctor.routers import routers
from ronda.storage import embedded

if TYPE_CHECKING:
    from ronda.monitoring.service.health import PollerHealth

BACKUP_IS_OLD = timedelta(hours=36)
AHEAD_BY = timedelta(minutes=2)


def examine(conf: Configuration) -> list[Finding]:
    """Every finding about the installation; stops where the database cannot be read."""
    found = [database(conf)]
    if found[0].state is State.FAIL or (conf.database_url is None and not conf.sqlite.exists()):
        return found
    from ronda.app import boot

    boot.django()
    checks: list[Callable[[Configuration], list[Finding]]] = [
        migrations,
        owner,
        reach,
        backups,
        watch,
        work,
        shared_cache,
        lines,
        routers,
        time_of_rows,
    ]
    for check in checks:
        try:
            found += check(conf)
        except DatabaseError as error:
            # After an upgrade and before its first start some tables are not there yet.
            found.append(
                warn(
                    check.__name__,
                    f"cannot be read: {error}".strip(),
                    "start Ronda once; it brings the database up to date",
                )
            )
    return found


def lines(conf: Configuration) -> list[Finding]:
    """Whether passwords and rows travel in clear to a database or Redis on another machine."""
    found = []
    for name, url, how in (
        ("database line", conf.database_url, "end RONDA_DATABASE_URL with ?sslmode=verify-full"),
        ("Redis line", conf.redis_url, "let RONDA_REDIS_URL begin with rediss://"),
    ):
        if url is not None and not is_safe_line(url.get_secret_value()):
            text = "another machine, and its address names no encryption"
            found.append(warn(name, text, f"{how}, unless the wire between is yours alone"))
    return found


def is_safe_line(url: str) -> bool:
    """Whether this address is on the machine itself, or demands encryption."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    with contextlib.suppress(ValueError):
        if ipaddress.ip_address(host).is_loopback:
            return True
    modes = parse_qs(parts.query).get("sslmode", [""])
    return (
        host in ("", "localhost")
        or parts.scheme == "rediss"
        or modes[-1] in ("require", "verify-ca", "verify-full")
    )


def database(conf: Configuration) -> Finding:
    """Whether the database is there, sound and set as it should be."""
    if conf.database_url is not None:
        return _postgres()
    path = conf.sqlite
    if not path.exists():
        return ok("database", f"{path} will be made at the first start")
    problem = embedded.problem_of(path)
    if problem:
        return fail(
            "database",
            f"{path}: {problem}",
            "start Ronda: it sets the damaged file aside and restores the newest good backup; or ronda restore FILE",
        )
    with embedded.opened(path, read_only=True) as connection:
        mode = connection.execute("PRAGMA journal_mode").fetchone()[0]
    size = path.stat().st_size / (1 << 20)
    if mode != "wal":
        return warn(
            "database",
            f"{path} is sound ({size:,.1f} MB) but in journal mode {mode}",
            "start Ronda once; if it stays, the file lies on a network disk: move RONDA_DATA to a local one",
        )
    return ok("database", f"{path} is sound ({size:,.1f} MB, WAL)")


def _postgres() -> Finding:
    from ronda.app import boot

    boot.django()
    from django.db import connection

    try:
        with connection.cursor() as cursor:
            cursor.execute("SHOW server_version")
            version = cursor.fetchone()[0]
            cursor.execute("SELECT pg_is_in_recovery(), pg_database_size(current_database())")
            replica, size = cursor.fetchone()
    except (DatabaseError, ImportError) as error:
        reason = str(error).strip().splitlines()[0]
        return fail(
            "database",
            f"PostgreSQL cannot be used: {reason}",
            "check RONDA_DATABASE_URL, that the server runs, and that ronda[postgres] is installed",
        )
    text = f"PostgreSQL {version}, {size / (1 << 20):,.1f} MB"
    if replica:
        return fail(
            "database", f"{text}, is a read-only replica", "point RONDA_DATABASE_URL at the primary"
        )
    return ok("database", text)


def migrations(_conf: Configuration) -> list[Finding]:
    """Whether the tables are those of this version."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        names = ", ".join(str(migration) for migration, _back in plan[:3])
        return [
            warn(
                "tables",
                f"{len(plan)} migrations wait ({names} …)",
                "start Ronda; it applies them (a backup first: ronda backup)",
            )
        ]
    return [ok("tables", "as this version needs them")]


def owner(_conf: Configuration) -> list[Finding]:
    """Whether somebody can look after it."""
    from ronda.accounts.service import setup

    if setup.has_owner():
        return [ok("owner", "there is one")]
    return [
        warn(
            "owner",
            "nobody can sign in yet",
            "ronda user setup prints the one-time link; or ronda user add NAME --role owner",
        )
    ]


def reach(conf: Configuration) -> list[Finding]:
    """Whether other machines may come, and safely."""
    from ronda.accounts.service import setup

    if not conf.listens_to_others:
        return [
            ok(
                "reach",
                f"only this machine reaches {conf.bind} (a reverse proxy may pass others on)",
            )
        ]
    if not setup.has_owner():
        return [
            fail(
                "reach",
                f"{conf.bind} is open to others but there is no owner: the start is refused",
                "ronda user add NAME --role owner",
            )
        ]
    if not conf.hosts:
        return [
            fail(
                "reach",
                f"{conf.bind} is open to others, but browsers will be refused by name",
                "set RONDA_HOSTS to the names and addresses that people type",
            )
        ]
    if not conf.https:
        return [
            warn(
                "reach",
                f"{conf.bind} is open to others without HTTPS: passwords can be read on the way",
                "put a reverse proxy with HTTPS in front and set RONDA_HTTPS=true and RONDA_TRUSTED_PROXIES=1",
            )
        ]
    return [ok("reach", f"{conf.bind} for {', '.join(conf.hosts)} by HTTPS")]


def backups(conf: Configuration) -> list[Finding]:
    """Whether there is a fresh whole backup."""
    from django.utils import timezone

    from ronda.storage import snapshot

    found = snapshot.listing(conf.backups)
    if not found:
        return [
            warn(
                "backups",
                f"no whole backup in {conf.backups}",
                "ronda backup makes one; while Ronda runs it makes one every night",
            )
        ]
    made = datetime.fromtimestamp(found[0].stat().st_mtime, UTC)
    age = timezone.now() - made
    hours = age / timedelta(hours=1)
    text = f"{len(found)}, the newest {found[0].name} is {hours:.0f} h old"
    if age > BACKUP_IS_OLD:
        return [
            warn(
                "backups",
                text,
                "ronda backup; and see whether `ronda work` runs and the disk has room",
            )
        ]
    return [ok("backups", text)]


def watch(_conf: Configuration) -> list[Finding]:
    """Whether the watch runs and sees."""
    from ronda.monitoring.service import health

    pollers = health.pollers()
    if not pollers:
        return [warn("watch", "has never run", "start `ronda run`, or `ronda watch`")]
    return [_poller(one) for one in pollers]


def _poller(one: "PollerHealth") -> Finding:
    row = one.row
    name = "watch" if row.name in {"", "main", "default"} else f"watch {row.name}"
    if one.state == "silent":
        return fail(
            name,
            f"last seen {row.alive_at:%Y-%m-%d %H:%M:%S} UTC",
            "start `ronda run` (or `ronda watch`) and read its log",
        )
    if one.state == "blind":
        return warn(
            name,
            f"blind since {row.blind_since:%Y-%m-%d %H:%M:%S} UTC: no canary answers",
            "look at this machine's own line and gateway; RONDA_CANARIES names what must answer",
        )
    if one.state == "trouble":
        return warn(name, row.trouble, "read the log of the watch")
    took = f", took {one.took.total_seconds():.1f} s" if one.took else ""
    return ok(name, f"{row.targets} addresses every {row.interval_s:g} s by {row.method}{took}")


def work(_conf: Configuration) -> list[Finding]:
    """Whether background work goes on."""
    from ronda.work import feed
    from ronda.work.models import Cursor, Schedule

    findings = [
        warn(
            f"task {task.name}",
            f"failed {task.failures} times in a row: {_last_line(task.trouble)}",
            "read the log of `ronda work`",
        )
        for task in Schedule.objects.filter(failures__gt=0)
    ]
    behind = {c.consumer: feed.last_id() - c.last_id for c in Cursor.objects.all()}
    late = {name: count for name, count in behind.items() if count > 10_000}
    if late:
        text = ", ".join(f"{name} is {count:,} events behind" for name, count in late.items())
        findings.append(warn("work", text, "see that `ronda work` runs; it catches up by itself"))
    return findings or [ok("work", "no task fails, no reader is behind")]


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else "it left no text"


def time_of_rows(_conf: Configuration) -> list[Finding]:
    """Whether anything on record lies in the future: then the clock went back."""
    from django.utils import timezone

    from ronda.work.models import Event

    newest = Event.objects.order_by("-id").values_list("at", flat=True).first()
    if newest is not None and newest > timezone.now() + AHEAD_BY:
        return [
            fail(
                "clock",
                f"the newest event on record is of {newest:%Y-%m-%d %H:%M:%S} UTC, which is yet to come",
                "the clock was set back: set it right (timedatectl), then restart the watch",
            )
        ]
    return []


def shared_cache(conf: Configuration) -> list[Finding]:
    """Whether the Redis that is set can be reached."""
    if conf.redis_url is None:
        return []
    from ronda.storage.shared_cache import ping

    problem = ping(conf.redis_url.get_secret_value())
    if not problem:
        return [ok("cache", "Redis answers")]
    return [
        warn(
            "cache",
            f"Redis cannot be reached ({problem}); limits are counted without it meanwhile",
            "start Redis, or correct RONDA_REDIS_URL",
        )
    ]
