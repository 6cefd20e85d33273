"""What an administrator wants to know about the installation, and cannot change on a page."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection

import ronda
from ronda.app.configuration import Configuration
from ronda.storage import shared_cache
from ronda.storage.space import is_short, room


@dataclass(frozen=True, slots=True)
class Facts:
    """The installation as it stands; sizes in bytes, None where the system does not say."""

    version: str
    database: str
    data: Path
    free: int | None
    size: int | None
    backups: Path
    time_zone: str
    redis: bool
    redis_is_away: bool

    @property
    def nearly_full(self) -> bool:
        """Whether so little of the disk is left that Ronda may soon stop writing."""
        return self.free is not None and self.size is not None and is_short(self.free, self.size)


def facts() -> Facts:
    """The facts at this moment; asks the disk, and the database for its version."""
    conf: Configuration = settings.RONDA
    free: int | None = None
    size: int | None = None
    with contextlib.suppress(OSError):
        free, size = room(conf.data)
    return Facts(
        version=ronda.__version__,
        database=_database(),
        data=conf.data.absolute(),
        free=free,
        size=size,
        backups=conf.backups.absolute(),
        time_zone=conf.time_zone,
        redis=conf.redis_url is not None,
        redis_is_away=conf.redis_url is not None
        and bool(shared_cache.ping(conf.redis_url.get_secret_value())),
    )


def _database() -> str:
    connection.ensure_connection()
    numbers = connection.get_database_version()
    return f"{connection.display_name} {'.'.join(map(str, numbers))}"
