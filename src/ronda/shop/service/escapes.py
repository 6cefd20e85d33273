"""Vouchers that escaped: users of routers that are not what was sold, found in what was read last."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from ronda.accounts.models import Person
from ronda.accounts.service import audit
from ronda.devices.service.scope import mine
from ronda.hotspot.models import HotspotUser, Verb
from ronda.hotspot.service import asking as hotspot_asking
from ronda.shop.models import Batch, Voucher, VoucherEvent
from ronda.shop.rules.expiry import longest_online_s
from ronda.shop.rules.life import What
from ronda.shop.rules.terms import AtEnd, Terms
from ronda.shop.service import asking, creating, life
from ronda.shop.service.making import GROUP

State = Voucher.State
#: Rows of the page; the rest is found again after these were put right.
SHOWN = 500
#: What ended this long ago should be known to its router.
SETTLED = timedelta(minutes=5)
#: Ends that came late are shown so long.
REMEMBERED = timedelta(days=30)


class Kind(StrEnum):
    """How it escaped."""

    UNLIMITED = "unlimited"  # a limit it was sold with is not on the router
    STILL_THERE = "still_there"  # it ended, and its user still works
    STRANGER = "stranger"  # a user with the comment of a batch that nobody made


@dataclass(frozen=True, slots=True)
class Escape:
    """One user that is not as it should be; `voucher` is None for a stranger."""

    kind: Kind
    user: HotspotUser
    voucher: Voucher | None = None


def find() -> list[Escape]:
    """Every escape that the last readings show, by kind."""
    return [*_unlimited(), *_still_there(), *_strangers()]


def overstayed(now: datetime | None = None) -> list[VoucherEvent]:
    """Who worked long after his end, within the last month, newest first: ended by now, and to be known."""
    since = (now or timezone.now()) - REMEMBERED
    rows = VoucherEvent.objects.filter(what=What.OVERSTAYED, at__gte=since)
    return list(rows.select_related("voucher__router").order_by("-at", "-pk")[:SHOWN])


def _pairs(rows: Sequence[Voucher]) -> dict[tuple[int, str], HotspotUser]:
    found: dict[tuple[int, str], HotspotUser] = {}
    for first in range(0, len(rows), GROUP):
        some = rows[first : first + GROUP]
        users = HotspotUser.objects.filter(
            name__in=[one.code for one in some], router__in={one.router_id for one in some}
        ).select_related("router")
        found |= {(user.router_id, user.name): user for user in users}
    return found


def _unlimited() -> list[Escape]:
    """Living vouchers whose user has no limit at all, or more time or data than was sold."""
    held = HotspotUser.objects.filter(router=OuterRef("router"), name=OuterRef("code"))
    loose = held.filter(Q(limit_uptime_s=None) | Q(limit_bytes_total=None))
    loosely = Voucher.objects.filter(Exists(loose), state__in=(State.READY, State.ACTIVE))
    rows = mine(loosely, "router__site")
    found = list(rows.select_related("batch", "router").order_by("pk")[: 20 * SHOWN])
    users = _pairs(found)
    return [
        Escape(Kind.UNLIMITED, user, row)
        for row in found
        if (user := users.get((row.router_id, row.code))) is not None and _is_looser(row, user)
    ]


def _is_looser(row: Voucher, user: HotspotUser) -> bool:
    terms = Terms.from_json(row.terms)
    pairs = (
        (longest_online_s(terms, row.first_login_at, row.expires_at), user.limit_uptime_s),
        (terms.quota_bytes, user.limit_bytes_total),
        (terms.quota_upload_bytes, user.limit_bytes_in),
        (terms.quota_download_bytes, user.limit_bytes_out),
    )
    return any(sold is not None and held is None for sold, held in pairs)


def _still_there() -> list[Escape]:
    """Ended vouchers that their router was told of, and whose user still lets people in."""
    before = timezone.now() - SETTLED
    held = HotspotUser.objects.filter(
        router=OuterRef("router"), name=OuterRef("code"), disabled=False
    )
    ended = Voucher.objects.filter(
        Exists(held),
        state__in=(State.ENDED, State.VOID),
        ended_at__lt=before,
        enforced_at=None,
        begun=True,
    ).exclude(ready_at=None)
    rows = mine(ended, "router__site")
    found = [row for row in rows.select_related("batch")[:SHOWN] if _must_not_work(row)]
    users = _pairs(found)
    return [
        Escape(Kind.STILL_THERE, users[row.router_id, row.code], row)
        for row in found
        if (row.router_id, row.code) in users
    ]


def _must_not_work(row: Voucher) -> bool:
    if row.state == State.VOID:
        return True
    return Terms.from_json(row.terms).at_end in (AtEnd.REMOVE, AtEnd.BLOCK)


def _strangers() -> list[Escape]:
    """Users that carry the comment of one of our batches, and are no voucher of it."""
    ours = Voucher.objects.filter(router=OuterRef("router"), code=OuterRef("name"))
    rows = HotspotUser.objects.filter(~Exists(ours), router__deleted_at=None)
    rows = rows.filter(Q(comment__startswith="vc-") | Q(comment__startswith="up-"))
    found = list(mine(rows, "router__site").select_related("router")[: 20 * SHOWN])
    if not found:
        return []  # as nearly always: then no batch need be looked at
    comments = {}
    for batch in Batch.objects.order_by("-pk")[:2000]:
        sample = Voucher.objects.filter(batch=batch).first()
        if sample is not None:
            zone = Terms.from_json(sample.terms).zone
            comments[creating.comment(sample, batch, zone)] = batch.pk
    return [Escape(Kind.STRANGER, user) for user in found if user.comment in comments]


def repair(found: Sequence[Escape], person: Person | None, source: str = "") -> int:
    """Put right what escaped: limits set, ended users removed, strangers disabled; how many."""
    with transaction.atomic():
        strangers = []
        ended = set()
        for escape in found:
            row = escape.voucher
            if row is None:
                strangers.append(hotspot_asking.target_of(escape.user, {"disabled": "true"}))
                continue
            if escape.kind is Kind.UNLIMITED:
                Voucher.objects.filter(pk=row.pk, state=row.state).update(state=State.MAKING)
                asking.make(row.router_id, voucher=row.pk)
            else:
                Voucher.objects.filter(pk=row.pk).update(enforced_at=timezone.now())
                ended.add(row.router_id)
            life.note(row, What.REPAIRED, life.actor_of(person), kind=escape.kind)
        for router in sorted(ended):
            asking.end(router)
        if strangers:
            hotspot_asking.ask(Verb.DISABLE, strangers, person, source=source)
        if found:
            audit.record(
                person, "voucher.repair", f"{len(found)} users", None, {"count": len(found)}, source
            )
    return len(found)
