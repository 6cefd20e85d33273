"""What staff do to a voucher: extend, another package, another router, back again; batches undone.

The row says what shall be, and the job of `creating` makes the router's user so, verified by reading.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from ronda.accounts.models import Person
from ronda.accounts.service import audit
from ronda.hotspot.models import HotspotUser, Verb
from ronda.hotspot.service import asking as hotspot_asking
from ronda.routers.models import Router
from ronda.shop.models import Batch, Package, Sale, Voucher, VoucherEvent
from ronda.shop.rules import clocks
from ronda.shop.rules.life import What
from ronda.shop.rules.terms import AtEnd, Span, Terms
from ronda.shop.service import asking, ledger, life, making, releasing
from ronda.shop.service.packages import terms_of

State, Clock = Voucher.State, Voucher.Clock
#: A voucher that lives: it may be changed.
LIVE = (State.MAKING, State.READY, State.ACTIVE, State.TROUBLE)
#: Not used and not sold: a batch may be taken back so far.
UNUSED = (State.MAKING, State.READY, State.TROUBLE)


class Why(StrEnum):
    """Why a change was refused."""

    NOTHING = "nothing"  # nothing was asked
    UNUSED = "unused"  # its clock has not begun
    OVER = "over"  # it has ended
    RETURNED = "returned"  # its buyer has the money back
    NOT_OVER = "not_over"
    TAKEN = "taken"  # somebody on the other router has its name
    SAME = "same"
    SPENT = "spent"  # time or data is used up and none was added


class CannotChange(ValueError):
    """The voucher cannot be changed so; `why` says for what reason."""

    def __init__(self, why: Why) -> None:
        super().__init__(why.value)
        self.why = why


def extend(
    voucher: Voucher,
    person: Person | None,
    *,
    span: Span | None = None,
    online_s: int = 0,
    quota_bytes: int = 0,
    source: str = "",
) -> None:
    """Give a voucher more valid time, time online or data; one that ended lives again.

    Raises:
        CannotChange: nothing was asked; its clock has not begun; what is used up was not added to; its buyer got
            the money back.
    """
    if span is None and not online_s and not quota_bytes:
        raise CannotChange(Why.NOTHING)
    with transaction.atomic():
        ledger.hold()
        row = _locked(voucher)
        now = timezone.now()
        terms = Terms.from_json(row.terms)
        if row.state == State.VOID:
            raise CannotChange(Why.OVER)
        if span is not None and row.first_login_at is None:
            raise CannotChange(Why.UNUSED)
        if row.state == State.ENDED:
            _check_not_spent(row, terms, now, span, online_s, quota_bytes)
            _check_not_returned(row)
        told = {"online_s": row.terms.get("online_s"), "expires_at": _iso(row.expires_at)}
        left = terms if row.state != State.ENDED or row.enforced_at else _left(row, terms)
        if span is not None and row.expires_at is not None:
            row.expires_at = clocks.after(max(row.expires_at, now), span, terms.zone)
        row.terms = {
            **row.terms,
            "online_s": None if left.online_s is None else left.online_s + online_s,
            "quota_bytes": None if left.quota_bytes is None else left.quota_bytes + quota_bytes,
        }
        _make_again(row)
        after = {"online_s": row.terms["online_s"], "expires_at": _iso(row.expires_at)}
        detail = {
            "span": str(span or ""),
            "online_s": online_s,
            "quota_bytes": quota_bytes,
        }
        life.note(row, What.EXTENDED, life.actor_of(person), **detail)
        audit.record(person, "voucher.extend", row.code, told, after | detail, source)
    voucher.refresh_from_db()


def change_package(
    voucher: Voucher, package: Package, person: Person | None, source: str = ""
) -> None:
    """Give a living voucher the limits of another package; its calendar still runs from the first login.

    Raises:
        CannotChange: it has ended, or has this package.
    """
    with transaction.atomic():
        row = _locked(voucher)
        if row.state not in LIVE:
            raise CannotChange(Why.OVER)
        if row.package_id == package.pk:
            raise CannotChange(Why.SAME)
        before = row.package.name
        row.package = package
        terms = terms_of(package)
        row.terms = terms.as_json()
        row.expires_at = clocks.ends_at(terms, row.first_login_at)
        _make_again(row)
        life.note(row, What.CHANGED, life.actor_of(person), before=before, package=package.name)
        audit.record(
            person,
            "voucher.package",
            row.code,
            {"package": before},
            {"package": package.name},
            source,
        )
    voucher.refresh_from_db()


def move(voucher: Voucher, router: Router, person: Person | None, source: str = "") -> None:
    """Take a living voucher to another router with what is left of it; removed from the old one.

    Raises:
        CannotChange: it has ended, is there already, or somebody there has its name.
    """
    with transaction.atomic():
        row = _locked(voucher)
        if row.state not in LIVE:
            raise CannotChange(Why.OVER)
        if row.router_id == router.pk:
            raise CannotChange(Why.SAME)
        if HotspotUser.objects.filter(router=router, name=row.code).exists():
            raise CannotChange(Why.TAKEN)
        old = row.router
        held = HotspotUser.objects.filter(router=old, name=row.code, server=row.server).first()
        if row.begun and row.ready_at is not None:
            target = hotspot_asking.Target(old, row.code, server=row.server)
            hotspot_asking.ask(Verb.DELETE, [target], person, source=source)
        if held is not None:
            left = _less(Terms.from_json(row.terms), held.uptime_s, held.bytes_in, held.bytes_out)
            row.terms = left.as_json()
        row.router, row.server, row.begun = router, "all", False
        _make_again(row)
        life.note(row, What.MOVED, life.actor_of(person), before=old.name, router=router.name)
        audit.record(
            person,
            "voucher.move",
            row.code,
            {"router": old.name},
            {"router": router.name},
            source,
        )
    voucher.refresh_from_db()


def restore(voucher: Voucher, person: Person | None, source: str = "") -> None:
    """Make a voucher again that staff ended or that somebody removed on the router.

    Raises:
        CannotChange: it did not end so, its calendar is over, or its buyer got the money back.
    """
    with transaction.atomic():
        # The books first: a sale that is being taken back just now counts.
        ledger.hold()
        row = _locked(voucher)
        if row.state not in (State.VOID, State.ENDED):
            raise CannotChange(Why.NOT_OVER)
        if row.ended_by not in (Clock.STAFF, Clock.GONE) or (
            row.expires_at is not None and row.expires_at <= timezone.now()
        ):
            raise CannotChange(Why.OVER)
        _check_not_returned(row)
        _make_again(row)
        life.note(row, What.RESTORED, life.actor_of(person))
        audit.record(person, "voucher.restore", row.code, None, None, source)
    voucher.refresh_from_db()


def unused_of(batch: Batch) -> QuerySet[Voucher]:
    """Vouchers of a batch that nobody has used or bought."""
    return Voucher.objects.filter(
        batch=batch, state__in=UNUSED, sold_at=None, first_login_at=None, order=None
    )


def void_batch(batch: Batch, person: Person | None, source: str = "") -> int:
    """End every unused voucher of a batch; how many. `restore_batch` takes it back."""
    with transaction.atomic():
        ledger.hold()
        found = list(unused_of(batch).values_list("pk", flat=True))
        void_unused(batch, found, person)
        audit.record(
            person, "voucher.void-batch", f"#{batch.pk}", None, {"count": len(found)}, source
        )
    return len(found)


def void_unused(
    batch: Batch, vouchers: Sequence[int], person: Person | None, *, reason: str = ""
) -> None:
    """End these unused vouchers of a batch, in the caller's transaction, which holds the books."""
    now = timezone.now()
    gone: dict[str, Any] = {"state": State.VOID, "ended_at": now, "ended_by": Clock.STAFF}
    on_router = False
    for first in range(0, len(vouchers), making.GROUP):
        group = vouchers[first : first + making.GROUP]
        some = Voucher.objects.filter(pk__in=group, state__in=UNUSED)
        # Held, so that none begins to be made between the two.
        list(some.select_for_update().order_by("pk").values_list("pk", flat=True))
        on_router = bool(some.filter(begun=True).update(**gone, enforced_at=now)) or on_router
        some.filter(begun=False).update(**gone, enforced_at=None)
        releasing.release(group, person, reason)
    _tell_all(vouchers, What.VOID, person, reason)
    if on_router:
        asking.end(batch.router_id)


