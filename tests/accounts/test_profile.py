"""What people choose for themselves: language, time zone, quiet hours, and how they are reached."""

from datetime import UTC, datetime, time
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from django.utils import timezone

from ronda.accounts.models import AuditRow, Person
from ronda.accounts.pages import profile_links
from ronda.accounts.service import people as service
from ronda.web.periods import PeriodForm
from ronda.web.sections import Link, Links
from tests.accounts.proved import just_proved

pytestmark = [pytest.mark.django_db, pytest.mark.database]

NIGHT = {"quiet_from": "22:00", "quiet_to": "06:00"}
ANSWERS = {"email": "", "phone": "0812-3456-7890", "language": "", "time_zone": "", "theme": "auto"}


@pytest.fixture
def wayan(client: Client, people: dict[str, Person]) -> Client:
    client.force_login(people["noc"])
    client.cookies["django_language"] = "en"
    just_proved(client)
    return client


def kept(people: dict[str, Person]) -> dict[str, Any]:
    person = Person.objects.get(pk=people["noc"].pk)
    return {
        name: getattr(person, name) for name in ("phone", "time_zone", "quiet_from", "quiet_to")
    }


def test_a_profile_is_kept_and_audited(wayan: Client, people: dict[str, Person]) -> None:
    answer = wayan.post("/profile/", ANSWERS | NIGHT | {"time_zone": "Asia/Jayapura"})
    assert answer.headers["Location"] == "/profile/"
    assert kept(people) == {
        "phone": "+6281234567890",
        "time_zone": "Asia/Jayapura",
        "quiet_from": time(22),
        "quiet_to": time(6),
    }
    row = AuditRow.objects.get(action="person.profile")
    assert (row.actor, row.source) == ("wayan", "127.0.0.1")
    assert row.after
    assert (row.after["quiet_from"], row.after["time_zone"]) == (
        "22:00:00",
        "Asia/Jayapura",
    )
    page = wayan.get("/profile/").content.decode()
    assert 'value="22:00"' in page
    assert '<option value="Asia/Jayapura" selected>' in page
    wayan.post("/profile/", ANSWERS | NIGHT | {"time_zone": "Asia/Jayapura"})
    assert AuditRow.objects.filter(action="person.profile").count() == 1


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"phone": "besok"}, "no phone number"),
        ({"quiet_from": "22:00"}, "a beginning and an end"),
        ({"quiet_from": "22:00", "quiet_to": "22:00"}, "leave both empty"),
        ({"email": "sari@example.net"}, "has this e-mail address already"),
        ({"time_zone": "Mars/Olympus"}, "not one of the available choices"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_changes(
    wayan: Client, people: dict[str, Person], wrong: dict[str, str], told: str
) -> None:
    before = kept(people)
    page = wayan.post("/profile/", ANSWERS | wrong)
    assert (page.status_code, told in page.content.decode()) == (200, True)
    assert kept(people) == before


def test_a_zone_that_does_not_exist_is_refused_by_the_service_too(
    people: dict[str, Person],
) -> None:
    with pytest.raises(service.Refused, match="Asia/Makassar"):
        service.change_profile(people["noc"], service.Profile(time_zone="Mars/Olympus"))


def test_every_time_is_shown_in_the_zone_of_who_looks(
    wayan: Client, people: dict[str, Person]
) -> None:
    owner = people["owner"]
    owner.last_login = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
    owner.save()
    wayan.force_login(people["admin"])
    assert "22:30:00 WIB" in wayan.get("/people/").content.decode()
    people["admin"].time_zone = "Asia/Jayapura"
    people["admin"].save()
    page = wayan.get("/people/").content.decode()
    assert "21 Nov 2026, 00:30:00 WIT" in page
    assert 'data-zone="Asia/Jayapura"' in page
    assert timezone.get_current_timezone_name() == "Asia/Jakarta"


def test_a_zone_that_this_machine_no_longer_knows_breaks_no_page(
    wayan: Client, people: dict[str, Person]
) -> None:
    Person.objects.filter(pk=people["noc"].pk).update(time_zone="Mars/Olympus")
    page = wayan.get("/profile/").content.decode()
    assert 'data-zone="Asia/Jakarta"' in page
    assert '<option value="Mars/Olympus" selected>' in page


def test_reports_begin_their_days_where_the_installation_is() -> None:
    here = PeriodForm(QueryDict("period=day&day=2026-11-20"))
    with timezone.override("America/Los_Angeles"):
        there = PeriodForm(QueryDict("period=day&day=2026-11-20"))
        assert there.is_valid()
        assert here.is_valid()
        assert there.period_asked() == here.period_asked()
        assert there.period_asked().start == datetime(2026, 11, 19, 17, 0, tzinfo=UTC)


def test_quiet_hours_follow_the_persons_own_clock(people: dict[str, Person]) -> None:
    person = people["noc"]
    person.quiet_from, person.quiet_to = time(22), time(6)
    at = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)  # 21:00 in Jakarta, 23:00 in Jayapura
    assert not service.is_quiet(person, at)
    person.time_zone = "Asia/Jayapura"
    assert service.is_quiet(person, at)
    person.quiet_from = person.quiet_to = None
    assert not service.is_quiet(person, at)


def test_higher_slices_put_their_doors_on_the_profile(
    wayan: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    links = Links()
    links.add(Link("accounts:tokens", "Doors", "bell", order=2))
    links.add(Link("accounts:profile", "First", order=1))
    monkeypatch.setattr("ronda.accounts.views.profile.profile_links", links)
    assert [link.title for link in links] == ["First", "Doors"]
    assert 'href="/tokens/"><svg' in wayan.get("/profile/").content.decode()
    assert profile_links is not links


def test_where_links_are_sent_changes_only_after_the_password_once_more(
    client: Client, people: dict[str, Person]
) -> None:
    noc = people["noc"]
    noc.set_password("tujuh-gajah-lewat")
    noc.save()
    client.force_login(noc)
    same = {"email": noc.email, "phone": "", "language": "id", "time_zone": "", "theme": "dark"}
    assert client.post("/profile/", same).headers["Location"] == "/profile/"
    for change in ({"email": "thief@example.net"}, {"phone": "0812-3456-7890"}):
        asked = client.post("/profile/", same | change)
        assert asked.headers["Location"] == "/accounts/reauthenticate/?next=%2Fprofile%2F"
    noc.refresh_from_db()
    assert (noc.email, noc.phone) == ("wayan@example.net", "")
    # What was sent before is done once the person is proved: nobody types it again.
    client.post("/accounts/reauthenticate/?next=%2Fprofile%2F", {"password": "wrong"})
    done = client.post(
        "/accounts/reauthenticate/?next=%2Fprofile%2F", {"password": "tujuh-gajah-lewat"}
    )
    assert done.headers["Location"] == "/profile/"
    noc.refresh_from_db()
    assert noc.phone == "+6281234567890"
