"""The demo's shop has sold for weeks, and its books are whole."""

import pytest

from ronda.app import demo_members, demo_sales
from ronda.shop.models import Member, Sale
from ronda.shop.service import checking, resellers
from tests.routers.factories import make_router
from tests.shop.selling import make_package


@pytest.mark.slow
@pytest.mark.django_db
def test_invented_sellers_have_sold_once_and_for_all() -> None:
    demo_sales.enter()
    assert not Sale.objects.exists()  # no router, no packages
    make_router()
    make_package()
    demo_sales.enter()
    count = Sale.objects.count()
    assert count > demo_sales.DAYS
    assert {sale.via for sale in Sale.objects.all()} == {"counter", "reseller", "shop"}
    assert all(one.available_idr > 0 for one in resellers.standings())
    assert checking.check() == []
    demo_sales.enter()
    assert Sale.objects.count() == count


@pytest.mark.django_db
def test_people_of_the_village_pay_by_the_month() -> None:
    people = [f"warga-{number:02}" for number in range(9)]
    demo_members.enter(people)
    assert not Member.objects.exists()  # no router, no packages
    make_router()
    make_package()
    for _ in range(2):
        demo_members.enter(people)
    assert Member.objects.count() == len(demo_members.ENDS)
    assert {"active", "grace", "suspended"} == set(Member.objects.values_list("state", flat=True))
    assert Sale.objects.get().via == "member"
    assert checking.check() == []