def restore_batch(batch: Batch, person: Person | None, source: str = "") -> int:
    """Make those of a batch again that staff ended unused; how many."""
    with transaction.atomic():
        found = list(voided_of(batch).values_list("pk", flat=True))
        for first in range(0, len(found), making.GROUP):
            group = found[first : first + making.GROUP]
            # Somebody else may have made them again by now, and a buyer have come in.
            some = Voucher.objects.filter(pk__in=group, state=State.VOID)
            some.update(
                state=State.MAKING, ended_at=None, ended_by="", enforced_at=None, trouble=""
            )
        _tell_all(found, What.RESTORED, person)
        if found:
            batch.job = asking.make(batch.router_id, batch=batch.pk)
            batch.save(update_fields=["job"])
        audit.record(
            person, "voucher.restore-batch", f"#{batch.pk}", None, {"count": len(found)}, source
        )
    return len(found)


def voided_of(batch: Batch) -> QuerySet[Voucher]:
    """Vouchers of a batch that staff ended before anybody used them."""
    return Voucher.objects.filter(
        Q(first_login_at=None, sold_at=None), batch=batch, state=State.VOID, ended_by=Clock.STAFF
    )


def _tell_all(vouchers: Sequence[int], what: What, person: Person | None, reason: str = "") -> None:
    now, actor = timezone.now(), life.actor_of(person)
    detail = {"reason": reason} if reason else {}
    VoucherEvent.objects.bulk_create(
        [
            VoucherEvent(voucher_id=pk, at=now, what=what, detail=detail, actor=actor)
            for pk in vouchers
        ],
        batch_size=making.GROUP,
    )


