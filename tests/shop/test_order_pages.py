"""Orders for staff and programs: lists, files, one with its story, the inbox, and the older paths."""

import csv
import io
from typing import Any

import pytest
from django.test import Client

from ronda.shop.models import Order, PaymentEvent, Voucher
from ronda.shop.service import ordering, providing
from tests.shop.orders_made import make_method, make_order, make_package, make_router, pay

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


def body(answer: Any) -> str:
    return answer.content.decode()


def test_the_list_is_narrowed_sorted_and_cut_by_the_database(
    as_: Any, django_assert_max_num_queries: Any
):
    method = make_method()
    package = make_package("Sehari")
    orders = [
        make_order(package, phone=f"+62812345678{n:02d}", name=f"Pembeli {n:02d}", method=method)
        for n in range(60)
    ]
    pay(orders[7])
    cashier = as_("cashier")
    with django_assert_max_num_queries(16):
        page = body(cashier.get("/shop/orders/"))
    assert orders[59].number in page
    assert orders[0].number not in page
    assert orders[0].number in body(cashier.get("/shop/orders/?page=2&sort=nonsense"))
    for query in (
        "q=0812-3456-7807",
        f"q={orders[7].number.lower()}",
        "q=Pembeli+07",
        "state=provisioning",
    ):
        page = body(cashier.get(f"/shop/orders/?{query}"))
        assert orders[7].number in page
        assert orders[8].number not in page
    day = orders[0].made_at.date()
    asked = f"since={day}&until={day}&package={package.pk}&method={method.pk}&sort=amount"
    assert cashier.get(f"/shop/orders/?{asked}").status_code == 200
    assert "No orders here" in body(cashier.get("/shop/orders/?since=2099-01-01"))


def test_files_hold_no_formula_and_no_code(as_: Any):
    order = make_order(name="=cmd|' /C calc'!A0")
    pay(order)
    code = Voucher.objects.get().code
    cashier = as_("cashier")
    answer = cashier.get("/shop/orders/orders.csv")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0][0] == "number"
    assert rows[1][rows[0].index("buyer_name")].startswith("'=")
    assert rows[1][rows[0].index("buyer_phone")].startswith("'+")
    assert code not in answer.content.decode()
    assert cashier.get("/shop/orders/orders.xlsx").content.startswith(b"PK")


def test_one_order_tells_its_whole_story(as_: Any):
    order = make_order(method=make_method())
    cashier = as_("cashier")
    url = f"/shop/orders/{order.number}/"
    assert "has arrived" in body(cashier.get(url))
    assert cashier.post(f"{url}confirm/").status_code == 302
    assert Order.objects.get().state == "provisioning"
    assert PaymentEvent.objects.get().source == "staff"
    cashier.post(f"{url}confirm/")
    Voucher.objects.update(state="ready", ready_at=order.made_at)
    providing.recheck()
    page = body(cashier.get(url))
    for words in (
        "The order was made.",
        "confirmed by staff",
        "The router has the user",
        "shown the code",
    ):
        assert words in page
    assert cashier.get("/shop/orders/NONE/").status_code == 404
    assert cashier.post(f"{url}dance/").status_code == 404


def test_cancelling_and_refunding(as_: Any):
    order = make_order(method=make_method())
    cashier, admin = as_("cashier"), as_("admin")
    url = f"/shop/orders/{order.number}/"
    assert cashier.post(f"{url}cancel/", follow=True).status_code == 200
    assert Order.objects.get().state == "cancelled"
    assert "does not wait" in body(cashier.post(f"{url}cancel/", follow=True))
    other = make_order()
    pay(other)
    url = f"/shop/orders/{other.number}/"
    assert cashier.post(f"{url}refund/").status_code == 403
    assert "Give back the money" in body(admin.post(f"{url}refund/"))
    assert "Write why" in body(admin.post(f"{url}refund/", {"sure": "yes"}, follow=True))
    admin.post(f"{url}refund/", {"sure": "yes", "reason": "WiFi mati"})
    assert Order.objects.get(pk=other.pk).state == "refunded"


