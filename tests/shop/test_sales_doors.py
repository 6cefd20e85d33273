"""Sales, reports and accounts as JSON and in the terminal: the same rights and the same figures as the pages."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from click.testing import CliRunner
from django.utils import timezone

from ronda.cli import sales as commands
from ronda.shop.models import SaleDay, Voucher
from ronda.shop.service import checking, resellers, sales
from tests.routers.factories import make_router
from tests.shop.selling import make_package, make_voucher

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_folder", "in_english")]
As = Callable[[str], Any]
TOKEN = "a" * 32


def test_a_program_sells_reads_the_code_once_it_works_and_takes_back(as_: As, people: Any) -> None:
    make_router()
    package, dewi, umar = make_package(), as_("cashier"), as_("reseller")

    def post(client: Any, path: str, **told: Any) -> Any:
        return client.post(f"/api/v1/{path}", json.dumps(told), content_type="application/json")

    assert post(umar, "sales", package=package.pk, token=TOKEN).status_code == 409
    assert post(dewi, "sales", package=99, token=TOKEN).status_code == 404
    first = post(dewi, "sales", package=package.pk, token=TOKEN)
    again = post(dewi, "sales", package=package.pk, token=TOKEN)
    assert first.status_code == 201
    assert first.json() == again.json()
    sale = first.json()
    assert (sale["price"], sale["cost"], sale["code"], sale["state"]) == (5000, 1500, "", "making")
    Voucher.objects.update(state="ready")
    one = f"/api/v1/sales/{sale['id']}"
    assert dewi.get(one).json()["code"] == Voucher.objects.get().code
    assert umar.get(one).status_code == 404
    assert umar.get("/api/v1/sales").json() == {"items": [], "more": False}
    assert len(as_("owner").get("/api/v1/sales").json()["items"]) == 1
    resellers.decide(resellers.ask_top_up(people["reseller"], 9_000), True, people["cashier"])
    assert umar.get("/api/v1/balance").json()["available"] == 9_000
    sold = post(umar, "sales", package=package.pk, token="b" * 32).json()
    assert (sold["commission"], sold["cost"]) == (1000, None)
    back = post(dewi, f"sales/{sale['id']}/take-back", reason="salah").json()
    assert (back["state"], back["code"]) == ("void", "")
    Voucher.objects.update(first_login_at=timezone.now())
    assert post(umar, f"sales/{sold['id']}/take-back").status_code == 409


def test_reports_and_accounts_agree(as_: As) -> None:
    at = datetime(2026, 11, 3, tzinfo=UTC)
    sales.record(make_voucher(), price_idr=5_000, via="shop", at=at)
    owner = as_("owner")
    told = owner.get("/api/v1/reports/sales?day=2026-11-09").json()
    assert (told["first"], told["total"]["margin_idr"]) == ("2026-11-01", 3_500)
    assert [row["name"] for row in told["package"]] == ["1 Hari"]
    assert told["seller"] == [{**told["total"], "id": None, "name": ""}]
    held = {
        row["account"]: row["after_idr"]
        for row in owner.get("/api/v1/ledger/accounts?day=2026-11-09").json()
    }
    assert held["sales"] == -told["total"]["price_idr"]
    assert sum(held.values()) == 0
    wrong = owner.get("/api/v1/reports/sales?period=any&day=2026-11-09&until=2026-11-01")
    assert wrong.status_code == 422
    assert as_("cashier").get("/api/v1/ledger/accounts").status_code == 403
    assert as_("reseller").get("/api/v1/reports/sales").status_code == 403


def test_the_terminal_reports_checks_and_repairs(tmp_path: Any) -> None:
    at = datetime(2026, 11, 3, tzinfo=UTC)
    sales.record(make_voucher(), price_idr=5_000, via="shop", at=at)
    run = CliRunner().invoke

    def report(*given: str) -> str:
        return run(commands.sales, ["report", "--day", "2026-11-09", *given]).output

    assert "Rp5.000" in report("--by", "package")
    assert json.loads(report("--format", "json", "--by", "via"))[0]["margin_idr"] == 3_500
    assert "day,sold" in report("--format", "csv")
    assert report("--format", "xlsx", "-o", str(tmp_path / "x.xlsx")) == ""
    assert (tmp_path / "x.xlsx").read_bytes()[:2] == b"PK"
    bad = run(
        commands.sales,
        ["report", "--period", "any", "--day", "2026-11-09", "--until", "2026-11-01"],
    )
    assert bad.exit_code == 2
    assert run(commands.ledger, ["check"]).output == "The books are whole.\n"
    SaleDay.objects.update(sold=3)
    broken = run(commands.ledger, ["check", "--json"])
    assert (broken.exit_code, json.loads(broken.output)["whole"]) == (1, False)
    assert run(commands.ledger, ["check", "--repair"]).exit_code == 0
    assert SaleDay.objects.get().sold == 1


def test_a_sale_counts_at_the_router_where_it_was_made_in_the_end() -> None:
    at = datetime(2026, 11, 3, tzinfo=UTC)
    voucher, other = make_voucher(), make_router("Lain")
    sale = sales.record(voucher, price_idr=5_000, via="shop", at=at)
    sales.activated(voucher, at)
    sales.take_back(sale, None, "")
    sales.moved(voucher, other)
    sales.moved(voucher, other)
    assert checking.check() == []
    counted = SaleDay.objects.filter(router=other.pk)
    assert sum(row.sold for row in counted) == sum(row.returned for row in counted) == 2
