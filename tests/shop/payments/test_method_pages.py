"""Ways to pay are set by administrators; no secret is ever shown, and the self-test tells what is wrong."""

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from ronda.accounts.models import AuditRow
from ronda.accounts.service import seal_keys
from ronda.shop.models import Entry, Order, PaymentEvent, PaymentMethod, SelfTest, Voucher
from ronda.shop.service import methods, ordering, self_test
from ronda.simulator.payments.book import KEYS
from ronda.simulator.payments.server import FakeGateways
from ronda.work.models import Job
from tests.shop.orders_made import make_package, make_router
from tests.shop.test_qris_rules import STATIC

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]

As = Callable[[str], Client]


def picture(side: int = 40) -> bytes:
    from PIL import Image

    written = io.BytesIO()
    Image.new("RGB", (side, side), "white").save(written, "PNG")
    return written.getvalue()


def add(client: Client, kind: str, **typed: Any) -> Any:
    given = {"name": f"my {kind}", "active": "on", "position": "", **typed}
    return client.post(f"/shop/methods/new/{kind}/", given)


def test_every_kind_has_a_form_and_is_offered_once_it_is_complete(as_: As):
    admin = as_("admin")
    add(admin, "bank", bank="BRI", holder="Sari", number="1234 5678 90")
    add(admin, "wallet", bank="GoPay", holder="Sari", number="0812345678")
    add(admin, "qris", qris=STATIC)
    for kind, keys in KEYS.items():
        add(admin, kind, channel="", **keys)

    assert [one.kind for one in methods.offered()] == ["bank", "wallet", "qris"]
    assert [one.kind for one in methods.offered(to_try=True)] == [
        "bank",
        "wallet",
        "qris",
        "tripay",
        "duitku",
        "midtrans",
        "xendit",
    ]
    shown = admin.get("/shop/methods/").content.decode()
    assert "my bank" in shown
    assert "sandbox" in shown


def test_nobody_but_administrators_buys_with_the_play_money_of_a_sandbox(as_: As):
    admin = as_("admin")
    add(admin, "tripay", channel="", **KEYS["tripay"])
    make_router()
    package = make_package()
    address = f"/buy/{package.pk}/"
    form = {"phone": "081234567890", "method": PaymentMethod.objects.get().pk}
    assert "my tripay" in admin.get(address).content.decode()
    for buyer in (Client(), as_("cashier")):
        assert "my tripay" not in buyer.get(address).content.decode()
        buyer.post(address, form)
        assert not Order.objects.exists()

    add(admin, "bank", bank="BRI", holder="Sari", number="1234 5678 90")
    buyer = Client()
    buyer.post(address, form)  # a number of a method that is not on the page
    assert not Order.objects.exists()
    order, secret = ordering.place(package, method=PaymentMethod.objects.get(kind="bank"))
    buyer.post(f"/buy/o/{secret}/method/", {"method": form["method"]})
    order.refresh_from_db()
    assert order.method is not None
    assert order.method.kind == "bank"
    PaymentMethod.objects.filter(kind="tripay").update(live=True)
    assert "my tripay" in buyer.get(address).content.decode()


def test_a_gateway_is_not_offered_without_its_keys(as_: As):
    refused = add(as_("admin"), "tripay", merchant_code="T1")

    assert "Needed before buyers may choose it." in refused.content.decode()
    assert not PaymentMethod.objects.exists()
    add(as_("admin"), "tripay", active="", merchant_code="T1")
    assert methods.missing(PaymentMethod.objects.get()) == ["API Key", "Private Key"]
    assert methods.offered() == []


def test_no_page_answer_or_trail_shows_a_secret_again(as_: As):
    admin = as_("admin")
    add(admin, "tripay", merchant_code="T77", api_key="geheim-api", private_key="geheim-privat")
    method = PaymentMethod.objects.get()
    page = admin.get(f"/shop/methods/{method.pk}/").content.decode()
    admin.post(f"/shop/methods/{method.pk}/", {"name": "T", "active": "on", "merchant_code": "T78"})

    method.refresh_from_db()
    assert methods.secrets_of(method) == {
        "merchant_code": "T78",
        "api_key": "geheim-api",
        "private_key": "geheim-privat",
    }
    trail = json.dumps(list(AuditRow.objects.values("before", "after")))
    api = admin.get("/api/v1/payment-methods").content.decode()
    for text in (page, trail, api, method.secret, repr(method)):
        assert "geheim" not in text
    assert "T77" in page
    assert "••••" in page


def test_sealed_keys_open_after_the_seal_was_changed(as_: As):
    add(as_("admin"), "midtrans", server_key="geheim")
    before = PaymentMethod.objects.get().secret
    seal_keys.renew()

    after = PaymentMethod.objects.get()
    assert after.secret != before
    assert methods.secrets_of(after) == {"server_key": "geheim"}


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({}, "Give the picture of your QRIS"),
        ({"qris": STATIC[:-1] + "0"}, "checksum"),
        ({"qris": "hello"}, "begins with 000201"),
        ({"picture": SimpleUploadedFile("q.png", b"<script>")}, "no PNG, JPEG or WebP"),
    ],
)
def test_what_is_no_qris_is_refused(as_: As, typed: dict[str, Any], told: str):
    assert told in add(as_("admin"), "qris", **typed).content.decode()


