"""The accounts of the shop, and what each event writes in them: pure.

Amounts are whole rupiah, above 0 where an account is debited, below 0 where it is credited; the lines of
an event always add up to 0. `holder` is the id of the person whose drawer, stock or deposit it is.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple


class Account(StrEnum):
    """What there is, what is owed, what came in and what it cost."""

    CASH = "cash"  # in somebody's drawer
    SAFE = "safe"  # handed over to the owner
    CLEARING = "clearing"  # bank, e-wallets and gateways
    STOCK = "stock"  # vouchers handed to somebody, at cost
    DEPOSIT = "deposit"  # what resellers paid ahead: owed to them
    SUPPLY = "supply"  # what sold and handed vouchers cost: owed for the line
    EQUITY = "equity"  # what the owner put in or took out
    SALES = "sales"
    REFUNDS = "refunds"
    COST = "cost"
    COMMISSION = "commission"
    SHORTAGE = "shortage"  # drawers that held less (above 0) or more than the books


ACCOUNTS = frozenset(account.value for account in Account)


class Via(StrEnum):
    """By which door a voucher was sold."""

    SHOP = "shop"
    COUNTER = "counter"
    RESELLER = "reseller"
    MEMBER = "member"
    MIKHMON = "mikhmon"


class Line(NamedTuple):
    """So much more (above 0) or less in an account."""

    account: str
    holder: int | None
    amount_idr: int


class Sold(NamedTuple):
    """What one sale is to the books. `stock_of`: in whose stock the voucher was; None for nobody's."""

    via: Via
    price_idr: int
    cost_idr: int
    commission_idr: int = 0
    seller: int | None = None
    stock_of: int | None = None


class Unbalanced(ValueError):
    """The lines of an entry do not add up to 0, or name an account that does not exist."""


def checked(lines: Iterable[tuple[str, int | None, int]]) -> list[Line]:
    """The lines, those of one account and holder added up, empty ones left out, in one order.

    Raises:
        Unbalanced: they do not add up to 0, or an account is unknown.
    """
    sums: dict[tuple[str, int | None], int] = {}
    for account, holder, amount in lines:
        if account not in ACCOUNTS:
            raise Unbalanced(f"there is no account {account!r}")
        key = str(account), holder
        sums[key] = sums.get(key, 0) + amount
    if left := sum(sums.values()):
        raise Unbalanced(f"the lines add up to {left}, not to 0")
    found = [Line(account, holder, amount) for (account, holder), amount in sums.items() if amount]
    return sorted(found, key=lambda line: (line.account, line.holder or 0))


def sale(sold: Sold) -> list[Line]:
    """One voucher sold: money came in, and the voucher is no longer ours."""
    return checked(
        [
            (Account.SALES, None, -sold.price_idr),
            *_paid(sold, sold.seller),
            (Account.COMMISSION, None, sold.commission_idr),
            (Account.COST, None, sold.cost_idr),
            (*_source(sold), -sold.cost_idr),
        ]
    )


def refund(sold: Sold, by: int | None) -> list[Line]:
    """A sale taken back, its voucher void: money goes back the way it came, out of the drawer of `by`.

    A void voucher was never used, so nothing is owed for it.
    """
    back = [(account, holder, -amount) for account, holder, amount in _paid(sold, by)]
    return checked(
        [
            (Account.REFUNDS, None, sold.price_idr),
            *back,
            (Account.COMMISSION, None, -sold.commission_idr),
            (Account.COST, None, -sold.cost_idr),
            (Account.SUPPLY, None, sold.cost_idr),
        ]
    )


def _paid(sold: Sold, drawer: int | None) -> list[Line]:
    """Where the buyer's money is; a reseller's comes out of what they paid ahead, less their commission."""
    kept = sold.price_idr - sold.commission_idr
    if sold.via is Via.RESELLER:
        return [Line(Account.DEPOSIT, sold.seller, kept)]
    if sold.via is Via.MIKHMON:
        return [Line(Account.EQUITY, None, kept)]
    if sold.via is Via.COUNTER or (sold.via is Via.MEMBER and drawer is not None):
        return [Line(Account.CASH, drawer, kept)]
    return [Line(Account.CLEARING, None, kept)]


def _source(sold: Sold) -> tuple[str, int | None]:
    if sold.stock_of is None:
        return Account.SUPPLY, None
    return Account.STOCK, sold.stock_of


def top_up(reseller: int, amount_idr: int, drawer: int | None) -> list[Line]:
    """A reseller paid ahead: into the drawer of a cashier, or (None) by transfer."""
    came = (Account.CLEARING, None) if drawer is None else (Account.CASH, drawer)
    return checked([(*came, amount_idr), (Account.DEPOSIT, reseller, -amount_idr)])


def handing(holder: int, cost_idr: int) -> list[Line]:
    """Vouchers handed to somebody; given back where the cost is below 0."""
    return checked([(Account.STOCK, holder, cost_idr), (Account.SUPPLY, None, -cost_idr)])


def closing(drawer: int, books_idr: int, counted_idr: int, left_idr: int) -> list[Line]:
    """A drawer counted at the end of a shift: what lacks or is too much, and what the owner takes.

    `left_idr` stays in the drawer for the next shift.
    """
    return checked(
        [
            (Account.CASH, drawer, left_idr - books_idr),
            (Account.SAFE, None, counted_idr - left_idr),
            (Account.SHORTAGE, None, books_idr - counted_idr),
        ]
    )


def opening(drawer: int, books_idr: int, counted_idr: int) -> list[Line]:
    """Change put into a drawer, or taken out, before a shift begins."""
    return checked(
        [
            (Account.CASH, drawer, counted_idr - books_idr),
            (Account.SAFE, None, books_idr - counted_idr),
        ]
    )


def commission_of(price_idr: int, reseller_price_idr: int, percent: int | None) -> int:
    """What a reseller keeps of a price: `percent` of it, or what lies above the package's reseller price."""
    if percent is None:
        return max(price_idr - reseller_price_idr, 0)
    return price_idr * percent // 100
