"""Vouchers for programs, from a terminal, and for buyers who only know their code."""

import json
from datetime import timedelta

import pytest
from click.testing import CliRunner
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ronda.cli.vouchers import vouchers
from ronda.shop.models import Batch, Voucher
from ronda.shop.service import ending, making, status
from tests.hotspot.scripted import USER
from tests.shop.test_ending import Shop

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


@pytest.fixture
def shop(monkeypatch):
    return Shop(monkeypatch)


def post(client, path, **given):
    return client.post(path, json.dumps(given), content_type="application/json")


def test_a_program_makes_lists_and_ends_vouchers(as_, shop):
    cashier, admin = as_("cashier"), as_("admin")
    made = post(
        cashier, "/api/v1/vouchers", package=shop.package.pk, code="budi", password="rahas1a"
    )
    assert (made.status_code, made.json()["password"]) == (201, "rahas1a")
    assert (
        post(cashier, "/api/v1/vouchers", package=shop.package.pk, code="budi").status_code == 409
    )
    assert post(cashier, "/api/v1/vouchers", package=shop.package.pk, code="b i").status_code == 422
    batch = post(admin, "/api/v1/batches", package=shop.package.pk, count=5, prefix="k")
    assert batch.json()["states"]["making"] == 5
    few = post(
        admin, "/api/v1/batches", package=shop.package.pk, count=9000, length=4, alphabet="digits"
    )
    assert few.status_code == 422
    listed = cashier.get("/api/v1/vouchers?q=bu").json()
    assert [row["code"] for row in listed["items"]] == ["budi"]
    assert "rahas1a" not in json.dumps(listed)
    pk = made.json()["id"]
    assert post(cashier, f"/api/v1/vouchers/{pk}/void", reason="x").status_code == 200
    assert post(cashier, f"/api/v1/vouchers/{pk}/void").status_code == 409
    assert cashier.get(f"/api/v1/vouchers/{pk}").json()["state"] == "void"
    assert post(cashier, "/api/v1/batches", package=shop.package.pk, count=5).status_code == 403


@pytest.mark.database
def test_a_text_that_no_database_takes_is_refused_at_the_door(as_, client, shop):
    cashier, voucher = as_("cashier"), shop.sell()
    for path in ("/api/v1/vouchers", "/api/v1/orders"):
        assert cashier.get(path, {"q": "a\0"}).status_code == 422
    at = f"/api/v1/vouchers/{voucher.pk}/void"
    assert post(cashier, at, reason="\0").status_code == 422
    given = {"package": shop.package.pk, "phone": "081234567890"}
    for name, text in (("name", "\0"), ("email", "a\0@b.id"), ("code", "\0")):
        assert post(cashier, "/api/v1/orders", **given, **{name: text}).status_code == 422
    assert client.post("/voucher/", {"code": "\0"}).status_code == 200


def test_the_older_system_gets_its_voucher(as_, shop, monkeypatch):
    monkeypatch.setattr("ronda.shop.older_vouchers.WAIT_S", 0.0)
    cashier = as_("cashier")
    answer = post(
        cashier,
        "/api/mikrotik/voucher",
        voucherId=shop.package.pk,
        customUsername="warga1",
        customPassword="sandi1",
    )
    told = answer.json()
    assert (told["voucher"]["username"], told["voucher"]["password"]) == ("warga1", "sandi1")
    assert (told["voucher"]["status"], told["voucher"]["limitUptime"]) == ("making", "1d")
    assert post(cashier, "/api/mikrotik/voucher", voucherId=99).status_code == 404
    unknown = post(
        cashier, "/api/mikrotik/voucher", voucherId=shop.package.pk, transactionId="TRX-9"
    )
    assert unknown.status_code == 404
    assert Voucher.objects.count() == 1


def test_from_a_terminal_they_are_made_listed_taken_out_and_ended(shop, tmp_path, monkeypatch):
    monkeypatch.setattr("ronda.cli.routers._ready", lambda: None)
    run = CliRunner().invoke
    made = run(vouchers, ["create", shop.package.name, "4", "--wait", "0", "--json"])
    told = json.loads(made.stdout)
    assert (made.exit_code, told["count"], told["making"]) == (3, 4, 4)
    few = run(
        vouchers, ["create", shop.package.name, "5000", "--length", "4", "--alphabet", "digits"]
    )
    assert "2048" in few.output
    assert Batch.objects.count() == 1
    file = tmp_path / "stok.csv"
    file.write_text("of the day before")
    file.chmod(0o644)
    assert run(vouchers, ["export", str(told["batch"]), str(file)]).exit_code == 0
    code = Voucher.objects.first().code
    assert code in file.read_text()
    assert file.stat().st_mode & 0o077 == 0
    assert code in run(vouchers, ["list", "--code", code]).output
    assert run(vouchers, ["void", code]).exit_code == 0
    assert Voucher.objects.get(code=code).state == "void"
    plain = run(vouchers, ["create", shop.package.name, "2", "--wait", "0"])
    assert "0 of 2 ready" in plain.output


def test_a_buyer_reads_what_is_left_and_a_guesser_learns_nothing(client, shop, monkeypatch):
    monkeypatch.setattr(status, "MOST_OF_ONE", 5)
    shop.package.quota_bytes = 1024**3
    shop.package.save()
    voucher = shop.sell()
    shop.log_in(voucher)
    shop.link.menus[USER][0]["bytes-out"] = str(512 * 1024**2)
    shop.read()

    def ask(code):
        return client.post("/voucher/", {"code": code})

    page = ask(voucher.code).content.decode()
    assert "512" in page
    assert "Balai Desa" not in page
    ending.end_due(shop.now + timedelta(days=2))
    assert "valid time was over" in ask(voucher.code).content.decode()
    wrong = ask("x" * 7).content.decode()
    assert "There is no voucher with this code" in wrong
    assert ask(voucher.code.upper()).content.decode().count("There is no voucher") == 1
    assert "There is no voucher" in ask("tamu").content.decode()
    assert ask(voucher.code).status_code == 429


def test_a_code_that_is_nobodys_costs_the_same_questions(shop):
    voucher = making.make(shop.package, shop.router)
    counts = []
    for code in (voucher.code, "tidak-ada"):
        with CaptureQueriesContext(connection) as asked:
            status.look(code, "192.0.2.1")
        counts.append(len(asked))
    assert counts[0] == counts[1]
