"""Making, cancelling and expiring orders. Price and what can be bought come from here, never from a browser."""

import contextlib
import hashlib
import secrets
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.db.models import OuterRef, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from ronda.accounts.models import Person
from ronda.accounts.service import audit
from ronda.devices.models import Site
from ronda.hotspot.service.placing import NoRouter
from ronda.kernel.phones import read_phone
from ronda.routers.models import Router
from ronda.shop.models import Charge, Member, Order, Package, PaymentMethod
from ronda.shop.rules import orders as rules
from ronda.shop.rules.orders import State
from ronda.shop.service import placing
from ronda.storage.sealing import keyring
from ronda.work import tuning

#: Letters and digits that nobody mixes up when a number is read out.
READABLE = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
NUMBER_LENGTH = 8
#: The few rupiah by which transfers are told apart lie between 1 and this.
MOST_SUFFIX_IDR = 499
TRIES = 30
#: Unpaid orders of one number that may wait at once.
MOST_PENDING = 5


T = TypeVar("T")


class OrderRefused(Exception):
    """The order was not made; the text says why in words for the buyer."""


def place(
    package: Package,
    *,
    phone: str = "",
    name: str = "",
    email: str = "",
    method: PaymentMethod | None = None,
    told_apart: bool = False,
    router: Router | None = None,
    site: Site | None = None,
    wanted_code: str = "",
    wanted_password: str = "",
    person: Person | None = None,
    source: str = "",
    now: datetime | None = None,
) -> tuple[Order, str]:
    """A new order and the secret of its link, which is kept nowhere but with the buyer.

    Args:
        phone: as `kernel.phones.read_phone` gives it, or "".
        told_apart: add a few rupiah, so that no two open orders have one amount.
        router: where its user will be made; left out, `placing.router_for` chooses.
        wanted_code: code that a program asks for; unique among vouchers when it is paid.
        person: who made it for the buyer; None is the buyer.

    Raises:
        OrderRefused: the package cannot be bought now, or the number has too many open orders.
    """
    moment = now or timezone.now()
    check_sold(package, moment)
    if phone and pending_of(phone) >= MOST_PENDING:
        raise OrderRefused(
            _("%(count)d orders of this number wait for payment already. Pay or cancel one first.")
            % {"count": MOST_PENDING}
        )
    try:
        chosen = router or placing.router_for(package, site)
    except NoRouter:
        raise OrderRefused(
            _("%(package)s cannot be sold at the moment: no router is in use for it.")
            % {"package": package.name}
        ) from None
    values: dict[str, Any] = {
        "package": package,
        "router": chosen,
        "price_idr": package.selling_price_idr,
        "buyer_name": name,
        "buyer_phone": phone,
        "buyer_email": email,
        "wanted_code": wanted_code,
        "wanted_password": keyring().seal(wanted_password) if wanted_password else "",
        "method": method,
        "made_by": person,
    }
    return _place(values, moment, told_apart=told_apart, source=source)


def place_for_member(
    member: Member,
    months: int,
    *,
    method: PaymentMethod | None = None,
    told_apart: bool = False,
    source: str = "",
    now: datetime | None = None,
) -> tuple[Order, str]:
    """A new order of so many months, and the secret of its link.

    Raises:
        OrderRefused: the member has ended, pays nothing, or has too many open orders.
    """
    if member.state == Member.State.ENDED or not member.price_idr:
        raise OrderRefused(_("This membership has ended, or costs nothing. Please contact us."))
    if Order.objects.filter(member=member, state=State.PENDING).count() >= MOST_PENDING:
        raise OrderRefused(
            _("%(count)d orders wait for payment already. Pay or cancel one first.")
            % {"count": MOST_PENDING}
        )
    values: dict[str, Any] = {
        "package": member.package,
        "router": member.router,
        "price_idr": member.price_idr * months,
        "buyer_name": member.name,
        "buyer_phone": _phone(member.phone),
        "method": method,
        "member": member,
        "months": months,
    }
    return _place(values, now or timezone.now(), told_apart=told_apart, source=source)


def _phone(text: str) -> str:
    """A number in the spelling of orders; "" for one that is none."""
    try:
        return read_phone(text)
    except ValueError:
        return ""


