"""Money in, no service: what lies there, and how people clear it."""

from typing import Any

import pytest

from ronda.accounts.models import AuditRow
from ronda.routeros.errors import RouterFull
from ronda.shop import events
from ronda.shop.models import Line, Order, PaymentEvent, Sale, Voucher
from ronda.shop.rules.inbox import Settled
from ronda.shop.service import inbox, ordering, sales
from ronda.work.models import Event
from tests.hotspot.scripted import PROFILE, USER, ScriptedLink
from tests.shop.orders_made import make_order, make_package, make_router, pay
from tests.shop.vouchers_made import work

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


@pytest.fixture
def admin(people: dict[str, Any]) -> Any:
    return people["admin"]


@pytest.fixture
def link() -> ScriptedLink:
    found = ScriptedLink()
    found.put(PROFILE, name="1hari")
    return found


def now(order: Order) -> Order:
    return Order.objects.select_related("voucher", "router").get(pk=order.pk)


def test_what_lies_there_is_counted(admin: Any):
    order, other = make_order(), make_order(make_package(auto_create=False))
    pay(order)
    pay(order, "ev-2")
    pay(other, "ev-3")
    assert (inbox.counts().money, inbox.counts().orders, inbox.counts().all) == (1, 1, 2)
    inbox.settle(PaymentEvent.objects.get(event_id="ev-2"), Settled.SAME, admin)
    inbox.retry(other, admin)
    assert inbox.counts().all == 0
    assert now(other).state == "provisioning"
    assert [one.payload["on"] for one in Event.objects.filter(topic=events.TROUBLE)] == [
        True,
        True,
        False,
    ]


def test_money_of_another_amount_can_be_taken_for_its_order_once(admin: Any):
    order = make_order()
    pay(order, amount=4_000)
    event = PaymentEvent.objects.get()
    inbox.serve(event, order, admin)
    assert (now(order).state, now(order).paid_idr) == ("provisioning", 4_000)
    assert Sale.objects.get().price_idr == 4_000
    with pytest.raises(inbox.CannotDo, match="settled this money already"):
        inbox.serve(event, order, admin)
    pay(order, "ev-2")
    with pytest.raises(inbox.CannotDo, match="was paid already"):
        inbox.serve(PaymentEvent.objects.get(event_id="ev-2"), order, admin)
    assert PaymentEvent.objects.get(event_id="ev-2").settled_at is None


def test_money_that_named_no_order_is_linked_to_one_even_a_cancelled_one(admin: Any):
    order = make_order()
    ordering.cancel(order, None)
    pay(None)
    inbox.serve(PaymentEvent.objects.get(), order, admin)
    assert now(order).state == "provisioning"
    assert PaymentEvent.objects.get().order == order
    row = AuditRow.objects.get(action="payment.settle")
    assert (row.subject, row.after["as"]) == (order.number, "served")


def test_money_given_back_closes_the_order_that_waited_for_nothing_else(admin: Any):
    order = make_order()
    pay(order, amount=1)
    pay(order, "ev-2", amount=2)
    first, second = PaymentEvent.objects.order_by("pk")
    inbox.settle(first, Settled.REFUNDED, admin)
    assert now(order).state == "attention"
    inbox.settle(second, Settled.REFUNDED, admin)
    assert now(order).state == "refunded"
    assert Voucher.objects.count() == 0
    with pytest.raises(inbox.CannotDo):
        inbox.settle(second, Settled.SERVED, admin)


def test_what_the_router_refused_is_tried_again(
    monkeypatch: pytest.MonkeyPatch, link: ScriptedLink, admin: Any
):
    order = make_order()
    pay(order)
    link.fail_at(0, RouterFull("no space"))
    work(link, order.router, monkeypatch)
    inbox.retry(order, admin)
    work(link, order.router, monkeypatch)
    assert now(order).state == "delivered"
    assert link.names(USER) == [now(order).voucher.code]
    told = [one.payload["on"] for one in Event.objects.filter(topic=events.TROUBLE)]
    assert told == [True, False]
    with pytest.raises(inbox.CannotDo, match="not lie in the inbox"):
        inbox.retry(order, admin)


