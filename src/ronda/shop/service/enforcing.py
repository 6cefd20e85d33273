"""Telling a router that vouchers ended: users removed, blocked or slowed, sessions and cookies ended.

Everything asked is absolute, so that a repetition after a cut line does no harm, and a voucher counts
as told only when the router was read afterwards.
"""

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils import timezone

from ronda.hotspot.rules.values import is_true
from ronda.hotspot.service.performing import ACTIVE, COOKIE, USER
from ronda.routeros.errors import NoSuchItem, NoSuchReference
from ronda.routeros.port import Link, Query, Row
from ronda.routers.desk.port import Progress
from ronda.routers.models import Router
from ronda.shop.models import Voucher, VoucherEvent
from ronda.shop.rules.life import What
from ronda.shop.rules.terms import AtEnd, Terms
from ronda.shop.service import asking, creating, life
from ronda.shop.service.making import GROUP
from ronda.work.loops import in_thread

#: Up to so many are looked for by name; for more the lists are read whole.
BY_NAME = 16
_NO_LIMITS = {
    "limit-uptime": "0s",
    **dict.fromkeys(("limit-bytes-total", "limit-bytes-in", "limit-bytes-out"), "0"),
}
_PROPERTIES = (".id", "name", "server", "profile", "disabled", "comment")
#: A second look takes what somebody made while the first was under way.
_LOOKS = 3
#: Who still works so long after his end, longer than any entry of `rules.fallback` waits, was ended by nobody.
LATE = timedelta(hours=8)


@dataclass(frozen=True, slots=True)
class End:
    """How the user of a voucher ends. `sure`: the router held it as ours once, whatever its comment is now."""

    id: int
    name: str
    server: str
    how: AtEnd
    slow_profile: str
    comment: str
    sure: bool
    expired: datetime | None = None  # where the calendar ended it


async def run(link: Link, payload: Mapping[str, Any], progress: Progress) -> Mapping[str, Any]:
    """Tell the router of every end it does not know of.

    Raises:
        RouterError: the line was cut; what was not seen to be done is done again.
    """
    router: int = payload["router"]
    told = 0
    for _ in range(_LOOKS):
        ends = await in_thread(ends_of, router)
        if not ends:
            break
        await _enforce(link, ends)
        done = await _proved(link, ends)
        await in_thread(settle, done)
        told += len(done)
        await progress(told, told)
        if len(done) < len(ends):
            break
    return {"told": told}


async def _enforce(link: Link, ends: Sequence[End]) -> None:
    held = await _held(link, ends)
    await in_thread(note_late, _still_in(ends, held, timezone.now()), timezone.now())
    removed, others = [], []
    for end in ends:
        row = held.get((end.name, end.server))
        if row is None or not _ours(end, row):
            continue
        if end.how is AtEnd.REMOVE:
            removed.append(row[".id"])
        else:
            others.append(_soften(link, end, row))
    # The user first: with a cookie he would be back at once.
    await asyncio.gather(_remove(link, USER, removed), *others)
    kept = {end.name: end for end in ends if _ours_or_gone(end, held)}
    await _end_sessions(link, kept)


def _still_in(ends: Sequence[End], held: Mapping[tuple[str, str], Row], now: datetime) -> list[int]:
    """Those that nothing ended, neither Ronda nor the router, for long."""
    return [
        end.id
        for end in ends
        if end.expired is not None
        and now - end.expired > LATE
        and (row := held.get((end.name, end.server))) is not None
        and not _over(end, row)
        and not is_true(row.get("disabled"))
    ]


def _ours(end: End, row: Row) -> bool:
    return end.sure or row.get("comment", "") == end.comment


def _ours_or_gone(end: End, held: Mapping[tuple[str, str], Row]) -> bool:
    row = held.get((end.name, end.server))
    return row is None or _ours(end, row)


async def _soften(link: Link, end: End, row: Row) -> None:
    with contextlib.suppress(NoSuchItem):  # it went by itself
        if end.how is AtEnd.SLOW:
            slow = {"profile": end.slow_profile, **_NO_LIMITS}
            # Without a slow profile it ends all the same.
            with contextlib.suppress(NoSuchReference):
                await link.set(USER, slow, id=row[".id"])
                return
        await link.set(USER, {"disabled": "yes"}, id=row[".id"])


