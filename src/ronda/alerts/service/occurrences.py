"""Troubles as people may be told of them: begun, changed and ended by what the feed tells."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from ronda.alerts.models import Occurrence
from ronda.alerts.rules.occurrences import Severity, What
from ronda.routers.models import Router

#: What does not last is kept open so long, for those whose quiet hours it met.
MOMENT = timedelta(hours=24)
#: What one router can have; that it is lost is an incident, which knows by itself who is in use.
OF_ROUTERS = (What.HEALTH, What.DISK, What.BACKUP, What.USE, What.LIMIT)


@dataclass(frozen=True, slots=True)
class Beginning:
    """A trouble that began; `facts` are what its words are made of (`wording_alerts`)."""

    key: str
    what: What
    at: datetime
    facts: Mapping[str, Any] = field(default_factory=dict)
    severity: Severity = Severity.WARNING
    site: int | None = None
    area: int | None = None
    category: str = ""
    lasting: bool = True
    incident: int | None = None
    parent: str = ""


def begin(new: Beginning) -> Occurrence:
    """The open occurrence of this key; its facts are the newest, its beginning the first."""
    row = Occurrence.objects.filter(key=new.key, closed_at=None).first()
    if row is None:
        return Occurrence.objects.create(
            key=new.key,
            what=new.what,
            severity=new.severity,
            facts=dict(new.facts),
            sites=[new.site] if new.site else [],
            areas=[new.area] if new.area else [],
            categories=[new.category] if new.category else [],
            incident=new.incident,
            parent=new.parent,
            lasting=new.lasting,
            opened_at=new.at,
        )
    row.facts = dict(new.facts)
    row.save(update_fields=["facts"])
    return row


def explain(keys: Iterable[str], parent: str) -> None:
    """That larger trouble explains these, as far as they are open."""
    Occurrence.objects.filter(key__in=list(keys), closed_at=None).update(parent=parent)


def end(key: str, at: datetime) -> Occurrence | None:
    """The occurrence of this key that has just ended, None where none was open."""
    row = Occurrence.objects.filter(key=key, closed_at=None).first()
    if row is not None:
        row.closed_at = max(at, row.opened_at)
        row.save(update_fields=["closed_at"])
    return row


def end_moments(now: datetime) -> int:
    """Close what never lasts and is old enough; how many."""
    old = Occurrence.objects.filter(lasting=False, closed_at=None, opened_at__lt=now - MOMENT)
    return old.update(closed_at=now, look_at=now)


def leave_unused(now: datetime) -> int:
    """Close, without a word, the troubles of routers that were taken out of use; how many.

    Nobody looks at such a router any more, so nothing would ever end them, and whoever took it out knows.
    """
    open_ = Occurrence.objects.filter(closed_at=None, what__in=OF_ROUTERS)
    routers = {pk: facts.get("router") for pk, facts in open_.values_list("pk", "facts")}
    wanted = {router for router in routers.values() if router is not None}
    used = set(Router.objects.in_use().filter(pk__in=wanted).values_list("pk", flat=True))
    gone = [pk for pk, router in routers.items() if router is not None and router not in used]
    return Occurrence.objects.filter(pk__in=gone, closed_at=None).update(
        closed_at=now, look_at=None
    )


def forget_older_than(moment: datetime) -> int:
    """Forget what ended before `moment`, with what was told of it; how many."""
    gone, _each = Occurrence.objects.filter(closed_at__lt=moment).delete()
    return gone
