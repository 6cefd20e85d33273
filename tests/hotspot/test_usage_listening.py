"""A poll that was stored is a poll that was counted."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from ronda.hotspot.models import Part, UsageDay, UsageSample, UsageSession
from ronda.hotspot.service.reading import Snapshot
from ronda.hotspot.service.storing import store
from ronda.routeros.port import Row
from ronda.routers.models import Router
from tests.hotspot.model import START
from tests.routers.factories import make_router

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def whole(minutes: int, active: list[Row], users: list[Row]) -> Snapshot:
    return Snapshot(
        START + timedelta(minutes=minutes),
        {Part.USERS: users, Part.ACTIVE: active},
        uptime_s=1000 + 60 * minutes,
    )


def user(amount: str = "0", uptime: str = "0s") -> Row:
    return {
        ".id": "*1",
        "name": "budi",
        "server": "all",
        "profile": "1jam",
        "bytes-in": amount,
        "bytes-out": amount,
        "uptime": uptime,
    }


ACTIVE = {
    ".id": "*A",
    "user": "budi",
    "server": "hs1",
    "address": "10.5.50.2",
    "mac-address": "02:00:00:00:00:01",
    "uptime": "4m30s",
    "bytes-in": "300",
    "bytes-out": "900",
}


def polled(router: Router) -> None:
    store(router, whole(0, [], [user()]))
    store(router, whole(5, [ACTIVE], [user()]))
    store(router, whole(10, [], [user("1000", "8m")]))


def test_rows_of_a_poll_are_settled_into_sessions_and_days() -> None:
    polled(make_router())
    (session,) = UsageSession.objects.values_list(
        "user", "profile", "server", "mac", "bytes_in", "bytes_out", "seconds"
    )
    assert session == ("budi", "1jam", "hs1", "02:00:00:00:00:01", 1000, 1000, 480)
    (day,) = UsageDay.objects.values_list("bytes_in", "bytes_out", "sessions")
    assert day == (1000, 1000, 1)


def test_quick_readings_and_readings_without_uptime_are_left_to_the_next_whole_one() -> None:
    router = make_router()
    store(router, replace(whole(0, [ACTIVE], []), parts={Part.ACTIVE: [ACTIVE]}))
    store(router, replace(whole(1, [ACTIVE], [user()]), uptime_s=None))
    assert not UsageSample.objects.exists()


def test_rows_with_damage_are_counted_as_far_as_they_can_be_read() -> None:
    broken = {"user": "budi", "address": "10.5.50.3", "bytes-in": "x", "uptime": "soon"}
    nameless = {".id": "*9", "bytes-in": "5"}
    router = make_router()
    store(router, whole(0, [broken], [nameless]))
    assert UsageSession.objects.get().bytes_in == 0
