"""Imports, exports and duplicates by JSON."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from ronda.accounts.service import tokens
from ronda.devices.models import ImportDraft, Ont, Site
from tests.devices.factories import make_ont, make_site
from tests.devices.test_imports import FIVE, OUTAGES, as_file, record

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture(autouse=True)
def own_folder(data_folder: Path, settings: Any) -> Path:
    settings.LANGUAGE_CODE = "en"
    return data_folder


@pytest.fixture
def admin(people: dict[str, Any]) -> Client:
    _, text = tokens.make(people["admin"], "test", "admin")
    return Client(headers={"authorization": f"Bearer {text}"})


def upload(client: Client, content: bytes, site: str = "Wringinjalu", name: str = "l.json") -> Any:
    return client.post("/api/v1/imports", {"file": SimpleUploadedFile(name, content), "site": site})


def send(client: Client, method: str, path: str, body: Any) -> Any:
    return client.generic(method, path, json.dumps(body), content_type="application/json")


def test_an_upload_is_looked_at_chosen_and_committed(admin: Client, people: dict[str, Any]) -> None:
    content = as_file(*[record(n) for n in range(1, 5)], record(5, latitude="-7. 7"))
    answer = upload(admin, content)
    assert answer.status_code == 201
    made = answer.json()
    assert made["counts"]["new"] == 5
    assert made["state"] == "waiting"
    assert [a["name"] for a in made["proposed_areas"]] == ["Kali"]
    finding = made["lines"][0]["findings"][0]
    assert (finding["row"], finding["column"], finding["repair"]) == (
        5,
        "latitude",
        {"latitude": -7.7},
    )
    assert Ont.objects.count() == 0

    address = f"/api/v1/imports/{made['id']}"
    chosen = send(admin, "PATCH", address, {"accept": [finding["key"]], "areas": ["*"]}).json()
    assert chosen["accept"] == [finding["key"]]
    assert chosen["counts"]["suspicious"] == 0

    stale = send(admin, "POST", address + "/commit", {"fingerprint": "old"})
    assert (stale.status_code, stale.json()["error"]["code"]) == (409, "list_changed")
    done = send(admin, "POST", address + "/commit", {"fingerprint": chosen["fingerprint"]})
    assert done.status_code == 200
    ont = Ont.objects.get(customer_id="WJ000005")
    assert (ont.latitude, str(ont.area)) == (-7.7, "Kali")
    assert ImportDraft.objects.get().change.person == people["admin"]
    again = send(admin, "POST", address + "/commit", {})
    assert (again.status_code, again.json()["error"]["code"]) == (409, "already_imported")
    assert send(admin, "PATCH", address, {}).status_code == 409
    assert admin.delete(address).status_code == 409
    [row] = admin.get("/api/v1/imports").json()
    assert row["change"] == done.json()["change"]


def test_lines_are_asked_for_by_outcome_and_page(admin: Client) -> None:
    made = upload(admin, as_file(record(1), record(2, ip="127.0.0.1"), record(3))).json()
    assert [line["outcome"] for line in made["lines"]] == ["refused", "new", "new"]
    address = f"/api/v1/imports/{made['id']}"
    page = admin.get(address, {"outcome": "new", "limit": 1, "offset": 1}).json()
    assert ([line["row"] for line in page["lines"]], page["lines_total"]) == ([3], 2)
    assert admin.get(address, {"outcome": "suspicious"}).json()["lines_total"] == 0


@pytest.mark.parametrize(
    ("content", "code", "fields"),
    [
        (FIVE[:-30], "json_cut_off", {"row", "column"}),
        (b"\xff\xfe\x00", "text_cut_off", set()),
        (b"halo", "headings_not_found", {"row"}),
    ],
)
def test_a_refused_file_is_told_with_its_place_and_kept_nowhere(
    admin: Client, content: bytes, code: str, fields: set[str], data_folder: Path
) -> None:
    answer = upload(admin, content)
    assert answer.status_code == 422
    error = answer.json()["error"]
    assert error["code"] == code
    assert set(error["fields"]) == fields
    assert (ImportDraft.objects.count(), Site.objects.count()) == (0, 0)
    assert not (data_folder / "imports").exists()


def test_a_file_beyond_the_limit_is_refused(admin: Client, settings: Any) -> None:
    settings.RONDA = settings.RONDA.model_copy(update={"upload_mb": 1})
    answer = upload(admin, b" " * 1_000_001)
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "file_too_large")


def test_another_kind_of_file_and_a_nameless_site_are_refused(admin: Client) -> None:
    assert upload(admin, OUTAGES).json()["error"]["code"] == "wrong_kind"
    assert upload(admin, FIVE, site="  ").json()["error"]["fields"] == {"site": ["Give a name."]}
    assert Site.objects.count() == 0


def test_a_draft_can_be_discarded(admin: Client) -> None:
    made = upload(admin, FIVE).json()
    address = f"/api/v1/imports/{made['id']}"
    assert admin.delete(address).status_code == 204
    assert admin.get(address).status_code == 404
    assert send(admin, "POST", address + "/commit", {}).status_code == 404


def test_a_draft_whose_file_is_gone_says_so(admin: Client, data_folder: Path) -> None:
    made = upload(admin, FIVE).json()
    for kept in (data_folder / "imports").iterdir():
        kept.unlink()
    address = f"/api/v1/imports/{made['id']}"
    assert admin.get(address).json()["error"]["code"] == "file_gone"
    assert send(admin, "POST", address + "/commit", {}).status_code == 409


def test_a_draft_larger_than_a_lowered_limit_is_refused(admin: Client, settings: Any) -> None:
    made = upload(admin, FIVE + b" " * 1_000_000).json()
    settings.RONDA = settings.RONDA.model_copy(update={"upload_mb": 1})
    address = f"/api/v1/imports/{made['id']}"
    from ronda.devices.service import drafts

    drafts._recent.clear()
    assert admin.get(address).status_code == 413
    assert send(admin, "POST", address + "/commit", {}).status_code == 413


@pytest.mark.parametrize("format_", ["json", "onts-json", "csv", "xlsx", "geojson", "kml"])
def test_the_list_is_sent_as_a_file_to_save(people: dict[str, Any], format_: str) -> None:
    make_ont(1)
    client = Client()
    client.force_login(people["viewer"])
    answer = client.get("/api/v1/exports/onts", {"format": format_})
    assert answer.status_code == 200
    extension = format_.replace("onts-json", "json")
    assert answer["Content-Disposition"].startswith('attachment; filename="onts-2')
    assert answer["Content-Disposition"].endswith(f'.{extension}"')
    assert answer.content
    assert client.get("/api/v1/exports/onts", {"format": "doc"}).status_code == 422


def test_duplicates_are_listed_by_kind(people: dict[str, Any]) -> None:
    make_ont(1, address="198.18.1.1")
    make_ont(2, address="198.18.1.1", latitude=None, longitude=None)
    client = Client()
    client.force_login(people["viewer"])
    answer = client.get("/api/v1/duplicates").json()
    assert (answer["checked"], answer["total"]) == (2, 1)
    assert answer["groups"][0]["kind"] == "address"
    assert client.get("/api/v1/duplicates", {"site": make_site("Kota").pk}).json()["checked"] == 0
