"""Metrics say what is known, to who may read, and name nobody."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from ronda.accounts.service import tokens
from ronda.hotspot.models import ActiveUser, Host, HotspotUser, Part, Reading
from ronda.hotspot.service.usage import recording
from ronda.overview.exposition import Metric, first, write
from tests.devices.factories import make_ont
from tests.hotspot.model import Model
from tests.routers.factories import make_router

SAMPLE = re.compile(r'[a-z_]+(\{([a-z]+="(\\.|[^"\\\n])*",?)+\})? (NaN|[+-]Inf|-?[0-9.e+-]+)')


@pytest.fixture
def viewer(client: Client, people: dict[str, Any]) -> Client:
    client.force_login(people["viewer"])
    return client


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=20), st.floats() | st.integers())
def test_every_line_is_one_that_prometheus_reads(text: str, value: float) -> None:
    metric = Metric("ronda_x", "gauge", text, ("router",))
    metric.add(value, text)
    metric.add(None, "unknown")
    lines = write([metric, Metric("ronda_empty", "gauge", "")]).rstrip("\n").split("\n")
    assert [line for line in lines if not line.startswith("# ")] == lines[2:]
    assert len(lines) == 3
    assert SAMPLE.fullmatch(lines[2])


def test_the_largest_parts_are_named_and_the_rest_is_other() -> None:
    assert first({"a": 1, "b": 5, "c": 2, "other": 9}, 2) == {"other": 12, "b": 5}
    assert first({"a": 1}, 2) == {"a": 1}
    assert write([Metric("x", "gauge", "h", (), [((), 1.5)])]).endswith("x 1.5\n")


def read(router: Any, part: Part, ago: timedelta = timedelta()) -> None:
    """A list of a router that was read whole so long ago."""
    at = timezone.now() - ago
    Reading.objects.create(router=router, part=part, read_at=at, tried_at=at)


@pytest.mark.django_db
def test_strangers_and_wrong_tokens_get_401(client: Client) -> None:
    cache.clear()
    assert client.get("/metrics").status_code == 401
    answer = client.get("/metrics", headers={"authorization": "Bearer rnd_wrong"})
    assert answer.status_code == 401
    assert b"ronda_" not in answer.content
    cache.clear()


@pytest.mark.django_db
def test_a_token_reads_them(client: Client, people: dict[str, Any]) -> None:
    cache.clear()
    _row, secret = tokens.make(people["viewer"], "prometheus", "viewer")
    answer = client.get("/metrics", headers={"authorization": f"Bearer {secret}"})
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain; version=0.0.4")


@pytest.mark.django_db
@pytest.mark.database
def test_hotspot_routers_and_onts_are_told_and_no_person(
    viewer: Client, django_assert_max_num_queries: Any
) -> None:
    make_ont(1)
    model, router = Model(clock=timezone.now() - timedelta(seconds=360)), make_router()
    for number in range(3):
        model.make(f"budi{number}")
    recording.record_router(router, model.read())
    for number in range(3):
        model.login(f"{number}", f"budi{number}", f"02:00:00:00:00:0{number}")
    model.pass_time(300, 900)
    recording.record_router(router, model.read())
    HotspotUser.objects.create(
        router=router, ros_id="*1", name="budi0", first_seen_at=timezone.now()
    )
    Host.objects.create(router=router, ros_id="*1", mac="02:00:00:00:00:00", authorized=True)
    ActiveUser.objects.create(
        router=router, ros_id="*1", user="budi0", server="hs1", read_at=timezone.now()
    )
    for part in (Part.USERS, Part.HOSTS, Part.ACTIVE):
        read(router, part)
    with django_assert_max_num_queries(33) as at_one:
        text = viewer.get("/metrics").content.decode()
    for line in (
        'ronda_hotspot_users{router="Balai Desa"} 3',
        'ronda_hotspot_profile_users{router="Balai Desa",profile="1jam"} 3',
        'ronda_hotspot_server_users{router="Balai Desa",server="hs1"} 1',
        'ronda_hotspot_bytes_total{router="Balai Desa",direction="down"} 2700',
        'ronda_hotspot_bytes_total{router="Balai Desa",direction="up"} 900',
        'ronda_hotspot_hosts{router="Balai Desa",authorized="yes"} 1',
        'ronda_hotspot_accounts{router="Balai Desa",disabled="no"} 1',
        'ronda_router_up{router="Balai Desa"} 0',
        'ronda_hotspot_limits_near{kind="high"} 0',
        'ronda_onts{state="unknown"} 1',
    ):
        assert f"\n{line}\n" in f"\n{text}", line
    assert "budi" not in text
    assert "02:00" not in text
    for number in range(5):
        make_router(name=f"R{number}")
    with django_assert_max_num_queries(len(at_one.captured_queries)):
        viewer.get("/metrics")


@pytest.mark.django_db
def test_what_is_old_is_left_out(viewer: Client) -> None:
    model, router = Model(clock=timezone.now() - timedelta(hours=2)), make_router()
    recording.record_router(router, model.read())
    HotspotUser.objects.create(
        router=router, ros_id="*1", name="budi0", first_seen_at=timezone.now()
    )
    read(router, Part.USERS, timedelta(hours=2))
    text = viewer.get("/metrics").content.decode()
    assert "ronda_hotspot_users{" not in text
    assert "ronda_hotspot_accounts{" not in text
    assert 'ronda_hotspot_reading_age_seconds{router="Balai Desa"}' in text
