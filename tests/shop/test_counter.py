"""At the counter a press sells once, and no code is shown that does not work."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from ronda.accounts.models import Person
from ronda.shop.models import Package, Sale, Voucher, VoucherEvent
from ronda.shop.rules.accounts import Account
from ronda.shop.rules.selling import UNDO, may_undo
from ronda.shop.service import changing, counter, ledger, resellers
from ronda.shop.service.counter import NotSold, TooLate
from ronda.shop.service.resellers import Decided, NotEnough
from tests.routers.factories import make_router
from tests.shop.selling import make_batched, make_package, person, together

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("data_folder")]
TOKEN = "a" * 32
As = Callable[[str], Any]


@pytest.fixture
def package(db: None) -> Package:
    make_router()
    return make_package()


def available(umar: Person) -> int:
    return resellers.standing(umar).available_idr


def topped_up(umar: Person, amount: int) -> None:
    asked = resellers.ask_top_up(umar, amount, note="transfer")
    resellers.decide(asked, True, person("kas", "cashier"))


@pytest.mark.django_db
def test_a_new_voucher_is_shown_only_once_the_router_has_it(as_: As, package: Package) -> None:
    dewi = as_("cashier")
    assert package.name in dewi.get("/shop/").content.decode()
    form = dewi.get(f"/shop/sell/{package.pk}/").content.decode()
    found = re.search(r'name="token" value="(\w+)"', form)
    assert found
    sold = dewi.post(f"/shop/sell/{package.pk}/", {"token": found[1]})
    again = dewi.post(f"/shop/sell/{package.pk}/", {"token": found[1]})
    assert sold.url == again.url
    voucher = Voucher.objects.get()
    page = dewi.get(sold.url).content.decode()
    assert voucher.code not in page
    assert "does not answer now" in page
    Voucher.objects.update(state="ready")
    assert voucher.code in dewi.get(sold.url).content.decode()
    assert Sale.objects.get().price_idr == 5000
    assert VoucherEvent.objects.filter(what="sold").count() == 1


@pytest.mark.django_db
def test_sellers_see_and_take_back_only_their_own(as_: As, package: Package) -> None:
    dewi = as_("cashier")
    url = dewi.post(f"/shop/sell/{package.pk}/", {"token": TOKEN}).url
    assert as_("reseller").get(url).status_code == 404
    assert as_("owner").get(url).status_code == 200
    assert "Take this sale back" in dewi.get(f"{url}undo/").content.decode()
    done = dewi.post(f"{url}undo/", {"reason": "salah"}, follow=True)
    assert "Give the buyer Rp5.000" in done.content.decode()
    assert Voucher.objects.get().state == "void"
    assert dewi.get("/shop/sales/").status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("token", ["", "short", "x" * 41, "'" * 20])
def test_a_press_without_a_proper_token_sells_nothing(
    as_: As, package: Package, token: str
) -> None:
    done = as_("cashier").post(f"/shop/sell/{package.pk}/", {"token": token}, follow=True)
    assert "too old" in done.content.decode()
    assert not Sale.objects.exists()


@pytest.mark.django_db
def test_ready_vouchers_go_first_the_sellers_own_before_nobodys(package: Package) -> None:
    dewi, umar = person("dewi", "cashier"), person("umar", "reseller")
    nobodys, own, umars = make_batched(package, None, dewi, umar)
    make_batched(package, dewi, printed_at=timezone.now())
    sold = [counter.sell(dewi, package, f"{number}" * 16).voucher for number in range(3)]
    assert sold[:2] == [own, nobodys]
    assert sold[2] is not None
    assert sold[2].state == "making"
    topped_up(umar, 10_000)
    assert counter.sell(umar, package, TOKEN).voucher == umars


@pytest.mark.django_db
def test_a_printed_voucher_is_sold_by_its_code(as_: As, people: Any, package: Package) -> None:
    (card, other) = make_batched(package, None, people["reseller"], printed_at=timezone.now())
    dewi = as_("cashier")
    assert "Rp5.000" in dewi.get("/shop/sell-card/", {"code": card.code}).content.decode()
    dewi.post("/shop/sell-card/", {"code": card.code, "token": TOKEN})
    assert Sale.objects.get().voucher == card
    for code, why in ((card.code, "sold before"), (other.code, "somebody else"), ("X", "no such")):
        assert why in dewi.get("/shop/sell-card/", {"code": code}).content.decode()
        done = dewi.post("/shop/sell-card/", {"code": code, "token": "b" * 32}, follow=True)
        assert why in done.content.decode()
    umar = as_("reseller").get("/shop/sell-card/", {"code": card.code}).content.decode()
    assert "no such voucher" in umar
    Voucher.objects.filter(pk=other.pk).update(state="ended")
    with pytest.raises(NotSold, match="state"):
        counter.sell_card(people["reseller"], other.code, "c" * 32)


@pytest.mark.django_db
def test_what_is_not_on_sale_is_not_sold(as_: As, package: Package) -> None:
    Package.objects.update(active=False)
    with pytest.raises(NotSold, match="package"):
        counter.sell(person("dewi2", "cashier"), package, TOKEN)
    assert as_("cashier").get(f"/shop/sell/{package.pk}/").status_code == 404
    assert "Nothing is on sale" in as_("cashier").get("/shop/").content.decode()


@pytest.mark.django_db
def test_a_reseller_sells_for_what_was_paid_ahead(as_: As, people: Any, package: Package) -> None:
    umar = people["reseller"]
    client = as_("reseller")
    page = client.get(f"/shop/sell/{package.pk}/").content.decode()
    assert "lacks Rp4.000" in page
    refused = client.post(f"/shop/sell/{package.pk}/", {"token": TOKEN}, follow=True)
    assert "does not suffice" in refused.content.decode()
    assert not Sale.objects.exists()
    assert not Voucher.objects.exists()
    topped_up(umar, 8_000)
    counter.sell(umar, package, "b" * 32)
    assert available(umar) == 4_000
    resellers.agree(umar, 10, 500, None)
    counter.sell(umar, package, "c" * 32)  # keeps 10 %: 4,500, of which 500 are owed
    assert (available(umar), ledger.balance(Account.DEPOSIT, umar.pk)) == (0, 500)
    with pytest.raises(NotEnough):
        counter.sell(umar, package, "d" * 32)
    assert "Rp500" in client.get("/shop/").content.decode()


@pytest.mark.django_db
def test_a_top_up_counts_once_it_was_accepted_once(people: Any) -> None:
    umar, dewi = people["reseller"], people["cashier"]
    asked = resellers.ask_top_up(umar, 50_000)
    assert list(resellers.waiting()) == [asked]
    assert available(umar) == 0
    resellers.decide(asked, True, dewi, in_cash=True)
    with pytest.raises(Decided):
        resellers.decide(asked, False, dewi)
    assert (available(umar), ledger.balance(Account.CASH, dewi.pk)) == (50_000, 50_000)
    refused = resellers.decide(resellers.ask_top_up(umar, 1), False, dewi)
    assert refused.accepted is False
    assert [one.available_idr for one in resellers.standings()] == [50_000]


@pytest.mark.django_db
def test_taking_back_ends_with_time_and_use(package: Package) -> None:
    umar, dewi, budi = (
        person("umar", "reseller"),
        person("dewi", "cashier"),
        person("budi", "admin"),
    )
    topped_up(umar, 10_000)
    sale = counter.sell(umar, package, TOKEN)
    Sale.objects.update(at=timezone.now() - UNDO - timedelta(seconds=1))
    late = Sale.objects.get()
    with pytest.raises(TooLate):
        counter.undo(late, umar, "")
    Voucher.objects.update(first_login_at=timezone.now())
    with pytest.raises(TooLate):
        counter.undo(late, dewi, "")
    counter.undo(late, budi, "broken")
    assert counter.undo(late, budi, "broken").returned_at
    assert not counter.undoable(Sale.objects.get(), budi)
    assert available(umar) == 10_000
    assert sale.voucher is not None


@pytest.mark.django_db
def test_what_the_buyer_got_the_money_back_for_never_works_again(
    as_: As, people: Any, package: Package
) -> None:
    sale = counter.sell(people["cashier"], package, TOKEN)
    counter.undo(sale, people["cashier"], "salah")
    voucher = Voucher.objects.get()
    answer = as_("cashier").post(f"/shop/vouchers/{voucher.pk}/again/", follow=True)
    assert "has the money back" in answer.content.decode()
    assert Voucher.objects.get().state == "void"
    Voucher.objects.update(state="ended", ended_by="online")
    with pytest.raises(changing.CannotChange):
        changing.extend(voucher, people["admin"], online_s=3600)


@pytest.mark.django_db
def test_cash_of_a_reseller_counts_once_however_often_the_button_is_pressed(
    as_: As, people: Any
) -> None:
    umar = people["reseller"]
    page, door = f"/shop/resellers/{umar.pk}/", reverse("shop:top-up-cash", args=[umar.pk])
    found = re.search(r'name="token" value="(\w+)"', as_("cashier").get(page).content.decode())
    assert found
    for _press in range(2):
        as_("cashier").post(door, {"amount": "50.000", "token": found[1]})
    as_("cashier").post(door, {"amount": "7.000"})
    assert available(umar) == ledger.balance(Account.CASH, people["cashier"].pk) == 50_000


def test_who_may_take_back() -> None:
    now = timezone.now()
    old = now - UNDO - timedelta(seconds=1)

    def may(at: Any = now, **given: bool) -> bool:
        asked = {"own": False, "cashier": False, "admin": False, "used": False} | given
        return may_undo(at, now, **asked)

    assert may(own=True)
    assert may(old, cashier=True)
    assert may(old, admin=True, used=True)
    assert not (may())
    assert not (may(old, own=True))
    assert not (may(own=True, used=True))


@pytest.mark.django_db(transaction=True)
def test_presses_at_once_sell_once_and_sales_at_once_never_overdraw() -> None:
    make_router()
    package, umar = make_package(), person("umar", "reseller")
    topped_up(umar, 9_000)

    def sell(token: str) -> Callable[[], object]:
        return lambda: counter.sell(Person.objects.get(pk=umar.pk), package, token)

    assert together(*[sell(TOKEN)] * 4) == []
    assert Sale.objects.count() == Voucher.objects.count() == 1
    raised = together(*[sell(f"{number}" * 16) for number in range(4)])
    assert [type(error) for error in raised] == [NotEnough] * 3
    assert available(umar) == 1_000
    assert Sale.objects.count() == Voucher.objects.count() == 2