def _locked(voucher: Voucher) -> Voucher:
    rows = Voucher.objects.select_for_update(of=("self",)).select_related("package", "router")
    return rows.get(pk=voucher.pk)


def _check_not_returned(row: Voucher) -> None:
    """What the buyer got the money back for does not live again; who calls holds the books."""
    if Sale.objects.filter(voucher=row, returned_at__isnull=False).exists():
        raise CannotChange(Why.RETURNED)


def _make_again(row: Voucher) -> None:
    row.state, row.trouble = State.MAKING, ""
    row.ended_at, row.ended_by, row.enforced_at = None, "", None
    row.save()
    asking.make(row.router_id, voucher=row.pk)


def _check_not_spent(
    row: Voucher,
    terms: Terms,
    now: datetime,
    span: Span | None,
    online_s: int,
    quota_bytes: int,
) -> None:
    """One that ended needs more of what it ended by."""
    over = row.expires_at is not None and row.expires_at <= now
    if (
        (over and span is None)
        or (row.ended_by == Clock.ONLINE and not online_s)
        or (row.ended_by == Clock.QUOTA and not quota_bytes)
    ):
        raise CannotChange(Why.SPENT)


def _left(row: Voucher, terms: Terms) -> Terms:
    """What is left of one whose user the router may have removed, its counters with it."""
    if terms.at_end is not AtEnd.REMOVE:
        return terms
    event = row.events.filter(what=What.ENDED).last()
    used = event.detail if event is not None else {}
    return _less(terms, used.get("online_s", 0), used.get("bytes_in", 0), used.get("bytes_out", 0))


def _less(terms: Terms, online_s: int, bytes_in: int, bytes_out: int) -> Terms:
    """Terms less what was used; what is used up keeps the least there can be."""
    told = terms.as_json()
    for name, used in (
        ("online_s", online_s),
        ("quota_bytes", bytes_in + bytes_out),
        ("quota_upload_bytes", bytes_in),
        ("quota_download_bytes", bytes_out),
    ):
        if told[name] is not None:
            told[name] = max(1, told[name] - used)
    return Terms.from_json(told)


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
