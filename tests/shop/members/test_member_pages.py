"""Members in the pages, as a list from a file, on paper, and over the API."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client

from ronda.shop.models import Invoice, Member
from ronda.shop.rules.member_files import MOST_LINES, Problem, read_list
from ronda.shop.service import members, renewals
from tests.routers.factories import make_router
from tests.shop.factories import make_package
from tests.shop.members.test_members import make_member

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english", "december")]
HEAD = "nama,hp,router,user,paket,harga,mulai,sampai\n"


@pytest.fixture
def december() -> Any:
    with time_machine.travel(datetime(2026, 12, 10, 5, tzinfo=UTC), tick=False):
        yield


def test_a_cashier_renews_and_an_administrator_edits(as_: Callable[[str], Client]) -> None:
    cashier, admin, member = as_("cashier"), as_("admin"), make_member()
    here = f"/shop/members/{member.pk}/"
    page = cashier.get(here).content.decode()
    assert "paid up to and including 14 Dec 2026" in page
    assert "A month paid now runs from 15 Dec 2026 to 14 Jan 2027." in page
    assert "/edit/" not in page
    form = {"months": "2", "paid": "cash", "token": "a" * 32}
    for _click in range(2):
        said = cashier.post(f"{here}renew/", form, follow=True).content.decode()
        assert "Rp300.000 taken, invoice 2026-000001." in said
    assert Invoice.objects.count() == 1
    assert "Choose how many" in cashier.post(f"{here}renew/", {}, follow=True).content.decode()
    assert cashier.get(f"{here}edit/").status_code == 403
    form = {
        "name": "Bu Siti",
        "router": member.router_id,
        "user": "siti",
        "package": member.package_id,
        "zone": "WITA",
        "grace_days": "5",
    }
    assert admin.post(f"{here}edit/", form)["Location"] == here
    member.refresh_from_db()
    assert (member.zone, member.grace_days, member.price_idr) == ("WITA", 5, 150_000)
    assert "End the membership" in admin.get(f"{here}end/").content.decode()
    admin.post(f"{here}end/")
    said = cashier.post(f"{here}renew/", {"months": 1, "paid": "cash", "token": "z"}, follow=True)
    assert "has ended" in said.content.decode()
    assert "has ended" in cashier.post(f"{here}invoice/", follow=True).content.decode()
    assert cashier.get("/shop/members/99999/").status_code == 404


def test_a_new_member_is_entered_once_for_a_user(as_: Callable[[str], Client]) -> None:
    admin, package, router = as_("admin"), make_package(selling_price_idr=150_000), make_router()
    form = {
        "name": "Pak Joko",
        "router": router.pk,
        "user": "joko",
        "package": package.pk,
        "zone": "WIB",
        "grace_days": "3",
        "starts": "2026-12-01",
        "until": "2026-11-01",
    }
    wrong = admin.post("/shop/members/new/", form).content.decode()
    assert "before the first day" in wrong
    made = admin.post("/shop/members/new/", {**form, "until": ""})
    member = Member.objects.get()
    assert made["Location"] == f"/shop/members/{member.pk}/"
    assert (member.state, member.price_idr, member.reach) == ("suspended", 150_000, "shut")
    page = admin.get(f"/shop/members/{member.pk}/").content.decode()
    assert "not confirmed yet that the user is disabled" in page
    again = admin.post("/shop/members/new/", {**form, "until": ""}).content.decode()
    assert "Another member has this user." in again


def test_the_list_finds_and_asks_no_more_for_more(
    as_: Callable[[str], Client], django_assert_max_num_queries: Any
) -> None:
    cashier = as_("cashier")
    assert "No member here" in cashier.get("/shop/members/").content.decode()
    first = make_member()
    for number in range(30):
        make_member(
            name=f"Warga {number}", user=f"w{number}", router=first.router, package=first.package
        )
    with django_assert_max_num_queries(12):
        page = cashier.get("/shop/members/").content.decode()
    assert page.count("is-active") == 31
    found = cashier.get("/shop/members/?q=siti&state=active").content.decode()
    assert found.count("is-active") == 1
    assert as_("reseller").get("/shop/members/").status_code == 403


def test_an_invoice_is_a_pdf_paid_or_not(as_: Callable[[str], Client]) -> None:
    cashier, member = as_("cashier"), make_member(name="Bu Siti Ŵarung", address="RT 03")
    made = cashier.post(f"/shop/members/{member.pk}/invoice/")
    answer = cashier.get(made["Location"])
    assert answer.content.startswith(b"%PDF-")
    assert "invoice-2026-000001.pdf" in answer["Content-Disposition"]
    renewals.renew(member, 1, None, token="a")
    assert cashier.get(made["Location"]).content.startswith(b"%PDF-")
    assert cashier.get("/shop/invoices/99999.pdf").status_code == 404


def test_a_file_is_entered_whole_or_not_at_all(as_: Callable[[str], Client]) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    admin = as_("admin")
    make_router(name="Balai")
    make_package("Bulanan", selling_price_idr=150_000)

    def send(text: str) -> str:
        file = SimpleUploadedFile("anggota.csv", text.encode())
        return admin.post("/shop/members/import/", {"file": file}, follow=True).content.decode()

    good = "Bu Siti,0812,balai,siti,bulanan,Rp 100.000,2026-11-15,2026-12-15\n"
    said = send(HEAD + good + "Pak Joko,,Pasar,joko,Harian,,,\n")
    assert "Line 3" in said
    assert "there is no such router" in said
    assert "there is no such package" in said
    assert not Member.objects.exists()
    assert "2 members entered." in send(HEAD + good + "Pak Joko,,Balai,joko,Bulanan,,,\n")
    siti = Member.objects.get(user="siti")
    assert (siti.price_idr, siti.until, siti.state) == (100_000, date(2026, 12, 15), "active")
    assert Member.objects.get(user="joko").price_idr == 150_000
    assert "a member already" in send(HEAD + good)
    assert "columns are missing" in send("nama;user\n")
    assert "Choose a CSV file" in admin.post("/shop/members/import/").content.decode()


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (",,b,u,p,,,", Problem(2, "empty", "name")),
        (f"{'n' * 81},,b,u,p,,,", Problem(2, "long", "name")),
        ("n,,b,u,p,gratis,,", Problem(2, "price", "gratis")),
        ("n,,b,u,p,2000000000,,", Problem(2, "price", "2000000000")),
        ("n,,b,u,p,,besok,", Problem(2, "date", "besok")),
        ("n,,b,u,p,,2026-02-01,2026-01-01", Problem(2, "date", "2026-01-01")),
        ("n,,b,u,p,,,\nm,,B,u,p,,,", Problem(3, "twice", "u")),
    ],
)
def test_a_line_that_is_wrong_is_named(line: str, problem: Problem) -> None:
    assert read_list(HEAD + line + "\n,,,,,,,\n")[1] == [problem]


def test_files_without_lines_or_with_too_many_are_refused() -> None:
    assert read_list("") == ([], [Problem(1, "columns", "name, router, user, package")])
    assert read_list("x\n" * (MOST_LINES + 1))[1] == [Problem(MOST_LINES + 1, "many")]


def test_the_api_lists_and_renews(as_: Callable[[str], Client]) -> None:
    cashier, member = as_("cashier"), make_member()
    (told,) = cashier.get("/api/v1/members?state=active").json()
    assert (told["name"], told["until"], told["on_router"]) == ("Bu Siti", "2026-12-15", True)
    assert cashier.get(f"/api/v1/members/{member.pk}").json() == told
    assert cashier.get("/api/v1/members?state=x").status_code == 422
    assert cashier.get("/api/v1/members/99999").status_code == 404

    def renew() -> Any:
        body = json.dumps({"months": 1, "token": "12345678"})
        address = f"/api/v1/members/{member.pk}/renew"
        return cashier.post(address, body, content_type="application/json")

    assert renew().json()["number"] == renew().json()["number"] == "2026-000001"
    members.end(member, None)
    made = json.dumps({"months": 1, "token": "87654321"})
    over = cashier.post(f"/api/v1/members/{member.pk}/renew", made, content_type="application/json")
    assert over.status_code == 409
