"""Taking a router over from Mikhmon: all of it in one transaction, and any number of times.

Nothing on the router is changed; what is written here is `storing`'s business.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict
from typing import Any

from django.db import transaction
from django.utils import timezone

from ronda.accounts.models import Person
from ronda.accounts.service import audit
from ronda.hotspot.service import mikhmon
from ronda.routeros.port import Link
from ronda.routers.desk.port import Progress, lock_of
from ronda.routers.models import Router
from ronda.shop.rules.moving.draft import draft
from ronda.shop.rules.moving.drafts import Draft
from ronda.shop.service.moving import cutting
from ronda.shop.service.moving.looking import serial_of
from ronda.shop.service.moving.storing import Counts, Store
from ronda.work import jobs
from ronda.work.loops import in_thread

KIND = "shop.mikhmon.take"
PARTS = ("vouchers", "sales")


def payload_of(
    router: int,
    person: Person | None,
    *,
    parts: Collection[str] = PARTS,
    on_sale: bool = False,
) -> dict[str, Any]:
    """What is to be taken.

    Args:
        router: id of the router.
        person: who wants it.
        parts: of PARTS; packages come with either.
        on_sale: whether new packages are offered in the shop at once.
    """
    return {
        "router": router,
        "parts": [part for part in PARTS if part in parts],
        "on_sale": on_sale,
        "person": person.pk if person is not None else None,
    }


def ask(payload: Mapping[str, Any]) -> int:
    """Ask the desk to take a router over (`payload_of`); the job, also when one is under way."""
    router = payload["router"]
    return jobs.enqueue(KIND, payload, lock=lock_of(router), unique=f"{KIND}:{router}")


async def run(link: Link, payload: Mapping[str, Any], say: Progress) -> dict[str, Any]:
    """The desk's part: read everything, then write everything; harmless to repeat."""

    async def reading(done: int, total: int = 0, text: str = "") -> None:
        await say(done, mikhmon.STEPS + 1, text)

    held = await mikhmon.read(link, reading, passwords=True)
    held = await in_thread(cutting.as_it_was, int(payload["router"]), held)
    found = draft(held, serial_of(link, payload), timezone.now())
    counts = await in_thread(
        store,
        int(payload["router"]),
        found,
        payload["parts"],
        on_sale=bool(payload["on_sale"]),
        person=payload["person"],
    )
    await say(mikhmon.STEPS + 1, mikhmon.STEPS + 1)
    return asdict(counts)


@transaction.atomic
def store(
    router: int,
    found: Draft,
    parts: Collection[str],
    *,
    on_sale: bool = False,
    person: int | None = None,
) -> Counts:
    """Write what a draft says: everything, or nothing."""
    who = None if person is None else Person.objects.filter(pk=person).first()
    # One taking of a router at a time, on every database.
    taken = Router.objects.select_for_update().get(pk=router)
    counts = Counts(odd={code: len(names) for code, names in found.odd.items()})
    store_ = Store(taken, who, found.zone, counts, on_sale=on_sale)
    store_.plans(found.plans)
    if "vouchers" in parts:
        store_.vouchers(found.vouchers)
    if "sales" in parts:
        store_.sales(found)
    audit.record(who, "mikhmon.take", taken.name, None, {**asdict(counts), "parts": list(parts)})
    return counts
