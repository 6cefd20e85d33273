"""The cut-over from Mikhmon, and putting it back.

What stands on the router is written down before the first change, so that a process that dies in between
loses nothing: the job goes on where it stopped, and one click puts back exactly what was. Every change is
read back; what somebody else changed meanwhile is left alone and named.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.db import transaction
from django.utils import timezone

from ronda.accounts.models import Person
from ronda.accounts.service import audit
from ronda.hotspot.rules.mikhmon import Held
from ronda.routeros.errors import NoSuchItem, RouterRefused
from ronda.routeros.port import Link, Query
from ronda.routers.desk.port import Progress, lock_of
from ronda.routers.models import Router
from ronda.shop.models import CutOver, CutOverItem, Moved
from ronda.shop.rules.moving.cutting import (
    ON_LOGIN,
    PROFILES,
    SCHEDULERS,
    Change,
    Step,
    alike,
    changes,
    step,
)
from ronda.work import jobs
from ronda.work.loops import in_thread

CUT = "shop.mikhmon.cut-over"
BACK = "shop.mikhmon.put-back"
READ_S = 120.0
Outcome = CutOverItem.Outcome
_OUTCOMES = {Step.DONE: Outcome.DONE, Step.CHANGED: Outcome.CHANGED, Step.GONE: Outcome.GONE}


class NothingTaken(ValueError):
    """The router's vouchers were not taken yet: without Mikhmon nobody would end them."""


class NothingToPutBack(ValueError):
    """No cut-over of this router is in force."""


def present(router: int) -> CutOver | None:
    """The cut-over that is in force, None where Mikhmon runs."""
    return CutOver.objects.filter(router=router, put_back_at=None).first()


def as_it_was(router: int, held: Held) -> Held:
    """The rows with the scripts that the cut-over in force replaced, so that they are read as before it."""
    items = CutOverItem.objects.filter(
        cut_over__router=router, cut_over__put_back_at=None, field=ON_LOGIN
    )
    kept = {item.name: item for item in items}

    def restored(row: Mapping[str, str]) -> Mapping[str, str]:
        item = kept.get(row.get("name", ""))
        ours = item is not None and alike(row.get(ON_LOGIN, ""), item.after, ON_LOGIN)
        return {**row, ON_LOGIN: item.before} if item is not None and ours else row

    return replace(held, profiles=[restored(row) for row in held.profiles]) if kept else held


def ask_cut(router: int, person: Person | None) -> int:
    """Ask for the cut-over; the job, also when one is under way.

    Raises:
        NothingTaken: take the router over first.
    """
    if not Moved.objects.filter(router=router, what=Moved.What.PACKAGE).exists():
        raise NothingTaken
    return _ask(CUT, router, person)


def ask_back(router: int, person: Person | None) -> int:
    """Ask to put back what was; the job, also when one is under way.

    Raises:
        NothingToPutBack: nothing was changed.
    """
    if present(router) is None:
        raise NothingToPutBack
    return _ask(BACK, router, person)


def _ask(kind: str, router: int, person: Person | None) -> int:
    payload = {"router": router, "person": person.pk if person is not None else None}
    return jobs.enqueue(kind, payload, lock=lock_of(router), unique=f"{kind}:{router}")


async def cut(link: Link, payload: Mapping[str, Any], say: Progress) -> dict[str, Any]:
    """The desk's part of the cut-over; harmless to repeat."""
    wanted = await planned(link)
    items = await in_thread(_begin, int(payload["router"]), wanted, payload["person"])
    for place, item in enumerate(items, 1):
        outcome = await _bring(link, item, wanted=item.after, replaced=item.before)
        await in_thread(_note, item, "outcome", outcome)
        await say(place, len(items))
    return await in_thread(_finish_cut, int(payload["router"]), payload["person"])


