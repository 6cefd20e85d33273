"""What somebody at the counter may do, and until when: pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

#: A slip of the finger is put right within this time.
UNDO = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Price:
    """What a buyer pays, and what the seller keeps of it."""

    price_idr: int
    commission_idr: int = 0

    @property
    def kept_idr(self) -> int:
        """What the shop gets."""
        return self.price_idr - self.commission_idr


def affordable(deposit_idr: int, credit_idr: int, price: Price) -> bool:
    """Whether a reseller with so much paid ahead, who may owe so much, can sell at this price."""
    return deposit_idr + credit_idr >= price.kept_idr


def may_undo(
    sold_at: datetime, now: datetime, *, own: bool, cashier: bool, admin: bool, used: bool
) -> bool:
    """Whether somebody may take a sale back.

    Sellers may take back their own within `UNDO`, cashiers any that is not used, administrators every one.
    """
    if admin:
        return True
    if used:
        return False
    return cashier or (own and now - sold_at <= UNDO)
