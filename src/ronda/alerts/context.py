"""The number of unread notices, for the menu of every page."""

from typing import Any

from django.db import connection
from django.db.models import Model
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from ronda.accounts.models import Person, Role
from ronda.accounts.roles import holds
from ronda.alerts.models import Notice, OwnNotice


def unread(request: HttpRequest) -> dict[str, Any]:
    """Template context: `notices_unread`, everybody's and one's own, counted only where a page shows it."""
    person = getattr(request, "user", None)
    if person is None or not person.is_authenticated:
        return {}
    return {"notices_unread": SimpleLazyObject(lambda: count(person))}


def count(person: Person) -> int:
    """What the bell of a person shows; one query, written out, for every page asks it."""
    own = _unread(OwnNotice, "person_id = %s AND ")
    whole = holds(person.role, Role.VIEWER)
    text = f"SELECT ({own}) + ({_unread(Notice)})" if whole else f"SELECT ({own})"
    with connection.cursor() as cursor:
        cursor.execute(text, [person.pk])
        return int(cursor.fetchone()[0])


def _unread(kind: type[Model], whose: str = "") -> str:
    table = connection.ops.quote_name(kind._meta.db_table)  # noqa: SLF001 -- documented API
    return f"SELECT COUNT(*) FROM {table} WHERE {whose}read_at IS NULL"  # noqa: S608 -- our own names
