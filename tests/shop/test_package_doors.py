"""Programs make, read and change packages in the editor's words, and in those of the older system."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.test import Client

from ronda.accounts.models import AuditRow
from ronda.cli.packages import packages as command
from ronda.shop.models import Package
from ronda.shop.rules import older_packages
from ronda.shop.rules.older_packages import Note, Problem
from ronda.shop.service import branding, packages
from tests.shop.factories import make_package

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]

As = Callable[[str], Client]
#: mikrotik.md, "Voucher Configuration".
SAMPLE: dict[str, Any] = {
    "name": "Voucher 1 Jam",
    "price": 5000,
    "duration": "1 jam",
    "mikrotikProfile": "1hour",
    "timeLimit": "1h",
    "dataLimit": None,
    "autoCreate": True,
    "syncWithMikrotik": True,
}


def send(client: Client, method: str, path: str, body: Any) -> Any:
    return getattr(client, method)(path, json.dumps(body), content_type="application/json")


def test_the_sample_of_the_older_system_is_taken_and_given_back(as_: As) -> None:
    answer = send(as_("admin"), "post", "/api/vouchers", SAMPLE)
    assert answer.status_code == 200, answer.content
    assert "time counts only while online" in answer.json()["notes"][0]
    package = Package.objects.get()
    assert (package.profile, package.valid_for, package.online_s) == ("1hour", "", 3600)
    (given,) = as_("reseller").get("/api/vouchers").json()
    assert given == {
        **SAMPLE,
        "id": str(package.pk),
        "description": "",
        "duration": "1 hour",
        "isActive": True,
        "isPopular": False,
    }


@pytest.mark.parametrize(
    ("change", "field", "reason"),
    [
        ({"timeLimit": "2h"}, "duration", "ends before timeLimit"),
        ({"timeLimit": "1 bulan"}, "timeLimit", "cannot be counted in months"),
        ({"dataLimit": "1000"}, "dataLimit", "no amount of data"),
        ({"dataLimit": 1000}, "dataLimit", "is a text"),
        ({"price": "5000"}, "price", "whole number of rupiah"),
        ({"price": -1}, "price", "whole number of rupiah"),
        ({"price": True}, "price", "whole number of rupiah"),
        ({"autoCreate": "yes"}, "autoCreate", "true or false"),
        ({"mikrotikProfile": None}, "mikrotikProfile", "the profile that is kept in step"),
        ({"mikrotikProfile": "default"}, "", "router's own profile"),
        ({"name": " "}, "name", "Write a name"),
        ({"name": "HARIAN"}, "name", "already"),
    ],
)
def test_what_contradicts_itself_is_explained_in_its_own_words(
    as_: As, change: dict[str, Any], field: str, reason: str
) -> None:
    make_package("Harian")
    answer = send(as_("admin"), "post", "/api/vouchers", SAMPLE | change)
    assert answer.status_code == 400
    assert reason in answer.json()["message"]
    assert answer.json()["message"].startswith(f"{field}:")
    assert Package.objects.count() == 1


def test_two_clocks_of_the_older_object_stay_two() -> None:
    found = older_packages.read(SAMPLE | {"duration": "30 hari", "timeLimit": "10h"})
    assert (found.values["valid_for"], found.values["online_time"]) == ("30d", "10h")
    assert older_packages.read(SAMPLE | {"timeLimit": None}).values["valid_for"] == "1h"


def test_a_duration_that_is_no_length_becomes_the_description() -> None:
    found = older_packages.read(SAMPLE | {"duration": "sepuasnya"})
    assert (found.values["description"], found.notes) == ("sepuasnya", [Note.DURATION_IS_TEXT])


def test_an_older_object_without_a_profile_uses_the_routers_own() -> None:
    found = older_packages.read({"name": "x", "price": 1000.0})
    assert (found.values["profile"], found.values["sync"], found.problems) == ("default", False, {})
    assert found.notes == [Note.ROUTERS_OWN]
    assert older_packages.read({"name": 1, "price": 1.5}).problems == {
        "name": Problem.NO_NAME,
        "price": Problem.NO_PRICE,
    }


def test_only_administrators_add_packages_by_the_older_path(as_: As) -> None:
    assert send(as_("cashier"), "post", "/api/vouchers", SAMPLE).status_code == 403
    assert Client().get("/api/vouchers").status_code == 401
    for body in ("[]", "{", '"x"'):
        answer = as_("admin").post("/api/vouchers", body, content_type="application/json")
        assert answer.status_code == 400


def test_what_is_not_on_sale_is_not_told(as_: As) -> None:
    make_package("tutup", active=False)
    assert as_("reseller").get("/api/vouchers").json() == []


def test_strangers_see_how_the_shop_looks_and_nothing_else(people: dict[str, Any]) -> None:
    branding.change({"name": "Warnet Sari", "whatsapp": "628123"}, people["owner"])
    assert Client().get("/api/settings").json() == {
        "siteName": "Warnet Sari",
        "logo": None,
        "primaryColor": branding.COLOUR,
        "textColor": branding.INK,
        "phone": None,
        "whatsapp": "628123",
        "address": None,
        "footer": None,
    }


def test_packages_are_made_changed_deleted_and_brought_back_by_programs(as_: As) -> None:
    admin = as_("admin")
    given = {
        "name": "Kantor",
        "selling_price": 10_000,
        "price": 2_500,
        "profile": "kantor",
        "valid_for": "30 hari",
        "online_time": "90 menit",
        "data": "1GB",
        "rate_limit": "1M/4M",
        "hours": [{"days": [0, 1], "start": "08:00", "end": "17:00"}],
        "zone": "WITA",
        "sold_until": "2026-12-31",
    }
    made = send(admin, "post", "/api/v1/packages", given)
    assert made.status_code == 201, made.content
    pk = made.json()["id"]
    told = made.json()
    assert {name: told[name] for name in given} == given | {
        "valid_for": "30d",
        "online_time": "90m",
    }
    assert "Only Mon\N{EN DASH}Tue 08:00\N{EN DASH}17:00 WITA." in told["sentence"]
    changed = send(admin, "patch", f"/api/v1/packages/{pk}", {"selling_price": 12_000})
    assert changed.status_code == 200, changed.content
    assert changed.json() == told | {"selling_price": 12_000}
    assert AuditRow.objects.latest("id").after == {"selling_price_idr": 12_000}
    assert as_("reseller").get(f"/api/v1/packages/{pk}").json()["price"] is None
    assert admin.delete(f"/api/v1/packages/{pk}").status_code == 204
    assert admin.get(f"/api/v1/packages/{pk}").status_code == 404
    assert admin.post(f"/api/v1/packages/{pk}/restore").status_code == 200
    assert [one["name"] for one in admin.get("/api/v1/packages?on_sale=true").json()] == ["Kantor"]


def test_a_package_that_does_not_fit_is_refused_by_field(as_: As) -> None:
    make_package("Harian", profile="kantor", rate_limit="1M/2M")
    given = {"name": "Kantor", "selling_price": 1, "profile": "kantor", "rate_limit": "2M/2M"}
    for change, field in (
        ({}, ""),
        ({"rate_limit": "fast"}, "rate_limit"),
        ({"valid_for": "30"}, "valid_for"),
        ({"data": "1"}, "data"),
        ({"router_ids": [99]}, "router_ids"),
        ({"hours": [{"days": [0], "start": "25:00", "end": "x"}]}, "hours"),
    ):
        answer = send(as_("admin"), "post", "/api/v1/packages", given | change)
        assert answer.status_code == 422
        assert list(answer.json()["error"]["fields"]) == [field]


def test_a_deleted_package_does_not_come_back_beside_one_it_contradicts(as_: As) -> None:
    old = make_package("Lama", profile="malam", rate_limit="1M/2M")
    packages.delete(old, None)
    make_package("Baru", profile="malam", rate_limit="2M/2M")
    assert as_("admin").post(f"/api/v1/packages/{old.pk}/restore").status_code == 409


def run(*words: str) -> Any:
    return CliRunner().invoke(command, list(words))


def test_the_terminal_makes_lists_and_imports(tmp_path: Path) -> None:
    assert "Made 24 jam." in run("defaults").output
    assert run("defaults").output == "They are all there.\n"
    assert "24 jam" in run("list").output
    listed = json.loads(run("list", "--json").output)
    assert [one["name"] for one in listed] == ["5 jam", "12 jam", "24 jam", "7 hari", "30 hari"]
    assert run("add", "Harian Cepat", "7000", "--valid-for", "1 hari").exit_code == 0
    assert Package.objects.get(name="Harian Cepat").profile == "hariancepat"
    Package.objects.all().delete()
    file = tmp_path / "paket.json"
    file.write_text(json.dumps([SAMPLE, *listed]), "utf-8")
    assert run("import", str(file)).exit_code == 0
    assert packages.present().count() == 6
    assert json.loads(run("list", "--json").output)[1]["valid_for"] == "5h"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "is no JSON"),
        ("[1]", "no object"),
        (
            json.dumps([SAMPLE, {**SAMPLE, "price": None}]),
            "Package 2 does not fit; nothing was made.",
        ),
        ('{"name": "x", "harga": 1}', "harga: There is no such field."),
        ('{"name": "x", "hours": [1]}', "hours: This is not of the right kind."),
        ('{"name": "x", "profile": "x"}', "selling_price: This field is required."),
    ],
)
def test_a_file_is_imported_whole_or_not_at_all(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "paket.json"
    file.write_text(text, "utf-8")
    answer = run("import", str(file))
    assert answer.exit_code == 1
    assert said in answer.output
    assert not Package.objects.exists()
