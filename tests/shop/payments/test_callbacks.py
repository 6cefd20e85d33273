"""What gateways say is believed when it is genuine, counted once, and never lost."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from ronda.shop.models import Charge, Order, PaymentEvent, Voucher
from ronda.shop.service import charging, methods, receiving
from ronda.simulator.payments.dialects import Call, callback
from tests.shop.orders_made import make_order
from tests.shop.payments.conftest import Shop, post

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.usefixtures("in_english")]

# The signed and the unsigned way in the default run, the others with the slow ones.
KINDS = [
    "tripay",
    "xendit",
    pytest.param("duitku", marks=pytest.mark.slow),
    pytest.param("midtrans", marks=pytest.mark.slow),
]


def charged(shop: Shop, kind: str) -> Order:
    order = make_order(method=shop.method(kind))
    charging.begin(order, base_url="http://testserver")
    shop.work()
    return order


def buy(shop: Shop, order: Order) -> list[int]:
    """Pay at the gateway, hand over its calls, and do what follows."""
    charge = Charge.objects.get(order=order)
    shop.fakes.pay(charge.method.kind, charge.reference)
    answers = shop.deliver()
    shop.work()
    return answers


def standing(order: Order) -> tuple[str, int, list[str]]:
    """State, vouchers, and what became of each word of money."""
    state = Order.objects.get(pk=order.pk).state
    words = PaymentEvent.objects.order_by("pk").values_list("outcome", flat=True)
    return state, Voucher.objects.count(), list(words)


@pytest.mark.parametrize("kind", KINDS)
def test_a_payment_serves_its_order_once_however_often_it_is_told(shop: Shop, kind: str):
    order = charged(shop, kind)
    shop.fakes.book.behave(copies=3, backwards=True)

    answers = buy(shop, order)

    assert answers == [200, 200, 200, 200]
    assert standing(order) == ("provisioning", 1, ["served"])
    assert Charge.objects.get().standing == "paid"
    receiving.look_at_due(timezone.now() + timedelta(hours=1))
    assert standing(order) == ("provisioning", 1, ["served"])


@pytest.mark.parametrize("kind", KINDS)
def test_a_forged_call_changes_nothing_and_tells_nothing(shop: Shop, kind: str):
    order = charged(shop, kind)
    shop.fakes.book.behave(forged=True)

    assert buy(shop, order) == [403]

    assert standing(order) == ("pending", 0, [])


@pytest.mark.parametrize("kind", KINDS)
def test_a_lost_call_is_found_by_asking(shop: Shop, kind: str):
    order = charged(shop, kind)
    shop.fakes.book.behave(lost=True)
    assert buy(shop, order) == []
    assert receiving.look_at_due(timezone.now() - timedelta(hours=1)) == 0

    assert receiving.look_at_due(timezone.now() + timedelta(minutes=1)) == 1

    assert standing(order) == ("provisioning", 1, ["served"])
    assert receiving.look_at_due(timezone.now() + timedelta(minutes=9)) == 0


def test_after_days_without_a_line_the_last_question_is_asked_until_it_is_answered(shop: Shop):
    order = charged(shop, "tripay")
    Charge.objects.update(
        expires_at=timezone.now() - timedelta(days=3), look_at=timezone.now() - timedelta(days=2)
    )
    shop.fakes.pay("tripay", Charge.objects.get().reference)
    shop.outbox.clear()
    method = methods.methods()[0]
    there = method.shown[methods.FAKE]
    for days, address in ((0, "http://127.0.0.1:9"), (0, "http://127.0.0.1:9"), (1, there)):
        method.shown[methods.FAKE] = address
        method.save()
        assert receiving.look_at_due(timezone.now() + timedelta(days=days)) == 1
        Charge.objects.filter(look_at__isnull=False).update(look_at=timezone.now())

    assert standing(order)[1:] == (1, ["served"])
    assert Charge.objects.get().look_at is None


@pytest.mark.parametrize("kind", KINDS)
def test_the_call_after_the_poller_is_the_same_money(shop: Shop, kind: str):
    order = charged(shop, kind)
    charge = Charge.objects.get()
    shop.fakes.pay(kind, charge.reference)
    receiving.look_at_due(timezone.now() + timedelta(minutes=1))

    assert shop.deliver() == [200]
    shop.work()

    assert standing(order) == ("provisioning", 1, ["served"])


@pytest.mark.parametrize("kind", [KINDS[0], *KINDS[2:]])
def test_a_wrong_amount_goes_to_people_and_the_right_one_still_serves(shop: Shop, kind: str):
    order = charged(shop, kind)
    held = shop.fakes.book.held[kind, Charge.objects.get().reference]

    assert post(callback(held, "paid", held.amount + 1)) == 200
    assert standing(order)[1:] == (0, ["wrong-amount"])
    assert post(callback(held, "paid", held.amount)) == 200

    assert standing(order)[1:] == (1, ["wrong-amount", "served"])


def test_a_wrong_amount_that_xendit_does_not_confirm_is_not_believed(shop: Shop):
    order = charged(shop, "xendit")
    held = shop.fakes.book.held["xendit", Charge.objects.get().reference]

    assert post(callback(held, "paid", 1)) == 200
    shop.work()

    assert standing(order) == ("pending", 0, [])


@pytest.mark.parametrize("kind", KINDS)
def test_money_for_no_order_of_ours_is_kept_for_people(shop: Shop, kind: str):
    order = charged(shop, kind)
    Charge.objects.all().delete()
    reference = next(reference for _kind, reference in shop.fakes.book.held)
    shop.fakes.pay(kind, reference)

    assert shop.deliver() == [200]
    shop.work()

    assert standing(order) == ("pending", 0, ["no-order"])


@pytest.mark.parametrize("kind", KINDS)
def test_a_charge_that_ran_out_is_noted_and_late_money_still_counts(shop: Shop, kind: str):
    order = charged(shop, kind)
    charge = Charge.objects.get()
    held = shop.fakes.book.held[kind, charge.reference]
    shop.fakes.expire(kind, charge.reference)
    assert shop.deliver() == [200]
    shop.work()
    assert Charge.objects.get().standing in ("expired", "failed")

    held.status = "paid"
    assert post(callback(held, "paid", held.amount)) == 200
    shop.work()

    assert standing(order) == ("provisioning", 1, ["served"])


def test_whoever_keeps_guessing_hears_too_many_and_the_gateway_is_still_heard(shop: Shop):
    order = charged(shop, "tripay")
    held = shop.fakes.book.held["tripay", Charge.objects.get().reference]
    forged = callback(held, "paid", held.amount, forged=True)
    answers = [post(forged) for _ in range(receiving.MOST_WRONG + 2)]

    assert answers == [403] * receiving.MOST_WRONG + [429, 429]
    assert post(callback(held, "paid", held.amount)) == 200
    assert standing(order) == ("provisioning", 1, ["served"])


def test_the_door_is_for_calls_of_modest_size_only(shop: Shop):
    method = shop.method("tripay")
    client = Client(enforce_csrf_checks=True)
    url = f"/pay/{method.pk}/callback"

    assert client.get(url).status_code == 405
    big = Call(f"http://testserver{url}", {"Content-Type": "application/json"}, b"x" * 70_000)
    assert post(big) == 413
    assert post(Call("/pay/99999/callback", {"Content-Type": "text/plain"}, b"")) == 404


def test_a_removed_method_still_takes_money(shop: Shop):
    order = charged(shop, "tripay")
    methods.remove(Charge.objects.get().method, None)

    assert buy(shop, order) == [200]

    assert standing(order) == ("provisioning", 1, ["served"])


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("tripay", b'{"success": true}'),
        ("duitku", b"SUCCESS"),
        ("midtrans", b'{"status": "ok"}'),
        ("xendit", b'{"received": true}'),
    ],
)
def test_each_gateway_hears_what_it_wants(shop: Shop, kind: str, body: bytes):
    order = charged(shop, kind)
    held = shop.fakes.book.held[kind, Charge.objects.get().reference]
    call = callback(held, "pending", held.amount)
    headers: dict[str, Any] = dict(call.headers)

    answer = Client().post(
        call.url.removeprefix("http://testserver"),
        data=call.body,
        content_type=headers.pop("Content-Type"),
        headers=headers,
    )

    assert (answer.status_code, answer.content) == (200, body)
    assert standing(order) == ("pending", 0, [])
