"""A buyer shows a picture, staff decide; whatever is clicked twice pays once."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from ronda.accounts.models import AuditRow
from ronda.shop.models import Order, PaymentEvent, PaymentProof, Voucher
from ronda.shop.service import proofs, ways
from ronda.shop.service.pictures import NoPicture
from ronda.shop.service.proofs import NoProof
from tests.shop.orders_made import make_method, make_order
from tests.shop.payments.test_method_pages import picture
from tests.shop.test_qris_rules import STATIC

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]

As = Callable[[str], Client]


def handed_in() -> PaymentProof:
    return proofs.hand_in(make_order(method=make_method()), picture(), "from my phone")


def test_a_picture_is_kept_as_ronda_drew_it_and_for_staff_alone(as_: As):
    order = make_order(method=make_method())
    proof = proofs.hand_in(order, picture(2000) + b"<svg onload=alert(1)>", " note ")

    answer = as_("cashier").get(f"/shop/proofs/{proof.pk}/picture/")

    from PIL import Image

    assert answer.headers["Content-Type"] == "image/jpeg"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert "no-store" in answer.headers["Cache-Control"]
    assert b"svg" not in answer.content
    with Image.open(io.BytesIO(answer.content)) as drawn:
        assert max(drawn.size) == proofs.MOST_SIDE
    for role, status in (("reseller", 403), ("viewer", 403)):
        assert as_(role).get(f"/shop/proofs/{proof.pk}/picture/").status_code == status
    assert Client().get(f"/shop/proofs/{proof.pk}/picture/").status_code == 302


def test_the_cashier_confirms_and_a_second_click_pays_nothing_more(as_: As):
    proof = handed_in()
    cashier = as_("cashier")
    assert proof.order.number in cashier.get("/shop/proofs/").content.decode()

    for _click in range(2):
        cashier.post(f"/shop/proofs/{proof.pk}/", {"decision": "accept"})

    order = Order.objects.get()
    assert (order.state, Voucher.objects.count()) == ("provisioning", 1)
    assert PaymentEvent.objects.get().person == proofs.decided()[0].person
    assert AuditRow.objects.filter(action="payment.proof_accept").count() == 1
    assert "confirmed" in cashier.get("/shop/proofs/").content.decode()


def test_two_proofs_of_one_order_pay_once(people: dict[str, Any]):
    order = make_order(method=make_method())
    first, second = (proofs.hand_in(order, picture()) for _ in range(2))

    outcomes = [proofs.accept(one, people["cashier"]) for one in (first, second)]

    assert [outcome.again for outcome in outcomes] == [False, True]
    assert (Voucher.objects.count(), PaymentEvent.objects.count()) == (1, 1)


def test_a_refused_proof_leaves_the_order_open_for_another(as_: As):
    proof = handed_in()
    as_("cashier").post(f"/shop/proofs/{proof.pk}/", {"decision": "refuse"})

    order = Order.objects.get()
    way = ways.way_of(order)
    assert order.state == "pending"
    assert way is not None
    assert (way.proof, way.handed_in) == (True, 0)
    assert AuditRow.objects.latest("id").action == "payment.proof_refuse"


def test_pictures_are_bounded_in_number_and_kind(people: dict[str, Any]):
    order = make_order(method=make_method())
    with pytest.raises(NoPicture):
        proofs.hand_in(order, b"%PDF-1.4")
    with pytest.raises(NoPicture):
        proofs.hand_in(order, b"x" * (proofs.MOST_BYTES + 1))
    for _time in range(proofs.MOST_PROOFS):
        proofs.hand_in(order, picture())
    with pytest.raises(NoProof):
        proofs.hand_in(order, picture())
    Order.objects.update(state="cancelled")
    with pytest.raises(NoProof):
        proofs.hand_in(Order.objects.get(), picture())


def test_no_proof_is_taken_where_a_gateway_tells_of_the_money(people: dict[str, Any]):
    order = make_order(method=make_method(kind="tripay"))
    with pytest.raises(NoProof):
        proofs.hand_in(order, picture())
    with pytest.raises(NoProof):
        proofs.confirm(order, people["cashier"])


def test_the_way_to_pay_shows_the_number_or_a_code_with_the_amount():
    bank = ways.way_of(make_order(method=make_method(shown={"bank": "BRI", "number": "123"})))
    qris = ways.way_of(make_order(method=make_method(kind="qris", shown={"qris": STATIC})))
    broken = ways.way_of(make_order(method=make_method(kind="qris", shown={"qris": "x"})))

    assert bank is not None
    assert qris is not None
    assert broken is not None
    assert (bank.bank, bank.number, bank.by_hand, bank.proof) == ("BRI", "123", True, True)
    assert qris.qr_text.startswith("000201010212")
    assert f"5404{qris.amount_idr}" in qris.qr_text
    assert broken.qr_text == ""
    assert ways.way_of(make_order()) is None
