"""Packages are made, changed, ordered, deleted and brought back, and the trail says who did it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ronda.accounts.models import AuditRow
from ronda.shop.models import Package
from ronda.shop.rules.terms import AtEnd, Span, SpanUnit, Terms
from ronda.shop.service import packages
from tests.shop.factories import make_package

pytestmark = [pytest.mark.django_db, pytest.mark.database]
NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


def names() -> list[str]:
    return [package.name for package in packages.present()]


def test_what_a_package_allows_is_read_off_it() -> None:
    package = make_package(
        profile="1hari",
        valid_for="1mo",
        online_s=3600,
        quota_bytes=2**30,
        rate_limit="1M/2M",
        devices=2,
        windows=[[[0, 1], 480, 1020]],
        zone="WITA",
        at_end="slow",
        slow_profile="lambat",
    )
    assert packages.terms_of(package) == Terms(
        profile="1hari",
        valid_for=Span(1, SpanUnit.MONTH),
        online_s=3600,
        quota_bytes=2**30,
        rate_limit="1M/2M",
        devices=2,
        windows=[[[0, 1], 480, 1020]],
        zone="WITA",
        at_end=AtEnd.SLOW,
        slow_profile="lambat",
    )


def test_only_what_can_be_bought_now_is_on_sale() -> None:
    make_package("dijual")
    make_package("masih dijual", sold_by=NOW + timedelta(seconds=1))
    make_package("lewat", sold_by=NOW)
    make_package("ditutup", active=False)
    packages.delete(make_package("dihapus"), None)
    assert [package.name for package in packages.on_sale(NOW)] == ["dijual", "masih dijual"]


def test_a_change_is_in_the_trail_with_what_it_changed_alone(people: dict[str, Any]) -> None:
    package = make_package("Harian")
    packages.edit(package, {"selling_price_idr": 6_000, "devices": 1}, people["admin"], "::1")
    row = AuditRow.objects.latest("id")
    assert (row.action, row.actor, row.before, row.after) == (
        "package.edit",
        "budi",
        {"selling_price_idr": 5_000},
        {"selling_price_idr": 6_000},
    )


def test_a_change_of_nothing_is_not_told() -> None:
    package = make_package()
    packages.edit(package, {"devices": 1}, None)
    assert AuditRow.objects.filter(action="package.edit").count() == 0


def test_packages_stand_in_the_order_that_was_asked_for() -> None:
    one, two, three = make_package("satu"), make_package("dua"), make_package("tiga")
    packages.reorder([three.pk, 999_999, one.pk, three.pk], None)
    assert names() == ["tiga", "satu", "dua"]
    assert AuditRow.objects.filter(action="package.reorder").count() == 1
    packages.reorder([three.pk, one.pk, two.pk], None)
    assert AuditRow.objects.filter(action="package.reorder").count() == 1


def test_a_deleted_package_comes_back_unless_its_name_was_taken() -> None:
    package = make_package("Harian")
    packages.delete(package, None)
    assert names() == []
    other = make_package("harian")
    with pytest.raises(packages.NameTaken):
        packages.restore(package, None)
    packages.delete(other, None)
    packages.restore(package, None)
    assert names() == ["Harian"]
    assert Package.objects.count() == 2
