"""Bringing the database to the shape this version needs, once, however many processes start at once."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import click
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from ronda.alerts.service import defaults
from ronda.app import wiring
from ronda.devices.service import recovery
from ronda.storage import integrity, occupancy
from ronda.storage.schema import is_complete, known_migrations
from ronda.storage.sealing import keyring
from ronda.work.consumers import begin

MIGRATION_LOCK = 0x526F4D69


def prepare() -> None:
    """Check the embedded database and apply what migrations are missing, one process at a time.

    A damaged database is set aside and replaced before anything opens it, and what was done is told
    once the tables are there. From here on this process counts as running: nobody restores beside it.
    """
    with _alone(settings.RONDA.data / "migrate.lock"):
        _check()
        _say_that_we_run()
        keyring().make()
        # Each of five parts asks, and Django's command is slow even where nothing is missing.
        if not is_complete():
            click.echo("  Making the database ready …", err=True)
            call_command("migrate", verbosity=0, interactive=False)
        if any(cache["BACKEND"].endswith("DatabaseCache") for cache in settings.CACHES.values()):
            call_command("createcachetable", verbosity=0)
        begin(consumer.name for consumer in wiring.consumers())
        defaults.enter()
        recovery.finish()


# Holds the lock that says "running"; the system takes it back when the process ends.
_living = ExitStack()


def _say_that_we_run() -> None:
    try:
        _living.enter_context(occupancy.occupy(settings.RONDA.data))
    except occupancy.Running:
        click.echo(
            "A restore is going on in this data folder; start again when it is done.", err=True
        )
        sys.exit(1)


def _check() -> None:
    """Set a damaged database aside, unless another part of the installation is using it."""
    if settings.RONDA.database_url is not None:
        return
    with suppress(occupancy.Running), occupancy.sole(settings.RONDA.data):
        report = integrity.check_and_repair(settings.RONDA.data, known=known_migrations())
        if report is not None:
            click.secho(str(report), fg="yellow", err=True)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """One process of the installation at a time: a file lock on SQLite, a session lock on PostgreSQL."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATION_LOCK])
            try:
                yield
            finally:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [MIGRATION_LOCK])
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        _lock(file.fileno())
        yield  # closing the file, or dying, gives the lock back


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
