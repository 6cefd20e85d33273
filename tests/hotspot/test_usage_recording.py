"""What readings tell is kept once, in rows that add up to what the router counted."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db.models import Sum

from ronda.hotspot.models import (
    SeriesKind,
    UsageDay,
    UsageHour,
    UsageSample,
    UsageSeries,
    UsageSession,
)
from ronda.hotspot.rules import ledger_text
from ronda.hotspot.rules.amounts import NOTHING, Amount
from ronda.hotspot.rules.readings import Reading
from ronda.hotspot.service.usage import ledgers, recording
from ronda.routers.models import Router
from tests.hotspot.model import START, Model
from tests.routers.factories import make_router

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def day_of_use(model: Model, router: Router) -> None:
    """Five hours in which users come, go, come back and are missed by polls."""
    for user in ("budi", "sari", "tini"):
        model.make(user)
    recording.record_router(router, model.read())
    for number in range(60):
        if number % 7 == 0:
            model.login("10", "budi")
        if number % 5 == 2:
            model.login("11", "sari")
        if number % 11 == 3:
            model.logout("10")
            model.login("12", "tini")
            model.pass_time(40, 700)
            model.logout("12")
        model.pass_time(260, 9000 + number, 77 * number)
        if number % 13 != 5:
            recording.record_router(router, model.read())
    for slot in ("10", "11"):
        model.logout(slot)
    model.pass_time(300)
    recording.record_router(router, model.read())


def sums(query: Any) -> tuple[int, int]:
    found = query.aggregate(i=Sum("bytes_in"), o=Sum("bytes_out"))
    return found["i"], found["o"]


def test_sessions_days_and_hours_hold_the_routers_bytes_exactly() -> None:
    model, router = Model(), make_router()
    day_of_use(model, router)

    wanted = NOTHING
    for amount in model.truth.values():
        wanted = wanted.plus(amount)
    own = UsageSeries.objects.get(router=router)
    assert sums(UsageSession.objects.all()) == wanted[:2]
    assert sums(UsageDay.objects.all()) == wanted[:2]
    assert sums(own.hours) == wanted[:2]
    assert sums(UsageHour.objects.filter(series__kind=SeriesKind.ALL)) == wanted[:2]
    assert sums(UsageHour.objects.filter(series__kind=SeriesKind.SITE)) == wanted[:2]
    by_user = {
        row["user"]: Amount(row["i"], row["o"], row["s"])
        for row in UsageDay.objects.values("user")
        .annotate(i=Sum("bytes_in"), o=Sum("bytes_out"), s=Sum("seconds"))
        .order_by()
    }
    assert by_user == model.truth
    assert UsageDay.objects.aggregate(n=Sum("sessions"))["n"] == UsageSession.objects.count()
    assert not UsageSession.objects.filter(ended_at=None).exists()


def test_a_reading_recorded_twice_changes_nothing() -> None:
    model, router = Model(), make_router()
    model.make("budi")
    model.login("10", "budi")
    recording.record_router(router, model.read())
    model.pass_time(300, 900)
    assert recording.record_router(router, model.read()) is not None
    before = list(UsageDay.objects.values()), list(UsageHour.objects.values())
    assert recording.record_router(router, model.read()) is None
    assert (list(UsageDay.objects.values()), list(UsageHour.objects.values())) == before


def test_hours_know_least_most_and_average_and_sums_say_when_one_was_missing() -> None:
    router = make_router()
    other = make_router(name="Barat", site=router.site)
    model = Model()
    for user in ("budi", "sari"):
        model.make(user)
    recording.record_router(router, model.read())
    recording.record_router(other, Reading(START, 5000, ()))
    model.login("10", "budi")
    model.login("11", "sari")
    model.pass_time(300)
    recording.record_router(router, model.read())
    model.logout("11")
    model.pass_time(1800)
    recording.record_router(router, model.read())

    own = UsageHour.objects.get(series__router=router)
    assert (own.samples, own.least, own.most, own.users_sum) == (3, 0, 2, 3)
    total = UsageHour.objects.get(series__kind=SeriesKind.ALL)
    assert (total.samples, total.partial, total.most) == (3, 1, 2)
    series = UsageSeries.objects.get(kind=SeriesKind.ALL)
    assert (series.users, series.counted_at) == (1, model.clock)


def test_days_are_those_of_the_installations_zone() -> None:
    model, router = Model(clock=datetime(2026, 11, 21, 16, 30, tzinfo=UTC)), make_router()
    model.make("budi")
    model.login("10", "budi")
    recording.record_router(router, model.read())
    model.pass_time(3600, 1200)
    recording.record_router(router, model.read())
    found = list(UsageDay.objects.values_list("day", "sessions", "bytes_out", "seconds"))
    assert found == [(date(2026, 11, 21), 1, 600, 1800), (date(2026, 11, 22), 0, 600, 1800)]


def test_rows_of_the_newest_hundred_readings_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "DETAILED", 3)
    model, router = Model(), make_router()
    model.make("budi")
    model.login("10", "budi", "02:00:00:00:00:01")
    for _ in range(5):
        model.pass_time(300, 900)
        recording.record_router(router, model.read())
    kept = [sample.details for sample in UsageSample.objects.filter(series__router=router)]
    assert [row is None for row in kept] == [True, True, False, False, False]
    assert recording.details_of(kept[-1] or b"") == [
        {
            "ip": "10.5.50.10",
            "mac": "02:00:00:00:00:01",
            "uptime": 1500,
            "bytes_in": 1500,
            "bytes_out": 4500,
        }
    ]


def test_an_unreadable_ledger_begins_anew_and_leaves_no_session_open() -> None:
    model, router = Model(), make_router()
    model.make("budi")
    model.login("10", "budi")
    recording.record_router(router, model.read())
    UsageSeries.objects.filter(router=router).update(ledger=b"rubbish")
    model.pass_time(300, 900)
    recording.record_router(router, model.read())
    assert UsageSession.objects.filter(ended_at=None).count() == 1
    assert sums(UsageDay.objects.all()) == (0, 0)


def test_a_deleted_router_leaves_its_figures() -> None:
    model, router = Model(), make_router()
    model.make("budi")
    model.login("10", "budi")
    recording.record_router(router, model.read())
    model.pass_time(300, 900)
    recording.record_router(router, model.read())
    before = sums(UsageDay.objects.all())
    router.delete()
    assert sums(UsageDay.objects.all()) == before
    assert UsageSeries.objects.get(kind=SeriesKind.ROUTER).router is None


def test_the_ledger_reads_back_as_it_was_written() -> None:
    model, router = Model(), make_router()
    model.make("budi")
    for slot in ("10", "11"):
        model.login(slot, "budi")
        model.pass_time(20, 90)
        recording.record_router(router, model.read())
    model.pass_time(20, 90)
    accounts = model.read_accounts()
    model.logout("10")
    recording.record_router(router, model.read(accounts))
    ledger = ledgers.unpack(UsageSeries.objects.get(router=router))
    assert ledger is not None
    assert ledger.gone
    assert any(counter.last for counter in ledger.counters.values())
    assert ledger_text.read(ledger_text.write(ledger)) == ledger
    assert ledger_text.read('{"version":0}') is None
    assert ledger.at == START + timedelta(seconds=60)


def test_recording_takes_a_handful_of_queries_however_many_are_online(
    django_assert_max_num_queries: Any,
) -> None:
    model, router = Model(), make_router()
    for number in range(60):
        model.make(f"u{number}")
        model.login(str(number), f"u{number}")
    recording.record_router(router, model.read())
    model.pass_time(300, 900)
    with django_assert_max_num_queries(34):
        recording.record_router(router, model.read())
