"""Who is on call: the rotas as they are kept, and as they decide; changed on the record."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from ronda.accounts.models import Person
from ronda.accounts.service import audit
from ronda.alerts.models import Rota, RotaTurn, Swap
from ronda.alerts.rules import turns

#: Swaps that ended before this are history, and decide nothing any more.
KEPT = timedelta(days=40)


def is_near(begin: datetime, end: datetime, now: datetime) -> bool:
    """Whether a swap may have these times: it ends after it begins, within a year, and neither is far away."""
    year = timedelta(days=366)
    return now - year < begin < now + 3 * year and timedelta() < end - begin <= year


def key_of(person: int) -> str:
    """How the rules name a person."""
    return f"person:{person}"


def present() -> QuerySet[Rota]:
    """Every rota that was not removed."""
    return Rota.objects.filter(deleted_at=None)


def as_rotas(since: datetime | None = None) -> dict[str, turns.Rota]:
    """Every rota as it decides, by its number as text, with the swaps that end after `since`."""
    after = since or timezone.now() - KEPT
    rows = list(present())
    people: dict[int, list[RotaTurn]] = {row.pk: [] for row in rows}
    for turn in RotaTurn.objects.filter(rota__in=people).select_related("person"):
        people[turn.rota_id].append(turn)
    swaps: dict[int, list[Swap]] = {row.pk: [] for row in rows}
    for swap in Swap.objects.filter(rota__in=people, end__gt=after).select_related("person"):
        swaps[swap.rota_id].append(swap)
    return {str(row.pk): _rota(row, people[row.pk], swaps[row.pk]) for row in rows}


def _rota(row: Rota, people: Sequence[RotaTurn], swaps: Sequence[Swap]) -> turns.Rota:
    everybody = [*(one.person for one in people), *(one.person for one in swaps)]
    return turns.Rota(
        people=tuple(key_of(turn.person_id) for turn in people),
        first=datetime.combine(row.first_day, row.handover_at),
        days=row.days,
        zone=row.zone,
        overrides=tuple(turns.Override(key_of(one.person_id), one.begin, one.end) for one in swaps),
        away=frozenset(key_of(person.pk) for person in everybody if not person.is_active),
    )


@dataclass(frozen=True, slots=True)
class Watch:
    """One time on call, for a page."""

    begin: datetime
    end: datetime
    person: Person | None
    swapped: bool


def coming(row: Rota, begin: datetime, end: datetime) -> list[Watch]:
    """Who is on call from `begin` to `end`, in order."""
    rota = as_rotas(begin)[str(row.pk)]
    found = turns.shifts(rota, begin, end)
    people = _people({one.person for one in found if one.person})
    return [Watch(one.begin, one.end, people.get(one.person or ""), one.swapped) for one in found]


def _people(keys: set[str]) -> dict[str, Person]:
    numbers = [int(key.partition(":")[2]) for key in keys]
    return {key_of(one.pk): one for one in Person.objects.filter(pk__in=numbers)}


def save(row: Rota, people: Sequence[Person], by: Person | None, source: str = "") -> Rota:
    """Keep a rota with its people in the order of their turns."""
    with transaction.atomic():
        old = Rota.objects.filter(pk=row.pk).first() if row.pk else None
        before = facts(old) if old else None
        row.save()
        row.turns.all().delete()
        RotaTurn.objects.bulk_create(
            RotaTurn(rota=row, person=person, place=place) for place, person in enumerate(people)
        )
        action = "rota.create" if before is None else "rota.edit"
        audit.record(by, action, row.name, before, facts(row), source)
    return row


def delete(row: Rota, by: Person | None, source: str = "") -> None:
    """Remove a rota; rules that name it reach nobody by it."""
    with transaction.atomic():
        row.deleted_at = timezone.now()
        row.save(update_fields=["deleted_at"])
        audit.record(by, "rota.delete", row.name, facts(row), None, source)


def swap(
    row: Rota,
    person: Person,
    begin: datetime,
    end: datetime,
    by: Person | None,
    note: str = "",
    source: str = "",
) -> Swap:
    """Let `person` be on call from `begin` to `end`, whoever's turn it is."""
    with transaction.atomic():
        made = Swap.objects.create(
            rota=row, person=person, begin=begin, end=end, note=note[:120], made_by=by
        )
        audit.record(by, "rota.swap", row.name, None, _swap_facts(made), source)
    return made


def take_back(made: Swap, by: Person | None, source: str = "") -> None:
    """Undo a swap: the turns count again."""
    with transaction.atomic():
        audit.record(by, "rota.swap-back", made.rota.name, _swap_facts(made), None, source)
        made.delete()


def _swap_facts(made: Swap) -> dict[str, str]:
    return {
        "person": made.person.username,
        "from": made.begin.isoformat(),
        "until": made.end.isoformat(),
        "note": made.note,
    }


def facts(row: Rota) -> dict[str, object]:
    """What the audit trail says of a rota."""
    return {
        "name": row.name,
        "zone": row.zone,
        "first_day": str(row.first_day),
        "handover_at": str(row.handover_at)[:5],
        "days": row.days,
        "people": list(row.turns.values_list("person__username", flat=True)),
    }
