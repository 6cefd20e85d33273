"""Drawers, deposits and stock: what people count is what the books say, or the difference is booked."""

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Sum
from django.utils import timezone
from PIL import Image

from ronda.shop.models import Entry, Line, Package, Shift, Stock, TopUp, Voucher, VoucherEvent
from ronda.shop.rules.accounts import Account
from ronda.shop.service import changing, checking, counter, ending, ledger, resellers, shifts, stock
from ronda.shop.service.stock import NotSoMany
from tests.hotspot.factories import read
from tests.hotspot.scripted import USER, ScriptedLink
from tests.routers.factories import make_router
from tests.shop.selling import make_batched, make_package, person

pytestmark = [pytest.mark.database, pytest.mark.django_db, pytest.mark.usefixtures("data_folder")]
As = Callable[[str], Any]


def total(account: str) -> int:
    return sum(line.amount_idr for line in Line.objects.filter(account=account))


def test_a_shift_ends_with_what_was_counted_and_books_the_difference(people: Any) -> None:
    make_router()
    package, dewi = make_package(), people["cashier"]
    counter.sell(dewi, package, "a" * 16)  # before the shift: 5,000 are in the drawer
    shift = shifts.open_shift(dewi, 20_000)
    with pytest.raises(shifts.AlreadyOpen):
        shifts.open_shift(dewi, 1)
    sale = counter.sell(dewi, package, "b" * 16)
    counter.sell(dewi, package, "c" * 16)
    counter.undo(sale, dewi, "")
    told = shifts.summary(shift)
    assert (told.opened_idr, told.moved) == (20_000, {"sale": 10_000, "refund": -5_000})
    assert told.books_idr == 25_000
    with pytest.raises(ValueError, match="stay"):
        shifts.close_shift(shift, 24_000, 25_000, "")
    closed = shifts.close_shift(shift, 24_000, 10_000, "seribu hilang")
    with pytest.raises(shifts.AlreadyClosed):
        shifts.close_shift(shift, 24_000, 10_000, "")
    assert (closed.books_idr, closed.counted_idr) == (25_000, 24_000)
    assert ledger.balance(Account.CASH, dewi.pk) == 10_000
    assert (total("shortage"), total("safe")) == (1_000, 14_000 - 15_000)
    counter.sell(dewi, package, "d" * 16)
    assert shifts.summary(closed) == told


def test_stock_is_handed_over_sold_and_given_back_at_its_cost(people: Any) -> None:
    package = make_package()
    umar, budi = people["reseller"], people["admin"]
    first = make_batched(package, None, None, None)[0]
    assert first.batch is not None
    with pytest.raises(NotSoMany):
        stock.hand_over(first.batch, 4, umar, budi)
    stock.hand_over(first.batch, 3, umar, budi)
    package.price_idr = 9_000
    package.save()
    assert ledger.balance(Account.STOCK, umar.pk) == 4_500
    resellers.decide(resellers.ask_top_up(umar, 10_000), True, budi)
    sale = counter.sell(umar, package, "a" * 16)
    assert sale.cost_idr == 1_500
    assert ledger.balance(Account.STOCK, umar.pk) == 3_000
    ((row),) = stock.rows(umar)
    assert (row.holder, row.count, row.value_idr) == ("umar", 2, 10_000)
    stock.give_back(umar, package, 1, budi)
    with pytest.raises(NotSoMany):
        stock.give_back(umar, package, 2, budi)
    assert ledger.balance(Account.STOCK, umar.pk) == Stock.objects.get().cost_idr == 1_500
    assert [(row.holder, row.count) for row in stock.rows()] == [("umar", 1), (None, 1)]


def test_what_is_used_but_was_never_sold_is_found(as_: As) -> None:
    package = make_package()
    used, _free = make_batched(package, None, None)
    Voucher.objects.filter(pk=used.pk).update(first_login_at=used.made_at, state="active")
    assert list(stock.used_unsold()) == [used]
    assert "1 Hari" in as_("cashier").get("/shop/stock/used/").content.decode()


