"""What happens to a voucher: its timeline, who is told that it is ready, and its end by staff."""

from collections.abc import Callable, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from ronda.accounts.models import Person
from ronda.accounts.service import audit
from ronda.shop.models import Voucher, VoucherEvent
from ronda.shop.rules.life import What
from ronda.shop.service import asking, ledger, releasing

Listener = Callable[[Sequence[Voucher]], None]
_listeners: dict[str, Listener] = {}

State = Voucher.State


def on_ready(name: str, listener: Listener) -> None:
    """Register who is told, in the same transaction, of vouchers of orders that became ready or got into trouble."""
    _listeners[name] = listener


def tell(vouchers: Callable[[], Sequence[Voucher]]) -> None:
    """Tell everybody who registered; the vouchers are only read where somebody listens."""
    if _listeners and (told := vouchers()):
        for listener in _listeners.values():
            listener(told)


def note(voucher: Voucher, what: str, actor: str = "", **detail: Any) -> VoucherEvent:
    """Write a line of a voucher's life (`what` of rules.life); `detail` holds plain values, no secret."""
    return VoucherEvent.objects.create(
        voucher=voucher, at=timezone.now(), what=What(what), detail=detail, actor=actor[:150]
    )


class CannotVoid(ValueError):
    """The voucher has ended already."""


def void(voucher: Voucher, person: Person | None, *, reason: str = "", source: str = "") -> None:
    """End a voucher by hand: its user is removed from the router, its sessions end.

    Raises:
        CannotVoid: it has ended, or is void already.
    """
    with transaction.atomic():
        ledger.hold()
        kept = Voucher.objects.select_for_update().get(pk=voucher.pk)
        if kept.state in (State.ENDED, State.VOID):
            raise CannotVoid
        now = timezone.now()
        before = kept.state
        voucher.state = kept.state = State.VOID
        voucher.ended_at = kept.ended_at = now
        voucher.ended_by = kept.ended_by = Voucher.Clock.STAFF
        # One that was never begun is on no router.
        voucher.enforced_at = kept.enforced_at = now if kept.begun else None
        kept.save(update_fields=["state", "ended_at", "ended_by", "enforced_at"])
        note(kept, What.VOID, actor_of(person), **({"reason": reason} if reason else {}))
        audit.record(
            person, "voucher.void", kept.code, {"state": before}, {"reason": reason}, source
        )
        releasing.release([kept.pk], person, reason)
        if kept.begun:
            asking.end(kept.router_id)


def actor_of(person: Person | None) -> str:
    """Whose doing it was, as the timeline says it."""
    return person.get_username() if person is not None else audit.SYSTEM
