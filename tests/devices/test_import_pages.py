"""Import, export and duplicates as people meet them."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from ronda.devices.formats import Kind
from ronda.devices.models import Change, ImportDraft, Ont, Site
from ronda.devices.service import takers
from tests.devices.factories import make_ont, make_site
from tests.devices.test_imports import FIVE, NOTIFICATIONS, as_file, record

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture(autouse=True)
def own_folder(data_folder: Path, settings: Any) -> Path:
    settings.LANGUAGE_CODE = "en"
    return data_folder


@pytest.fixture
def admin(people: dict[str, Any]) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(people["admin"])
    client.cookies["django_language"] = "en"
    return client


def upload(client: Client, content: bytes, name: str = "list.json", **options: Any) -> Any:
    file = SimpleUploadedFile(name, content)
    return client.post("/onts/import/", {"file": file, "site": "Wringinjalu"}, **options)


def text_of(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def decide(client: Client, address: str, **fields: Any) -> Any:
    page = client.get(address).content.decode()
    [seen] = re.findall(r'name="seen" value="(\w+)"', page)
    body = {"accept_shown": "1", "seen": seen, "action": "commit", **fields}
    return client.post(address, body, follow=True)


def test_a_list_is_uploaded_looked_at_imported_and_shown(admin: Client) -> None:
    answer = upload(admin, FIVE)
    assert answer.status_code == 302
    page = admin.get(answer.url)
    assert "5 New" in text_of(page)
    assert "5 ONTs will be written" in text_of(page)
    assert Ont.objects.count() == 0
    done = decide(admin, answer.url, areas="*")
    assert "5 ONTs were written to Wringinjalu." in text_of(done)
    assert set(Ont.objects.values_list("area__name", flat=True)) == {"Kali"}
    assert "list.json" in text_of(admin.get("/onts/import/"))


def test_repairs_are_accepted_by_their_boxes(admin: Client) -> None:
    rows = [record(n) for n in range(1, 6)]
    address = upload(admin, as_file(*rows, record(6, latitude="-7. 7"))).url
    page = admin.get(address)
    assert "Row 6, column latitude: “-7. 7” has a space inside" in text_of(page)
    again = decide(admin, address, accept="6:angle_with_spaces:latitude", action="update")
    assert 'value="6:angle_with_spaces:latitude" checked' in again.content.decode()
    assert Ont.objects.count() == 0
    decide(admin, address, accept="*:angle_with_spaces")
    assert Ont.objects.get(customer_id="WJ000006").latitude == -7.7


def test_html_in_names_is_shown_escaped_and_waits(admin: Client) -> None:
    address = upload(admin, as_file(record(1), record(2, name="<script>alert(1)</script>"))).url
    page = admin.get(address)
    assert b"<script>alert" not in page.content
    assert b"&lt;script&gt;alert(1)&lt;/script&gt;" in page.content
    assert "1 Waiting for you" in text_of(page)
    decide(admin, address)
    assert [o.customer_id for o in Ont.objects.all()] == ["WJ000001"]


def test_strange_headings_and_choices_break_no_page(admin: Client) -> None:
    rows = [record(n) | {"\ud800\x07": 1, "na\u0000ma2": 2} for n in range(1, 4)]
    rows.append({"\ud800": 1, "id_ccbs": "\ud800", "nama": "\x00"})
    address = upload(admin, as_file(*rows)).url
    assert "\\ud800" in text_of(admin.get(address))
    assert decide(admin, address, accept=["\x00", "a\x07b"], action="update").status_code == 200
    unknown = upload(admin, as_file({"\ud800": 1}))
    assert unknown.status_code == 422


def test_rows_are_shown_by_kind_and_by_page(admin: Client) -> None:
    address = upload(admin, as_file(*[record(n) for n in range(1, 71)])).url
    assert (
        len(re.findall(r'<th scope="row" class="num">', admin.get(address).content.decode())) == 50
    )
    second = admin.get(address, {"show": "new", "page": "2"})
    assert len(re.findall(r'<th scope="row" class="num">', second.content.decode())) == 20
    assert admin.get(address, {"show": "refused", "page": "x"}).status_code == 200


def test_changes_show_before_and_after(admin: Client) -> None:
    decide(admin, upload(admin, FIVE).url)
    page = admin.get(upload(admin, as_file(record(1, name="Kali RW 9", dipantau="tidak"))).url)
    assert "Name: Kali RW 1 RT 1 → Kali RW 9" in text_of(page)
    assert "Monitored: yes → no" in text_of(page)
    assert "Delete the site's ONTs that are not in the file 4" in text_of(page).replace(
        "&#x27;", "'"
    )


def test_a_list_with_nothing_new_cannot_be_imported(admin: Client) -> None:
    decide(admin, upload(admin, FIVE).url, areas="*")
    address = upload(admin, FIVE).url
    assert "As it stands, nothing would change." in text_of(admin.get(address))
    assert "nothing was changed" in text_of(decide(admin, address))
    assert Change.objects.count() == 1


def test_a_list_changed_since_the_preview_is_shown_again(admin: Client) -> None:
    address = upload(admin, FIVE).url
    admin.get(address)
    make_ont(1, make_site("Wringinjalu"), customer_id="WJ000001")
    answer = admin.post(address, {"seen": "old", "action": "commit"}, follow=True)
    assert "The list of ONTs was changed since" in text_of(answer)
    assert Ont.objects.count() == 1


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (FIVE[:-30], "Line 1, column"),
        (b"", "The file is empty."),
        (b"[]", "a list without records, not a list of ONTs"),
    ],
)
def test_a_bad_file_is_told_and_nothing_is_kept(admin: Client, content: bytes, told: str) -> None:
    answer = upload(admin, content)
    assert answer.status_code == 422
    assert told in text_of(answer)
    assert "Nothing was changed." in text_of(answer)
    assert (ImportDraft.objects.count(), Site.objects.count()) == (0, 0)


def test_a_hundred_megabytes_are_refused_unread(admin: Client) -> None:
    answer = upload(admin, b"x", CONTENT_LENGTH="100000000")
    assert answer.status_code == 413
    assert "The file has 100.0 MB; the limit is 25 MB." in text_of(answer)
    assert upload(admin, b"x", CONTENT_LENGTH="-1").status_code == 413


def test_an_upload_needs_the_token_of_its_form(people: dict[str, Any]) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(people["admin"])
    assert upload(client, FIVE).status_code == 403
    assert ImportDraft.objects.count() == 0


def test_a_form_without_file_or_with_a_strange_site_is_shown_again(admin: Client) -> None:
    assert admin.post("/onts/import/", {"site": "x"}).status_code == 422
    file = SimpleUploadedFile("list.json", FIVE)
    answer = admin.post("/onts/import/", {"site": "a\x07b", "file": file})
    assert answer.status_code == 422
    assert ImportDraft.objects.count() == 0


def test_a_draft_can_be_forgotten_once(admin: Client) -> None:
    address = upload(admin, FIVE).url
    assert "list.json was forgotten." in text_of(admin.post(address + "discard/", follow=True))
    assert admin.get(address).status_code == 404
    address = upload(admin, FIVE).url
    decide(admin, address)
    assert "already been imported" in text_of(admin.post(address + "discard/", follow=True))


def test_a_draft_whose_file_is_gone_leads_back_to_the_form(
    admin: Client, data_folder: Path, settings: Any
) -> None:
    address = upload(admin, FIVE + b" " * 1_000_000).url
    from ronda.devices.service import drafts

    drafts._recent.clear()
    settings.RONDA = settings.RONDA.model_copy(update={"upload_mb": 1})
    assert "the limit is 1" in text_of(admin.get(address, follow=True))
    for kept in (data_folder / "imports").iterdir():
        kept.unlink()
    assert "Upload it again." in text_of(admin.get(address, follow=True))


def test_another_kind_of_file_is_taken_by_whoever_registered(
    admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(takers, "_takers", {})
    taken: list[int] = []
    takers.take_over(Kind.NOTIFICATIONS, lambda listing, _: taken.append(len(listing.rows)) or 1)
    address = upload(admin, NOTIFICATIONS).url
    assert "notifications of the older system with 1 record" in text_of(admin.get(address))
    answer = admin.post(address, {"action": "commit"}, follow=True)
    assert "The file was taken over." in text_of(answer)
    assert taken == [1]


def test_many_proposals_have_one_box_for_all_and_few_single_ones(admin: Client) -> None:
    rows = [record(n, name=f"=A{n}", ip="") for n in range(1, 60)]
    page = admin.get(upload(admin, as_file(*rows)).url)
    assert "Texts like formulas, as plain text 59 rows" in text_of(page)
    assert "and 29 more" in text_of(page)


@pytest.mark.parametrize("format_", ["json", "onts-json", "csv", "xlsx", "geojson", "kml"])
def test_a_viewer_may_take_the_list_along(people: dict[str, Any], format_: str) -> None:
    make_ont(1)
    client = Client()
    client.force_login(people["viewer"])
    assert client.get("/onts/export/").status_code == 200
    answer = client.get("/onts/export/", {"format": format_, "site": make_site().pk})
    assert answer["Content-Disposition"].startswith('attachment; filename="onts-')
    assert client.get("/onts/export/", {"format": "doc"}).status_code == 400


def test_duplicates_are_shown_with_their_members(people: dict[str, Any]) -> None:
    client = Client(headers={"accept-language": "en"})
    client.force_login(people["viewer"])
    assert "No duplicates" in text_of(client.get("/onts/duplicates/"))
    for number in range(1, 26):
        make_ont(number, address="198.18.1.1", latitude=None, longitude=None)
    page = text_of(client.get("/onts/duplicates/", {"site": make_site().pk, "page": "x"}))
    assert "Same address 198.18.1.1" in page
    assert "and 5 more" in page


def test_people_below_administrator_do_not_import(people: dict[str, Any]) -> None:
    for role in ("viewer", "noc"):
        client = Client()
        client.force_login(people[role])
        assert client.get("/onts/import/").status_code == 403
        assert upload(client, FIVE).status_code == 403
    assert ImportDraft.objects.count() == 0


def test_a_preview_asks_the_same_few_questions_at_any_length(
    admin: Client, django_assert_max_num_queries: Any
) -> None:
    small = upload(admin, FIVE).url
    large = upload(admin, as_file(*[record(n) for n in range(1, 201)])).url
    for address in (small, large):
        admin.get(address)
        with django_assert_max_num_queries(12):
            admin.get(address)