def test_a_cashier_opens_and_closes_the_drawer(as_: As) -> None:
    dewi = as_("cashier")
    assert "whole rupiah" in dewi.post("/shop/shift/", {"counted": "x"}).content.decode()
    dewi.post("/shop/shift/", {"counted": "Rp 20.000"})
    assert "Close the shift" in dewi.get("/shop/shift/").content.decode()
    refused = dewi.post("/shop/shift/", {"counted": "1000", "left": "2000"})
    assert "than was counted" in refused.content.decode()
    for counted, said in (("19000", "Rp1.000 lacks"), ("21000", "Rp1.000 is too much")):
        refused = dewi.post("/shop/shift/", {"counted": counted})
        assert said in refused.content.decode()
    done = dewi.post("/shop/shift/", {"counted": "19000", "note": "kurang"}, follow=True)
    page = done.content.decode()
    assert "-Rp1.000" in page
    assert "kurang" in page
    url = f"/shop/shift/{Shift.objects.get().pk}/"
    assert as_("owner").get(url).status_code == 200
    assert as_("reseller").get(url).status_code == 403


def test_a_reseller_asks_with_a_proof_and_a_cashier_accepts(as_: As, people: Any) -> None:
    umar, dewi = as_("reseller"), as_("cashier")
    drawn = io.BytesIO()
    Image.new("RGB", (4, 4)).save(drawn, "PNG")
    proof = SimpleUploadedFile("bukti.png", drawn.getvalue(), "image/png")
    bad = SimpleUploadedFile("bukti.png", b"<svg>", "image/png")
    refused = umar.post("/shop/balance/", {"amount": "50.000", "picture": bad})
    assert "damaged" in refused.content.decode()
    umar.post("/shop/balance/", {"amount": "50.000", "picture": proof, "note": "BRI"})
    top_up = TopUp.objects.get()
    for who in (umar, dewi):
        shown = who.get(f"/shop/top-ups/{top_up.pk}/picture/")
        assert shown["Content-Type"] == "image/png"
    page = dewi.get("/shop/resellers/").content.decode()
    assert "Rp50.000" in page
    assert dewi.post(f"/shop/top-ups/{top_up.pk}/", {"how": "x"}).status_code == 404
    dewi.post(f"/shop/top-ups/{top_up.pk}/", {"how": "transfer"})
    again = dewi.post(f"/shop/top-ups/{top_up.pk}/", {"how": "cash"}, follow=True)
    assert "decided on it before" in again.content.decode()
    assert "Rp50.000" in umar.get("/shop/balance/").content.decode()
    assert Entry.objects.filter(kind="top-up").count() == 1
    pk = people["reseller"].pk
    dewi.post(f"/shop/resellers/{pk}/cash/", {"amount": "10.000", "token": "a" * 32})
    assert dewi.post(f"/shop/resellers/{pk}/", {"percent": "5"}).status_code == 403
    as_("admin").post(f"/shop/resellers/{pk}/", {"percent": "5", "credit": "20.000"})
    page = dewi.get(f"/shop/resellers/{pk}/").content.decode()
    assert "Rp60.000" in page
    assert "Rp20.000" in page


def test_an_administrator_hands_over_and_takes_back(as_: As, people: Any) -> None:
    package, umar = make_package(), people["reseller"]
    batch = make_batched(package, None, None)[0].batch
    assert batch is not None
    budi = as_("admin")
    given = {"batch": batch.pk, "count": 3, "holder": umar.pk}
    assert "Only 2" in budi.post("/shop/stock/", given).content.decode()
    budi.post("/shop/stock/", given | {"count": 2})
    assert "worth Rp10.000" in as_("reseller").get("/shop/stock/").content.decode()
    back = {"holder": umar.pk, "package": package.pk, "count": "1"}
    budi.post("/shop/stock/back/", back)
    assert budi.post("/shop/stock/back/", back | {"count": "x"}).status_code == 404
    done = budi.post("/shop/stock/back/", back | {"count": "5"}, follow=True)
    assert "Only 1" in done.content.decode()
    assert Voucher.objects.filter(holder=umar).count() == 1