def test_the_inbox_is_cleared_by_retry_move_and_decision(as_: Any):
    order, router = make_order(make_package(auto_create=False)), make_router("Pasar")
    wrong = make_order()
    pay(order)
    pay(wrong, "ev-2", amount=1_000)
    pay(None, "ev-3")
    cashier, admin = as_("cashier"), as_("admin")
    page = body(cashier.get("/shop/inbox/"))
    assert "Staff make the users" in page
    assert "Another amount than" in page
    assert "An administrator decides" in page
    assert "3 payments without service" in body(cashier.get("/shop/orders/"))
    url = f"/shop/orders/{order.number}/"
    assert cashier.post(f"{url}move/").status_code == 403
    assert "Choose a router" in body(admin.post(f"{url}move/", follow=True))
    admin.post(f"{url}move/", {"router": router.pk})
    assert Order.objects.get(pk=order.pk).router == router
    assert "not lie in the inbox" in body(cashier.post(f"{url}retry/", follow=True))
    first, second = PaymentEvent.objects.filter(settled_at=None).order_by("pk")
    assert cashier.post(f"/shop/inbox/{first.pk}/").status_code == 403
    assert "Choose what to do" in body(admin.post(f"/shop/inbox/{first.pk}/", follow=True))
    admin.post(f"/shop/inbox/{first.pk}/", {"how": "served", "number": wrong.number.lower()})
    assert Order.objects.get(pk=wrong.pk).state == "provisioning"
    asked = {"how": "served", "number": "X"}
    assert "no order X" in body(admin.post(f"/shop/inbox/{second.pk}/", asked, follow=True))
    admin.post(f"/shop/inbox/{second.pk}/", {"how": "refunded"})
    assert "Nothing is open" in body(cashier.get("/shop/inbox/"))
    assert admin.post("/shop/inbox/999/").status_code == 404


def test_programs_order_list_and_read(as_: Any):
    make_router()
    package, method = make_package(), make_method()
    cashier = as_("cashier")
    given = {"package": package.pk, "method": method.pk, "phone": "0812 3456 789", "price_idr": 1}
    answer = cashier.post("/api/v1/orders", given, content_type="application/json")
    assert answer.status_code == 201
    placed = answer.json()
    number = placed["order"]["number"]
    assert (placed["order"]["price_idr"], placed["order"]["code"]) == (5_000, None)
    assert Client().get(placed["pay_url"]).status_code == 200
    assert cashier.get("/api/v1/orders?state=pending").json()["count"] == 1
    assert cashier.get(f"/api/v1/orders/{number}").json()["buyer_phone"] == "+628123456789"
    assert cashier.get("/api/v1/orders/NONE").status_code == 404
    for wrong, status in (
        ({"package": 999}, 404),
        ({"package": package.pk, "method": 999}, 404),
        ({"package": package.pk, "phone": "budi"}, 422),
        ({"package": make_package(active=False).pk}, 409),
    ):
        answer = cashier.post("/api/v1/orders", wrong, content_type="application/json")
        assert answer.status_code == status


def test_the_older_transactions_say_truly_what_the_router_has(as_: Any):
    make_router()
    package = make_package(profile="1hari")
    cashier = as_("cashier")
    given = {
        "voucherId": package.pk,
        "customerName": "Budi",
        "amount": 1,
        "customUsername": "tamu-7",
        "customPassword": "rahasia-7",
    }
    answer = cashier.post("/api/transactions", given, content_type="application/json")
    assert answer.status_code == 201
    made = answer.json()["transaction"]
    fields = (
        "mikrotikUsername",
        "mikrotikPassword",
        "mikrotikProfile",
        "mikrotikCreated",
        "mikrotikSynced",
    )
    assert [made[name] for name in fields] == [None, None, None, False, False]
    assert (made["amount"], made["status"], Voucher.objects.count()) == (5_000, "pending", 0)
    pay(Order.objects.get())

    def now() -> list[Any]:
        (row,) = cashier.get("/api/transactions").json()["transactions"]
        return [row[name] for name in fields]

    assert now() == [None, None, "1hari", False, False]
    Voucher.objects.update(state="ready", ready_at=ordering.timezone.now())
    providing.recheck()
    assert now() == ["tamu-7", "rahasia-7", "1hari", True, True]
    Voucher.objects.update(state="ended")
    assert now()[3:] == [True, False]
