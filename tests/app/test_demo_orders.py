"""The demo's shop has orders in every state, once, and its books and inbox agree with them."""

from collections import Counter

import pytest

from ronda.app import demo_orders
from ronda.shop.models import Order, Sale
from ronda.shop.service import inbox
from ronda.simulator.routers.hotspots import PLACES
from tests.shop.orders_made import make_method, make_package, make_router

pytestmark = pytest.mark.django_db


def test_orders_are_entered_once_and_only_where_something_is_sold() -> None:
    assert demo_orders.enter() == 0
    place = PLACES[0]
    make_router(place.name)
    make_package("Harian", profile=place.plans[0].name)
    make_package("Kantor", profile="not there yet")
    make_method()
    assert demo_orders.enter() == len(demo_orders.BUYERS)
    assert Counter(Order.objects.values_list("state", flat=True)) == {
        "provisioning": 6,
        "expired": 1,
        "cancelled": 1,
        "attention": 1,
        "pending": 2,
    }
    assert Sale.objects.count() == 6
    assert set(Order.objects.values_list("package__name", flat=True)) == {"Harian"}
    assert inbox.counts().money == 1
    assert demo_orders.enter() == 0
