"""Health over time: kept, judged, rolled up, drawn."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from ronda.routeros.errors import UnknownToVersion
from ronda.routers.desk.port import Visit
from ronda.routers.desk.rules import CallTimes
from ronda.upkeep.events import TROUBLE
from ronda.upkeep.models import Hour, Reading
from ronda.upkeep.service import health
from ronda.upkeep.service.fleet import standing_of, standings
from ronda.upkeep.service.reading import Health
from ronda.work import feed
from ronda.work.loops import close_threads
from tests.routers.desk.fakes import FakeRouter
from tests.routers.factories import make_router

pytestmark = [pytest.mark.django_db, pytest.mark.database]

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
STEP = timedelta(minutes=5)


def keep(router: int, number: int, **values: object) -> None:
    calls = CallTimes(10, 0, 4.0 + number, 9.0, 20.0)
    usual = {"cpu": 10.0, "memory_free": 50, "memory_total": 100}
    health.keep(router, Health(**(usual | values)), calls, NOW + number * STEP)


def told() -> list[tuple[str, bool]]:
    return [(e.payload["kind"], e.payload["on"]) for e in feed.read(0, topics={TROUBLE})]


@pytest.mark.django_db(transaction=True)
def test_a_poll_reads_what_there_is_and_keeps_it():
    router = make_router()
    fake = FakeRouter(
        menus={
            "/system/resource": [{"cpu-load": "12", "uptime": "1h"}],
            "/system/clock": [],
        },
        answers={"/system/health/print": UnknownToVersion("no such command prefix")},
    )

    async def visit() -> None:
        await health.poll(Visit(router.pk, await fake.open(), CallTimes(3, 1, 2.0, 3.0, 3.0)))

    try:
        asyncio.run(visit())
    finally:
        close_threads()

    row = Reading.objects.get()
    assert (row.cpu, row.uptime_s, row.sensors, row.calls_failed, row.p95_ms) == (
        12.0,
        3600,
        [],
        1,
        3.0,
    )
    assert fake.calls == ["/system/resource/print", "/system/health/print", "/system/clock/print"]


def test_an_overloaded_router_is_told_of_once_and_when_it_is_well_again():
    router = make_router().pk
    for number, cpu in enumerate((95, 99, 97, 99, 85, 40)):
        keep(router, number, cpu=float(cpu))
    assert told() == [("cpu", True), ("cpu", False)]


def test_a_full_disk_and_a_wrong_clock_are_told_of():
    router = make_router().pk
    for number in range(3):
        keep(router, number, disk_free=5, disk_total=10**9, clock_off_s=-500.0)
    assert told() == [("disk", True), ("clock", True)]


def test_hours_keep_mean_and_worst_and_are_made_once():
    router = make_router().pk
    for number in range(18):
        keep(router, number, cpu=float(number), sensors=(("temperature", 40.0 + number, "C"),))
    now = NOW + timedelta(hours=1, minutes=30)
    assert health.roll_up(now) == 1
    assert health.roll_up(now) == 1
    hour = Hour.objects.get()
    assert (hour.at, hour.readings, hour.cpu, hour.cpu_most, hour.memory, hour.p95_ms) == (
        NOW,
        12,
        5.5,
        11.0,
        50.0,
        9.0,
    )
    assert (hour.temperature, hour.temperature_most) == (45.5, 51.0)
    assert health.forget(NOW + timedelta(days=40)) == 18
    assert Hour.objects.count() == 1
    assert health.roll_up(now) == 0


def test_a_chart_has_columns_of_one_length_and_a_gap_where_nothing_was_read():
    router = make_router().pk
    for number in (0, 1, 2, 3, 40, 41):
        keep(router, number)
    found = health.series(router, NOW, NOW + timedelta(hours=6))
    assert [len(column) for column in (found.at, found.cpu, found.p50_ms)] == [7, 7, 7]
    assert found.cpu == [10.0, 10.0, 10.0, 10.0, None, 10.0, 10.0]
    assert found.at == sorted(found.at)
    assert health.series(router, NOW - timedelta(days=1), NOW).at == []


def test_a_long_chart_is_made_of_hours():
    router = make_router().pk
    Hour.objects.create(router_id=router, at=NOW, readings=12, cpu=20.0, memory=30.0)
    found = health.series(router, NOW - timedelta(days=300), NOW + timedelta(days=1))
    assert (len(found.at), found.cpu, found.memory) == (1, [20.0], [30.0])


def test_all_routers_at_a_glance_take_a_handful_of_queries(django_assert_num_queries):
    first = make_router("R0")
    for number in range(1, 20):
        make_router(f"R{number}", site=first.site)
    keep(first.pk, 0)
    with django_assert_num_queries(6):
        found = standings(NOW + timedelta(minutes=1))
    assert len(found) == 20
    standing = standing_of(first, NOW + timedelta(hours=1))
    assert (standing.memory, standing.disk, standing.old, standing.state) == (
        50.0,
        None,
        True,
        "never",
    )