async def put_back(link: Link, payload: Mapping[str, Any], say: Progress) -> dict[str, Any]:
    """The desk's part of putting back; harmless to repeat."""
    items = await in_thread(_items_to_put_back, int(payload["router"]))
    for place, item in enumerate(items, 1):
        outcome = await _bring(link, item, wanted=item.before, replaced=item.after)
        await in_thread(_note, item, "put_back", outcome)
        await say(place, len(items))
    return await in_thread(_finish_back, int(payload["router"]), payload["person"])


async def planned(link: Link) -> list[Change]:
    """What a cut-over would change on this router now."""
    profiles = await link.print(PROFILES, properties=(".id", "name", "on-login"), within=READ_S)
    schedulers = await link.print(
        SCHEDULERS, properties=(".id", "name", "comment", "on-event", "disabled"), within=READ_S
    )
    return changes(profiles, schedulers)


async def _bring(link: Link, item: CutOverItem, *, wanted: str, replaced: str) -> Outcome:
    """Set one property where nobody else changed it, and read what it is now."""
    for attempt in (1, 2):
        rows = await link.print(
            item.menu,
            query=Query((f"name={item.name}",)),
            properties=(".id", "name", item.field),
            within=READ_S,
        )
        current = rows[0].get(item.field, "") if rows else None
        todo = step(current, wanted, replaced, item.field)
        if todo is not Step.SET:
            return _OUTCOMES[todo]
        if attempt == 1:
            try:
                await link.set(item.menu, {item.field: wanted}, id=rows[0][".id"])
            except NoSuchItem:
                return Outcome.GONE
    raise RouterRefused(f"{item.menu} {item.name}: {item.field} stayed as it was")


@transaction.atomic
def _begin(router: int, wanted: list[Change], person: int | None) -> list[CutOverItem]:
    """Write down what is changed, the first time; what is left to do."""
    row = CutOver.objects.select_for_update().filter(router=router, put_back_at=None).first()
    if row is None:
        row = CutOver.objects.create(
            router_id=router, began_at=timezone.now(), person=_person(person)
        )
    known = set(row.items.values_list("menu", "name", "field"))
    CutOverItem.objects.bulk_create(
        CutOverItem(cut_over=row, **change._asdict())
        for change in wanted
        if (change.menu, change.name, change.field) not in known
    )
    return list(row.items.filter(outcome=Outcome.WAITING))


def _items_to_put_back(router: int) -> list[CutOverItem]:
    row = present(router)
    # Also those that were not done: the line may have been cut after the change.
    return [] if row is None else list(row.items.filter(put_back=Outcome.WAITING).order_by("-id"))


def _note(item: CutOverItem, column: str, outcome: Outcome) -> None:
    CutOverItem.objects.filter(pk=item.pk).update(**{column: outcome.value})


@transaction.atomic
def _finish_cut(router: int, person: int | None) -> dict[str, Any]:
    row = CutOver.objects.select_for_update().get(router=router, put_back_at=None)
    row.done_at = row.done_at or timezone.now()
    row.save(update_fields=["done_at"])
    return _told(row, "outcome", "mikhmon.cut-over", person)


@transaction.atomic
def _finish_back(router: int, person: int | None) -> dict[str, Any]:
    row = CutOver.objects.select_for_update().filter(router=router, put_back_at=None).first()
    if row is None:  # done before by a run whose end was not noted
        return {}
    row.put_back_at = timezone.now()
    row.save(update_fields=["put_back_at"])
    return _told(row, "put_back", "mikhmon.put-back", person)


def _told(row: CutOver, column: str, action: str, person: int | None) -> dict[str, Any]:
    items = list(row.items.values_list("name", column))
    counts = Counter(outcome for _name, outcome in items)
    left = [name for name, outcome in items if outcome != Outcome.DONE]
    told = {"done": counts[Outcome.DONE.value], "left_alone": left[:50]}
    name = Router.objects.get(pk=row.router_id).name
    audit.record(_person(person), action, name, None, told)
    return told


def _person(pk: int | None) -> Person | None:
    return None if pk is None else Person.objects.filter(pk=pk).first()
