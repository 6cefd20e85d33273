"""The list of ONTs, the page of one, and editing by hand."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone, translation

from ronda import overview
from ronda.accounts.models import AuditRow
from ronda.devices import pages
from ronda.devices.models import Area, Change, Ont
from ronda.devices.service import onts
from ronda.devices.service.changes import undo
from ronda.monitoring.models import Watch
from ronda.web.sections import Section, Sections
from tests.devices.factories import make_area, make_ont, make_site

pytestmark = [pytest.mark.django_db]

FORM = {
    "customer_id": "XM000777",
    "name": "Dusun RW 3 RT 1",
    "location": "Pos Ronda",
    "area": "Muka",
    "address": "10.0.0.77",
    "latitude": "-7.70",
    "longitude": "110.36",
    "category": "csr",
    "monitored": "on",
    "notes": "Tiang 3",
}


@pytest.fixture(autouse=True)
def _ground(data_folder: Any, settings: Any) -> Iterator[None]:
    settings.LANGUAGE_CODE = "en"
    with translation.override("en"):
        yield


@pytest.fixture
def as_(people: dict[str, Any]) -> Any:
    def sign_in(role: str) -> Client:
        client = Client()
        client.force_login(
            people[role], backend="allauth.account.auth_backends.AuthenticationBackend"
        )
        return client

    return sign_in


def text_of(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def names_in(answer: Any) -> list[str]:
    return [ont["name"] for ont in answer.context["page"].object_list]


def test_a_stranger_is_sent_to_sign_in(client: Client, people: Any) -> None:
    make_ont()
    for path in ("/onts/", "/onts/1/", "/sites/", "/changes/", "/backups/"):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (
            302,
            "/accounts/login/",
        )


def test_every_word_of_a_search_must_be_somewhere(as_: Any) -> None:
    make_ont(1, name="Padukuhan Atas RT 05", location="Masjid")
    make_ont(2, name="Padukuhan Bawah RT 05", address="10.9.8.7")
    make_ont(3, name="Lain", notes="kabel atas putus")
    client = as_("viewer")
    for words, found in (
        ("atas 05", ["Padukuhan Atas RT 05"]),
        ("MASJID", ["Padukuhan Atas RT 05"]),
        ("10.9.8", ["Padukuhan Bawah RT 05"]),
        ("xm000003", ["Lain"]),
        ("atas", ["Lain", "Padukuhan Atas RT 05"]),
        ("100%", []),
        ("<script>", []),
    ):
        assert names_in(client.get("/onts/", {"q": words})) == found


def test_the_list_is_narrowed_by_state_area_and_category(as_: Any) -> None:
    down, up, new = make_ont(1, area=make_area("A")), make_ont(2, category="csr"), make_ont(3)
    Watch.objects.create(ont=down, state="down", since=timezone.now())
    Watch.objects.create(ont=up, state="up", flapping=True)
    client = as_("viewer")

    def found(**filters: Any) -> list[int]:
        page = client.get("/onts/", filters).context["page"]
        return [ont["id"] for ont in page.object_list]

    assert found(state="down") == [down.pk]
    assert found(state="flapping") == [up.pk]
    assert found(state="unknown") == [new.pk]
    assert found(area=Area.objects.get().pk) == [down.pk]
    assert found(area="none", sort="name") == [up.pk, new.pk]
    assert found(category="csr") == [up.pk]
    Ont.objects.filter(pk=up.pk).update(latitude=None, longitude=None)
    Ont.objects.filter(pk=new.pk).update(address="")
    assert (found(state="unlocated"), found(state="unaddressed")) == ([up.pk], [new.pk])
    Ont.objects.filter(pk=new.pk).update(address="10.0.0.3")
    assert found(sort="state") == [down.pk, new.pk, up.pk]
    assert found(sort="-state") == [up.pk, new.pk, down.pk]
    assert found(state="nonsense", sort="nonsense", page="x") == [down.pk, new.pk, up.pk]
    assert found(sort="name") == [down.pk, up.pk, new.pk]


def test_what_is_not_watched_is_paused_whatever_was_believed_before(as_: Any) -> None:
    paused, bare, down = make_ont(1, monitored=False), make_ont(2, address=""), make_ont(3)
    for ont in (paused, down):
        Watch.objects.create(ont=ont, state="down")
    client = as_("viewer")

    def found(**filters: Any) -> list[int]:
        return [ont["id"] for ont in client.get("/onts/", filters).context["page"].object_list]

    assert found(state="down") == [down.pk]
    assert found(state="paused") == [paused.pk, bare.pk]
    assert found(state="unknown") == []
    assert found() == [down.pk, paused.pk, bare.pk]


def test_deleted_onts_are_not_in_the_list_and_their_page_says_so(as_: Any) -> None:
    ont = make_ont(deleted_at=timezone.now())
    client = as_("viewer")
    assert names_in(client.get("/onts/")) == []
    assert "was deleted on" in text_of(client.get(f"/onts/{ont.pk}/"))


@pytest.mark.parametrize("count", [1, 50])
def test_the_list_asks_the_database_as_often_for_fifty_rows_as_for_one(
    as_: Any, django_assert_num_queries: Any, count: int
) -> None:
    area = make_area()
    for number in range(1, count + 1):
        Watch.objects.create(ont=make_ont(number, area=area), state="up")
    client = as_("admin")
    client.get("/onts/")
    # Session, person, unread notices, sites, areas for the filter, areas for the bulk row, ids, rows;
    # the total where the page is full.
    with django_assert_num_queries(8 if count == 1 else 9):
        answer = client.get("/onts/")
    assert len(names_in(answer)) == count


def test_a_state_is_shown_as_word_and_shape_and_unknown_is_not_down(as_: Any) -> None:
    make_ont(1)
    Watch.objects.create(ont=make_ont(2), state="down", since=timezone.now())
    make_ont(3, address="")
    html = as_("viewer").get("/onts/").content.decode()
    assert re.findall(r'data-status="(\w+)"', html) == ["down", "unknown", "paused"]


def test_pages_are_cut_by_the_database(as_: Any) -> None:
    for number in range(1, 121):
        make_ont(number, name=f"N {number:03}")
    client = as_("viewer")
    assert names_in(client.get("/onts/", {"page": 3}))[0] == "N 101"
    assert names_in(client.get("/onts/", {"page": 99, "q": "N"})) == []
    assert "101" in text_of(client.get("/onts/", {"page": 3, "q": "N"}))


def test_sections_of_higher_slices_are_loaded_after_the_page(
    as_: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "ont_sections", Sections())
    pages.ont_sections.add(Section("devices:ont-edit", "Second", order=2))
    pages.ont_sections.add(Section("devices:ont-delete", "First", order=1))
    ont = make_ont()
    html = as_("viewer").get(f"/onts/{ont.pk}/").content.decode()
    assert re.findall(r'hx-get="(/onts/\d+/\w+/)"', html) == [
        f"/onts/{ont.pk}/delete/",
        f"/onts/{ont.pk}/edit/",
    ]


def test_an_ont_leads_to_itself_on_the_map_and_the_map_to_its_outages(as_: Any) -> None:
    ont = make_ont(latitude="-7.7", longitude="110.36")
    page = as_("viewer").get(f"/onts/{ont.pk}/").content.decode()
    # What the map shows is read from behind the # alone (overview/address-bar.js).
    assert f'href="/map/#ont={ont.pk}"' in page
    popup = (Path(overview.__file__).parent / "static/overview/popup.js").read_text()
    (place,) = re.findall(r"\$\{page\}#([\w-]+)", popup)
    assert f'id="{place}"' in page


def test_markup_in_names_is_shown_and_never_run(as_: Any) -> None:
    ont = make_ont(name="<script>alert(1)</script>", notes="<img src=x onerror=1>\nbaris 2")
    client = as_("admin")
    for path in ("/onts/", f"/onts/{ont.pk}/", f"/onts/{ont.pk}/edit/", f"/onts/{ont.pk}/delete/"):
        html = client.get(path).content.decode()
        assert "<script>alert" not in html
        assert "<img src=x" not in html
        assert "&lt;script&gt;alert(1)" in html


def test_an_administrator_adds_an_ont_and_a_new_area(as_: Any) -> None:
    site = make_site()
    answer = as_("admin").post("/onts/new/", FORM | {"site": site.pk})
    ont = Ont.objects.get()
    assert answer.headers["Location"] == f"/onts/{ont.pk}/"
    assert (ont.customer_id, ont.address, ont.area and ont.area.name, ont.latitude) == (
        "XM000777",
        "10.0.0.77",
        "Muka",
        -7.7,
    )
    assert AuditRow.objects.filter(action="ont.create", actor="budi").count() == 1


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("address", "10.0.0.7; rm -rf /", "cannot be watched"),
        ("address", "-f", "cannot be watched"),
        ("address", "127.0.0.1", "the server itself"),
        ("address", "224.0.0.1", "group address"),
        ("address", "10.0.0.07", "starts with a zero"),
        ("address", "10.0.0", "IPv4 address such as"),
        ("latitude", "north", "Write it like -7.768989"),
        ("latitude", "95", "between -90 and 90"),
        ("latitude", "110.3 BT", "swapped"),
        ("longitude", "", "both latitude and longitude"),
        ("name", "", "required"),
        ("customer_id", "x" * 41, "at most 40"),
        ("name", "a\x00b", "character"),
        ("category", "vip", "Select a valid choice"),
        ("site", "999", "Select a valid choice"),
    ],
)
def test_wrong_values_are_named_and_nothing_is_written(
    as_: Any, field: str, value: str, says: str
) -> None:
    site = make_site()
    answer = as_("admin").post("/onts/new/", FORM | {"site": site.pk, field: value})
    assert answer.status_code == 200
    assert says in str(answer.context["form"].errors)
    assert (Ont.objects.count(), Area.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    ("latitude", "longitude"),
    [
        ("-7.7, 110.36", ""),
        ("-7,7", "110,36"),
        ("7.7°S", "110.36 BT"),
        ("- 7. 7", " 110.36 "),
        ("(-7.7 110.36)", ""),
    ],
)
def test_coordinates_are_read_in_many_spellings(as_: Any, latitude: str, longitude: str) -> None:
    site = make_site()
    as_("admin").post(
        "/onts/new/", FORM | {"site": site.pk, "latitude": latitude, "longitude": longitude}
    )
    assert Ont.objects.values_list("latitude", "longitude").get() == (-7.7, 110.36)


def test_saving_without_touching_anything_changes_nothing(as_: Any) -> None:
    ont = make_ont(1, area=make_area(), notes="a\nb", latitude=-7.123456789)
    client = as_("admin")
    form = client.get(f"/onts/{ont.pk}/edit/").context["form"]
    values = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    assert client.post(f"/onts/{ont.pk}/edit/", values).status_code == 302
    assert not Change.objects.exists()


def test_the_second_of_two_editors_sees_the_stored_values_and_may_save_again(as_: Any) -> None:
    ont = make_ont(1)
    first, second = as_("admin"), as_("owner")
    form = second.get(f"/onts/{ont.pk}/edit/").context["form"]
    values = {name: form[name].value() or "" for name in form.fields}
    first.post(f"/onts/{ont.pk}/edit/", values | {"name": "Punya Budi"})

    refused = second.post(f"/onts/{ont.pk}/edit/", values | {"name": "Punya Sari"})

    assert "changed by someone else" in text_of(refused)
    assert "Stored now: Punya Budi" in text_of(refused)
    assert refused.context["form"]["name"].value() == "Punya Sari"
    again = {name: refused.context["form"][name].value() or "" for name in form.fields}
    second.post(f"/onts/{ont.pk}/edit/", again)
    assert Ont.objects.get().name == "Punya Sari"


def test_a_taken_customer_id_is_said_at_its_field(as_: Any) -> None:
    make_ont(777, name="Pemilik")
    answer = as_("admin").post("/onts/new/", FORM | {"site": make_site().pk})
    assert "already used in Sleman by Pemilik" in str(answer.context["form"].errors["customer_id"])


def test_an_operator_edits_notes_and_pauses_but_nothing_else(as_: Any) -> None:
    ont = make_ont(1)
    client = as_("noc")
    assert list(client.get(f"/onts/{ont.pk}/edit/").context["form"].fields) == [
        "monitored",
        "notes",
        "version",
    ]
    client.post(f"/onts/{ont.pk}/edit/", {"name": "Lain", "notes": "dicek"})
    assert Ont.objects.values_list("name", "notes", "monitored").get() == (
        ont.name,
        "dicek",
        False,
    )


@pytest.mark.parametrize(
    ("role", "path", "status"),
    [
        ("viewer", "/onts/{pk}/edit/", 403),
        ("viewer", "/onts/bulk/", 403),
        ("noc", "/onts/new/", 403),
        ("noc", "/onts/{pk}/delete/", 403),
        ("noc", "/backups/", 403),
        ("noc", "/sites/", 403),
        ("viewer", "/sites/", 403),
        ("noc", "/areas/{area}/delete/", 403),
    ],
)
def test_roles_are_kept_apart(as_: Any, role: str, path: str, status: int) -> None:
    ont, area = make_ont(1), make_area()
    answer = as_(role).post(path.format(pk=ont.pk, area=area.pk), {"name": "x"})
    assert answer.status_code == status
    assert Ont.objects.get().name == ont.name


def test_deleting_asks_and_offers_the_way_back(as_: Any) -> None:
    ont = make_ont(1)
    client = as_("admin")
    asked = client.get(f"/onts/{ont.pk}/delete/")
    assert str(ont) in text_of(asked)
    assert Ont.objects.present().count() == 1

    answer = client.post(f"/onts/{ont.pk}/delete/", follow=True)

    change = Change.objects.get()
    assert f'href="/changes/{change.pk}/"' in answer.content.decode()
    assert Ont.objects.present().count() == 0
    client.post(f"/changes/{change.pk}/")
    assert Ont.objects.present().count() == 1


def test_nothing_is_deleted_by_looking(as_: Any) -> None:
    ont = make_ont(1)
    client = as_("owner")
    assert "Delete 1 ONT?" in text_of(client.get(f"/delete/{ont.pk}"))
    client.get(f"/onts/{ont.pk}/delete/")
    assert client.get("/onts/bulk/", {"action": "delete", "ont": ont.pk}).status_code == 405
    assert Ont.objects.present().count() == 1


def test_many_are_paused_by_an_operator_and_come_back_by_undo(as_: Any) -> None:
    chosen = [make_ont(number).pk for number in range(1, 4)]
    other = make_ont(9)
    answer = as_("noc").post(
        "/onts/bulk/", {"action": "pause", "ont": chosen, "back": "/onts/?q=x&page=2"}
    )
    assert answer.headers["Location"] == "/onts/?q=x&page=2"
    assert set(Ont.objects.filter(monitored=False).values_list("pk", flat=True)) == set(chosen)
    assert Ont.objects.get(pk=other.pk).monitored
    undo(Change.objects.get().pk, None)
    assert not Ont.objects.filter(monitored=False).exists()


@pytest.mark.parametrize("action", ["category", "area", "delete", "", "format"])
def test_other_actions_on_many_need_an_administrator(as_: Any, action: str) -> None:
    ont = make_ont(1)
    answer = as_("noc").post("/onts/bulk/", {"action": action, "ont": ont.pk, "sure": "yes"})
    assert answer.status_code == 403
    assert not Change.objects.exists()


def test_many_get_an_area_or_a_category(as_: Any) -> None:
    first, second = make_ont(1), make_ont(2)
    area = make_area()
    client = as_("admin")
    ids = [first.pk, second.pk]
    client.post("/onts/bulk/", {"action": "area", "area": area.pk, "ont": ids})
    client.post("/onts/bulk/", {"action": "category", "category": "apbd", "ont": ids})
    assert list(Ont.objects.values_list("area", "category")) == [(area.pk, "apbd")] * 2
    client.post("/onts/bulk/", {"action": "area", "area": "none", "ont": ids})
    assert not Ont.objects.exclude(area=None).exists()


def test_an_area_of_another_site_is_refused(as_: Any) -> None:
    ont, area = make_ont(1), make_area("X", make_site("Bantul"))
    answer = as_("admin").post(
        "/onts/bulk/", {"action": "area", "area": area.pk, "ont": ont.pk}, follow=True
    )
    assert "choose only ONTs of that site" in text_of(answer)
    assert not Change.objects.exists()


def test_many_are_deleted_only_after_being_asked(as_: Any) -> None:
    chosen = [make_ont(number).pk for number in range(1, 16)]
    client = as_("admin")
    asked = client.post("/onts/bulk/", {"action": "delete", "ont": chosen})
    assert "Delete 15 ONTs?" in text_of(asked)
    assert "and 3 more" in text_of(asked)
    assert Ont.objects.present().count() == 15
    hidden = re.findall(r'name="(\w+)" value="([^"]*)"', asked.content.decode())
    sent: dict[str, list[str]] = {}
    for name, value in hidden:
        if name != "csrfmiddlewaretoken":
            sent.setdefault(name, []).append(value)
    client.post("/onts/bulk/", sent)
    assert Ont.objects.present().count() == 0


def test_choosing_nothing_says_so(as_: Any) -> None:
    answer = as_("noc").post("/onts/bulk/", {"action": "pause"}, follow=True)
    assert "Choose ONTs in the list first" in text_of(answer)


def test_a_shared_address_is_shown_on_each(as_: Any) -> None:
    first, second = make_ont(1), make_ont(2, address="10.0.0.1")
    assert str(second) in text_of(as_("viewer").get(f"/onts/{first.pk}/"))


def test_no_page_has_inline_code(as_: Any) -> None:
    ont = make_ont(1, area=make_area())
    make_area("B")
    client = as_("owner")
    client.post(f"/onts/{ont.pk}/edit/", {"notes": "x"})
    onts.edit(ont, {"notes": "x"}, None)
    change = Change.objects.latest("pk")
    for path in (
        *("/onts/", f"/onts/{ont.pk}/", f"/onts/{ont.pk}/edit/", "/onts/new/", "/sites/"),
        *(f"/sites/{ont.site_id}/", "/changes/", f"/changes/{change.pk}/", "/backups/"),
    ):
        html = client.get(path).content.decode()
        assert not re.search(r"<script(?![^>]*src=)|<style|\sstyle=|\son\w+=", html), path
