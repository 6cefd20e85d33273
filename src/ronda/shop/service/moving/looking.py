"""Looking at a router of Mikhmon: what would be taken, and what is odd. Nothing is changed anywhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any

from django.utils import timezone

from ronda.hotspot.rules.mikhmon import Held, preview
from ronda.hotspot.service import mikhmon
from ronda.routeros.port import Link
from ronda.routers.desk.port import Progress, lock_of
from ronda.shop.models import Voucher
from ronda.shop.rules.moving.cutting import changes
from ronda.shop.rules.moving.draft import draft
from ronda.shop.rules.moving.drafts import Draft, Place
from ronda.shop.service.moving import cutting
from ronda.work import jobs
from ronda.work.loops import in_thread

KIND = "shop.mikhmon.look"
PATIENCE = timedelta(minutes=2)
NAMES = 10


def ask(router: int) -> int:
    """Ask the desk to look at a router; the job, also when one is under way."""
    return jobs.enqueue(
        KIND,
        {"router": router},
        lock=lock_of(router),
        unique=f"{KIND}:{router}",
        start_by=timezone.now() + PATIENCE,
    )


async def run(link: Link, payload: Mapping[str, Any], say: Progress) -> dict[str, Any]:
    """The desk's part: read, and tell as plain values what it comes to; no password is read."""
    held = await mikhmon.read(link, say)
    return await in_thread(report, int(payload["router"]), held, serial_of(link, payload))


def serial_of(link: Link, payload: Mapping[str, Any]) -> str:
    """What tells this router from every other for good."""
    return link.facts.serial or f"router {payload['router']}"


def report(router: int, held: Held, serial: str) -> dict[str, Any]:
    """What taking this router over would bring, as the page, the terminal and programs show it."""
    now = timezone.now()
    planned = changes(held.profiles, held.schedulers)
    held = cutting.as_it_was(router, held)
    # Without passwords nobody would be taken: here every password is unknown, and not missed.
    users: list[Mapping[str, str]] = [{**row, "password": "?"} for row in held.users]
    found = draft(replace(held, users=users), serial, now)
    told = preview(held)
    odd = {item["code"]: item for item in told["oddities"]}
    for code, names in {**found.odd, "code-taken": _taken(router, found)}.items():
        if names:
            odd[code] = {"code": code, "count": len(names), "names": names[:NAMES]}
    return {
        **told,
        "oddities": list(odd.values()),
        "packages": [_plan(plan) for plan in found.plans],
        "quick": told["packages"],
        "sales": _months(found),
        "take": counts_of(found),
        "left": found.left,
        "cut_over": [
            {"menu": change.menu, "name": change.name, "field": change.field} for change in planned
        ],
        "zone": found.zone,
        "read_at": now.isoformat(),
    }


def counts_of(found: Draft) -> dict[str, int]:
    """How much there is to take."""
    places = Counter(voucher.place for voucher in found.vouchers)
    return {
        "packages": len(found.plans),
        "vouchers": len(found.vouchers),
        **{place.value: places[place] for place in Place},
        "batches": len({(one.batch, one.profile) for one in found.vouchers if one.batch}),
        "sales": len(found.sales),
    }


def _plan(plan: Any) -> dict[str, Any]:
    told = asdict(plan)
    told["valid_for"] = str(plan.valid_for or "")
    told["limits"] = plan.limits._asdict()
    return told


def _months(found: Draft) -> list[dict[str, Any]]:
    months: dict[str, list[int]] = {}
    for sale in found.sales:
        sums = months.setdefault(f"{timezone.localtime(sale.at):%Y-%m}", [0, 0, 0])
        for place, amount in enumerate((1, sale.price_idr, sale.cost_idr)):
            sums[place] += amount
    return [
        {"month": month, "count": count, "price": price, "cost": cost}
        for month, (count, price, cost) in sorted(months.items())
    ]


def _taken(router: int, found: Draft) -> list[str]:
    """Codes that a voucher of another router has."""
    codes = [voucher.code for voucher in found.vouchers]
    others: list[str] = []
    for start in range(0, len(codes), 500):
        rows = Voucher.objects.filter(code__in=codes[start : start + 500]).exclude(router=router)
        others += rows.values_list("code", flat=True)
    return sorted(others)
