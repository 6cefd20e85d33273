"""Adding to the sums by hour and by day: one statement each, whatever is there already.

Plain SQL, the same for SQLite and PostgreSQL: `ON CONFLICT DO UPDATE` adds in the database, so that
nothing is read first.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import connection, models

from ronda.hotspot.models import UsageDay, UsageHour
from ronda.hotspot.rules.amounts import Amount

_HOUR = """
INSERT INTO hotspot_usagehour
  (series_id, hour, samples, partial, least, most, users_sum, bytes_in, bytes_out)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (series_id, hour) DO UPDATE SET
  least = CASE WHEN hotspot_usagehour.samples = 0
      OR (excluded.samples > 0 AND excluded.least < hotspot_usagehour.least)
    THEN excluded.least ELSE hotspot_usagehour.least END,
  most = CASE WHEN excluded.most > hotspot_usagehour.most
    THEN excluded.most ELSE hotspot_usagehour.most END,
  samples = hotspot_usagehour.samples + excluded.samples,
  partial = hotspot_usagehour.partial + excluded.partial,
  users_sum = hotspot_usagehour.users_sum + excluded.users_sum,
  bytes_in = hotspot_usagehour.bytes_in + excluded.bytes_in,
  bytes_out = hotspot_usagehour.bytes_out + excluded.bytes_out
"""
_DAY = """
INSERT INTO hotspot_usageday
  (series_id, day, "user", mac, profile, sessions, seconds, bytes_in, bytes_out)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (series_id, day, "user", mac, profile) DO UPDATE SET
  sessions = hotspot_usageday.sessions + excluded.sessions,
  seconds = hotspot_usageday.seconds + excluded.seconds,
  bytes_in = hotspot_usageday.bytes_in + excluded.bytes_in,
  bytes_out = hotspot_usageday.bytes_out + excluded.bytes_out
"""


class Count(NamedTuple):
    """One count of users; `partial` when a router was missing from it."""

    series: int
    hour: datetime
    users: int
    partial: bool = False


class Client(NamedTuple):
    """Whose day it is."""

    day: date
    user: str
    mac: str
    profile: str


def add_counts(counts: Iterable[Count]) -> None:
    """Add counts to their hours; the counts of one call must be in order of series and hour."""
    _many(
        _HOUR,
        [
            (c.series, _time(c.hour), 1, int(c.partial), c.users, c.users, c.users, 0, 0)
            for c in counts
        ],
    )


def add_bytes(rows: Iterable[tuple[int, datetime, Amount]]) -> None:
    """Add bytes to the hours of series, in order of series and hour."""
    _many(
        _HOUR,
        [
            (series, _time(hour), 0, 0, 0, 0, 0, amount.bytes_in, amount.bytes_out)
            for series, hour, amount in rows
        ],
    )


def add_days(series: int, days: Iterable[tuple[Client, int, Amount]]) -> None:
    """Add sessions begun and amounts to clients' days, in order of the clients."""
    _many(
        _DAY,
        [
            (
                *(series, _date(client.day), client.user, client.mac, client.profile),
                *(sessions, amount.seconds, amount.bytes_in, amount.bytes_out),
            )
            for client, sessions, amount in days
        ],
    )


def _many(statement: str, rows: list[tuple[Any, ...]]) -> None:
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(statement, rows)


def _time(at: datetime) -> Any:
    return _field(UsageHour, "hour").get_db_prep_value(at, connection)


def _date(day: date) -> Any:
    return _field(UsageDay, "day").get_db_prep_value(day, connection)


def _field(model: type[models.Model], name: str) -> Any:
    return model._meta.get_field(name)  # noqa: SLF001 -- Django's own door to fields
