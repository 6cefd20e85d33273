"""The older system's other files are really taken over: looked at first, whole or not at all, and back again."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db.models import Sum
from django.test import Client

from ronda.accounts.models import AuditRow
from ronda.devices.models import ImportDraft, Ont
from ronda.devices.service.import_at_once import import_other
from ronda.devices.service.imports import ImportRefused, read
from ronda.hotspot.models import (
    SeriesKind,
    UsageDay,
    UsageHour,
    UsageSample,
    UsageSeries,
    UsageSession,
)
from ronda.hotspot.service.usage import taking
from ronda.monitoring.models import Outage
from tests.devices.factories import make_ont, make_site

pytestmark = [pytest.mark.django_db, pytest.mark.database]

HISTORY = [
    {"timestamp": "2025-09-03T09:54:31.407000", "users": 12},
    {"timestamp": "2025-09-03T10:09:31+07:00", "users": "15"},
]
LOG = [
    {
        "timestamp": f"2025-09-03T09:{minute}:00",
        "users": [
            {
                "ip": "10.5.50.2",
                "mac": "AA:BB:CC:00:00:01",
                "uptime": f"{minute}m",
                "bytes_in": minute * 100,
                "bytes_out": minute * 1000,
            }
        ],
    }
    for minute in (10, 15, 20)
]


@pytest.fixture
def admin(client: Client, people: dict[str, Any], data_folder: Any) -> Client:
    client.force_login(people["admin"])
    return client


def upload(client: Client, records: Any, name: str) -> int:
    from django.core.files.uploadedfile import SimpleUploadedFile

    file = SimpleUploadedFile(name, json.dumps(records).encode(), "application/json")
    answer = client.post("/onts/import/", {"file": file, "site": "Sleman"})
    assert answer.status_code == 302, answer.content
    return int(answer["Location"].strip("/").rsplit("/", 1)[1])


def take(records: Any, **how: Any) -> Any:
    return import_other(json.dumps(records).encode(), file_name="x.json", site_name="Sleman", **how)


def test_counts_are_looked_at_taken_and_taken_back(admin: Client) -> None:
    pk = upload(admin, HISTORY, "history.json")
    page = admin.get(f"/onts/import/{pk}/").content.decode()
    assert "2 counts from 3 Sep 2025 09:54 to 3 Sep 2025 10:09, at most 15 users." in page
    assert not UsageSample.objects.exists()
    admin.post(f"/onts/import/{pk}/", {"action": "commit"})
    assert list(UsageSample.objects.values_list("at", "users")) == [
        (datetime(2025, 9, 3, 2, 54, 31, 407000, tzinfo=UTC), 12),
        (datetime(2025, 9, 3, 3, 9, 31, tzinfo=UTC), 15),
    ]
    assert [hour.most for hour in UsageHour.objects.all()] == [12, 15]
    history = admin.get("/api/history").json()
    assert [item["users"] for item in history] == [12, 15]
    assert "2 records were taken" in admin.get(f"/onts/import/{pk}/").content.decode()

    admin.post(f"/onts/import/{pk}/undo/")
    assert not UsageSample.objects.exists()
    assert not UsageHour.objects.exists()
    assert "taken back" in admin.get(f"/onts/import/{pk}/").content.decode()
    assert AuditRow.objects.filter(action="import.undo").count() == 1
    admin.post(f"/onts/import/{pk}/undo/")
    assert AuditRow.objects.filter(action="import.undo").count() == 1


def test_a_user_log_becomes_sessions_with_what_was_used_between_its_readings() -> None:
    kind, count, told = take(LOG) or ("", 0, [])
    assert (kind, count) == ("user_log", 3)
    assert told[1] == "1 different devices."
    (session,) = UsageSession.objects.all()
    assert (session.bytes_in, session.bytes_out, session.seconds) == (2000, 20_000, 1200)
    assert session.ended_at == datetime(2025, 9, 3, 2, 20, tzinfo=UTC)
    used = UsageDay.objects.aggregate(i=Sum("bytes_in"), o=Sum("bytes_out"), n=Sum("sessions"))
    assert used == {"i": 1000, "o": 10_000, "n": 1}
    assert UsageHour.objects.get().bytes_out == 10_000
    (draft,) = ImportDraft.objects.all()
    taking.undo(draft.accepted["taken"]["token"], None)
    assert not UsageSession.objects.exists()


def test_the_same_file_twice_doubles_nothing_and_a_longer_one_adds_the_rest() -> None:
    take(HISTORY)
    with pytest.raises(ImportRefused):
        take(HISTORY)
    longer = [*HISTORY, {"timestamp": "2025-09-03T11:00:00", "users": 3}]
    _kind, count, told = take(longer) or ("", 0, [])
    assert count == 1
    assert told[-1] == "2 are there already and stay as they are."
    assert UsageSample.objects.count() == 3
    assert UsageSeries.objects.filter(kind=SeriesKind.IMPORT).count() == 2


@pytest.mark.parametrize(
    "record",
    [
        {"timestamp": "yesterday", "users": 5},
        {"timestamp": None, "users": 5},
        {"timestamp": "2025-09-03T09:54:31", "users": -5},
        {"timestamp": "2025-09-03T09:54:31", "users": True},
        {"timestamp": "2025-09-03T09:54:31", "users": None},
        {"timestamp": "2025-09-03T09:54:31", "users": [{"ip": "x", "bytes_in": "many"}]},
    ],
)
def test_a_file_with_a_record_that_is_none_is_refused_whole(record: dict[str, Any]) -> None:
    with pytest.raises(ImportRefused):
        take([*HISTORY, record])
    assert not UsageSeries.objects.exists()
    with pytest.raises(ImportRefused):
        taking.look(read(json.dumps([*HISTORY, record]).encode()))


def outage(**values: Any) -> dict[str, Any]:
    return {
        "ont_id": 1,
        "ont_name": "Dusun 1",
        "start_time": "2025-09-03T09:00:00",
        "end_time": "2025-09-03T10:30:00",
    } | values


def test_outages_are_marked_as_imported_and_taken_back_together(admin: Client) -> None:
    ont = make_ont(1, name="Dusun 1")
    other = make_ont(2, name="Dusun 2")
    own = Outage.objects.create(
        ont=other,
        started_at="2025-09-01T00:00:00Z",
        confirmed_at="2025-09-01T00:00:00Z",
        ended_at="2025-09-01T01:00:00Z",
    )
    records = [
        outage(ont_id=ont.pk),
        outage(ont_id=999, ont_name="dusun 2"),
        outage(ont_id=ont.pk, start_time="2025-09-04T09:00:00", end_time=None),
        outage(ont_id=ont.pk, ont_name="Dusun 9"),
    ]
    pk = upload(admin, records, "outages.json")
    page = admin.get(f"/onts/import/{pk}/").content.decode()
    assert "2 outages are taken over" in page
    assert "1 without an end" in page
    assert "1 name no ONT" in page
    admin.post(f"/onts/import/{pk}/", {"action": "commit"})
    taken = Outage.objects.filter(cause="imported").order_by("ont__pk")
    assert [(o.ont_id, o.started_at, o.ended_at) for o in taken] == [
        (n, datetime(2025, 9, 3, 2, tzinfo=UTC), datetime(2025, 9, 3, 3, 30, tzinfo=UTC))
        for n in (ont.pk, other.pk)
    ]
    assert "imported" in admin.get(f"/outages/?ont={ont.pk}").content.decode()
    with pytest.raises(ImportRefused):
        take(records)
    admin.post(f"/onts/import/{pk}/undo/")
    assert list(Outage.objects.all()) == [own]


@pytest.mark.parametrize(
    "wrong",
    [{"start_time": "soon"}, {"end_time": "2025-09-01T00:00:00"}, {"end_time": 7}],
)
def test_outages_with_impossible_times_are_refused_whole(wrong: dict[str, Any]) -> None:
    make_ont(1, name="Dusun 1")
    with pytest.raises(ImportRefused):
        take([outage(), outage(**wrong)])
    assert not Outage.objects.exists()


def test_the_status_cache_becomes_notes_that_are_one_change(admin: Client) -> None:
    site = make_site()
    ont = make_ont(1, address="10.0.0.1", notes="dekat pos")
    make_ont(2, address="10.0.0.2")
    make_ont(3, address="10.0.0.2")
    records = [
        {"id": 1, "ip": "10.0.0.1", "status": "OFF(RTO)"},
        {"id": 2, "ip": "10.0.0.2", "status": "ON"},
    ]
    pk = upload(admin, records, "status_cache.json")
    page = admin.get(f"/onts/import/{pk}/").content.decode()
    assert "1 ONTs get a note" in page
    admin.post(f"/onts/import/{pk}/", {"action": "commit"})
    ont.refresh_from_db()
    first, second = ont.notes.splitlines()
    assert first == "dekat pos"
    assert second.endswith(": OFF(RTO)")
    with pytest.raises(ImportRefused):
        take(records)
    admin.post(f"/onts/import/{pk}/undo/")
    assert Ont.objects.get(pk=ont.pk).notes == "dekat pos"
    assert site.pk


def test_a_status_cache_from_address_to_status_is_understood_and_nonsense_refused() -> None:
    make_ont(1, address="10.0.0.1")
    with pytest.raises(ImportRefused):
        take({"10.0.0.1": "BURNING", "10.0.0.9": "ON"})
    take({"10.0.0.1": "on", "10.0.0.9": "OFF"})
    assert Ont.objects.get().notes.endswith(": ON")


def test_a_dry_run_says_what_would_be_and_changes_nothing() -> None:
    _kind, count, told = take(HISTORY, dry_run=True) or ("", 0, [])
    assert (count, len(told)) == (2, 1)
    assert not UsageSeries.objects.exists()
    assert not ImportDraft.objects.exists()