def test_people_of_other_roles_stay_out_of_money(as_: As) -> None:
    other = person("lain", "reseller")
    top_up = resellers.ask_top_up(other, 1)
    assert as_("reseller").get(f"/shop/top-ups/{top_up.pk}/picture/").status_code == 404
    assert as_("reseller").get("/shop/resellers/").status_code == 403
    assert as_("noc").get("/shop/").status_code == 403


@pytest.mark.usefixtures("in_english")
def test_lost_tickets_are_written_off_and_leave_the_stock(people: Any, as_: As) -> None:
    package = make_package()
    umar, budi = people["reseller"], people["admin"]
    batch = make_batched(package, None, None, None)[0].batch
    assert batch is not None
    stock.hand_over(batch, 3, umar, budi)
    resellers.decide(resellers.ask_top_up(umar, 10_000), True, budi)
    counter.sell(umar, package, "a" * 16)
    sold = Voucher.objects.get(sold_at__isnull=False)
    admin = as_("admin")
    given = {"from_batch": batch.pk, "first": 1, "last": 2, "reason": "kehujanan"}
    assert as_("cashier").post("/shop/stock/write-off/", given).status_code == 403
    said = admin.post("/shop/stock/write-off/", given, follow=True).content.decode()
    assert "works no more" in said or "work no more" in said
    gone = Voucher.objects.filter(state="void")
    assert sold not in gone
    assert {one.holder for one in gone} == {None}
    left = Stock.objects.aggregate(sum=Sum("cost_idr"))["sum"]
    assert ledger.balance(Account.STOCK, umar.pk) == left == 1_500 * (2 - gone.count())
    assert next(line.detail for line in VoucherEvent.objects.filter(what="void")) == {
        "reason": "kehujanan"
    }
    assert checking.check() == []
    again = admin.post("/shop/stock/write-off/", given, follow=True).content.decode()
    assert "None of these is left" in again
    wrong = admin.post("/shop/stock/write-off/", {**given, "last": 0}, follow=True)
    assert "greater than or equal to 1" in wrong.content.decode()
    assert changing.void_batch(batch, budi) == 2 - gone.count() or Stock.objects.count() == 0
    assert ledger.balance(Account.STOCK, umar.pk) == 0
    assert checking.check() == []


def test_what_was_not_sold_in_time_leaves_the_stock_it_lay_in(people: Any) -> None:
    package = make_package()
    umar = people["reseller"]
    batch = make_batched(package, None, None, None)[0].batch
    assert batch is not None
    stock.hand_over(batch, 3, umar, people["admin"])
    resellers.decide(resellers.ask_top_up(umar, 10_000), True, people["admin"])
    counter.sell(umar, package, "a" * 16)
    Package.objects.filter(pk=package.pk).update(sold_by=timezone.now())

    assert ending.end_due() == Voucher.objects.filter(state="ended", sold_at=None).count()

    assert Stock.objects.count() == ledger.balance(Account.STOCK, umar.pk) == 0
    assert checking.check() == []


def test_what_was_removed_on_the_router_leaves_the_stock_once_and_what_was_used_stays(
    people: Any,
) -> None:
    package, umar, later = make_package(), people["reseller"], timezone.now() + timedelta(minutes=9)
    held = make_batched(package, None, None, None, None)
    assert held[0].batch is not None
    stock.hand_over(held[0].batch, 4, umar, people["admin"])
    link = ScriptedLink()
    for one in held[2:]:
        link.put(USER, name=one.code)
    link.menus[USER][0]["uptime"] = "9m"

    for minutes in range(3):
        read(link, held[0].router, later + timedelta(minutes=minutes))
        link.menus[USER] = link.menus[USER][-1:]  # who came in is removed, too

    gone = Voucher.objects.filter(ended_by="gone").order_by("pk")
    assert [(one.code, one.holder) for one in gone] == [
        *((one.code, None) for one in held[:2]),
        (held[2].code, umar),
    ]
    assert Stock.objects.count() == 2
    assert ledger.balance(Account.STOCK, umar.pk) == 2 * 1_500
    assert [entry.memo for entry in Entry.objects.filter(kind="write-off")] == ["2 x gone"]
    assert checking.check() == []
