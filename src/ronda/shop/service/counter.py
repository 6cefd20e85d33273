"""Selling at the counter: one press, one voucher, one sale; and taking it back."""

from collections.abc import Callable

from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from ronda.accounts.models import Person, Role
from ronda.accounts.roles import holds
from ronda.devices.service.scope import mine
from ronda.shop.models import Package, Press, Sale, Voucher
from ronda.shop.rules.accounts import Via
from ronda.shop.rules.selling import Price, may_undo
from ronda.shop.service import ledger, life, making, packages, placing, resellers, sales

State = Voucher.State


class NotSold(ValueError):
    """It cannot be sold; `why` is `package`, `code`, `sold`, `state` or `holder`."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def sells_as(person: Person) -> Via:
    """Cashiers sell out of their drawer, resellers out of what they paid ahead."""
    return Via.COUNTER if holds(person.role, Role.CASHIER) else Via.RESELLER


def offers() -> QuerySet[Package]:
    """What can be sold now, in the order of the shop."""
    return packages.on_sale()


def sell(person: Person, package: Package, token: str) -> Sale:
    """Sell one voucher of a package: a ready one that nobody has on paper, else a new one.

    The code works once its voucher is ready (`Sale.voucher.state`). The same token sells once, however often
    and however simultaneously it comes.

    Raises:
        NotSold: the package is not on sale.
        resellers.NotEnough: the reseller's balance does not suffice.
        placing.NoRouter: no router is there on which it could be made.
    """
    return _once(person, token, lambda: _sell(person, package))


def sell_card(person: Person, code: str, token: str) -> Sale:
    """Sell a voucher that is on paper, by its code.

    Raises:
        NotSold: there is no such code, or it was sold, does not work or is in somebody else's stock.
        resellers.NotEnough: the reseller's balance does not suffice.
    """
    return _once(person, token, lambda: _sell_card(person, code.strip()))


def _once(person: Person, token: str, act: Callable[[], Sale]) -> Sale:
    if pressed := _pressed(person, token):
        return pressed
    try:
        with transaction.atomic():
            ledger.hold()
            sale = act()
            Press.objects.create(token=token, seller=person, sale=sale)
    except IntegrityError:
        # The other press of this button was quicker: what this one did is undone.
        if pressed := _pressed(person, token):
            return pressed
        raise
    return sale


def _pressed(person: Person, token: str) -> Sale | None:
    return Sale.objects.filter(press__token=token, press__seller=person).first()


def _sell(person: Person, package: Package) -> Sale:
    if not offers().filter(pk=package.pk).exists():
        raise NotSold("package")
    price = _price(person, package)
    voucher = _ready(person, package)
    if voucher is None:
        voucher = making.make(package, placing.router_for(package), person=person)
    return _record(voucher, person, price)


def _sell_card(person: Person, code: str) -> Sale:
    voucher = card(person, code, lock=True)
    if isinstance(voucher, NotSold):
        raise voucher
    return _record(voucher, person, _price(person, voucher.package))


def card(person: Person, code: str, *, lock: bool = False) -> Voucher | NotSold:
    """The voucher on paper that has this code, or why this person cannot sell it."""
    found = Voucher.objects.select_related("package").filter(code=code)
    rows = mine(found, "router__site")
    voucher = (rows.select_for_update(of=("self",)) if lock else rows).first()
    if voucher is None:
        return NotSold("code")
    if voucher.holder_id != person.pk and (
        voucher.holder_id or not holds(person.role, Role.CASHIER)
    ):
        # A reseller learns nothing of codes that are not theirs.
        return NotSold("holder" if holds(person.role, Role.CASHIER) else "code")
    if voucher.sold_at:
        return NotSold("sold")
    if voucher.state not in (State.READY, State.ACTIVE):
        return NotSold("state")
    return voucher


def _price(person: Person, package: Package) -> Price:
    if sells_as(person) is Via.RESELLER:
        return resellers.reserve(person, package)
    return Price(package.selling_price_idr)


def _ready(person: Person, package: Package) -> Voucher | None:
    """A voucher that works already: of the seller's own stock first; a cashier also takes what is nobody's."""
    found = Voucher.objects.filter(
        package=package,
        state=State.READY,
        sold_at=None,
        printed_at=None,
        batch__isnull=False,
        order=None,
        router__active=True,
        router__deleted_at=None,
    )
    found = mine(found, "router__site")
    own = Q(holder=person)
    whose = own | Q(holder=None) if holds(person.role, Role.CASHIER) else own
    return (
        found.filter(whose)
        .order_by(F("holder").desc(nulls_last=True), "pk")
        .select_for_update(skip_locked=True, of=("self",))
        .first()
    )


def _record(voucher: Voucher, person: Person, price: Price) -> Sale:
    sale = sales.record(
        voucher,
        price_idr=price.price_idr,
        via=sells_as(person),
        seller=person,
        commission_idr=price.commission_idr,
    )
    life.note(voucher, "sold", person.get_username(), price_idr=price.price_idr)
    return sale


def seen_by(person: Person) -> QuerySet[Sale]:
    """The sales somebody may see: resellers their own."""
    every = Sale.objects.select_related("voucher", "package", "router", "seller")
    found = mine(every, "router__site")
    return found if holds(person.role, Role.CASHIER) else found.filter(seller=person)


class TooLate(ValueError):
    """It can be taken back no more by this person: the time is over, or the voucher was used."""


def undoable(sale: Sale, person: Person) -> bool:
    """Whether this person may take the sale back now."""
    if sale.returned_at or sale.voucher is None or sale.via == Via.MIKHMON:
        return False
    return may_undo(
        sale.at,
        timezone.now(),
        own=sale.seller_id == person.pk,
        cashier=holds(person.role, Role.CASHIER),
        admin=holds(person.role, Role.ADMIN),
        used=sale.voucher.first_login_at is not None,
    )


def undo(sale: Sale, person: Person, reason: str, source: str = "") -> Sale:
    """Give the buyer the money back and make the code void, once.

    Raises:
        TooLate: this person may not, any more.
    """
    if sale.voucher_id is None:
        raise TooLate
    with transaction.atomic():
        ledger.hold()
        voucher = Voucher.objects.select_for_update().get(pk=sale.voucher_id)
        sale = Sale.objects.select_related("voucher").get(pk=sale.pk)
        sale.voucher = voucher
        if sale.returned_at:
            return sale
        if not undoable(sale, person):
            raise TooLate
        returned = sales.take_back(sale, person, reason)
        if voucher.state not in (State.ENDED, State.VOID):
            life.void(voucher, person, reason=reason, source=source)
    return returned
