"""A cut that takes a thousand ONTs, through every consumer: few messages, one end, and a reason for each other."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from ronda.alerts.models import Letter, Occurrence, Suppressed, Told
from ronda.alerts.service import wording_alerts
from ronda.incidents.events import Change
from ronda.incidents.models import Incident
from ronda.incidents.service.book import tell
from ronda.routers.models import Router
from ronda.upkeep.models import Trouble
from ronda.work import feed
from tests.alerts import telling_world as place
from tests.alerts.telling_world import Clock, letters, reasons, rule
from tests.incidents import fleet

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.usefixtures("in_english")]

CREW, NOC = [["role", "technician"]], [["role", "noc"]]


def now() -> float:
    """Seconds as the fleet counts them."""
    return (timezone.now() - fleet.NOON).total_seconds()


def lost_router() -> Router:
    from ronda.devices.models import Site

    return Router.objects.create(
        site=Site.objects.get(), name="Induk", host="router.test", user="ronda"
    )


def act(incident: Incident, change: Change, **values: Any) -> None:
    """What somebody does about an incident, as it is written and told."""
    Incident.objects.filter(pk=incident.pk).update(**values)
    tell([(incident, change, {})], timezone.now())
    place.settle()


@pytest.mark.slow
def test_a_thousand_lost_behind_their_router_and_stale_children_are_three_messages_at_most(
    clock: Clock, people: dict[str, Any]
) -> None:
    onts = fleet.make_onts(512, "Utara") + fleet.make_onts(512, "Selatan")
    router = lost_router()
    channel = place.webhook()
    for role in ("technician", "noc", "owner"):
        place.reach(people[role], channel)
    rule(CREW, NOC, whats=["outage", "router"], hold_s=120)
    rule([["role", "owner"], *NOC], whats=["mass", "router"], hold_s=120)
    begin = now()

    # The children fall silent first and bit by bit, the router is known as lost a minute later.
    for part in range(8):
        fleet.lose(onts[part * 128 : (part + 1) * 128], now() - 26)
        clock.forward(seconds=5, step=timedelta(seconds=5))
    Trouble.objects.create(router=router, kind="lost", on=True, since=timezone.now())
    feed.append("upkeep.trouble", {"router": router.pk, "kind": "lost", "on": True, "onts": []})
    clock.forward(minutes=6, step=timedelta(seconds=30))

    # The parent is back first; its children are stale for a while, and come back bit by bit.
    Trouble.objects.update(on=False)
    feed.append("upkeep.trouble", {"router": router.pk, "kind": "lost", "on": False, "onts": []})
    for part in range(4):
        fleet.give_back(onts[part * 256 : (part + 1) * 256], now())
        fleet.sweep(now() - 10)
        clock.forward(seconds=10)
    clock.forward(minutes=10, step=timedelta(minutes=1))

    assert now() - begin > 600
    assert Incident.objects.filter(merged_into=None).count() == 1
    for person in ("technician", "noc", "owner"):
        name = people[person].username
        mine = [kind for kind, who in letters() if who == name]
        assert mine.count("recovery") == 1
        assert 2 <= len(mine) <= 3
    assert place.outside().count() == len(letters()) <= 9
    ended = wording_alerts.words(Letter.objects.filter(kind="recovery")[0].pk)
    assert ended is not None
    assert ended[0] == "Over: Router lost: Induk"


def test_a_power_cut_that_grows_over_areas_is_told_once_and_its_end_once(
    clock: Clock, people: dict[str, Any]
) -> None:
    north, south = fleet.make_onts(60, "Utara"), fleet.make_onts(42, "Selatan")
    rule(CREW, whats=["outage"], hold_s=0)

    fleet.lose(north[:30], now() - 26)
    clock.forward(seconds=60)
    fleet.lose([*south, *north[30:]], now() - 26)
    clock.forward(minutes=2)
    assert letters() == [("alarm", "joko")]
    assert Occurrence.objects.exclude(parent="").count() <= 1

    fleet.give_back([*north, *south], now())
    clock.forward(minutes=3, step=timedelta(seconds=30))

    assert letters() == [("alarm", "joko"), ("recovery", "joko")]
    assert wording_alerts.ended(Told.objects.get(kind="recovery").occurrence).startswith(
        "102 ONTs are up again since"
    )


def test_whoever_acknowledges_or_snoozes_stops_what_would_follow(
    clock: Clock, people: dict[str, Any]
) -> None:
    onts = fleet.make_onts(40)
    rule(CREW, NOC, [["role", "owner"]], whats=["outage"], hold_s=0)
    fleet.lose(onts[:3], now() - 26)
    clock.forward(minutes=1)
    assert letters() == [("alarm", "joko")]
    incident = Incident.objects.get()

    act(incident, Change.SNOOZED, snoozed_until=timezone.now() + timedelta(minutes=30))
    clock.forward(minutes=20, step=timedelta(minutes=5))
    assert reasons()["alarm", "wayan"] == "snoozed"
    clock.forward(minutes=15, step=timedelta(minutes=5))
    # Both have waited for the end of the snooze.
    assert letters()[1:] == [("alarm", "wayan"), ("alarm", "sari")]

    fleet.lose(onts[20:21], now() - 2000)
    clock.forward(minutes=1)
    second = Incident.objects.order_by("pk").last()
    assert second is not None
    act(second, Change.ACKNOWLEDGED, acknowledged_at=timezone.now())
    clock.forward(hours=1, step=timedelta(minutes=10))
    told = Told.objects.filter(occurrence__incident=second.pk).values_list("to", flat=True)
    assert [*told] == [f"person:{people['technician'].pk}"]
    assert {row.reason for row in Suppressed.objects.filter(occurrence__incident=second.pk)} == {
        "acknowledged"
    }


def test_what_was_found_after_a_restart_is_no_news(clock: Clock) -> None:
    onts = fleet.make_onts(40)
    rule(CREW, whats=["outage"], hold_s=0)
    fleet.lose(onts[:3], now() - 26, reason="found-after-restart")
    clock.forward(minutes=2)

    assert Incident.objects.get().silent
    assert letters() == []
