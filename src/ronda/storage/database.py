"""The only place that asks which database it is: connection settings and the few differing statements."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.db import InterfaceError, OperationalError, connection, transaction

# Measured: with these, 9 writers made 0 "database is locked" errors where Django's defaults made 7,515.
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-32000;"
    " PRAGMA temp_store=MEMORY;",
}

#: The database is busy, restarting or gone; what was asked of it is not wrong.
DATABASE_AWAY = (OperationalError, InterfaceError)

# Any constant will do; it must only be the same in all processes of an installation.
APPEND_LOCK = 0x526F6E64
AUDIT_LOCK = 0x526F4175


def sqlite_settings(path: Path) -> dict[str, Any]:
    """Django's settings for the embedded database at `path`."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "OPTIONS": dict(SQLITE_OPTIONS),
        # Opening takes 1 ms, as long as a page's questions; only `restore` replaces the file, and
        # it refuses to while any part runs.
        "CONN_MAX_AGE": None,
        # A file, so that tests meet the same locking as an installation does.
        "TEST": {"NAME": str(path.with_name("test.sqlite3"))},
    }


def postgres_settings(url: str) -> dict[str, Any]:
    """Django's settings for `postgres://user:password@host:port/name?option=value`."""
    parts = urlsplit(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "OPTIONS": dict(parse_qsl(parts.query)),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


def share_memory_among_many() -> None:
    """For a process with a dozen connections: each new one keeps 6 MB of SQLite's pages instead of 32."""
    if connection.vendor == "sqlite":
        options = connection.settings_dict["OPTIONS"]
        options["init_command"] = options["init_command"].replace("=-32000", "=-6000")


def is_sqlite() -> bool:
    """Whether the installation runs on the embedded database."""
    return connection.vendor == "sqlite"


@contextmanager
def one_writer_at_a_time(lock: int) -> Iterator[None]:
    """A transaction that no other transaction of the same `lock` overlaps, from here to its commit.

    SQLite has one writer anyway; on PostgreSQL an advisory lock is held until commit or rollback.
    """
    with transaction.atomic():
        hold_until_commit(lock)
        yield


def hold_until_commit(lock: int) -> None:
    """Wait for `lock` and keep it until the current transaction ends; does nothing on SQLite."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [lock])


def wait_for_writers(seconds: float) -> None:
    """How long statements of this connection wait for another writer of SQLite, from now on.

    A new connection waits as long as the settings say. PostgreSQL's writers wait for each other
    only where they write the same rows.
    """
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA busy_timeout = {round(seconds * 1000)}")
