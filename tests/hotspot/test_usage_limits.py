"""Limits that come near are told once, and again only after they were well below."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from ronda.alerts.models import Notice
from ronda.alerts.rules.usage import LimitNews
from ronda.alerts.rules.usage import tell_limits as tell
from ronda.alerts.service.listening_usage import tell_limits
from ronda.alerts.service.wording import text_of
from ronda.hotspot.events import LIMIT
from ronda.hotspot.models import HotspotProfile, UsageAlarm
from ronda.hotspot.rules.limits import Alarm, Gauge, Kind, Turn, pool_size, turn
from ronda.hotspot.service.usage import limits, recording
from ronda.work import tuning
from ronda.work.models import Event
from tests.hotspot.model import Model
from tests.routers.factories import make_router

LICENCE = Alarm(Kind.LICENCE, "")
USER = Alarm(Kind.SHARED, "budi")
HIGH = Alarm(Kind.HIGH, "budi")


def test_a_limit_is_near_from_the_setting_on_and_over_ten_percent_lower() -> None:
    near = Gauge(LICENCE, 180, 200)
    assert turn((), [near], near_percent=90) == Turn(begun=(near,))
    assert turn((), [Gauge(LICENCE, 179, 200)], near_percent=90) == Turn()
    assert turn([LICENCE], [near], near_percent=90) == Turn()
    assert turn([LICENCE], [Gauge(LICENCE, 160, 200)], near_percent=90) == Turn()
    assert turn([LICENCE], [Gauge(LICENCE, 159, 200)], near_percent=90) == Turn(ended=(LICENCE,))


def test_what_is_not_read_changes_nothing_but_nobody_online_uses_no_devices() -> None:
    assert turn([LICENCE, USER, HIGH], [], near_percent=90) == Turn(ended=(USER,))
    assert turn((), [Gauge(LICENCE, 5, 0)], near_percent=90) == Turn()


def test_high_use_is_passed_at_its_limit_and_never_ends_by_itself() -> None:
    assert turn((), [Gauge(HIGH, 99, 100)], near_percent=50) == Turn()
    assert turn((), [Gauge(HIGH, 100, 100)], near_percent=50).begun
    assert turn([HIGH], [Gauge(HIGH, 1, 100)], near_percent=50) == Turn()


@given(st.lists(st.integers(0, 300), min_size=1, max_size=40))
def test_beginning_and_end_alternate(values: list[int]) -> None:
    known: set[Alarm] = set()
    for value in values:
        found = turn(known, [Gauge(LICENCE, value, 200)], near_percent=90)
        assert len(found.begun) + len(found.ended) <= 1
        assert bool(found.begun) <= (LICENCE not in known)
        known = (known | {g.alarm for g in found.begun}) - set(found.ended)


@pytest.mark.parametrize(
    ("ranges", "size"),
    [
        ("10.5.50.2-10.5.50.254", 253),
        ("10.5.50.2-10.5.50.3,10.6.0.0/24", 258),
        ("10.5.50.9", 1),
        ("", None),
        ("10.5.50.9-", None),
        ("10.5.50.9-10.5.50.1", None),
        ("hs-pool", None),
    ],
)
def test_pools_are_counted(ranges: str, size: int | None) -> None:
    assert pool_size(ranges) == size


def test_what_a_router_allows_is_read_in_both_spellings() -> None:
    pools = [{"name": "hs", "ranges": "10.5.50.2-10.5.50.11"}, {"name": "x", "ranges": "?"}]
    used = [{"pool": "hs"}, {"pool": "hs"}, {"pool": "other"}]
    assert limits.capacity_of([{"nlevel": "4"}], pools, used) == {
        "licence": 200,
        "pools": {"hs": [10, 2]},
    }
    assert limits.capacity_of([{"level": "6"}], [], [])["licence"] is None
    assert limits.capacity_of([], [], [])["licence"] is None


def event(
    kind: str, on: bool, subject: str = "", value: int = 1, router: int = 1
) -> dict[str, Any]:
    told = {"router": router, "name": f"R{router}", "kind": kind, "subject": subject}
    return told | {"on": on, "value": value, "limit": 9}


def test_one_batch_is_one_notice_of_each_kind() -> None:
    first, second = event("high", True, "a", 5), event("high", True, "b", 7)
    assert tell([first, second]) == [LimitNews("high", True, (second, first))]
    assert tell([event("pool", True), event("pool", False)]) == []
    assert tell([event("shared", False, "a")]) == []
    assert tell([event("licence", False)]) == [
        LimitNews("licence", False, (event("licence", False),))
    ]


@pytest.mark.django_db
def test_every_notice_is_said_in_both_languages() -> None:
    kinds = [("high", True), ("shared", True)]
    kinds += [(kind, on) for kind in ("licence", "pool") for on in (True, False)]
    for kind, on in kinds:
        for count in (1, 2, 7):
            Notice.objects.all().delete()
            payloads = [event(kind, on, f"u{n}", n, router=n) for n in range(count)]
            tell_limits([Event(topic=LIMIT, payload=payload) for payload in payloads])
            (notice,) = Notice.objects.all()
            said = {}
            for language in ("en", "id"):
                with translation.override(language):
                    said[language] = text_of(notice)
            assert said["en"] == notice.text
            assert said["id"] != said["en"]
            assert not any("%(" in text or "None" in text for text in said.values())


@pytest.fixture
def tuned(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    values: dict[str, Any] = {"high_use_gb": 0.000001, "users_near_percent": 90}
    monkeypatch.setattr(tuning, "value", lambda name: values[name])
    return values


def told() -> list[tuple[str, str, bool]]:
    rows = Event.objects.filter(topic=LIMIT).order_by("pk")
    return [(row.payload["kind"], row.payload["subject"], row.payload["on"]) for row in rows]


@pytest.mark.django_db
@pytest.mark.database
def test_high_use_is_told_once_a_day_of_each_user(tuned: dict[str, Any]) -> None:
    model, router = Model(), make_router()
    for user in ("budi", "sari"):
        model.make(user)
    recording.record_router(router, model.read())
    model.login("10", "budi")
    model.login("11", "sari")
    for _ in range(4):
        model.pass_time(300, 3000, 30)
        recording.record_router(router, model.read())
    assert told() == [("high", "budi", True)]
    model.pass_time(86_400, 3000, 30)
    recording.record_router(router, model.read())
    assert told() == [("high", "budi", True)] * 2
    tuned["high_use_gb"] = 0
    model.pass_time(86_400, 3000, 30)
    recording.record_router(router, model.read())
    assert len(told()) == 2
    assert not UsageAlarm.objects.exists()


@pytest.mark.django_db
@pytest.mark.database
def test_licence_pool_and_devices_are_watched(tuned: dict[str, Any]) -> None:
    tuned["high_use_gb"] = 0
    model, router = Model(), make_router()
    model.make("budi")
    HotspotProfile.objects.create(router=router, ros_id="*1", name="1jam", shared_users="4")
    limits.keep(router.pk, {"licence": 4, "pools": {"hs": [10, 9]}}, model.clock)
    for slot in "123":
        model.login(slot, "budi")
    model.pass_time(300)
    recording.record_router(router, model.read())
    assert told() == [("pool", "hs", True)]
    model.login("4", "budi")
    model.pass_time(300)
    recording.record_router(router, model.read())
    assert told()[1:] == [("licence", "", True), ("shared", "budi", True)]
    limits.keep(router.pk, {"licence": 4, "pools": {"hs": [10, 1]}}, model.clock)
    for slot in "1234":
        model.logout(slot)
    model.pass_time(300)
    recording.record_router(router, model.read())
    assert sorted(told()[3:]) == [
        ("licence", "", False),
        ("pool", "hs", False),
        ("shared", "budi", False),
    ]
    assert limits.alarms() == []


@pytest.mark.django_db
def test_what_a_router_that_is_gone_allowed_is_dropped() -> None:
    limits.keep(77, {"licence": 1, "pools": {}}, Model().clock + timedelta(1))