def test_trouble_is_over_when_the_money_goes_back_while_it_is_tried_again(admin: Any):
    order = make_order(make_package(auto_create=False))
    pay(order)
    inbox.retry(order, admin)
    inbox.refund(now(order), admin, "no code")
    told = [one.payload["on"] for one in Event.objects.filter(topic=events.TROUBLE)]
    assert told == [True, False]
    assert now(order).trouble == ""


def test_a_code_that_somebody_has_on_the_router_is_exchanged_before_the_buyer_saw_it(
    monkeypatch: pytest.MonkeyPatch, link: ScriptedLink, admin: Any
):
    order = make_order()
    pay(order)
    taken = now(order).voucher.code
    link.put(USER, name=taken, comment="pelanggan lama")
    work(link, order.router, monkeypatch)
    if now(order).state == "attention":
        inbox.retry(order, admin)
        work(link, order.router, monkeypatch)
    assert now(order).state == "delivered"
    assert now(order).voucher.code != taken


def test_another_router_makes_it_when_the_first_certainly_has_not(
    monkeypatch: pytest.MonkeyPatch, link: ScriptedLink, admin: Any
):
    order, other = make_order(), make_router("Pasar")
    pay(order)
    link.fail_at(0, RouterFull("no space"))
    work(link, order.router, monkeypatch)
    inbox.move(order, other, admin)
    second = ScriptedLink()
    second.put(PROFILE, name="1hari")
    work(second, other, monkeypatch)
    work(link, order.router, monkeypatch)
    found = now(order)
    assert (found.state, found.router, found.voucher.router) == ("delivered", other, other)
    assert (link.names(USER), second.names(USER)) == ([], [found.voucher.code])
    assert Sale.objects.get().router == other


def test_what_may_be_on_the_first_router_is_not_made_on_another(admin: Any):
    order, other = make_order(), make_router("Pasar")
    pay(order)
    Voucher.objects.update(begun=True)
    Order.objects.update(state="attention")
    with pytest.raises(inbox.CannotDo, match="may hold this user already"):
        inbox.move(order, other, admin)
    assert now(order).router == order.router


def test_an_order_without_a_voucher_moves_freely(monkeypatch: pytest.MonkeyPatch, admin: Any):
    order, other = make_order(), make_router("Pasar")
    with monkeypatch.context() as patch:
        patch.setattr(sales, "record", lambda *a, **n: 1 / 0)
        pay(order)
    assert now(order).trouble.startswith("not-made")
    inbox.move(order, other, admin)
    assert now(order).voucher.router == other


def test_a_refund_makes_the_code_void_and_counters_the_entry(
    monkeypatch: pytest.MonkeyPatch, link: ScriptedLink, admin: Any
):
    order = make_order()
    with pytest.raises(inbox.CannotDo, match="no money to give back"):
        inbox.refund(order, admin, "x")
    pay(order)
    work(link, order.router, monkeypatch)
    inbox.refund(order, admin, "WiFi mati")
    found = now(order)
    assert (found.state, found.voucher.state) == ("refunded", "void")
    assert sum(Line.objects.filter(account="clearing").values_list("amount_idr", flat=True)) == 0
    assert Sale.objects.get().returned_at is not None
    with pytest.raises(inbox.CannotDo):
        inbox.refund(order, admin, "again")
    assert pay(order, "ev-9").verdict == "double"


def test_a_refund_of_what_was_never_made_and_of_what_has_ended(admin: Any):
    order, other = make_order(make_package(auto_create=False)), make_order()
    pay(order)
    inbox.refund(order, admin, "habis")
    assert now(order).state == "refunded"
    pay(other, "ev-2")
    Voucher.objects.update(state="ended")
    Order.objects.filter(pk=other.pk).update(state="attention")
    with pytest.raises(inbox.CannotDo, match="has ended"):
        inbox.retry(other, admin)
    inbox.refund(other, admin, "habis")
    assert now(other).state == "refunded"
