"""Reports are what the ledger says, whatever was sold, taken back or changed in price."""

import csv
import io
import random  # noqa: TID251 -- seeded, for a steady story
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ronda.kernel.periods import month_of, period_of
from ronda.shop.models import AccountDay, Entry, Line, Sale, SaleDay, SaleSum, Voucher
from ronda.shop.rules.accounts import Account
from ronda.shop.rules.sums import GROUPS, Basis, Sums
from ronda.shop.service import checking, reports, sales
from tests.routers.factories import make_router
from tests.shop.selling import make_package, make_voucher, person

pytestmark = [pytest.mark.database, pytest.mark.django_db, pytest.mark.usefixtures("data_folder")]
As = Callable[[str], Any]
ZONE = ZoneInfo("Asia/Jakarta")
NOVEMBER = month_of(date(2026, 11, 1), ZONE)


def some_sales(count: int = 30) -> None:
    """Sales of October and November 2026, some taken back, some logged in, at changing prices."""
    chance = random.Random(4)
    routers = [make_router(f"R{number}") for number in range(2)]
    packages = [make_package("1 Hari"), make_package("=1+1", selling_price_idr=9_000)]
    sellers = [person("dewi9", "cashier"), person("umar9", "reseller"), None]
    for number in range(count):
        package, seller = chance.choice(packages), chance.choice(sellers)
        package.price_idr = chance.randrange(1_000, 3_000)
        package.save()
        voucher = make_voucher(f"V{number}", package=package, router=chance.choice(routers))
        at = datetime(2026, 10, 15, tzinfo=UTC) + timedelta(hours=chance.randrange(24 * 45))
        via = {"dewi9": "counter", "umar9": "reseller"}.get(
            seller.username if seller else "", "shop"
        )
        sale = sales.record(
            voucher,
            price_idr=package.selling_price_idr,
            via=via,
            seller=seller,
            at=at,
            commission_idr=900 if via == "reseller" else 0,
        )
        if chance.random() < 0.5:
            sales.activated(voucher, at + timedelta(hours=20))
        if chance.random() < 0.2:
            sales.take_back(sale, None, "")


def test_every_report_is_what_the_ledger_says() -> None:
    some_sales()
    assert checking.check() == []
    found = reports.report(period_of("any", date(2026, 1, 1), date(2027, 12, 31), ZONE))
    held = {row.account: row.after_idr for row in reports.trial_balance(found.period)}
    assert found.total.price_idr == -held[Account.SALES]
    assert found.total.refund_idr == held[Account.REFUNDS]
    assert found.total.cost_idr == held[Account.COST]
    assert found.total.commission_idr == held[Account.COMMISSION]
    assert sum(held.values()) == 0
    for name in GROUPS:
        assert sum((row.sums for row in found.groups[name]), Sums()) == found.total
    for period in (NOVEMBER, NOVEMBER.before()):
        rows = {row.account: row for row in reports.trial_balance(period)}
        assert reports.report(period).total.price_idr == rows[Account.SALES].credit_idr
    parts = [reports.report(NOVEMBER, scope=reports.Scope(package=p.pk)) for p in _packages()]
    assert sum((part.total for part in parts), Sums()) == reports.report(NOVEMBER).total


def _packages() -> Any:
    from ronda.shop.models import Package

    return Package.objects.all()


def test_sales_count_on_their_day_or_on_that_of_the_first_login() -> None:
    voucher = make_voucher()
    midnight = datetime(2026, 10, 31, 17, tzinfo=UTC)  # in Jakarta the first of November
    sales.record(voucher, price_idr=5_000, via="shop", at=midnight - timedelta(seconds=1))
    sales.activated(voucher, midnight)
    assert reports.report(NOVEMBER).total.count == 0
    by_login = reports.report(NOVEMBER, Basis.LOGIN)
    assert by_login.days[0] == (date(2026, 11, 1), Sums(1, 0, 5_000, 0, 1_500, 0))
    assert len(by_login.days) == 30
    assert reports.report(NOVEMBER.before()).total.margin_idr == 3_500


def test_what_is_wrong_with_the_books_is_found_and_sums_are_rebuilt() -> None:
    some_sales(6)
    kept = set(SaleDay.objects.values_list("basis", "day", "sold", "price_idr"))
    SaleDay.objects.filter(pk=SaleDay.objects.values("pk")[:1]).update(sold=7)
    AccountDay.objects.filter(account="sales").update(credit_idr=1)
    Voucher.objects.update(sold_at=None)
    assert {finding.what for finding in checking.check()} == {"sale day", "account day", "sale"}
    checking.rebuild()
    assert set(SaleDay.objects.values_list("basis", "day", "sold", "price_idr")) == kept
    assert {finding.what for finding in checking.check()} == {"sale"}
    line = Line.objects.filter(account="sales").first()
    assert line is not None
    Line.objects.filter(pk=line.pk).update(amount_idr=line.amount_idr - 1)
    Sale.objects.filter(pk=Sale.objects.values("pk")[:1]).delete()
    found = {finding.what for finding in checking.check()}
    assert found >= {"entry", "account day", "sales", "sale day"}
    assert Entry.objects.count() >= 6


def test_an_older_installation_gets_the_sums_of_its_sales() -> None:
    some_sales(6)
    kept = set(SaleSum.objects.values_list("basis", "day", "of", "key", "sold", "price_idr"))
    SaleSum.objects.all().delete()
    assert {finding.what for finding in checking.check()} == {"sale sum"}
    import_module("ronda.shop.migrations.0011_sums_of_reports").add_up(apps, None)
    told = set(SaleSum.objects.values_list("basis", "day", "of", "key", "sold", "price_idr"))
    assert told == kept
    assert checking.check() == []


def test_the_page_and_its_files_tell_the_same(as_: As) -> None:
    some_sales(8)
    owner = as_("owner")
    asked = {"period": "any", "day": "2026-10-01", "until": "2027-12-31"}
    page = owner.get("/shop/reports/", asked).content.decode()
    total = reports.report(period_of("any", date(2026, 10, 1), date(2027, 12, 31), ZONE)).total
    assert f"Rp{total.income_idr:,}".replace(",", ".") in page
    told = owner.get("/shop/reports/sales.csv", asked | {"by": "package"}).content.decode(
        "utf-8-sig"
    )
    rows = list(csv.reader(io.StringIO(told)))
    assert rows[-1][1:] == [str(getattr(total, name)) for name in rows[0][1:]]
    assert "'=1+1" in {row[0] for row in rows}
    assert owner.get("/shop/reports/sales.xlsx", asked).content[:2] == b"PK"
    accounts = owner.get("/shop/reports/accounts/", asked).content.decode()
    assert "Cash in drawers" in accounts
    assert as_("cashier").get("/shop/reports/accounts/").status_code == 403
    assert as_("reseller").get("/shop/reports/").status_code == 403
    assert "Nothing was sold" in owner.get("/shop/reports/?day=2020-01-01").content.decode()


def test_a_report_takes_as_many_questions_for_many_sales_as_for_few() -> None:
    def questions() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            reports.report(NOVEMBER)
        return len(asked)

    some_sales(2)
    few = questions()
    for number in range(20):
        voucher = make_voucher(f"W{number}")
        sales.record(voucher, price_idr=1, via="shop", at=datetime(2026, 11, 3, tzinfo=UTC))
    assert questions() == few <= 8
