"""When vouchers begin and end: computed here from what the routers show, never by a router's clock.

The first sighting of a login starts the calendar; time and data that are used up are seen in the
router's own counters. An end is written down first; `enforcing` tells the router of it.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from ronda.hotspot.models import ActiveUser, HotspotUser, Part
from ronda.hotspot.service.reading import Snapshot
from ronda.routers.models import Router
from ronda.shop.models import Voucher, VoucherEvent
from ronda.shop.rules import clocks, expiry
from ronda.shop.rules.life import What
from ronda.shop.rules.terms import AtEnd, Terms
from ronda.shop.service import asking, ledger, life, releasing, sales
from ronda.shop.service.making import GROUP

State, Clock = Voucher.State, Voucher.Clock
#: A reading that began before a user was made does not tell that he is gone.
SETTLED = timedelta(minutes=2)
#: At most so many are ended in one transaction.
AT_ONCE = 2_000
#: Their users have to be on the router.
LIVE = (State.READY, State.ACTIVE)


def see(router: Router, snapshot: Snapshot) -> None:
    """Take a reading: who came in for the first time, who has used up what he bought, who is gone.

    In the transaction that stored the reading.
    """
    if Part.ACTIVE in snapshot.parts or Part.USERS in snapshot.parts:
        _begin(router, snapshot.at)
    if Part.USERS in snapshot.parts:
        # Those that are gone may hold the books, which come before any voucher.
        _end_gone(router, snapshot.at)
        _end_used(router, snapshot.at)


def over_at(router: int) -> set[str]:
    """The users a router still holds of vouchers that ended: blocked, slowed, or about to be removed."""
    ended = Voucher.objects.filter(
        router=router, code=OuterRef("name"), state__in=(State.ENDED, State.VOID)
    )
    held = HotspotUser.objects.filter(Exists(ended), router=router)
    return set(held.values_list("name", flat=True))


def _begin(router: Router, at: datetime) -> None:
    online = dict(
        HotspotUser.objects.filter(router=router, uptime_s__gt=0).values_list("name", "uptime_s")
    )
    sessions = ActiveUser.objects.filter(router=router).values_list("user", "uptime_s")
    for name, seconds in sessions:
        online[name] = online.get(name, 0) + seconds
    begun = list(_of_names(router, online, State.READY))
    if begun:
        ledger.hold()
    for voucher in begun:
        terms = Terms.from_json(voucher.terms)
        first = expiry.first_login_at(at, online[voucher.code], voucher.ready_at or at)
        # Somebody may have ended it while the books were waited for.
        same = Voucher.objects.filter(pk=voucher.pk, state=State.READY)
        if same.update(
            state=State.ACTIVE, first_login_at=first, expires_at=clocks.ends_at(terms, first)
        ):
            sales.activated(voucher, first)


def _end_used(router: Router, at: datetime) -> None:
    used = F("bytes_in") + F("bytes_out")
    time = Q(limit_uptime_s__gt=0, uptime_s__gte=F("limit_uptime_s"))
    data = (
        Q(limit_bytes_total__gt=0, limit_bytes_total__lte=used)
        | Q(limit_bytes_in__gt=0, bytes_in__gte=F("limit_bytes_in"))
        | Q(limit_bytes_out__gt=0, bytes_out__gte=F("limit_bytes_out"))
    )
    rows = HotspotUser.objects.filter(router=router)
    by_time = dict.fromkeys(rows.filter(data).values_list("name", flat=True), False)
    by_time |= dict.fromkeys(rows.filter(time).values_list("name", flat=True), True)
    for voucher in _of_names(router, by_time, State.ACTIVE):
        clock = Clock.QUOTA
        if by_time[voucher.code]:
            # Without online time of its own, what the router counted down is the calendar's span.
            sold = Terms.from_json(voucher.terms).online_s is not None
            clock = Clock.ONLINE if sold else Clock.VALIDITY
        end([voucher], clock, at)


def _end_gone(router: Router, at: datetime) -> None:
    held = HotspotUser.objects.filter(router=router, name=OuterRef("code"))
    gone = Voucher.objects.filter(~Exists(held), router=router, state__in=LIVE, enforced_at=None)
    # What was made or changed a moment ago may be younger than the reading.
    old = gone.filter(ready_at__lt=at - SETTLED)
    if old.filter(stock__isnull=False, state=State.READY).exists():
        ledger.hold()
    found = list(old.values_list("pk", "expires_at"))
    over = [pk for pk, expires in found if expires is not None and expires <= at]
    end(_some(over), Clock.VALIDITY, None, enforce=False)
    late = set(over)
    missing = [pk for pk, _expires in found if pk not in late]
    live = Voucher.objects.filter(router=router, state__in=LIVE).count() if missing else 0
    # All of them are judged at once, however many: what is left for later would look like a few.
    if expiry.router_lost_them(len(missing), live + len(over)):
        _make_again(router, missing)
    else:
        ended = end(_some(missing), Clock.GONE, at, enforce=False)
        # Who holds one that was used still owes for it.
        unused = [one.pk for one in ended if one.state == State.READY]
        releasing.release(unused, None, str(Clock.GONE))


def _some(vouchers: Sequence[int]) -> list[Voucher]:
    """As many of them as are ended in one transaction."""
    return list(Voucher.objects.filter(pk__in=vouchers[:AT_ONCE])) if vouchers else []


def _make_again(router: Router, vouchers: Sequence[int]) -> None:
    """What a router lost comes back; who had used part of his online time gets all of it once more."""
    now = timezone.now()
    for first in range(0, len(vouchers), GROUP):
        some = Voucher.objects.filter(pk__in=vouchers[first : first + GROUP], state__in=LIVE)
        some.update(state=State.MAKING, begun=False)
    VoucherEvent.objects.bulk_create(
        [
            VoucherEvent(voucher_id=pk, at=now, what=What.LOST, actor=life.actor_of(None))
            for pk in vouchers
        ],
        batch_size=GROUP,
    )
    asking.make(router.pk)


def end_due(now: datetime | None = None) -> int:
    """End whose calendar is over and what was not sold in time; how many."""
    moment = now or timezone.now()
    with transaction.atomic():
        due = Voucher.objects.filter(state=State.ACTIVE, expires_at__lte=moment)
        over = list(due.order_by("expires_at")[:AT_ONCE])
        stale = Voucher.objects.filter(
            state=State.READY, sold_at=None, order=None, package__sold_by__lte=moment
        )
        if stale.exists():
            # Some lie in somebody's stock; the books are held before any voucher is.
            ledger.hold()
        unsold = list(stale.order_by("pk")[:AT_ONCE])
        end(over, Clock.VALIDITY, None)
        ended = end(unsold, Clock.UNSOLD, moment)
        releasing.release([one.pk for one in ended], None, str(Clock.UNSOLD))
    return len(over) + len(unsold)


def end(
    vouchers: list[Voucher], clock: str, at: datetime | None, *, enforce: bool = True
) -> list[Voucher]:
    """Write that these vouchers ended by a clock, and have their routers told of it.

    `at` is when, None for the moment each expired. Only those that are still as they were read, which are
    returned as they were; a router that knows already is not told (`enforce`).
    """
    now = timezone.now()
    when: datetime | F = F("expires_at") if at is None else at
    with transaction.atomic():
        same = _still(vouchers)
        used = _used(same)
        told = [one for one in same if enforce and _tells_router(one, clock)]
        keys = {one.pk for one in told}
        for some, enforced in ((told, now), ([one for one in same if one.pk not in keys], None)):
            for first in range(0, len(some), GROUP):
                rows = Voucher.objects.filter(
                    pk__in=[one.pk for one in some[first : first + GROUP]]
                )
                rows.update(state=State.ENDED, ended_at=when, ended_by=clock, enforced_at=enforced)
        lines = [
            VoucherEvent(
                voucher=one,
                at=at or one.expires_at or now,
                what=What.ENDED,
                detail={"clock": str(clock), **used.get((one.router_id, one.code), {})},
                actor=life.actor_of(None),
            )
            for one in same
        ]
        VoucherEvent.objects.bulk_create(lines, batch_size=GROUP)
        for router in sorted({one.router_id for one in told}):
            asking.end(router)
    return same


def _still(vouchers: list[Voucher]) -> list[Voucher]:
    """Those that nobody changed since they were read, held until the transaction ends."""
    found: list[Voucher] = []
    for first in range(0, len(vouchers), GROUP):
        some = vouchers[first : first + GROUP]
        rows = Voucher.objects.select_for_update().filter(pk__in=[one.pk for one in some])
        states = dict(rows.order_by("pk").values_list("pk", "state"))
        found += [one for one in some if states.get(one.pk) == one.state]
    return found


def _tells_router(voucher: Voucher, clock: str) -> bool:
    at_end = Terms.from_json(voucher.terms).at_end
    return clock == Clock.UNSOLD or at_end is not AtEnd.NOTICE


def _used(vouchers: list[Voucher]) -> dict[tuple[int, str], dict[str, int]]:
    """What the routers counted for them when they were last read; it goes with their users."""
    found = {}
    for first in range(0, len(vouchers), GROUP):
        some = vouchers[first : first + GROUP]
        rows = HotspotUser.objects.filter(
            router__in={one.router_id for one in some}, name__in=[one.code for one in some]
        )
        for router, name, online, up, down in rows.values_list(
            "router", "name", "uptime_s", "bytes_in", "bytes_out"
        ):
            found[router, name] = {"online_s": online, "bytes_in": up, "bytes_out": down}
    return found


def _of_names(
    router: Router, names: Mapping[str, int] | Mapping[str, bool], state: str
) -> Iterable[Voucher]:
    kept = sorted(names)
    for first in range(0, len(kept), GROUP):
        rows: QuerySet[Voucher] = Voucher.objects.filter(
            router=router, state=state, code__in=kept[first : first + GROUP]
        )
        yield from list(rows)
