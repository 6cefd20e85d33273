"""Every entry is written once and balances; a voucher is sold once."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from threading import Barrier

import pytest
from django.db import transaction
from django.utils import timezone

from ronda.accounts.models import Person
from ronda.shop.models import AccountDay, Balance, Entry, Line, Sale, SaleDay, Voucher
from ronda.shop.rules.accounts import Account, Unbalanced
from ronda.shop.service import checking, ledger, sales
from ronda.storage.database import is_sqlite
from tests.shop.selling import make_package, make_voucher, person, together

pytestmark = [pytest.mark.database]
AT = datetime(2026, 11, 30, 17, 30, tzinfo=UTC)  # the first of December in Jakarta


def held() -> dict[tuple[str, int | None], int]:
    found: dict[tuple[str, int | None], int] = {}
    for line in Line.objects.all():
        key = line.account, line.holder_id
        found[key] = found.get(key, 0) + line.amount_idr
    return found


@pytest.mark.django_db
def test_an_entry_is_written_once_and_counts_on_the_local_day() -> None:
    sari = person("sari", "cashier")
    lines = [("cash", sari.pk, 500), ("equity", None, -500)]
    entry = ledger.post("start", "start:1", lines, at=AT, person=sari, memo="float")
    again = ledger.post("start", "start:1", [("cash", sari.pk, 9), ("equity", None, -9)], at=AT)
    assert again == entry
    assert entry.day == date(2026, 12, 1)
    assert held() == {("cash", sari.pk): 500, ("equity", None): -500}
    assert ledger.balance(Account.CASH, sari.pk) == ledger.lock(Account.CASH, sari.pk) == 500
    assert ledger.balance(Account.STOCK, sari.pk) == 0
    sums = AccountDay.objects.values_list("account", "debit_idr", "credit_idr")
    assert set(sums) == {("cash", 500, 0), ("equity", 0, 500)}


@pytest.mark.django_db
def test_an_entry_that_does_not_balance_leaves_nothing() -> None:
    with pytest.raises(Unbalanced):
        ledger.post("start", "start:1", [("cash", None, 1)], at=AT)
    assert not Entry.objects.exists()


@pytest.mark.django_db
def test_a_voucher_is_sold_once_at_the_prices_of_the_moment() -> None:
    sari, package = person("sari", "cashier"), make_package()
    voucher = make_voucher(package=package)
    sale = sales.record(voucher, price_idr=5000, via="counter", seller=sari, at=AT)
    package.price_idr = 9999
    package.save()
    assert sales.record(voucher, price_idr=1, via="shop") == sale
    voucher.refresh_from_db()
    assert (voucher.sold_at, sale.cost_idr, sale.day) == (AT, 1500, date(2026, 12, 1))
    assert held() == {
        ("cash", sari.pk): 5000,
        ("sales", None): -5000,
        ("cost", None): 1500,
        ("supply", None): -1500,
    }
    day = SaleDay.objects.get()
    assert (day.basis, day.sold, day.price_idr, day.cost_idr) == ("sale", 1, 5000, 1500)


@pytest.mark.django_db
def test_a_sale_taken_back_gives_the_money_back_once() -> None:
    sari, wati = person("sari", "cashier"), person("wati", "cashier")
    sale = sales.record(make_voucher(), price_idr=5000, via="counter", seller=sari, at=AT)
    returned = sales.take_back(sale, wati, "wrong package")
    assert sales.take_back(sale, wati, "wrong package") == returned
    assert returned.returned_at is not None
    assert {key: amount for key, amount in held().items() if amount} == {
        ("cash", sari.pk): 5000,
        ("cash", wati.pk): -5000,
        ("sales", None): -5000,
        ("refunds", None): 5000,
    }
    assert sum(day.refund_idr for day in SaleDay.objects.all()) == 5000
    assert sum(day.cost_idr for day in SaleDay.objects.all()) == 0


@pytest.mark.django_db
def test_the_first_login_counts_once_on_its_own_day() -> None:
    voucher = make_voucher()
    sales.activated(voucher, AT)  # not sold yet
    voucher.first_login_at = AT
    voucher.save()
    sale = sales.record(voucher, price_idr=5000, via="shop", at=AT + timedelta(days=3))
    sales.activated(voucher, AT + timedelta(days=1))
    other = make_voucher("EFGH2345")
    sales.record(other, price_idr=5000, via="shop", at=AT)
    sales.activated(other, AT + timedelta(days=2))
    sales.activated(other, AT + timedelta(days=4))
    sales.take_back(sale, None, "")
    logins = SaleDay.objects.filter(basis="login", sold=1).values_list("day", flat=True)
    assert set(logins) == {date(2026, 12, 1), date(2026, 12, 3)}
    assert SaleDay.objects.get(basis="login", returned=1).day == ledger.day_of(timezone.now())


@pytest.mark.django_db(transaction=True)
def test_one_voucher_sold_by_several_at_once_is_one_sale() -> None:
    sellers = [person(f"kasir{number}", "cashier") for number in range(4)]
    voucher = make_voucher()

    def sell(seller: Person) -> Callable[[], object]:
        return lambda: sales.record(
            type(voucher).objects.get(pk=voucher.pk), price_idr=5000, via="counter", seller=seller
        )

    assert together(*[sell(seller) for seller in sellers]) == []
    assert Sale.objects.count() == Entry.objects.count() == 1
    assert sum(Balance.objects.values_list("amount_idr", flat=True)) == 5000


@pytest.mark.django_db(transaction=True)
def test_two_who_write_the_same_days_in_opposite_order_do_not_wait_for_each_other() -> None:
    vouchers = [make_voucher(f"SAMA{number}") for number in range(4)]
    both = Barrier(2)

    def sell(first: Voucher, second: Voucher, days: int) -> Callable[[], object]:
        def act() -> None:
            with transaction.atomic():
                # SQLite has let one of them wait here already.
                if not is_sqlite():
                    both.wait(timeout=10)
                later = AT + timedelta(days=1)
                sales.record(first, price_idr=5000, via="shop", at=later if days else AT)
                sales.record(second, price_idr=5000, via="shop", at=AT if days else later)

        return act

    assert together(sell(*vouchers[:2], 0), sell(*vouchers[2:], 1)) == []
    assert Sale.objects.count() == 4
    assert checking.check() == []
