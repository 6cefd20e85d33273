"""The trail page by page: every row that fits is found once, whatever is asked and however far back it lies."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from ronda.accounts.models import AuditRow, Person
from ronda.accounts.service import audit, proving, searching

pytestmark = [pytest.mark.django_db, pytest.mark.database]
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
CRITERIA: list[dict[str, Any]] = [
    {},
    {"actor": "wayan"},
    {"action": "ont"},
    {"action": "person.add"},
    {"door": "page"},
    {"source": "10.0.0.2"},
    {"text": "RUMAH 1"},
    {"text": "rumah 1", "actor": "sari"},
    {"actor": "sari", "action": "ont"},
    {"since": BEGIN + timedelta(days=7), "until": BEGIN + timedelta(days=31)},
    {"since": BEGIN + timedelta(days=90)},
    {"until": BEGIN},
    {"text": "rumah", "since": BEGIN + timedelta(days=35)},
    {"text": "nowhere"},
]


@pytest.fixture
def trail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "STRETCH", 3)
    monkeypatch.setattr(searching, "MOST", 12)
    AuditRow.objects.bulk_create(
        AuditRow(
            # One clock went wrong for a while.
            at=BEGIN + timedelta(days=number if number % 11 else 0),
            actor=("sari", "wayan")[number % 3 == 0],
            action=("ont.add", "ont.edit", "person.add")[number % 5 % 3],
            subject=f"Rumah {number}",
            source=f"10.0.0.{number % 4}",
            door=("page", "api")[number % 7 == 0],
        )
        for number in range(40)
    )


@pytest.mark.parametrize("criteria", CRITERIA, ids=str)
def test_page_by_page_everything_that_fits_is_found_once(
    trail: None, criteria: dict[str, Any]
) -> None:
    seen: list[AuditRow] = []
    before = None
    for _ in range(20):
        found = searching.page(4, before=before, **criteria)
        assert len(found.rows) <= 4
        seen += found.rows
        if found.before is None:
            break
        assert len(found.rows) == 4 or found.unfinished
        before = found.before
    assert seen == list(audit.rows(**criteria))


def test_a_text_that_is_seldom_ends_after_so_many_rows(trail: None) -> None:
    found = searching.page(4, text="rumah 1")
    assert found.rows == []
    assert found.unfinished
    assert searching.page(4, before=found.before, text="rumah 1").rows


def test_the_page_goes_on_where_it_stopped(
    trail: None, client: Client, people: dict[str, Person]
) -> None:
    client.force_login(people["owner"])
    client.cookies["django_language"] = "en"
    page = client.get("/audit/?text=rumah+1").content.decode()
    assert "Older ones may fit, too" in page
    assert "No change fits" not in page
    older = page.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0]
    assert "before=" in older
    assert "Rumah 1" in client.get(older.replace("&amp;", "&")).content.decode()
    assert "No change fits" in client.get("/audit/?actor=nobody").content.decode()


def test_a_long_walk_says_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ronda.accounts.service.chain.BATCH", 10)
    for number in range(25):
        audit.record(None, "ont.add", f"{number}")
    told: list[int] = []
    assert proving.prove(told.append).rows == 25
    assert told == [10, 20]
