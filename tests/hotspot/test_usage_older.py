"""The older system's programs find their paths, their shapes, and no guesses."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from hypothesis import given, settings
from hypothesis import strategies as st

from ronda.hotspot.models import UsageDay, UsageSample, UsageSession
from ronda.hotspot.rules.amounts import Amount
from ronda.hotspot.rules.older_rows import MOST_ROWS, WrongRow, rows_of
from ronda.hotspot.service.usage import older, recording
from tests.hotspot.model import Model
from tests.routers.factories import make_router

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)


@pytest.fixture
def noc(client: Client, people: dict[str, Any]) -> Client:
    client.force_login(people["noc"])
    return client


def post(client: Client, path: str, body: Any) -> Any:
    content = body if isinstance(body, str) else json.dumps(body)
    return client.post(path, content, content_type="application/json")


def row(**values: Any) -> dict[str, Any]:
    return {
        "ip": "10.5.50.2",
        "mac": "aa:bb:cc:00:00:01",
        "uptime": "5m",
        "bytes_in": 100,
        "bytes_out": 900,
    } | values


def test_history_is_an_empty_list_until_somebody_counted(noc: Client) -> None:
    answer = noc.get("/api/history")
    assert (answer.status_code, answer.json()) == (200, [])


def test_a_recorded_count_comes_back_with_an_offset(noc: Client) -> None:
    with time_machine.travel(NOON, tick=False):
        answer = post(noc, "/api/record-history", {"users": 42})
    expected = {"timestamp": "2026-11-21T12:00:00+07:00", "users": 42}
    assert answer.json() == {"success": True, "recorded": expected}
    assert noc.get("/api/history").json() == [expected]


def test_history_tells_of_the_newest_oldest_first(
    noc: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(older, "NEWEST", 4)
    for number in range(6):
        with time_machine.travel(NOON + timedelta(minutes=number), tick=False):
            post(noc, "/api/record-history", {"users": number})
    assert [item["users"] for item in noc.get("/api/history").json()] == [2, 3, 4, 5]


@pytest.mark.parametrize(
    "body", [{"users": "7"}, {"users": True}, {"users": -1}, {"users": 1.5}, {}, [], "{", "null"]
)
def test_a_count_that_is_none_is_refused_and_changes_nothing(noc: Client, body: Any) -> None:
    answer = post(noc, "/api/record-history", body)
    assert answer.status_code == 400
    assert answer.json()["success"] is False
    assert answer.json()["message"]
    assert not UsageSample.objects.exists()


def test_batches_become_sessions_with_differences_not_sums_of_totals(noc: Client) -> None:
    with time_machine.travel(NOON, tick=False):
        answer = post(noc, "/api/log-active-users", [row()])
    assert answer.json() == {"success": True, "message": "Logged 1 users."}
    with time_machine.travel(NOON + timedelta(minutes=5), tick=False):
        post(noc, "/api/log-active-users", [row(uptime="10m", bytes_in="150", bytes_out=1000)])

    (session,) = UsageSession.objects.all()
    assert (session.mac, session.bytes_in, session.bytes_out) == ("AA:BB:CC:00:00:01", 150, 1000)
    (day,) = UsageDay.objects.all()
    assert (day.bytes_in, day.bytes_out, day.seconds, day.sessions) == (50, 100, 300, 1)


@pytest.mark.parametrize(
    "body",
    [
        {"ip": "10.0.0.1"},
        [row(), 7],
        [row(ip=None, mac=None)],
        [row(bytes_in=-1)],
        [row(bytes_in="1e9")],
        [row(bytes_in=True)],
        [row(bytes_out="9" * 30)],
        [row(uptime="soon")],
        [row(mac=["x"])],
        [row(ip="x" * 65)],
        "no json",
    ],
)
def test_a_batch_with_anything_wrong_is_refused_whole(noc: Client, body: Any) -> None:
    answer = post(noc, "/api/log-active-users", body)
    assert answer.status_code == 400
    assert answer.json()["success"] is False
    assert not UsageSample.objects.exists()


def test_a_batch_that_is_too_long_is_refused() -> None:
    with pytest.raises(WrongRow) as refused:
        rows_of([row()] * (MOST_ROWS + 1))
    assert refused.value.number == 0


def test_rows_are_read_in_every_spelling_the_scripts_have() -> None:
    (found,) = rows_of(
        [
            {
                "address": "10.5.50.9",
                "mac-address": "aa:bb:cc:00:00:09",
                "bytes-in": "7",
                "bytes-out": "",
                "uptime": 61,
                "user": "budi",
            }
        ]
    )
    assert (found.user, found.address, found.amount) == ("budi", "10.5.50.9", Amount(7, 0, 61))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from([None, True, 5, 0.5, "x", [], [1], {1}]) | st.text(max_size=5)))
def test_whatever_is_sent_is_rows_or_a_wrong_row(records: list[Any]) -> None:
    with contextlib.suppress(WrongRow):
        assert rows_of(records) == ()


def test_analytics_say_404_until_somebody_was_counted(noc: Client) -> None:
    answer = noc.get("/api/analytics-data")
    assert answer.status_code == 404
    assert answer.json()["error"]


def test_analytics_have_the_older_shape_with_true_figures(noc: Client) -> None:
    with time_machine.travel(NOON, tick=False):
        post(noc, "/api/log-active-users", [row(), row(ip="10.5.50.3", mac="AA:BB:CC:00:00:02")])
    with time_machine.travel(NOON + timedelta(minutes=5), tick=False):
        post(noc, "/api/log-active-users", [row(uptime="10m")])
    with time_machine.travel(NOON + timedelta(hours=1), tick=False):
        found = noc.get("/api/analytics-data").json()
    assert found["summary"] == {
        "peak_users": 2,
        "trough_users": 1,
        "average_users": 1.5,
        "unique_devices": 2,
    }
    assert found["daily_summary"] == [
        {"date": "2026-11-21", "peak": 2, "trough": 1, "average": 1.5}
    ]
    assert [log["timestamp"] for log in found["raw_logs"]] == [
        "2026-11-21T12:00:00+07:00",
        "2026-11-21T12:05:00+07:00",
    ]
    assert found["raw_logs"][1]["users"] == [
        {
            "ip": "10.5.50.2",
            "mac": "AA:BB:CC:00:00:01",
            "uptime": 600,
            "bytes_in": 100,
            "bytes_out": 900,
        }
    ]


def test_active_users_are_those_of_the_newest_reading_of_each_router(noc: Client) -> None:
    router, other = make_router(), make_router(name="Barat")
    model = Model(clock=timezone.now() - timedelta(seconds=400))
    model.make("budi")
    model.login("10", "budi", "02:00:00:00:00:01")
    recording.record_router(router, model.read())
    model.login("11", "budi", "02:00:00:00:00:02")
    model.logout("10")
    model.pass_time(300)
    recording.record_router(router, model.read())
    answer = noc.get("/api/hotspot/active-users")
    assert answer.json() == [{"ip": "10.5.50.11", "mac": "02:00:00:00:00:02"}]
    read_at = parse_datetime(answer["X-Read-At"])
    assert read_at is not None
    assert read_at == model.clock.replace(microsecond=0)
    assert other.pk


def test_active_users_without_a_router_are_nobody(noc: Client) -> None:
    assert noc.get("/api/hotspot/active-users").json() == []


def test_active_users_that_are_too_old_are_not_told_as_present(noc: Client) -> None:
    model = Model(clock=timezone.now() - timedelta(hours=2))
    recording.record_router(make_router(), model.read())
    answer = noc.get("/api/hotspot/active-users")
    assert answer.status_code == 503
    assert answer.json()["error"]


def test_viewers_may_read_and_not_write(client: Client, people: dict[str, Any]) -> None:
    assert client.get("/api/history").status_code == 401
    client.force_login(people["viewer"])
    assert client.get("/api/history").status_code == 200
    assert post(client, "/api/record-history", {"users": 1}).status_code == 403
    assert post(client, "/api/log-active-users", []).status_code == 403
