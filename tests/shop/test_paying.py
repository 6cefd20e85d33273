"""Money that comes in reaches its order once, and is never lost where it cannot be served."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from ronda.accounts.models import AuditRow
from ronda.routeros.errors import RouterFull
from ronda.shop import events
from ronda.shop.models import Entry, Order, PaymentEvent, Sale, Voucher
from ronda.shop.service import making, ordering, providing, sales
from ronda.work.models import Event, Job
from tests.hotspot.scripted import PROFILE, USER, ScriptedLink
from tests.shop.orders_made import make_method, make_order, make_package, make_router, pay
from tests.shop.vouchers_made import work

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


@pytest.fixture
def link() -> ScriptedLink:
    found = ScriptedLink()
    found.put(PROFILE, name="1hari")
    return found


def now(order: Order) -> Order:
    return Order.objects.select_related("voucher").get(pk=order.pk)


def told(topic: str) -> list[Any]:
    return [event.payload for event in Event.objects.filter(topic=topic).order_by("pk")]


def test_a_paid_order_has_its_voucher_its_sale_and_its_job_at_once_and_its_code_when_the_router_has_it(
    monkeypatch: pytest.MonkeyPatch, link: ScriptedLink
):
    order = make_order()
    assert (Job.objects.count(), Voucher.objects.count()) == (0, 0)
    outcome = pay(order)
    assert (outcome.verdict, outcome.order, outcome.again) == ("served", order.pk, False)
    paid = now(order)
    assert (paid.state, paid.paid_idr) == ("provisioning", 5_000)
    assert Job.objects.get().kind == "shop.make"
    assert Sale.objects.get().voucher == paid.voucher
    assert told(events.PAID) == [{"order": order.pk, "number": order.number}]
    work(link, paid.router, monkeypatch)
    assert now(order).state == "delivered"
    assert now(order).delivered_at is not None
    assert link.names(USER) == [paid.voucher.code]
    assert told(events.DELIVERED) == [{"order": order.pk, "voucher": paid.voucher.pk}]
    assert told(events.TROUBLE) == []


def test_a_word_that_is_heard_again_does_nothing():
    order = make_order()
    pay(order)
    again = pay(order)
    assert (again.verdict, again.order, again.again) == ("served", order.pk, True)
    assert (PaymentEvent.objects.count(), Sale.objects.count(), Voucher.objects.count()) == (
        1,
        1,
        1,
    )


def test_other_money_for_a_paid_order_is_double_and_lies_in_the_inbox():
    order = make_order()
    pay(order)
    assert pay(order, "ev-2").verdict == "double"
    assert now(order).state == "provisioning"
    assert Sale.objects.count() == 1
    event = PaymentEvent.objects.get(event_id="ev-2")
    assert event.settled_at is None
    assert told(events.TROUBLE) == [
        {
            "order": order.pk,
            "number": order.number,
            "event": event.pk,
            "reason": "double",
            "amount_idr": 5_000,
            "on": True,
        }
    ]


def test_the_same_charge_in_another_word_is_no_second_money():
    order = make_order()
    pay(order, "R1-1:paid:5000")
    assert pay(order, "R1-1:settled:5000").verdict == "double"
    assert PaymentEvent.objects.get(event_id="R1-1:settled:5000").settled_as == "same"
    assert told(events.TROUBLE) == []
    pay(order, "R1-2:paid:5000")
    assert PaymentEvent.objects.get(event_id="R1-2:paid:5000").settled_at is None


def test_another_amount_makes_nothing_and_the_right_one_after_it_still_serves():
    order = make_order()
    assert pay(order, amount=4_000).verdict == "wrong-amount"
    assert (now(order).state, now(order).paid_at) == ("attention", None)
    assert Voucher.objects.count() == 0
    assert pay(order, "ev-2").served
    assert now(order).state == "provisioning"
    assert PaymentEvent.objects.get(event_id="ev-1").settled_at is None


def test_late_money_revives_the_order_while_its_package_is_sold():
    order = make_order()
    late = timezone.now() + timedelta(hours=25)
    assert ordering.expire(late) == 1
    assert now(order).state == "expired"
    assert pay(order).served
    assert (now(order).state, now(order).closed_at) == ("provisioning", None)
    other = make_order()
    ordering.expire(late)
    type(other.package).objects.filter(pk=other.package_id).update(active=False)
    assert pay(other, "ev-2").verdict == "late"
    assert now(other).state == "attention"


def test_money_for_a_cancelled_order_or_for_none_waits_for_a_person():
    order = make_order()
    assert ordering.cancel(order, None)
    assert not ordering.cancel(order, None)
    assert pay(order).verdict == "after-cancel"
    assert now(order).state == "attention"
    assert pay(None, "ev-2").verdict == "no-order"
    assert [one["reason"] for one in told(events.TROUBLE)] == ["after-cancel", "no-order"]
    assert Voucher.objects.count() == 0


def test_a_voucher_that_cannot_be_made_does_not_undo_the_payment(monkeypatch: pytest.MonkeyPatch):
    order = make_order()

    def fail(*_args: Any, **_named: Any) -> None:
        raise making.CodeTaken("x")

    monkeypatch.setattr(sales, "record", fail)
    assert pay(order).served
    found = now(order)
    assert (found.state, found.paid_idr, found.voucher) == ("attention", 5_000, None)
    assert found.trouble == "not-made: x"
    assert (Voucher.objects.count(), Job.objects.count(), Entry.objects.count()) == (0, 0, 0)


def test_what_the_router_refuses_is_told_and_delivered_once_it_is_mended(
    monkeypatch: pytest.MonkeyPatch, link: ScriptedLink
):
    order = make_order()
    pay(order)
    link.fail_at(0, RouterFull("no space"))
    work(link, order.router, monkeypatch)
    assert now(order).state == "attention"
    assert "no space" in now(order).trouble
    Voucher.objects.update(state="ready", trouble="")
    assert providing.recheck() == 1
    assert now(order).state == "delivered"
    assert [one["on"] for one in told(events.TROUBLE)] == [True, False]
    assert providing.recheck() == 0


def test_a_router_that_is_away_for_long_is_told_of_once_and_the_code_comes_all_the_same(
    monkeypatch: pytest.MonkeyPatch, link: ScriptedLink
):
    order = make_order()
    pay(order)
    assert providing.recheck() == 0
    later = timezone.now() + timedelta(minutes=6)
    assert providing.recheck(later) == 1
    assert providing.recheck(later) == 0
    assert now(order).trouble.startswith("waiting: ")
    work(link, order.router, monkeypatch)
    assert (now(order).state, now(order).trouble) == ("delivered", "")


def test_a_package_whose_users_staff_make_waits_for_them(people: dict[str, Any]):
    order = make_order(make_package(auto_create=False))
    pay(order, source="staff", person=people["cashier"])
    assert now(order).trouble.startswith("by-hand")
    assert Voucher.objects.count() == 0


def test_a_wished_code_is_the_one_that_is_made():
    order = make_order(wanted_code="tamu-7", wanted_password="rahasia-7")
    assert "rahasia" not in Order.objects.get().wanted_password
    pay(order)
    assert making.credentials(now(order).voucher) == making.Credentials("tamu-7", "rahasia-7")
    assert "rahasia" not in str(list(AuditRow.objects.values_list("before", "after")))


def test_an_order_takes_price_and_sale_from_the_server_and_frees_its_amount(
    monkeypatch: pytest.MonkeyPatch,
):
    package = make_package()
    monkeypatch.setattr(ordering, "MOST_SUFFIX_IDR", 3)
    orders = [make_order(package, told_apart=True, phone="") for _ in range(3)]
    assert sorted(order.amount_idr for order in orders) == [5_001, 5_002, 5_003]
    with pytest.raises(ordering.OrderRefused):
        make_order(package, told_apart=True)
    ordering.cancel(orders[0], None)
    assert make_order(package, told_apart=True).amount_idr == orders[0].amount_idr
    assert orders[1].price_idr == 5_000
    package.active = False
    with pytest.raises(ordering.OrderRefused, match="not sold any more"):
        ordering.place(package)


def test_a_number_may_not_leave_many_orders_open():
    for _ in range(5):
        make_order()
    with pytest.raises(ordering.OrderRefused, match="5 orders of this number"):
        make_order()


def test_nothing_is_sold_where_no_router_is_in_use():
    with pytest.raises(ordering.OrderRefused, match="no router"):
        ordering.place(make_package())


def test_another_way_to_pay_changes_only_what_waits():
    order = make_order()
    method = make_method()
    assert ordering.choose_method(order, method, told_apart=False)
    assert now(order).method == method
    ordering.cancel(order, None)
    assert not ordering.choose_method(order, method, told_apart=True)


def test_an_order_is_found_by_its_secret_alone():
    make_router()
    order, secret = ordering.place(make_package())
    assert secret not in str(Order.objects.values())
    assert ordering.by_secret(secret) == order
    assert ordering.state_of(secret) == "pending"
    assert ordering.by_secret(order.number) is None
    assert ordering.state_of("") is None
    assert ordering.by_secrets([secret, "x"]) == [order]
