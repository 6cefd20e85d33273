"""The settings page: who may open it, what it changes, and what it says of wrong values."""

import pytest

from ronda.accounts.models import AuditRow
from ronda.work import tuning
from ronda.work.models import Tuning

pytestmark = [pytest.mark.django_db, pytest.mark.database]

ADDRESS = "/settings/"


def values(**changed):
    now = {item.knob.name: item.value for item in tuning.listing()} | changed
    return {name: value for name, value in now.items() if value is not False}


@pytest.fixture
def admin(client, people):
    client.force_login(people["admin"])
    return client


@pytest.mark.parametrize(
    ("role", "status"), [("owner", 200), ("admin", 200), ("noc", 403), ("viewer", 403)]
)
def test_only_admins_and_owners_come_in(client, people, role, status):
    client.force_login(people[role])

    assert client.get(ADDRESS).status_code == status
    assert client.post(ADDRESS, {"reset": "site_name"}).status_code == (
        302 if status == 200 else 403
    )


def test_a_stranger_is_asked_to_sign_in(client):
    assert client.get(ADDRESS).status_code == 302


@pytest.mark.parametrize("language", ["id", "en"])
def test_each_setting_says_what_it_does_and_where_it_comes_from(admin, language):
    tuning.change("interval_s", 15, by="sari")
    admin.cookies["django_language"] = language
    page = admin.get(ADDRESS).content.decode()

    assert all(f'name="{name}"' in page for name in tuning.KNOBS)
    assert "RONDA_SITE_NAME" in page
    assert "RONDA_INTERVAL_S" not in page
    assert 'name="reset" value="interval_s"' in page
    assert "/audit/" in page


def test_what_differs_is_put_in_force_and_on_the_trail(admin):
    answer = admin.post(ADDRESS, values(site_name="Kalisari", interval_s=10, public_map="on"))

    assert answer.status_code == 302
    assert {row.name: (row.value, row.changed_by) for row in Tuning.objects.all()} == {
        "site_name": ("Kalisari", "budi"),
        "interval_s": (10.0, "budi"),
        "public_map": (True, "budi"),
    }
    trail = AuditRow.objects.filter(action="settings.change").order_by("id")
    assert [(row.actor, row.subject, row.before, row.after) for row in trail] == [
        ("budi", "site_name", {"value": "Ronda"}, {"value": "Kalisari"}),
        ("budi", "interval_s", {"value": 30.0}, {"value": 10.0}),
        ("budi", "public_map", {"value": False}, {"value": True}),
    ]
    assert "Kalisari" in admin.get("/").content.decode()
    assert admin.post(ADDRESS, values()).status_code == 302
    assert trail.count() == 3


def test_a_wrong_value_is_named_beside_its_field_and_nothing_is_saved(admin):
    answer = admin.post(ADDRESS, values(site_name="Kalisari", interval_s="4", keep_backups="many"))

    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"interval_s", "keep_backups"}
    page = answer.content.decode()
    assert 'id="id_interval_s_error"' in page
    assert 'value="Kalisari"' in page
    assert Tuning.objects.count() == 0


def test_a_setting_follows_the_environment_again(admin):
    tuning.change("notice_hold_s", 300, by="sari")

    assert admin.post(ADDRESS, {"reset": "notice_hold_s"}).status_code == 302

    assert tuning.value("notice_hold_s") == 45
    row = AuditRow.objects.get(action="settings.change")
    assert (row.before, row.after) == ({"value": 300.0}, {"value": 45.0})


def test_the_public_map_opens_and_closes_at_once(client, people):
    assert client.get("/public/").status_code == 404
    tuning.change("public_map", True, by="budi")
    assert client.get("/public/").status_code == 200
    tuning.change("public_map", False, by="budi")
    assert client.get("/public/").status_code == 404


def test_the_page_asks_a_fixed_number_of_questions(admin, django_assert_max_num_queries):
    for knob in tuning.KNOBS.values():
        if knob.kind is int:
            tuning.change(knob.name, int(knob.least), by="budi")
    admin.get(ADDRESS)
    with django_assert_max_num_queries(7):
        admin.get(ADDRESS)
