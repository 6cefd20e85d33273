"""The history of connections, and the one notice when a router is lost."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from ronda.routeros.errors import RouterTimedOut, RouterUnreachable, WrongCredentials
from ronda.routers.desk.rules import CallTimes
from ronda.upkeep.events import TROUBLE
from ronda.upkeep.models import Span, Trouble
from ronda.upkeep.service import connections
from ronda.upkeep.service.connections import ConnectionJournal
from ronda.work import feed
from tests.routers.desk.fakes import facts
from tests.routers.factories import make_router

pytestmark = [pytest.mark.django_db, pytest.mark.database]

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
AWAY = RouterUnreachable("no route to host")


class Story:
    """A journal whose clock is set by hand."""

    def __init__(self) -> None:
        self.router = make_router().pk
        self.journal = ConnectionJournal()

    def at(self, seconds: float, what: str, *told: object) -> None:
        with time_machine.travel(NOW + timedelta(seconds=seconds), tick=False):
            getattr(self.journal, what)(self.router, *told)

    def told(self) -> list[bool]:
        return [event.payload["on"] for event in feed.read(0, topics={TROUBLE})]


@pytest.fixture
def story() -> Story:
    return Story()


def test_every_connection_is_kept_with_its_times_transport_and_reason(story):
    story.at(0, "opened", facts())
    story.at(30, "seen", CallTimes())
    story.at(100, "lost", AWAY)
    story.at(102, "failed", AWAY)
    story.at(110, "failed", AWAY)
    story.at(120, "failed", RouterTimedOut("silent"))
    story.at(130, "opened", facts())
    story.at(200, "ended")

    rows = [
        (s.connected, (s.since - NOW).seconds, (s.until - NOW).seconds, s.code, s.attempts)
        for s in Span.objects.order_by("id")
    ]
    assert rows == [
        (True, 0, 100, "RouterUnreachable", 0),
        (False, 100, 120, "RouterUnreachable", 2),
        (False, 120, 130, "RouterTimedOut", 1),
        (True, 130, 200, "", 0),
    ]
    assert Span.objects.filter(transport="api").count() == 2
    assert connections.failed_attempts(story.router, NOW) == 3
    assert connections.connected_share(
        story.router, NOW, NOW + timedelta(seconds=200)
    ) == pytest.approx(0.85)


def test_a_lost_router_is_told_once_and_once_when_it_is_back(story):
    story.at(0, "opened", facts())
    story.at(10, "lost", AWAY)
    for seconds in (12, 30, 69):
        story.at(seconds, "failed", AWAY)
    assert story.told() == []
    for seconds in (70, 100, 5000):
        story.at(seconds, "failed", AWAY)
    assert story.told() == [True]
    trouble = Trouble.objects.get()
    assert (trouble.since, trouble.text) == (NOW + timedelta(seconds=10), "no route to host")
    story.at(6000, "opened", facts())
    story.at(6010, "opened", facts())
    assert story.told() == [True, False]


def test_a_router_that_never_worked_is_not_lost(story):
    for seconds in (0, 100, 1000):
        story.at(seconds, "failed", WrongCredentials("invalid user name or password (6)"))
    assert story.told() == []
    assert Span.objects.get().attempts == 3


def test_a_connection_of_a_desk_that_was_killed_ended_when_it_was_last_seen(story):
    story.at(0, "opened", facts())
    story.at(60, "seen", CallTimes())
    story.at(1000, "opened", facts())
    first = Span.objects.order_by("id").first()
    assert (first.until - NOW).seconds == 60


def test_old_history_is_forgotten(story):
    story.at(0, "opened", facts())
    story.at(10, "ended")
    assert connections.forget(NOW) == 0
    assert connections.forget(NOW + timedelta(days=1)) == 1
    assert connections.connected_share(story.router, NOW, NOW + timedelta(days=1)) is None
