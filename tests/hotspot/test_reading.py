"""Reading a router and keeping what it holds: lossless, in one transaction, with its age."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ronda.hotspot.models import (
    ActiveUser,
    Condition,
    HotspotProfile,
    HotspotUser,
    Part,
    Reading,
)
from ronda.hotspot.service import storing
from ronda.hotspot.service.reading import QUICK
from ronda.routeros.errors import NotPermitted
from ronda.work.models import Event
from tests.hotspot.factories import furnish, make_router, read
from tests.hotspot.scripted import ACTIVE, USER, ScriptedLink

pytestmark = [pytest.mark.django_db, pytest.mark.database]

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def counts(router: Any) -> dict[str, int]:
    return dict(Reading.objects.filter(router=router).values_list("part", "rows"))


def test_everything_a_router_holds_is_kept_with_its_time() -> None:
    router = read(furnish(), at=NOON)
    assert counts(router) == {
        "profiles": 3,
        "servers": 1,
        "users": 4,
        "active": 2,
        "hosts": 1,
        "cookies": 1,
        "bindings": 1,
        "leases": 1,
    }
    assert set(Reading.objects.values_list("read_at", flat=True)) == {NOON}
    budi = HotspotUser.objects.get(name="budi")
    assert (budi.profile, budi.limit_uptime_s, budi.uptime_s, budi.bytes_in, budi.server) == (
        "1jam",
        3600,
        1200,
        5000,
        "all",
    )
    assert (budi.limit_bytes_total, budi.disabled, budi.standing) == (None, False, "foreign")
    active = ActiveUser.objects.get(user="budi")
    assert (active.left_s, active.idle_s, active.address) == (2400, 3, "10.5.0.2")
    assert ActiveUser.objects.get(user="007").left_s is None


def test_names_come_back_as_they_are() -> None:
    link = ScriptedLink()
    names = ["true", "007", "no", "1e3", "ñandú", "用户", "a=b", " spasi ", "none", "*1"]
    for name in names:
        link.put(USER, name=name, comment=name)
    link.put(USER, name="nul\x00l")
    read(link)
    assert set(HotspotUser.objects.values_list("name", flat=True)) == {*names, "nul\ufffdl"}
    assert HotspotUser.objects.filter(name="007", comment="007").exists()


def test_only_what_changed_is_written_and_rows_keep_their_number(
    django_assert_max_num_queries: Any,
) -> None:
    link = furnish()
    router = read(link, at=NOON)
    before = dict(HotspotUser.objects.values_list("name", "pk"))
    link.menus[USER][0]["profile"] = "1hari"
    del link.menus[USER][1]
    link.put(USER, name="baru")
    read(link, router, at=NOON + timedelta(minutes=5))
    after = dict(HotspotUser.objects.values_list("name", "pk"))
    assert after.keys() == {"budi", "007", "true", "baru"}
    assert {name: after[name] for name in ("budi", "007", "true")} == {
        name: before[name] for name in ("budi", "007", "true")
    }
    assert HotspotUser.objects.get(name="budi").profile == "1hari"
    assert HotspotUser.objects.get(name="budi").first_seen_at == NOON
    with django_assert_max_num_queries(70):
        read(link, router, at=NOON + timedelta(minutes=10))


def test_speed_is_told_from_the_second_reading_on() -> None:
    link = furnish()
    router = read(link, at=NOON)
    assert ActiveUser.objects.get(user="budi").download_bps is None
    link.menus[ACTIVE][0].update({"bytes-out": "1009000", "bytes-in": "11000", "uptime": "20m10s"})
    read(link, router, at=NOON + timedelta(seconds=10), parts=QUICK)
    row = ActiveUser.objects.get(user="budi")
    assert (row.upload_bps, row.download_bps) == (8_000, 800_000)
    link.menus[ACTIVE][0].update({"bytes-out": "10", "uptime": "1s"})
    read(link, router, at=NOON + timedelta(seconds=20), parts=QUICK)
    assert ActiveUser.objects.get(user="budi").download_bps is None


def test_a_quick_reading_leaves_the_other_lists_and_their_age() -> None:
    link = furnish()
    router = read(link, at=NOON)
    link.menus[USER].clear()
    later = NOON + timedelta(seconds=5)
    read(link, router, at=later, parts=QUICK)
    assert HotspotUser.objects.count() == 4
    times = dict(Reading.objects.values_list("part", "read_at"))
    assert (times["active"], times["users"]) == (later, NOON)


def test_a_list_that_is_refused_keeps_its_old_rows_and_says_why() -> None:
    link = furnish()
    router = read(link, at=NOON)
    link.fail_at(
        link_calls_until(link, "/ip/hotspot/cookie"), NotPermitted("not enough permissions (9)")
    )
    read(link, router, at=NOON + timedelta(minutes=5))
    reading = Reading.objects.get(part=Part.COOKIES)
    assert (reading.read_at, reading.rows, reading.trouble) == (
        NOON,
        1,
        "not enough permissions (9)",
    )
    assert Reading.objects.get(part=Part.LEASES).read_at == NOON + timedelta(minutes=5)


def link_calls_until(link: ScriptedLink, menu: str) -> int:
    """How many calls of a whole reading come before that list."""
    calls = link.asked[: len(link.asked)]
    return calls.index(f"print {menu}")


def test_a_router_that_went_away_keeps_its_numbers_and_they_grow_old() -> None:
    router = read(furnish(), at=NOON)
    storing.note_failure(router, "no answer")
    reading = Reading.objects.get(part=Part.USERS)
    assert (reading.read_at, reading.rows, reading.trouble) == (NOON, 4, "no answer")
    assert reading.tried_at > NOON


def test_the_clock_is_read_with_the_users() -> None:
    link = furnish()
    link.put("/system/clock", date="nov/21/2026", time="19:03:00", gmt_offset="+07:00")
    router = read(link, at=NOON)
    condition = Condition.objects.get(router=router)
    assert (condition.clock_off_s, condition.minutes_ahead) == (180, 420)


def test_every_reading_is_told_on_the_feed_and_to_who_takes_them() -> None:
    taken: list[Any] = []
    storing.take_readings(
        "test", lambda router, snapshot: taken.append((router.pk, len(snapshot.parts)))
    )
    try:
        router = read(furnish(), at=NOON)
        read(furnish(), router, at=NOON + timedelta(minutes=1))
    finally:
        storing.take_readings("test", lambda router, snapshot: None)
    assert taken == [(router.pk, 8), (router.pk, 8)]
    events = list(Event.objects.filter(topic=storing.READ).values_list("payload", flat=True))
    assert [event["changed"] for event in events] == [sorted(Part.values), ["active"]]


def test_two_routers_do_not_mix() -> None:
    one, other = read(furnish(), at=NOON), make_router(name="Kedua")
    read(ScriptedLink(), other, at=NOON)
    assert HotspotUser.objects.filter(router=one).count() == 4
    assert HotspotProfile.objects.filter(router=other).count() == 1