def _place(
    values: dict[str, Any], now: datetime, *, told_apart: bool, source: str
) -> tuple[Order, str]:
    secret = secrets.token_urlsafe(24)
    values |= {
        "secret_digest": digest(secret),
        "made_at": now,
        "pay_by": now + timedelta(hours=tuning.value("pay_within_h")),
    }
    with transaction.atomic():
        order = _apart(told_apart, values["price_idr"], partial(_create, values))
        audit.record(
            values.get("made_by"),
            "order.place",
            order.number,
            None,
            {"package": values["package"].name, "amount_idr": order.amount_idr},
            source,
        )
    return order, secret


def _create(values: dict[str, Any], amount: dict[str, int]) -> Order:
    return Order.objects.create(number=_number(), **values, **amount)


def _apart(told_apart: bool, price_idr: int, write: Callable[[dict[str, int]], T]) -> T:
    """What `write` gives for an amount (and a number) that no other open order has.

    Raises:
        OrderRefused: none was found.
    """
    for _try in range(TRIES):
        suffix = 1 + secrets.randbelow(MOST_SUFFIX_IDR) if told_apart else 0
        with contextlib.suppress(IntegrityError), transaction.atomic():
            return write({"suffix_idr": suffix, "amount_idr": price_idr + suffix})
    raise OrderRefused(_("Too many orders wait for payment. Try again in a while."))


def check_sold(package: Package, now: datetime) -> None:
    """Raise OrderRefused when a package cannot be bought at this moment."""
    if not is_sold(package, now):
        raise OrderRefused(_("%(package)s is not sold any more.") % {"package": package.name})


def is_sold(package: Package, now: datetime) -> bool:
    """Whether a package can be bought."""
    return rules.is_on_sale(
        active=package.active,
        deleted=package.deleted_at is not None,
        sold_by=package.sold_by,
        at=now,
    )


def still_sold(order: Order, now: datetime) -> bool:
    """Whether what was ordered can be bought: a package that is on sale, or months of somebody who is a member."""
    if order.member is not None:
        return order.member.state != Member.State.ENDED
    return is_sold(order.package, now)


def pending_of(phone: str) -> int:
    """How many unpaid orders of a number are open."""
    return Order.objects.filter(buyer_phone=phone, state=State.PENDING).count()


def choose_method(order: Order, method: PaymentMethod, *, told_apart: bool) -> bool:
    """Let the buyer pay another way; false when the order does not wait for payment any more."""
    waiting = Order.objects.filter(pk=order.pk, state=State.PENDING)
    return bool(
        _apart(
            told_apart,
            order.price_idr,
            lambda amount: waiting.update(method=method, **amount),
        )
    )


def by_secret(secret: str) -> Order | None:
    """The order of a buyer's link; None for a secret that belongs to none."""
    found = Order.objects.select_related("package", "router", "method", "voucher", "member")
    return found.filter(secret_digest=digest(secret)).first()


def state_of(secret: str) -> str | None:
    """The state of the order of a buyer's link, in one query; `pending:asking` while a gateway is asked."""
    charges = Charge.objects.filter(order=OuterRef("pk"), method=OuterRef("method"))
    found = Order.objects.filter(secret_digest=digest(secret)).annotate(
        standing=Subquery(charges.order_by("-pk").values("standing")[:1])
    )
    row = found.values_list("state", "standing").first()
    if row is None:
        return None
    return "pending:asking" if row == (State.PENDING, "") else str(row[0])


def by_secrets(given: Collection[str]) -> list[Order]:
    """The orders of several links, newest first."""
    found = Order.objects.select_related("package").filter(
        secret_digest__in=[digest(secret) for secret in given]
    )
    return list(found.order_by("-pk"))


def digest(secret: str) -> str:
    """What is kept of a secret: 192 random bits need no salt and no slowness."""
    return hashlib.sha256(secret.encode()).hexdigest()


def cancel(order: Order, person: Person | None, source: str = "") -> bool:
    """Cancel an order that nobody paid; false when it is not waiting any more."""
    with transaction.atomic():
        moved = Order.objects.filter(pk=order.pk, state=State.PENDING).update(
            state=State.CANCELLED, closed_at=timezone.now()
        )
        if moved:
            audit.record(person, "order.cancel", order.number, source=source)
    return bool(moved)


def expire(now: datetime | None = None) -> int:
    """Close the orders whose time to pay is over; how many."""
    moment = now or timezone.now()
    return Order.objects.filter(state=State.PENDING, pay_by__lte=moment).update(
        state=State.EXPIRED, closed_at=moment
    )


def _number() -> str:
    return "".join(secrets.choice(READABLE) for _ in range(NUMBER_LENGTH))
