"""The public shop, from the list of packages to the code, without JavaScript."""

import io
import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from ronda.shop.models import Charge, Order, PaymentMethod
from ronda.shop.service import limits, methods, ordering, providing
from ronda.simulator.payments.book import KEYS
from tests.shop.orders_made import make_method, make_package, make_router, pay

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


@pytest.fixture
def buyer() -> Client:
    return Client()


@pytest.fixture
def method() -> PaymentMethod:
    return make_method(shown={"number": "1234567890", "holder": "Warga Net", "bank": "BRI"})


def order(buyer: Client, package: Any, method: Any, **values: str) -> Any:
    given = {"phone": "0812-3456-789", "method": str(method.pk)} | values
    return buyer.post(f"/buy/{package.pk}/", given)


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def test_a_buyer_orders_pays_and_reads_the_code(buyer: Client, method: PaymentMethod):
    make_router()
    package = make_package("Sehari", popular=True, description="Internet sehari penuh.")
    make_package("Tidak dijual", active=False)
    page = text(buyer.get("/buy/"))
    assert "Sehari" in page
    assert "Rp5.000" in page
    assert "popular" in page
    assert "Tidak dijual" not in page
    answer = order(buyer, package, method, name=" Budi  S ", selling_price_idr="1", amount_idr="1")
    assert answer.status_code == 302
    made = Order.objects.get()
    assert (made.price_idr, made.buyer_phone, made.buyer_name) == (5_000, "+628123456789", "Budi S")
    assert 5_001 <= made.amount_idr <= 5_499
    url = answer.headers["Location"]
    page = text(buyer.get(url))
    assert "1234567890" in page
    assert "Warga Net" in page
    assert 'http-equiv="refresh"' in page
    assert buyer.get(f"{url}state").json() == {"state": "pending"}
    pay(made)
    assert "Paid. Your code is being made" in text(buyer.get(url))
    voucher = Order.objects.get().voucher
    assert voucher is not None
    assert voucher.code not in text(buyer.get(url))
    type(voucher).objects.update(state="ready")
    providing.recheck()
    page = text(buyer.get(url))
    assert voucher.code in page
    assert 'http-equiv="refresh"' not in page
    assert "no-store" in buyer.get(url).headers["Cache-Control"]


def test_what_is_wrong_is_said_beside_its_field(buyer: Client, method: PaymentMethod):
    make_router()
    package = make_package()
    answer = order(buyer, package, method, phone="budi", email="x")
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"phone", "email"}
    assert "This is no phone number" in text(answer)
    assert order(buyer, package, PaymentMethod(pk=99)).status_code == 422
    assert not Order.objects.exists()
    method.delete()
    assert "no way to pay yet" in text(buyer.get(f"/buy/{package.pk}/"))
    assert buyer.post(f"/buy/{package.pk}/", {"phone": "08123456789"}).status_code == 200
    assert not Order.objects.exists()


def test_what_is_not_sold_has_no_page(buyer: Client):
    package = make_package(sold_by=timezone.now())
    assert buyer.get(f"/buy/{package.pk}/").status_code == 404
    assert buyer.get("/buy/999/").status_code == 404
    assert "Nothing is sold" in text(buyer.get("/buy/"))


def test_nobody_finds_the_orders_of_others(buyer: Client, method: PaymentMethod):
    make_router()
    url = order(buyer, make_package(), method).headers["Location"]
    number = Order.objects.get().number
    assert number in text(buyer.get("/buy/mine/"))
    stranger = Client()
    assert number not in text(stranger.get("/buy/mine/"))
    for guess in (number, str(Order.objects.get().pk), "x"):
        for path in (f"/buy/o/{guess}/", f"/buy/o/{guess}/state"):
            assert stranger.get(path).status_code == 404
        assert stranger.post(f"/buy/o/{guess}/cancel/").status_code == 404
    cookie = buyer.cookies["ronda_buys"]
    assert (cookie["httponly"], cookie["path"], cookie["samesite"]) == (True, "/buy/", "Lax")
    # Whoever has the link sees the order, and from then on finds it again.
    assert stranger.get(url).status_code == 200
    assert number in text(stranger.get("/buy/mine/"))


