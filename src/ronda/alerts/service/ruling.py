"""The rules of alerts as they are kept, and as they decide; changed on the record."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from ronda.accounts.models import Person
from ronda.accounts.service import audit
from ronda.alerts.models import AlertRule
from ronda.alerts.rules.occurrences import By, Rule, Step, Target, What

FIELDS = (
    "name",
    "active",
    "whats",
    "sites",
    "areas",
    "categories",
    "mass_from",
    "hold_s",
    "repeat_s",
    "wakes",
    "digest",
    "digest_at",
    "digest_weekday",
    "steps",
)


def present() -> QuerySet[AlertRule]:
    """Every rule that was not removed, in the order in which they speak."""
    return AlertRule.objects.filter(deleted_at=None)


def as_rule(row: AlertRule) -> Rule:
    """The rule that decides."""
    return Rule(
        id=row.pk or 0,
        whats=frozenset(What(what) for what in row.whats),
        steps=tuple(_step(step) for step in row.steps),
        since=row.since,
        active=row.active,
        hold=timedelta(seconds=row.hold_s),
        repeat=timedelta(seconds=row.repeat_s) if row.repeat_s else None,
        wakes=row.wakes,
        gathered=bool(row.digest),
        mass_from=row.mass_from,
        sites=frozenset(row.sites),
        areas=frozenset(row.areas),
        categories=frozenset(row.categories),
    )


def _step(step: Mapping[str, Any]) -> Step:
    to = tuple(Target(By(by), value) for by, value in step["to"])
    return Step(timedelta(seconds=step["after_s"]), to)


def save(row: AlertRule, person: Person | None, source: str = "") -> AlertRule:
    """Keep a rule. One that is new, or was switched on, speaks of what begins from now on."""
    with transaction.atomic():
        before = AlertRule.objects.filter(pk=row.pk).first() if row.pk else None
        if before is None or (row.active and not before.active):
            row.since = timezone.now()
        if row.digest and row.digested_at is None:
            row.digested_at = timezone.now()
        row.save()
        audit.record(
            person,
            "alert-rule.create" if before is None else "alert-rule.edit",
            row.name,
            None if before is None else facts(before),
            facts(row),
            source,
        )
    return row


def delete(row: AlertRule, person: Person | None, source: str = "") -> None:
    """Remove a rule; what it told stays on record."""
    with transaction.atomic():
        row.deleted_at = timezone.now()
        row.save(update_fields=["deleted_at"])
        audit.record(person, "alert-rule.delete", row.name, facts(row), None, source)


def facts(row: AlertRule) -> dict[str, Any]:
    """What the audit trail and the API say of a rule."""
    kept = {name: getattr(row, name) for name in FIELDS}
    return {**kept, "digest_at": str(row.digest_at)[:5]}


def names_of(numbers: Collection[int]) -> dict[int, str]:
    """The names of rules, removed ones too."""
    return dict(AlertRule.objects.filter(pk__in=numbers).values_list("pk", "name"))