async def _end_sessions(link: Link, ends: Mapping[str, End]) -> None:
    for menu in (COOKIE, ACTIVE):
        # Who only becomes slower may come back by his cookie.
        names = {name for name, end in ends.items() if menu == ACTIVE or end.how is not AtEnd.SLOW}
        rows = await _rows(link, menu, "user", names, (".id", "user", "server"))
        ids = [
            row[".id"]
            for row in rows
            if row["user"] in names
            and ends[row["user"]].server in ("all", row.get("server", ends[row["user"]].server))
        ]
        await _remove(link, menu, ids)


async def _remove(link: Link, menu: str, ids: Sequence[str]) -> None:
    for first in range(0, len(ids), 100):
        some = ids[first : first + 100]
        try:
            await link.remove(menu, some)
        except NoSuchItem:
            # One of them went by itself, and with it the rest of the command.
            await asyncio.gather(*(_remove_one(link, menu, one) for one in some))


async def _remove_one(link: Link, menu: str, ros_id: str) -> None:
    with contextlib.suppress(NoSuchItem):
        await link.remove(menu, [ros_id])


async def _held(link: Link, ends: Sequence[End]) -> dict[tuple[str, str], Row]:
    rows = await _rows(link, USER, "name", {end.name for end in ends}, _PROPERTIES)
    return {(row["name"], row.get("server") or "all"): row for row in rows}


async def _rows(
    link: Link, menu: str, key: str, names: set[str], properties: tuple[str, ...]
) -> list[Row]:
    if len(names) > BY_NAME:
        return await link.print(menu, properties=properties, within=60.0)
    found = await asyncio.gather(
        *(
            link.print(menu, query=Query((f"{key}={name}",)), properties=properties)
            for name in sorted(names)
        )
    )
    return [row for rows in found for row in rows]


async def _proved(link: Link, ends: Sequence[End]) -> list[int]:
    held = await _held(link, ends)
    return [end.id for end in ends if _over(end, held.get((end.name, end.server)))]


def _over(end: End, row: Row | None) -> bool:
    if row is None or not _ours(end, row):
        return True
    if end.how is AtEnd.REMOVE:
        return False
    return is_true(row.get("disabled")) or (
        end.how is AtEnd.SLOW and row.get("profile", "default") == end.slow_profile
    )


def ends_of(router: int) -> list[End]:
    """The ends a router does not know of yet."""
    rows = Voucher.objects.filter(
        router=router,
        enforced_at__isnull=False,
        state__in=(Voucher.State.ENDED, Voucher.State.VOID),
    )
    return [_end_of(row) for row in rows.select_related("batch").order_by("pk")]


def _end_of(row: Voucher) -> End:
    terms = Terms.from_json(row.terms)
    how = terms.at_end
    if row.state == Voucher.State.VOID or row.ended_by == Voucher.Clock.UNSOLD:
        how = AtEnd.REMOVE
    return End(
        row.pk,
        row.code,
        row.server,
        how,
        terms.slow_profile,
        creating.comment(row, row.batch, terms.zone),
        row.ready_at is not None,
        row.expires_at if row.ended_by == Voucher.Clock.VALIDITY else None,
    )


def note_late(vouchers: Sequence[int], now: datetime) -> None:
    """Note in their lives that these worked long after their end, once each."""
    for first in range(0, len(vouchers), GROUP):
        told = VoucherEvent.objects.filter(
            voucher=OuterRef("pk"), what=What.OVERSTAYED, at__gte=OuterRef("expires_at")
        )
        rows = Voucher.objects.filter(~Exists(told), pk__in=vouchers[first : first + GROUP])
        VoucherEvent.objects.bulk_create(
            VoucherEvent(
                voucher=row,
                at=now,
                what=What.OVERSTAYED,
                detail={"late_s": round((now - row.expires_at).total_seconds())},
                actor=life.actor_of(None),
            )
            for row in rows
            if row.expires_at is not None
        )


def settle(vouchers: Sequence[int]) -> None:
    """Note that the router knows of these ends."""
    for first in range(0, len(vouchers), GROUP):
        some = vouchers[first : first + GROUP]
        Voucher.objects.filter(
            pk__in=some, state__in=(Voucher.State.ENDED, Voucher.State.VOID)
        ).update(enforced_at=None)


def look_after() -> int:
    """Ask again where a router was not told for a minute and has no job for it; how many routers."""
    before = timezone.now() - timedelta(minutes=1)
    waiting = Voucher.objects.filter(enforced_at__lt=before).values("router")
    asked = 0
    for router in Router.objects.in_use().filter(pk__in=waiting):
        if not asking.waits(asking.END, router.pk):
            asking.end(router.pk)
            asked += 1
    return asked
