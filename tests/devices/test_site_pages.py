"""Sites and areas by hand, the page of changes, and the page of backups."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone, translation

from ronda.devices.models import Area, Change, Ont, Site
from ronda.devices.service import backups, sites
from ronda.devices.service.changes import RowChange, apply, undo
from ronda.devices.service.errors import ChangeRefused
from ronda.work import feed
from tests.devices.factories import make_area, make_ont, make_site, ont_values

pytestmark = [pytest.mark.django_db]


@pytest.fixture(autouse=True)
def _ground(data_folder: Any, settings: Any) -> Iterator[None]:
    settings.LANGUAGE_CODE = "en"
    with translation.override("en"):
        yield


@pytest.fixture
def admin(people: dict[str, Any], client: Client) -> Client:
    client.force_login(
        people["admin"], backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    return client


def text_of(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_a_site_is_added_renamed_and_removed(admin: Client) -> None:
    admin.post("/sites/", {"name": "  Sleman  Utara "})
    site = Site.objects.get()
    assert site.name == "Sleman Utara"
    admin.post(f"/sites/{site.pk}/edit/", {"name": "Sleman"})
    assert Site.objects.get().name == "Sleman"
    assert "Remove Sleman?" in text_of(admin.get(f"/sites/{site.pk}/delete/"))
    admin.post(f"/sites/{site.pk}/delete/")
    assert not Site.objects.exists()


def test_two_sites_never_share_a_name_whatever_its_case(admin: Client) -> None:
    make_site("Sleman")
    other = make_site("Bantul")
    assert "exists already" in text_of(admin.post("/sites/", {"name": "sleman"}))
    answer = admin.post(f"/sites/{other.pk}/edit/", {"name": "SLEMAN"})
    assert "exists already" in text_of(answer)
    assert set(Site.objects.values_list("name", flat=True)) == {"Sleman", "Bantul"}


@pytest.mark.parametrize(("deleted", "says"), [(False, "still has 1 ONT"), (True, "1 deleted ONT")])
def test_a_site_with_onts_stays(admin: Client, deleted: bool, says: str) -> None:
    ont = make_ont(1, deleted_at=timezone.now() if deleted else None)
    answer = admin.post(f"/sites/{ont.site_id}/delete/", follow=True)
    assert says in text_of(answer)
    assert Site.objects.count() == 1


def test_renaming_an_area_is_told_to_those_who_show_it(admin: Client) -> None:
    area = make_area("Lama")
    ont = make_ont(1, area=area)
    admin.post(f"/areas/{area.pk}/edit/", {"name": "Baru"})
    assert Area.objects.get().name == "Baru"
    assert [event.payload["onts"] for event in feed.read(0, topics={"devices.changed"})] == [
        [ont.pk]
    ]


def test_removing_an_area_keeps_its_onts_and_can_be_undone(admin: Client) -> None:
    area = make_area("Muka")
    ont = make_ont(1, area=area)
    admin.post(f"/areas/{area.pk}/delete/")
    assert (Area.objects.count(), Ont.objects.get().area) == (0, None)
    undo(Change.objects.get().pk, None)
    ont.refresh_from_db()
    assert ont.area is not None
    assert ont.area.name == "Muka"


def test_areas_are_merged_into_one_and_taken_apart_again(admin: Client) -> None:
    names = ["Atas", "Atas Muka", "Bawah"]
    areas = [make_area(name) for name in names]
    onts = [make_ont(n, area=area) for n, area in enumerate(areas, start=1)]
    admin.post(
        f"/sites/{areas[0].site_id}/merge/",
        {"area": [area.pk for area in areas[:2]], "into": areas[0].pk},
    )
    assert list(Ont.objects.order_by("pk").values_list("area__name", flat=True)) == [
        "Atas",
        "Atas",
        "Bawah",
    ]
    assert set(Area.objects.values_list("name", flat=True)) == {"Atas", "Bawah"}
    undo(Change.objects.get().pk, None)
    assert list(Ont.objects.order_by("pk").values_list("area__name", flat=True)) == names
    assert len(onts) == Ont.objects.count()


def test_merging_needs_a_target_and_another_area(admin: Client) -> None:
    area, foreign = make_area("A"), make_area("B", make_site("Bantul"))
    path = f"/sites/{area.site_id}/merge/"
    for values, says in (
        ({"area": area.pk}, "Choose the area that stays"),
        ({"area": area.pk, "into": area.pk}, "at least one other"),
        ({"area": area.pk, "into": foreign.pk}, "Choose the area that stays"),
    ):
        assert says in text_of(admin.post(path, values, follow=True))
    with pytest.raises(ChangeRefused):
        sites.merge_areas([area], foreign, None)
    assert Area.objects.count() == 2


def test_counts_leave_deleted_onts_out(admin: Client) -> None:
    area = make_area()
    make_ont(1, area=area)
    make_ont(2, area=area, deleted_at=timezone.now())
    (site,) = admin.get("/sites/").context["sites"]
    assert (site.ont_count, site.area_count) == (1, 1)
    assert [a.ont_count for a in admin.get(f"/sites/{site.pk}/").context["areas"]] == [1]


@pytest.mark.parametrize("count", [1, 50])
def test_the_page_of_changes_asks_the_database_as_often_for_fifty_as_for_one(
    admin: Client, django_assert_num_queries: Any, count: int
) -> None:
    for number in range(1, count + 1):
        apply([RowChange(None, ont_values(number))], kind="create", summary="s", person=None)
    with django_assert_num_queries(5):
        assert len(admin.get("/changes/").context["page"].object_list) == count


def test_undoing_what_changed_again_asks_first_and_then_does_it(admin: Client) -> None:
    ont = make_ont(1)
    for name in ("a", "b"):
        apply([RowChange(ont.pk, {"name": name})], kind="edit", summary=name, person=None)
    first = Change.objects.order_by("pk")[0]
    refused = admin.post(f"/changes/{first.pk}/")
    assert refused.status_code == 409
    assert "1 ONT was changed again later: b (XM000001)" in text_of(refused)
    admin.post(f"/changes/{first.pk}/", {"force": "yes"})
    assert Ont.objects.get().name == ont.name


@pytest.mark.parametrize(
    ("role", "values", "status"),
    [
        ("viewer", {"notes": "x"}, 403),
        ("noc", {"notes": "x"}, 302),
        ("noc", {"name": "x"}, 403),
        ("admin", {"name": "x"}, 302),
    ],
)
def test_who_may_do_something_may_take_it_back(
    people: dict[str, Any], client: Client, role: str, values: dict[str, Any], status: int
) -> None:
    client.force_login(people[role], backend="allauth.account.auth_backends.AuthenticationBackend")
    change = apply([RowChange(make_ont(1).pk, values)], kind="edit", summary="s", person=None)
    assert client.post(f"/changes/{change.pk}/").status_code == status


def test_a_backup_is_made_downloaded_and_restored_by_hand(admin: Client) -> None:
    ont = make_ont(1)
    admin.post("/backups/now/")
    (backup,) = backups.listing()
    download = admin.get(f"/backups/{backup.name}/")
    assert b"".join(download.streaming_content) == backup.path.read_bytes()
    assert "attachment" in download.headers["Content-Disposition"]
    apply([RowChange(ont.pk, {"name": "Lain"})], kind="edit", summary="s", person=None)
    asked = admin.get(f"/backups/{backup.name}/restore/")
    assert "ONTs in the backup: 1" in text_of(asked)

    answer = admin.post(f"/backups/{backup.name}/restore/", follow=True)

    assert Ont.objects.get().name == ont.name
    assert f"/changes/{Change.objects.latest('pk').pk}/" in answer.content.decode()


@pytest.mark.parametrize(
    "name", ["..%2F..%2Fsecret.key", "secret.key", "onts-20260101-000000.json"]
)
def test_nothing_else_is_given_out_as_a_backup(admin: Client, name: str) -> None:
    backups.folder().parent.joinpath("secret.key").write_text("geheim")
    assert admin.get(f"/backups/{name}/").status_code == 404
    assert admin.post(f"/backups/{name}/restore/").status_code == 404
