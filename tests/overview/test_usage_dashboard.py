"""The dashboard tells how many are online, how old that is, and nothing where no router is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from ronda.hotspot.service.usage import recording
from tests.hotspot.model import Model
from tests.routers.factories import make_router

pytestmark = pytest.mark.django_db


@pytest.fixture
def viewer(client: Client, people: dict[str, Any]) -> Client:
    client.force_login(people["viewer"])
    return client


def test_without_a_router_the_dashboard_is_as_it_was(viewer: Client) -> None:
    page = viewer.get("/").content.decode()
    assert "Hotspot users" not in page
    assert "uplot" not in page.lower()


def test_users_online_are_shown_with_the_age_of_the_reading(viewer: Client) -> None:
    model = Model(clock=timezone.now() - timedelta(minutes=4))
    for number in range(37):
        model.make(f"u{number}")
        model.login(str(number), f"u{number}")
    recording.record_router(make_router(), model.read())
    page = viewer.get("/").content.decode()
    assert "37 users online" in page
    assert "4 min ago" in page


def test_a_count_that_is_old_is_not_shown_as_present(viewer: Client) -> None:
    model = Model(clock=timezone.now() - timedelta(hours=3))
    recording.record_router(make_router(), model.read())
    page = viewer.get("/").content.decode()
    assert "not known" in page
    assert "3 h" in page


def test_the_dashboard_asks_one_question_more_however_many_routers(
    viewer: Client, django_assert_max_num_queries: Any
) -> None:
    make_router()
    with django_assert_max_num_queries(60) as at_one:
        viewer.get("/")
    for number in range(20):
        make_router(name=f"R{number}")
    with django_assert_max_num_queries(len(at_one.captured_queries)):
        viewer.get("/")
