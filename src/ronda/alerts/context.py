"""The number of unread notices, for the menu of every page."""

from typing import Any

from django.db.models import Count, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
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
    """What the bell of a person shows; one query."""
    own = _how_many(OwnNotice.objects.filter(person=person.pk, read_at=None))
    if not holds(person.role, Role.VIEWER):
        total: Any = own
    else:
        total = own + _how_many(Notice.objects.filter(read_at=None))
    found = Person.objects.filter(pk=person.pk).annotate(unread=total).values_list("unread")
    return int(next(iter(found), (0,))[0])


def _how_many(rows: QuerySet[Any]) -> Coalesce:
    grouped = rows.order_by().annotate(all=Value(1)).values("all").annotate(number=Count("pk"))
    return Coalesce(Subquery(grouped.values("number")), 0)
