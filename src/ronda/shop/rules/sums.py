"""What reports add up: pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple


class Basis(StrEnum):
    """By which time sales are counted."""

    SALE = "sale"
    LOGIN = "login"  # the first login


#: What sales are counted by, besides days.
GROUPS = ("package", "seller", "router", "via")
AMOUNTS = ("sold", "returned", "price_idr", "refund_idr", "cost_idr", "commission_idr")


@dataclass(frozen=True, slots=True)
class Sums:
    """Sales added up, in whole rupiah; `cost_idr` and `commission_idr` are without what was taken back."""

    sold: int = 0
    returned: int = 0
    price_idr: int = 0
    refund_idr: int = 0
    cost_idr: int = 0
    commission_idr: int = 0

    @property
    def count(self) -> int:
        """How many were sold and not taken back."""
        return self.sold - self.returned

    @property
    def income_idr(self) -> int:
        """What buyers paid and did not get back."""
        return self.price_idr - self.refund_idr

    @property
    def margin_idr(self) -> int:
        """What is left of the income after what the vouchers cost and resellers kept."""
        return self.income_idr - self.cost_idr - self.commission_idr

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(
            self.sold + other.sold,
            self.returned + other.returned,
            self.price_idr + other.price_idr,
            self.refund_idr + other.refund_idr,
            self.cost_idr + other.cost_idr,
            self.commission_idr + other.commission_idr,
        )

    def __neg__(self) -> "Sums":
        return Sums(*(-getattr(self, name) for name in AMOUNTS))

    @property
    def amounts(self) -> tuple[int, ...]:
        """The figures in the order of `AMOUNTS`."""
        return tuple(getattr(self, name) for name in AMOUNTS)


def of_sale(price_idr: int, cost_idr: int, commission_idr: int) -> Sums:
    """What one sale adds."""
    return Sums(1, 0, price_idr, 0, cost_idr, commission_idr)


def of_return(price_idr: int, cost_idr: int, commission_idr: int) -> Sums:
    """What one sale taken back adds."""
    return Sums(0, 1, 0, price_idr, -cost_idr, -commission_idr)


class Place(NamedTuple):
    """Where a sale counts: the columns of one row of the sums of days. Ids are 0 for none."""

    basis: str
    day: date
    package: int
    router: int
    seller: int
    via: str


class Margin(NamedTuple):
    """One package, seller, router or door on a day; `key` is an id or the word of the door."""

    basis: str
    day: date
    of: str
    key: str


def margins(counted: Mapping[Place, Sums]) -> dict[Margin, Sums]:
    """The same sales added up for every package, seller, router and door."""
    found: dict[Margin, Sums] = {}
    for place, sums in counted.items():
        for name in GROUPS:
            margin = Margin(place.basis, place.day, name, str(getattr(place, name)))
            found[margin] = found.get(margin, Sums()) + sums
    return found