def test_a_picture_is_drawn_anew_and_shown_to_buyers(as_: As):
    given = picture() + b"<script>alert(1)</script>"
    add(as_("admin"), "qris", picture=SimpleUploadedFile("q.png", given, "image/png"))
    method = PaymentMethod.objects.get()

    answer = Client().get(f"/pay/{method.pk}/picture")

    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.content.startswith(b"\x89PNG")
    assert b"script" not in answer.content
    methods.remove(method, None)
    assert Client().get(f"/pay/{method.pk}/picture").status_code == 404


def test_removing_asks_first_and_is_told_in_the_trail(as_: As):
    admin = as_("admin")
    add(admin, "bank", bank="BRI", holder="Sari", number="1234567890")
    method = PaymentMethod.objects.get()

    assert (
        "Money that still comes" in admin.get(f"/shop/methods/{method.pk}/remove/").content.decode()
    )
    admin.post(f"/shop/methods/{method.pk}/remove/")

    assert methods.methods() == []
    assert admin.get(f"/shop/methods/{method.pk}/").status_code == 404
    assert AuditRow.objects.latest("id").action == "payment.method_remove"


@pytest.mark.parametrize("rows", [1, 20])
def test_the_list_costs_the_same_for_many(as_: As, django_assert_max_num_queries: Any, rows: int):
    for number in range(rows):
        methods.save(
            PaymentMethod(kind="bank"),
            methods.Settings(name=f"B{number}", active=True, shown={"number": "123456"}),
            None,
        )
    admin = as_("admin")
    with django_assert_max_num_queries(8):
        admin.get("/shop/methods/")


def test_the_api_lists_what_is_set(as_: As):
    add(as_("admin"), "bank", bank="BRI", holder="Sari", number="1234567890")
    method = PaymentMethod.objects.get()

    assert as_("admin").get("/api/v1/payment-methods").json() == [
        {
            "id": method.pk,
            "kind": "bank",
            "name": "my bank",
            "active": True,
            "live": False,
            "position": 1,
            "complete": True,
            "missing": [],
            "shown": {"bank": "BRI", "holder": "Sari", "number": "1234567890"},
        }
    ]
    changed = as_("admin").patch(
        f"/api/v1/payment-methods/{method.pk}",
        {"active": False, "position": 7},
        content_type="application/json",
    )
    assert (changed.json()["active"], changed.json()["position"]) == (False, 7)
    assert as_("cashier").get("/api/v1/payment-methods").status_code == 403


def steps(test: SelfTest) -> dict[str, Any]:
    return {step["step"]: step["ok"] for step in test.told}


ALL_WELL = {
    "reachable": True,
    "unsigned": True,
    "genuine": True,
    "tampered": True,
    "duplicate": True,
    "amount": True,
    "order": True,
    "credentials": True,
}


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_self_test_goes_the_whole_way_and_leaves_nothing(live_server: Any, people: Any):
    make_router()
    make_package()
    with FakeGateways() as fakes:
        for kind, keys in KEYS.items():
            method = methods.save(
                PaymentMethod(kind=kind),
                methods.Settings(
                    name=kind, active=True, shown={methods.FAKE: fakes.url(kind)}, secrets=keys
                ),
                None,
            )
            url = f"{live_server.url}/pay/{method.pk}/callback"

            test = self_test.run(method, people["admin"], url=url, inside=url)

            expected = {**ALL_WELL, "tampered": None} if kind == "xendit" else ALL_WELL
            assert steps(test) == expected, (kind, test.told)
    assert [model.objects.count() for model in (Order, Voucher, Entry, PaymentEvent, Job)] == [
        0
    ] * 5


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_self_test_tells_of_a_wrong_key_and_of_an_address_that_nobody_reaches(
    live_server: Any, people: Any
):
    with FakeGateways() as fakes:
        method = methods.save(
            PaymentMethod(kind="tripay"),
            methods.Settings(
                name="t",
                active=True,
                shown={methods.FAKE: fakes.url("tripay")},
                secrets={**KEYS["tripay"], "api_key": "wrong"},
            ),
            None,
        )
        inside = f"{live_server.url}/pay/{method.pk}/callback"

        test = self_test.run(
            method, people["admin"], url="http://127.0.0.1:1/pay/1/callback", inside=inside
        )

    told = steps(test)
    assert (told["reachable"], told["genuine"], told["credentials"]) == (None, True, False)
    # There is no package, so that no order could be tried.
    assert (told["amount"], told["order"]) == (None, None)
    client = Client()
    client.force_login(people["admin"])
    page = client.get(f"/shop/methods/{method.pk}/").content.decode()
    assert "does not reach itself" in page
    assert "Copy the keys" in page
