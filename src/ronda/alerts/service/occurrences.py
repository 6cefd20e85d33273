"""Troubles as people may be told of them: begun, changed and ended by what the feed tells."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from ronda.alerts.models import Occurrence
from ronda.alerts.rules.occurrences import Severity, What

#: What does not last is kept open so long, for those whose quiet hours it met.
MOMENT = timedelta(hours=24)


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


def forget_older_than(moment: datetime) -> int:
    """Forget what ended before `moment`, with what was told of it; how many."""
    gone, _each = Occurrence.objects.filter(closed_at__lt=moment).delete()
    return gone
