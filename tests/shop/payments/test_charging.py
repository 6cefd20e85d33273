"""One order gives one charge at its gateway, whatever breaks while it is made."""

from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.utils import timezone

from ronda.shop.models import Charge, Order
from ronda.shop.rules import qris
from ronda.shop.service import charging, methods, ways
from tests.shop.orders_made import make_order
from tests.shop.payments.conftest import Shop

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]

BASE = "http://testserver"
# One in the default run, the others with the slow ones.
KINDS = [
    "tripay",
    *(pytest.param(kind, marks=pytest.mark.slow) for kind in ("duitku", "midtrans", "xendit")),
]


def begin(shop: Shop, kind: str) -> Order:
    order = make_order(method=shop.method(kind))
    charging.begin(order, base_url=BASE)
    return order


@pytest.mark.parametrize("kind", KINDS)
def test_a_buyer_gets_something_to_pay_by(shop: Shop, kind: str):
    order = begin(shop, kind)
    before = ways.way_of(order)

    shop.work()

    way = ways.way_of(order)
    charge = Charge.objects.get()
    assert before is not None
    assert way is not None
    assert (before.waiting, way.waiting, way.trouble) == (True, False, "")
    assert (charge.standing, charge.amount_idr, charge.reference) == (
        "pending",
        order.amount_idr,
        f"{order.number}-1",
    )
    assert charge.look_at is not None
    assert way.pay_url.startswith(shop.fakes.base)
    if kind != "xendit":
        assert qris.read(way.qr_text).amount_idr == order.amount_idr
    assert shop.fakes.book.made == [(kind, charge.reference)]


@pytest.mark.parametrize("kind", KINDS)
def test_an_answer_that_was_lost_makes_no_second_charge_of_the_same_reference(
    shop: Shop, kind: str
):
    shop.fakes.book.behave(swallow=1)
    order = begin(shop, kind)

    shop.work()

    way = ways.way_of(order)
    assert way is not None
    assert way.qr_text or way.pay_url
    # Duitku cannot say again how to pay, so that the order is charged anew, and nobody saw the first.
    expected = [f"{order.number}-1", f"{order.number}-2"][: 2 if kind == "duitku" else 1]
    assert [reference for _kind, reference in shop.fakes.book.made] == expected


@pytest.mark.parametrize("kind", KINDS)
def test_a_gateway_in_trouble_is_asked_again_and_then_the_buyer_is_told(shop: Shop, kind: str):
    shop.fakes.book.behave(fail=2)
    order = begin(shop, kind)
    shop.work()
    assert Charge.objects.get().standing == "pending"

    shop.fakes.book.behave(fail=100)
    other = begin(shop, kind)
    shop.work()

    way = ways.way_of(other)
    assert way is not None
    assert (way.waiting, way.qr_text) == (False, "")
    assert "500" in way.trouble
    assert len(shop.fakes.book.made) == 1
    assert order.pk != other.pk


@pytest.mark.parametrize("kind", KINDS)
def test_wrong_keys_are_refused_at_once_and_only_those_who_set_them_read_why(
    shop: Shop, kind: str, as_: Any
):
    method = shop.method(kind)
    secrets = dict.fromkeys(methods.secrets_of(method), "wrong-secret")
    methods.save(
        method,
        methods.Settings(name=kind, active=True, shown=method.shown, secrets=secrets),
        None,
    )
    order = make_order(method=method)
    charging.begin(order, base_url=BASE)

    shop.work()

    row = Charge.objects.get()
    assert (row.standing, row.tries, row.look_at) == ("failed", 1, None)
    assert "wrong-secret" not in row.trouble
    assert charging.troubles(method) == [row]
    page = as_("admin").get(f"/shop/methods/{method.pk}/").content.decode()
    assert row.trouble in unescape(page)


def test_beginning_twice_is_beginning_once(shop: Shop):
    order = begin(shop, "tripay")

    assert charging.begin(order, base_url=BASE) == Charge.objects.get()
    shop.work()
    assert charging.begin(order, base_url=BASE) == Charge.objects.get()
    assert len(shop.fakes.book.made) == 1


def test_an_order_that_is_no_longer_waiting_is_not_charged(shop: Shop):
    order = begin(shop, "tripay")
    Order.objects.filter(pk=order.pk).update(state="cancelled")

    shop.work()

    assert shop.fakes.book.made == []


def test_a_charge_that_ran_out_before_it_was_made_is_not_made(shop: Shop):
    begin(shop, "tripay")
    Charge.objects.update(expires_at=timezone.now() - timedelta(minutes=1))

    attempt = charging.prepare(Charge.objects.get().pk, BASE)

    assert attempt is None
    assert Charge.objects.get().standing == "expired"