def test_a_buyer_changes_the_way_to_pay_and_cancels(buyer: Client, method: PaymentMethod):
    make_router()
    other = make_method("DANA", kind="wallet", shown={"number": "081200001111"})
    url = order(buyer, make_package(), method).headers["Location"]
    assert buyer.post(f"{url}method/", {"method": str(other.pk)}).status_code == 302
    assert "081200001111" in text(buyer.get(url))
    buyer.post(f"{url}method/", {"method": "999"})
    assert Order.objects.get().method == other
    assert buyer.post(f"{url}cancel/").status_code == 302
    assert "was cancelled" in text(buyer.get(url))


def test_the_page_says_what_became_of_it(buyer: Client, method: PaymentMethod):
    make_router()
    url = order(buyer, make_package(), method).headers["Location"]
    for state, words in (
        ("expired", "not paid in time"),
        ("attention", "looking into your payment"),
        ("refunded", "money was given back"),
    ):
        Order.objects.update(state=state)
        assert words in text(buyer.get(url))
    Order.objects.update(state="attention", paid_at=timezone.now())
    assert "Your money has arrived" in text(buyer.get(url))


def test_too_many_orders_are_refused_in_words(
    buyer: Client, method: PaymentMethod, monkeypatch: pytest.MonkeyPatch
):
    package = make_package()
    assert "no router" in text(order(buyer, package, method))
    make_router()
    for _ in range(5):
        assert order(buyer, package, method).status_code == 302
    assert "wait for payment already" in text(order(buyer, package, method))
    monkeypatch.setattr(limits, "allow", lambda *a, **n: False)
    assert "Too many orders" in text(order(buyer, package, method))


def test_tries_are_counted_in_a_window_for_everybody():
    now = timezone.now()
    hour = ordering.timedelta(hours=1)
    tries = [limits.allow("x", "a", most=2, within=hour, now=now) for _ in range(3)]
    assert tries == [True, True, False]
    assert limits.allow("x", "b", most=2, within=hour, now=now)
    assert limits.allow("x", "a", most=2, within=hour, now=now + hour)
    assert limits.forget(now + 3 * 24 * hour) == 2


def test_pages_are_small_and_need_few_queries(
    buyer: Client, method: PaymentMethod, django_assert_max_num_queries: Any
):
    make_router()
    package = make_package("A")
    for name in "BCDEFGH":
        make_package(name)
    with django_assert_max_num_queries(2):
        page = buyer.get("/buy/")
    assert len(page.content) < 8_000
    url = order(buyer, package, method).headers["Location"]
    with django_assert_max_num_queries(6):
        assert len(buyer.get(url).content) < 8_000
    with django_assert_max_num_queries(1):
        buyer.get(f"{url}state")


def test_a_buyer_shows_a_proof_and_hears_why_a_picture_is_none(
    buyer: Client, method: PaymentMethod
):
    from django.core.files.uploadedfile import SimpleUploadedFile
    from PIL import Image

    make_router()
    url = order(buyer, make_package(), method).headers["Location"]
    wrong = buyer.post(f"{url}proof/", {"picture": SimpleUploadedFile("a.png", b"none")})
    assert wrong.status_code == 422
    assert buyer.post(f"{url}proof/").status_code == 422
    drawn = io.BytesIO()
    Image.new("RGB", (300, 600), "#fff").save(drawn, "PNG")
    sent = buyer.post(f"{url}proof/", {"picture": SimpleUploadedFile("a.png", drawn.getvalue())})
    assert sent.status_code == 302
    assert "Your proof has arrived" in text(buyer.get(url))


def test_while_a_gateway_is_asked_the_page_looks_again(buyer: Client):
    make_router()
    gateway = methods.save(
        PaymentMethod(kind="tripay"),
        methods.Settings("QRIS", active=True, live=True, secrets=KEYS["tripay"]),
        None,
    )
    url = order(buyer, make_package(), gateway).headers["Location"]
    assert Order.objects.get().amount_idr == 5_000
    assert buyer.get(f"{url}state").json() == {"state": "pending:asking"}
    assert 'data-order="pending:asking"' in text(buyer.get(url))
    Charge.objects.update(standing="pending", qr_text="000201", pay_code="8808123")
    page = text(buyer.get(url))
    assert "<svg" in page
    assert "8808123" in page
    assert buyer.get(f"{url}state").json() == {"state": "pending"}
    Charge.objects.update(standing="failed", trouble="no")
    assert "The payment service refused" in text(buyer.get(url))
    buyer.post(f"{url}method/", {"method": str(gateway.pk)})
    assert Charge.objects.count() == 2
