"""The audit trail: who changed what, from what to what, and from where.

A row is written in the caller's transaction, so it exists if and only if the change does. Values
whose name says that they are secret never reach the table.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.db import connection
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from ronda.accounts import doors
from ronda.accounts.models import AuditRow, Person
from ronda.accounts.service import chain

MASK = "***"
# A key that contains one of these holds something that must not be read back later.
SECRET_WORDS = ("password", "passwd", "secret", "token", "digest", "otp", "recovery", "api_key")
# Who is named when no person acts: a command in a terminal, a schedule, an importer.
SYSTEM = "system"


def record(
    person: Person | None,
    action: str,
    subject: str,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    source: str = "",
) -> AuditRow:
    """Write one row of the trail.

    Args:
        person: who did it; None for the system itself (a command, a schedule).
        action: `noun.verb`, as `person.disable` or `ont.import`.
        subject: what it was done to, as a person would name it; cut at 200 characters.
        before: values before the change; only what matters, secrets are masked.
        after: values after the change.
        source: network address or "terminal"; `source_of(request)` gives it for a request.
    """
    row = AuditRow(
        at=timezone.now(),
        person=person if person is not None and person.pk else None,
        actor=person.get_username() if person is not None and person.pk else SYSTEM,
        action=action[:64],
        subject=subject[:200],
        before=masked(before),
        after=masked(after),
        source=source[:64],
        door=doors.current(),
    )
    chain.stamp(row)
    row.save()
    chain.link_after_commit()
    return row


def record_request(
    request: HttpRequest,
    action: str,
    subject: str,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> AuditRow:
    """`record` for the person and address of a request."""
    person = request.user if isinstance(request.user, Person) else None
    return record(person, action, subject, before, after, source_of(request))


def masked(values: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """A copy that JSON can hold, in which every secret reads `***`, however deep it lies."""
    if values is None:
        return None
    return {str(key): _mask(str(key), value) for key, value in values.items()}


def _mask(key: str, value: Any) -> Any:
    if any(word in key.lower() for word in SECRET_WORDS) and not isinstance(value, bool | None):
        return MASK
    if isinstance(value, Mapping):
        return masked(value)
    if isinstance(value, list | tuple | set | frozenset):
        return [_mask(key, item) for item in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return value.isoformat() if isinstance(value, datetime) else str(value)


def source_of(request: HttpRequest) -> str:
    """The address a request came from, seen past as many proxies as the installation trusts.

    Empty where it cannot be told: a proxy is announced in the settings and was gone round.
    """
    # The doors of one request ask for it several times.
    known: str | None = getattr(request, _SOURCE, None)
    if known is None:
        known = _source(request)
        setattr(request, _SOURCE, known)
    return known


_SOURCE = "source_of_request"


def _source(request: HttpRequest) -> str:
    from allauth.account.adapter import get_adapter

    try:
        return str(get_adapter().get_client_ip(request))
    except (PermissionDenied, ImproperlyConfigured):
        return ""


def rows(
    *,
    actor: str = "",
    action: str = "",
    text: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    door: str = "",
    source: str = "",
) -> QuerySet[AuditRow]:
    """The trail, newest first, narrowed by what is given.

    Args:
        actor: exact name of who did it.
        action: an action, or the noun of several (`person` finds `person.add`).
        text: part of the subject, whatever its case.
        since: from this moment on.
        until: before this moment.
        door: a value of `AuditRow.Door`.
        source: network address it came from, exactly.
    """
    found = AuditRow.objects.order_by("-id")
    if actor:
        found = found.filter(actor=actor)
    if action:
        meant = [name for name in actions() if name.startswith(action)]
        found = found.filter(action__in=meant)
    if text:
        found = found.filter(subject__icontains=text)
    if since:
        found = found.filter(at__gte=since)
    if until:
        found = found.filter(at__lt=until)
    if door:
        found = found.filter(door=door)
    if source:
        found = found.filter(source=source)
    return found


def actions() -> list[str]:
    """Every action that was ever recorded, sorted; one step in the index for each, however many rows."""
    with connection.cursor() as cursor:
        cursor.execute(_ACTIONS)
        return [row[0] for row in cursor.fetchall()]


_ACTIONS = """
WITH RECURSIVE named(action) AS (
  SELECT min(action) FROM accounts_auditrow
  UNION ALL
  SELECT (SELECT min(action) FROM accounts_auditrow WHERE action > named.action)
  FROM named WHERE named.action IS NOT NULL
)
SELECT action FROM named WHERE action IS NOT NULL ORDER BY action
"""
