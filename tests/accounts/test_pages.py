"""The pages: set-up, people, tokens, trail, profile."""

import re
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from ronda.accounts.models import ApiToken, AuditRow, Person
from ronda.accounts.service import audit, setup, tokens
from tests.accounts.proved import just_proved

pytestmark = [pytest.mark.django_db]

GOOD = "tujuh-gajah-lewat"
NEW = {"password": GOOD, "again": GOOD}


@pytest.fixture
def owner(client: Client, people: dict[str, Person]) -> Client:
    client.force_login(people["owner"])
    return client


@pytest.fixture
def admin(people: dict[str, Person]) -> Client:
    client = Client()
    client.force_login(people["admin"])
    return client


def test_the_set_up_link_makes_the_owner_and_signs_in(client: Client) -> None:
    assert client.get("/people/").headers["Location"] == "/setup/"
    assert "ronda user setup" in client.get("/setup/").content.decode()
    link = setup.one_time_link()
    assert client.get(link).status_code == 200
    assert client.post(link, {"name": "sari", **NEW}).headers["Location"] == "/"
    assert client.get("/people/").status_code == 200
    assert Client().get(link).status_code == 410
    assert client.get("/setup/").headers["Location"] == "/"


@pytest.mark.parametrize(
    "answers",
    [
        {"name": "sari", "password": "kopi", "again": "kopi"},
        {"name": "sari", "password": GOOD, "again": GOOD + "x"},
        {"name": "sari@example.net", **NEW},
        {"name": "", **NEW},
    ],
)
def test_a_set_up_that_does_not_fit_can_be_tried_again(
    client: Client, answers: dict[str, str]
) -> None:
    link = setup.one_time_link()
    page = client.post(link, answers)
    assert (page.status_code, setup.has_owner()) == (200, False)
    assert GOOD not in page.content.decode()
    assert client.post(link, {"name": "sari", **NEW}).status_code == 302


def test_a_made_up_link_opens_nothing(client: Client) -> None:
    setup.one_time_link()
    for key in ("x", "x" * 43, "x" * 500):
        assert client.get(f"/setup/{key}/").status_code == 410
        assert client.post(f"/setup/{key}/", {"name": "mallory", **NEW}).status_code == 410
    assert not Person.objects.exists()


def test_the_demo_link_signs_in_once(client: Client, settings: Any) -> None:
    settings.RONDA = settings.RONDA.model_copy(update={"demo": True})
    link = setup.demo_link()
    assert client.head(link).status_code == 200
    assert client.get("/people/").status_code == 302
    assert client.get(link).headers["Location"] == "/"
    assert client.get("/people/").status_code == 200
    assert Client().get(link).status_code == 410


def test_outside_the_demo_its_link_signs_nobody_in(client: Client) -> None:
    client.get(setup.demo_link())
    assert client.get("/people/").headers["Location"].startswith("/accounts/login/")


def test_somebody_added_chooses_their_password_by_the_link_shown_once(owner: Client) -> None:
    page = owner.post("/people/", {"name": "made", "role": "noc", "email": ""}).content.decode()
    link = re.search(r"http://testserver(/setup/\w+/)", page)
    assert link
    assert link[1] not in owner.get("/people/").content.decode()
    newcomer = Client()
    assert "made" in newcomer.get(link[1]).content.decode()
    assert newcomer.post(link[1], NEW | {"name": "sari"}).status_code == 200  # taken
    assert newcomer.post(link[1], NEW | {"name": "Wati"}).headers["Location"] == "/welcome/"
    assert "Wati" in newcomer.get("/welcome/").content.decode()
    assert Person.objects.filter(username="Wati", role="noc").exists()
    assert newcomer.get("/people/").status_code == 403


def test_who_uses_a_link_in_somebody_elses_browser_is_signed_in_as_themselves(
    owner: Client, people: dict[str, Person]
) -> None:
    owner.post(setup.link_for(people["viewer"]), NEW)
    assert owner.get("/people/").status_code == 403


def test_an_administrator_cannot_make_or_touch_owners(
    admin: Client, people: dict[str, Person]
) -> None:
    page = admin.post("/people/", {"name": "mallory", "role": "owner"})
    assert (page.status_code, Person.objects.filter(username="mallory").exists()) == (200, False)
    pk = people["owner"].pk
    for path in ("disable/", "sign-out/", "second-step-off/", "link/"):
        assert admin.post(f"/people/{pk}/{path}").headers["Location"] == f"/people/{pk}/"
    admin.post(f"/people/{pk}/role/", {"role": "viewer"})
    admin.post(f"/people/{people['admin'].pk}/role/", {"role": "owner"})
    assert {row.action for row in AuditRow.objects.all()} == {"person.sign_in"}
    assert Person.objects.get(pk=pk).is_active
    assert Person.objects.get(role="owner").pk == pk


