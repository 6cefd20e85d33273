"""What the public shop offers: packages in words, and ways to pay."""

from dataclasses import dataclass
from datetime import timedelta

from ronda.shop.models import Package, PaymentMethod
from ronda.shop.service import methods, packages, wording
from ronda.work import tuning

HOUR = timedelta(hours=1)


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


def told_apart(method: PaymentMethod | None) -> bool:
    """Whether an order paid this way gets a few rupiah by which its transfer is recognised."""
    return (
        method is not None
        and not methods.is_gateway(method)
        and bool(tuning.value("transfer_suffix"))
    )
