"""What the public shop offers: packages in words, and ways to pay."""

from dataclasses import dataclass
from datetime import timedelta

from ronda.shop.models import Order, Package, PaymentMethod
from ronda.shop.service import packages, wording
from ronda.work import tuning

HOUR = timedelta(hours=1)
#: Where staff look into their account, so that amounts must tell payments apart.
BY_HAND = frozenset({PaymentMethod.Kind.QRIS, PaymentMethod.Kind.BANK, PaymentMethod.Kind.WALLET})


@dataclass(frozen=True, slots=True)
class Offer:
    """A package as the shop shows it."""

    package: Package
    says: str


def shown() -> list[Offer]:
    """What can be bought now, in the order of the shop."""
    return [Offer(package, sentence(package)) for package in packages.on_sale()]


def sentence(package: Package) -> str:
    """What a buyer gets, in plain words."""
    return wording.describe(packages.terms_of(package))


def methods() -> list[PaymentMethod]:
    """The ways to pay that are offered."""
    return list(PaymentMethod.objects.filter(active=True, deleted_at=None, kind__in=BY_HAND))


def told_apart(method: PaymentMethod | None) -> bool:
    """Whether an order paid this way gets a few rupiah by which its transfer is recognised."""
    return method is not None and method.kind in BY_HAND and bool(tuning.value("transfer_suffix"))


def prepare(order: Order, base_url: str) -> None:
    """See that the order can be paid by its method; a gateway is asked in the background."""
