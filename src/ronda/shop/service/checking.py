"""Whether the books are whole: every sum that people look at is added up again from single lines and sales."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models, transaction
from django.db.models import Case, Count, F, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce

from ronda.shop.models import (
    AccountDay,
    Balance,
    Entry,
    Line,
    Sale,
    SaleDay,
    SaleSum,
    Stock,
    Voucher,
)
from ronda.shop.rules.accounts import Account
from ronda.shop.rules.sums import AMOUNTS, Basis, Margin, Place, margins
from ronda.shop.rules.sums import Sums as Counted
from ronda.shop.service import ledger
from ronda.shop.service.adding import add

#: So many of a kind are named; the rest is counted.
NAMED = 20


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it must be."""

    what: str
    text: str


def check() -> list[Finding]:
    """Everything that is wrong with the books; empty when they are whole."""
    summed = Entry.objects.annotate(sum=Sum("lines__amount_idr"))
    unbalanced = summed.exclude(Q(sum=0) | Q(sum=None))[:NAMED]
    found = [Finding("entry", f"{entry} does not balance") for entry in unbalanced]
    with transaction.atomic():
        found += _differ("balance", _balances(), _kept_balances())
        found += _differ("account day", _account_days(), _kept_account_days())
        days = _sale_days()
        found += _differ("sale day", days, _kept_sale_days())
        found += _differ("sale sum", _sale_sums(days), _kept_sale_sums())
    found += _sales()
    return found


def rebuild() -> None:
    """Write all sums anew from lines and sales; entries and sales themselves are never changed."""
    with transaction.atomic():
        ledger.hold()
        for table in (Balance, AccountDay, SaleDay, SaleSum):
            _rows(table).delete()
        days = _sale_days()
        add(Balance, ("account", "holder"), ("amount_idr",), _balances())
        add(AccountDay, ("day", "account"), ("debit_idr", "credit_idr"), _account_days())
        add(SaleDay, Place._fields, AMOUNTS, days)
        add(SaleSum, Margin._fields, AMOUNTS, _sale_sums(days))


def _rows(table: type[models.Model]) -> QuerySet[Any]:
    return table._default_manager.all()  # noqa: SLF001 -- Django's public name


Sums = dict[tuple[Any, ...], tuple[int, ...]]


def _differ(what: str, counted: Sums, kept: Sums) -> list[Finding]:
    wrong = [
        Finding(
            what, f"{' '.join(str(part) for part in key)}: {kept.get(key)}, not {counted.get(key)}"
        )
        for key in sorted({*counted, *kept}, key=str)
        if any(counted.get(key, ())) != any(kept.get(key, ()))
        or (any(counted.get(key, ())) and counted.get(key) != kept.get(key))
    ]
    more = [Finding(what, f"and {len(wrong) - NAMED} more")] if len(wrong) > NAMED else []
    return wrong[:NAMED] + more


def _balances() -> Sums:
    rows = Line.objects.exclude(holder=None).values_list("account", "holder")
    return {
        (account, holder): (amount,)
        for account, holder, amount in rows.annotate(Sum("amount_idr")).order_by()
    }


def _kept_balances() -> Sums:
    rows = Balance.objects.values_list("account", "holder", "amount_idr")
    return {(account, holder): (amount,) for account, holder, amount in rows}


def _account_days() -> Sums:
    debit = Sum("amount_idr", filter=Q(amount_idr__gt=0))
    credit = Sum("amount_idr", filter=Q(amount_idr__lt=0))
    rows = Line.objects.values_list("entry__day", "account").annotate(
        debit=Coalesce(debit, 0), credit=Coalesce(credit, 0)
    )
    return {(day, account): (debit, -credit) for day, account, debit, credit in rows.order_by()}


def _kept_account_days() -> Sums:
    rows = AccountDay.objects.values_list("day", "account", "debit_idr", "credit_idr")
    return {(day, account): (debit, credit) for day, account, debit, credit in rows}


def _sale_days() -> Sums:
    found: dict[tuple[Any, ...], list[int]] = {}
    sold, logged_in = Sale.objects.all(), Sale.objects.exclude(activated_day=None)
    for basis, rows, day in (
        (Basis.SALE, sold, "day"),
        (Basis.LOGIN, logged_in, "activated_day"),
    ):
        _add(found, basis.value, rows, day, sign=1)
        _add(found, basis.value, rows.exclude(returned_day=None), "returned_day", sign=-1)
    return {key: tuple(amounts) for key, amounts in found.items()}


def _add(
    found: dict[tuple[Any, ...], list[int]],
    basis: str,
    rows: QuerySet[Sale],
    day: str,
    *,
    sign: int,
) -> None:
    grouped = (
        rows.values_list(day, "package", Coalesce("router", 0), Coalesce("seller", 0), "via")
        .annotate(Count("pk"), Sum("price_idr"), Sum("cost_idr"), Sum("commission_idr"))
        .order_by()
    )
    for *key, count, price, cost, commission in grouped:
        sums = found.setdefault((basis, *key), [0] * len(AMOUNTS))
        added = (
            (count, 0, price, 0, cost, commission)
            if sign > 0
            else (0, count, 0, price, -cost, -commission)
        )
        for place, amount in enumerate(added):
            sums[place] += amount


def _kept_sale_days() -> Sums:
    rows = SaleDay.objects.values_list(
        "basis", "day", "package", "router", "seller", "via", *AMOUNTS
    )
    return {row[:6]: row[6:] for row in rows}


def _sale_sums(days: Sums) -> Sums:
    counted = {Place(*key): Counted(*amounts) for key, amounts in days.items()}
    return {tuple(key): sums.amounts for key, sums in margins(counted).items()}


def _kept_sale_sums() -> Sums:
    rows = SaleSum.objects.values_list(*Margin._fields, *AMOUNTS)
    return {row[:4]: row[4:] for row in rows}


def _sales() -> list[Finding]:
    """Sales beside the lines they were booked by, and beside their vouchers."""
    sums: Mapping[str, int | None] = Sale.objects.aggregate(
        price=Sum("price_idr"),
        back=Sum("price_idr", filter=Q(returned_at__isnull=False)),
        cost=Sum(
            Case(When(returned_at=None, then=F("cost_idr")), default=Value(0)),
        ),
        commission=Sum(
            Case(When(returned_at=None, then=F("commission_idr")), default=Value(0)),
        ),
    )
    booked = dict(Line.objects.values_list("account").annotate(Sum("amount_idr")).order_by())
    found = [
        Finding("sales", f"account {account}: {booked.get(account, 0)}, not {expected}")
        for account, expected in (
            (Account.SALES, -(sums["price"] or 0)),
            (Account.REFUNDS, sums["back"] or 0),
            (Account.COST, sums["cost"] or 0),
            (Account.COMMISSION, sums["commission"] or 0),
            (Account.STOCK, Stock.objects.aggregate(sum=Sum("cost_idr"))["sum"] or 0),
        )
        if booked.get(account.value, 0) != expected
    ]
    unsold = Voucher.objects.filter(sold_at__isnull=False, sale=None)
    found += [Finding("voucher", f"#{one.pk} is sold without a sale") for one in unsold[:NAMED]]
    unmarked = Sale.objects.filter(voucher__sold_at=None, voucher__isnull=False)
    found += [Finding("sale", f"#{one.pk}: its voucher is not sold") for one in unmarked[:NAMED]]
    return found
