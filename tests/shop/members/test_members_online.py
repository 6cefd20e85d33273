"""Members pay online like buyers, exactly once; who does not pay may be slowed instead of shut out."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client

from ronda.alerts.service import buyers
from ronda.hotspot.models import Instruction
from ronda.shop.events import DELIVERED, TROUBLE
from ronda.shop.models import Entry, Invoice, Member, Order, PaymentEvent, Sale
from ronda.shop.rules.accounts import Account
from ronda.shop.service import (
    charging,
    checking,
    inbox,
    ledger,
    member_days,
    member_links,
    members,
    ordering,
    renewals,
)
from tests.hotspot.doing import do
from tests.hotspot.factories import read
from tests.hotspot.scripted import ACTIVE, COOKIE, PROFILE, USER, ScriptedLink
from tests.shop.members.test_members import at, make_member, told
from tests.shop.orders_made import make_method, pay

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.usefixtures("in_english")]
NOON = datetime(2026, 12, 10, 5, tzinfo=UTC)


@pytest.fixture
def december() -> Any:
    with time_machine.travel(NOON, tick=False):
        yield


def order_of(member: Member, months: int = 1, **values: Any) -> Order:
    return ordering.place_for_member(member, months, method=make_method(), **values)[0]


@pytest.mark.usefixtures("december")
def test_a_paid_order_is_the_months_the_invoice_and_the_books_once() -> None:
    member = make_member(phone="0812 3456 7890")
    open_invoice = renewals.issue(member, 1, None, token="later")
    order = order_of(member, 3, told_apart=True)
    assert (order.price_idr, order.buyer_phone) == (450_000, "+6281234567890")
    assert pay(order).served
    assert pay(order).again
    order.refresh_from_db()
    member.refresh_from_db()
    assert (order.state, order.voucher, member.until) == ("delivered", None, date(2027, 3, 15))
    invoice = Invoice.objects.get()
    assert (invoice.pk, invoice.amount_idr, invoice.months) == (
        open_invoice.pk,
        order.amount_idr,
        3,
    )
    sale = Sale.objects.get()
    assert (sale.via, sale.seller, sale.price_idr) == ("member", None, order.amount_idr)
    assert Entry.objects.get().lines.get(account=Account.CLEARING).amount_idr == order.amount_idr
    assert told(DELIVERED) == [{"order": order.pk, "voucher": None}]
    assert pay(order, "another").verdict == "double"
    assert Invoice.objects.count() == 1
    assert checking.check() == []
    said = buyers.words(order.pk)
    assert said is not None
    assert "14 Mar" in said[1]


@pytest.mark.usefixtures("december")
def test_money_given_back_takes_the_months_off_again(people: dict[str, Any]) -> None:
    member, admin = make_member(), people["admin"]
    order = order_of(member)
    pay(order)
    renewals.renew(member, 2, admin, token="more", cash=False)
    inbox.refund(order, admin, "salah bayar")
    inbox_again = Order.objects.get(pk=order.pk)
    member.refresh_from_db()
    assert (inbox_again.state, member.until) == ("refunded", date(2027, 2, 15))
    cash = renewals.renew(member, 1, admin, token="cash")
    assert ledger.balance(Account.CASH, admin.pk) == 150_000
    for _twice in range(2):
        renewals.take_back(cash, admin, "keliru")
    member.refresh_from_db()
    assert member.until == date(2027, 2, 15)
    assert ledger.balance(Account.CASH, admin.pk) == 0
    assert Entry.objects.filter(kind="refund").count() == 2
    assert checking.check() == []


@pytest.mark.usefixtures("december")
def test_who_ended_meanwhile_has_his_money_in_the_inbox(people: dict[str, Any]) -> None:
    member = make_member()
    order = order_of(member)
    late = order_of(member)
    members.end(member, None)
    assert pay(order).served, "the money is taken, whatever became of the member"
    order.refresh_from_db()
    assert (order.state, order.trouble.partition(":")[0]) == ("attention", "ended")
    assert [one["reason"] for one in told(TROUBLE)] == ["ended"]
    inbox.retry(order, people["admin"])
    with pytest.raises(inbox.CannotDo):
        inbox.move(order, member.router, people["admin"])
    inbox.refund(order, people["admin"], "sudah berhenti")
    assert not Entry.objects.exists()
    with time_machine.travel(late.pay_by, tick=False):
        ordering.expire()
        assert pay(late, "late").verdict == "late"
    with pytest.raises(ordering.OrderRefused):
        order_of(Member.objects.get(pk=member.pk))


def test_paying_online_lets_in_at_once_and_slow_is_an_alternative_to_shut_out() -> None:
    link = ScriptedLink()
    for profile in ("rumah", "lambat", "pelan"):
        link.put(PROFILE, name=profile)
    link.put(USER, name="siti", profile="rumah", password="x")
    link.put(ACTIVE, user="siti", address="10.5.0.2", mac_address="AA:BB:CC:00:00:02", server="hs1")
    link.put(COOKIE, user="siti", mac_address="AA:BB:CC:00:00:02")
    router = read(link)

    def follow() -> None:
        do(_newest(), router.pk, link)
        member_days.look_after()
        do(_newest(), router.pk, link)
        member.refresh_from_db()

    with at(10):
        member = make_member(router=router, slow_profile="lambat")
    with at(18):
        member_days.look_after()
        follow()
        assert (member.state, member.reach, member.confirmed) == ("suspended", "slow", True)
        user = link.menus[USER][-1]
        assert (user["profile"], user.get("disabled", "false")) == ("lambat", "false")
        assert not link.menus[ACTIVE], "the new profile counts from the next session on"
        assert link.menus[COOKIE], "he comes back by himself"
        members.edit(member, {"slow_profile": "pelan"}, None)
        follow()
        assert link.menus[USER][-1]["profile"] == "pelan"
    with at(20):
        order = order_of(member)
        assert pay(order).served
        follow()
        assert link.menus[USER][-1]["profile"] == "rumah"
        assert (member.state, member.reach, member.usual_profile) == ("active", "open", "")
        assert member.until == date(2027, 1, 20)
        members.end(member, None)
        follow()
        assert link.menus[USER][-1]["disabled"] == "true"
        assert not link.menus[COOKIE]
        assert member.reach == "shut"


@pytest.mark.usefixtures("december")
def test_another_user_is_asked_for_anew() -> None:
    member = make_member(until=date(2026, 11, 20), starts=date(2026, 10, 20))
    assert (member.state, member.reach) == ("suspended", "shut")
    members.edit(member, {"user": "siti2"}, None)
    asked = Instruction.objects.order_by("pk").last()
    assert asked is not None
    assert [action.name for action in asked.actions.all()] == ["siti2"]


@pytest.mark.usefixtures("december")
def test_a_member_pays_by_the_link_and_by_no_other(
    client: Client, as_: Callable[[str], Client]
) -> None:
    member, cashier = make_member(phone="0812"), as_("cashier")
    make_method()
    here = member_links.path_of(member)
    page = client.get(here).content.decode()
    assert "Paid up to and including 14 Dec 2026." in page
    assert "3 months · Rp450.000" in page
    method = re.search(r'name="method" value="(\d+)"', page)
    assert method
    sent = client.post(here, {"months": "3", "method": method[1]})
    order = Order.objects.get()
    assert (order.member, order.months, order.price_idr) == (member, 3, 450_000)
    told_so = client.get(sent["Location"]).content.decode()
    assert "Bu Siti · 3 months" in told_so
    pay(order)
    told_so = client.get(sent["Location"]).content.decode()
    assert "paid up to and including 14 Mar 2027" in told_so
    assert client.post(here, {"months": "25", "method": method[1]}).status_code == 422
    for path in (f"{here[:-2]}x/", f"/buy/m/{member.pk + 1}/{member_links.token_of(member)}/"):
        assert client.get(path).status_code == 404
    shown = cashier.get(f"/shop/members/{member.pk}/").content.decode()
    assert here in shown
    assert order.number in shown
    assert "months are taken off" in _refunded(as_("admin"), order)
    cashier.post(f"/shop/members/{member.pk}/link/")
    assert client.get(here).status_code == 404, "the old link opens nothing"
    member.refresh_from_db()
    members.end(member, None)
    assert "has ended" in client.get(member_links.path_of(member)).content.decode()


@pytest.mark.usefixtures("december")
def test_an_administrator_gives_a_members_cash_back(as_: Callable[[str], Client]) -> None:
    member = make_member()
    invoice = renewals.renew(member, 1, None, token="a", cash=False)
    back = f"/shop/invoices/{invoice.pk}/back/"
    assert as_("cashier").get(back).status_code == 403
    admin = as_("admin")
    assert back in admin.get(f"/shop/members/{member.pk}/").content.decode()
    assert "Give back the money of invoice 2026-000001?" in admin.get(back).content.decode()
    said = admin.post(back, {"reason": "keliru"}, follow=True).content.decode()
    assert "Give the member Rp150.000" in said
    assert "Given back" in said
    assert admin.get(f"/shop/invoices/{invoice.pk}.pdf").content.startswith(b"%PDF-")
    assert admin.get("/shop/invoices/99999/back/").status_code == 404


@pytest.mark.usefixtures("december")
def test_no_gateway_is_asked_twice_for_one_order_and_no_link_orders_without_end() -> None:
    member = make_member()
    order = ordering.place_for_member(member, 1, method=make_method(kind="tripay", secret="x"))[0]
    first = charging.begin(order, base_url="https://shop.example")
    assert charging.begin(order, base_url="https://shop.example") == first
    for _more in range(ordering.MOST_PENDING - 1):
        order_of(member)
    with pytest.raises(ordering.OrderRefused):
        order_of(member)
    assert PaymentEvent.objects.count() == 0


@pytest.mark.usefixtures("december")
def test_a_reminder_says_until_when_what_it_costs_and_where(settings: Any) -> None:
    member = make_member(phone="0812 3456 7890")
    settings.RONDA = settings.RONDA.model_copy(update={"hosts": ["shop.example"], "https": True})
    said = buyers.due_words(member.pk)
    assert said is not None
    assert "Rp150.000" in said[1]
    assert f"https://shop.example{member_links.path_of(member)}" in said[1]
    renewals.renew(member, 2, None, token="a")
    assert buyers.due_words(member.pk) is None, "more was paid before it was sent"
    assert buyers.due_words(None) is None


def _refunded(admin: Client, order: Order) -> str:
    given = {"sure": "yes", "reason": "uji"}
    answer = admin.post(f"/shop/orders/{order.number}/refund/", given, follow=True)
    return answer.content.decode()


def _newest() -> Instruction:
    found = Instruction.objects.order_by("-pk").first()
    assert found is not None
    return found