def test_the_last_owner_is_told_why_they_stay(owner: Client, people: dict[str, Person]) -> None:
    owner.cookies["django_language"] = "en"
    page = owner.post(f"/people/{people['owner'].pk}/role/", {"role": "viewer"}, follow=True)
    assert "This is the last owner." in page.content.decode()


def test_disable_and_enable_by_button(owner: Client, people: dict[str, Person]) -> None:
    pk = people["noc"].pk
    owner.post(f"/people/{pk}/disable/")
    assert not Person.objects.get(pk=pk).is_active
    owner.post(f"/people/{pk}/enable/")
    assert Person.objects.get(pk=pk).is_active
    assert owner.get(f"/people/{pk}/disable/").status_code == 405
    assert owner.post(f"/people/{pk}/promote/").status_code == 404


def test_a_token_is_shown_once_and_works_until_revoked(
    owner: Client, people: dict[str, Person]
) -> None:
    page = owner.post("/tokens/", {"name": "script", "role": "viewer", "days": "30"})
    text = re.search(r"rnd_\w{51}", page.content.decode())
    assert text
    assert text[0] not in owner.get("/tokens/").content.decode()
    assert tokens.judge(text[0]) is not None
    owner.post(f"/tokens/{ApiToken.objects.get().pk}/revoke/")
    assert tokens.judge(text[0]) is None


def test_a_viewer_makes_tokens_for_viewing_and_sees_only_their_own(
    client: Client, people: dict[str, Person]
) -> None:
    theirs, _text = tokens.make(people["owner"], "secret-project", "owner")
    client.force_login(people["viewer"])
    assert client.post("/tokens/", {"name": "x", "role": "admin", "days": ""}).status_code == 200
    assert ApiToken.objects.count() == 1
    assert "secret-project" not in client.get("/tokens/").content.decode()
    assert client.post(f"/tokens/{theirs.pk}/revoke/").status_code == 404
    theirs.refresh_from_db()
    assert theirs.revoked_at is None


def test_the_trail_is_filtered_and_paged(owner: Client, people: dict[str, Person]) -> None:
    for number in range(60):
        audit.record(people["noc"], "ont.edit", f"ONT {number:02}", {"name": "<b>"}, {"name": "B"})
    audit.record(people["admin"], "site.add", "Sleman")
    first = owner.get("/audit/").content.decode()
    assert "ONT 59" in first
    assert "ONT 05" not in first
    assert "&lt;b&gt;" in first
    older = re.search(r'href="(/audit/\?before=\d+)" rel="next"', first)
    assert older
    second = owner.get(older[1]).content.decode()
    assert "ONT 05" in second
    assert "Newest" in second
    assert 'rel="next"' not in second
    narrowed = owner.get("/audit/?actor=budi&since=2020-01-01&until=2999-01-01").content.decode()
    assert "Sleman" in narrowed
    assert "ONT 59" not in narrowed
    assert owner.get("/audit/?since=nonsense&before=x").status_code == 200


@pytest.mark.parametrize("count", [1, 50])
def test_the_lists_ask_as_often_for_fifty_rows_as_for_one(
    owner: Client,
    people: dict[str, Person],
    django_assert_max_num_queries: DjangoAssertNumQueries,
    count: int,
) -> None:
    for number in range(count):
        audit.record(people["noc"], "ont.edit", f"ONT {number}")
        Person.objects.create(username=f"p{number}")
        tokens.make(people["noc"], f"t{number}", "viewer")
    for page in ("/audit/", "/people/", "/tokens/"):
        with django_assert_max_num_queries(8):
            owner.get(page)


def test_the_profile_keeps_language_colours_and_address(
    owner: Client, people: dict[str, Person]
) -> None:
    just_proved(owner)
    answer = owner.post(
        "/profile/", {"email": "Sari@New.example", "language": "en", "theme": "dark"}, follow=True
    )
    people["owner"].refresh_from_db()
    assert (people["owner"].language, people["owner"].email) == ("en", "sari@new.example")
    assert 'data-bs-theme="dark"' in answer.content.decode()
    assert '<html lang="en"' in answer.content.decode()


def test_the_profile_refuses_somebody_elses_address(
    owner: Client, people: dict[str, Person]
) -> None:
    just_proved(owner)
    taken = {"email": "WAYAN@example.net", "language": "", "theme": "auto"}
    assert owner.post("/profile/", taken).status_code == 200
    people["owner"].refresh_from_db()
    assert people["owner"].email == "sari@example.net"


def test_the_menu_holds_back_what_a_viewer_may_not_open(
    client: Client, people: dict[str, Person]
) -> None:
    client.force_login(people["viewer"])
    assert 'href="/people/"' not in client.get("/profile/").content.decode()


def test_the_rules_of_passwords_are_told_before_one_is_typed(client: Client) -> None:
    client.cookies["django_language"] = "en"
    page = client.get(setup.one_time_link()).content.decode()
    assert "10 characters or more" in page
    assert "not only digits" in page
    assert 'data-strength="id_password"' in page
    assert 'id="id_password"' in page
