"""Planned work, and a larger trouble that explains a smaller one: nobody is told, and everybody has that reason."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from ronda.alerts.models import Occurrence, Suppressed
from ronda.alerts.service import listening_incidents, rehearsals
from ronda.devices.models import Site
from ronda.incidents.models import Incident
from ronda.monitoring.models import Window, Work
from ronda.routers.models import Router
from ronda.upkeep.models import Trouble
from ronda.work import feed
from tests.alerts import telling_world as place
from tests.alerts.telling_world import Clock, letters, reasons, router_hot, rule
from tests.incidents import fleet

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.usefixtures("in_english")]

CREW = [["role", "technician"]]


def now() -> float:
    return (timezone.now() - fleet.NOON).total_seconds()


def make_router(name: str = "Induk") -> Router:
    return Router.objects.create(
        site=Site.objects.get(), name=name, host="router.test", user="ronda"
    )


def work_on_the_site(minutes: int) -> None:
    begin = timezone.now()
    window = Window.objects.create(
        name="Splicing",
        site=Site.objects.get(),
        first=begin.date(),
        at=begin.time(),
        minutes=minutes,
        zone="WIB",
        made_at=begin,
    )
    Work.objects.create(
        window=window,
        name=window.name,
        site=window.site,
        onts=[],
        started_at=begin - timedelta(minutes=5),
        ended_at=begin + timedelta(minutes=minutes),
    )


def lose_router(router: Router, *, on: bool = True) -> None:
    if on:
        Trouble.objects.create(router=router, kind="lost", on=True, since=timezone.now())
    else:
        Trouble.objects.update(on=False)
    feed.append("upkeep.trouble", {"router": router.pk, "kind": "lost", "on": on, "onts": []})
    place.settle()


def test_what_is_lost_under_planned_work_is_told_to_nobody_and_says_why(clock: Clock) -> None:
    onts = fleet.make_onts(40)
    kept = rule(CREW, whats=["outage"], hold_s=0)
    work_on_the_site(60)
    fleet.lose(onts[:3], now() - 26)
    clock.forward(minutes=2)

    assert not Incident.objects.exists()
    assert letters() == []
    assert reasons() == {("alarm", "joko"): "maintenance"}
    assert Occurrence.objects.get().facts["count"] == 3
    # Nor would a rule have sent it.
    assert rehearsals.preview(kept, timezone.now()).count == 0

    clock.forward(hours=30, step=timedelta(hours=6))
    assert reasons() == {("alarm", "joko"): "maintenance"}


def test_an_open_incident_is_not_repeated_while_work_goes_on_and_again_afterwards(
    clock: Clock,
) -> None:
    onts = fleet.make_onts(40)
    rule(CREW, whats=["outage"], hold_s=0, repeat_s=600)
    fleet.lose(onts[:3], now() - 26)
    clock.forward(minutes=1)
    assert letters() == [("alarm", "joko")]

    work_on_the_site(30)
    clock.forward(minutes=28, step=timedelta(minutes=2))
    assert letters() == [("alarm", "joko")]
    assert reasons()["repeat", "joko"] == "maintenance"
    clock.forward(minutes=10, step=timedelta(minutes=2))
    assert letters()[1] == ("repeat", "joko")


def test_trouble_of_a_router_waits_for_the_end_of_work_on_its_site(clock: Clock) -> None:
    fleet.make_onts(1)
    rule(CREW, hold_s=0)
    work_on_the_site(30)
    router_hot(make_router())
    assert letters() == []
    assert reasons() == {("alarm", "joko"): "maintenance"}

    clock.forward(minutes=40, step=timedelta(minutes=5))
    assert letters() == [("alarm", "joko")]
    assert Suppressed.objects.get().lifted_at is not None


def test_a_router_that_is_lost_explains_what_else_is_wrong_with_it(clock: Clock) -> None:
    fleet.make_onts(1)
    rule(CREW, whats=["router", "health"], hold_s=0)
    router = make_router()
    lose_router(router)
    clock.forward(minutes=1)
    router_hot(router)
    clock.forward(minutes=10, step=timedelta(minutes=1))
    assert letters() == [("alarm", "joko")]
    hot = Occurrence.objects.get(what="health")
    assert hot.parent == listening_incidents.of_router(router.pk)
    assert hot.suppressed.get().reason == "parent"

    # What outlasts it is told on its own.
    lose_router(router, on=False)
    clock.forward(minutes=15, step=timedelta(minutes=1))
    assert letters() == [("alarm", "joko"), ("recovery", "joko"), ("alarm", "joko")]


def test_what_was_wrong_before_the_router_was_lost_is_explained_from_then_on(clock: Clock) -> None:
    fleet.make_onts(1)
    rule(CREW, whats=["router", "health"], hold_s=300)
    router = make_router()
    router_hot(router)
    lose_router(router)
    clock.forward(minutes=8, step=timedelta(minutes=1))
    assert Occurrence.objects.get(what="health").suppressed.get().reason == "parent"
    assert letters() == [("alarm", "joko")]


def test_a_part_of_something_larger_says_so_to_whom_it_was_not_told_yet(
    clock: Clock, people: dict[str, Any]
) -> None:
    north, south = fleet.make_onts(60, "Utara"), fleet.make_onts(42, "Selatan")
    rule(CREW, whats=["outage"], hold_s=0)
    rule([["role", "noc"]], whats=["outage"], hold_s=600, name="Later")
    fleet.lose([*north[:3], *south[:3]], now() - 26)
    clock.forward(seconds=60)
    assert letters() == [("alarm", "joko")] * 2
    fleet.lose([*south[3:], *north[3:]], now() - 26)
    clock.forward(minutes=12, step=timedelta(minutes=1))

    part = Occurrence.objects.exclude(parent="").get()
    assert {row.to: row.reason for row in part.suppressed.all()} == {
        f"person:{people['noc'].pk}": "parent"
    }
    assert letters().count(("alarm", "wayan")) == 1
    fleet.give_back([*north, *south], now())
    clock.forward(minutes=3, step=timedelta(seconds=30))
    assert letters()[-2:] == [("recovery", "joko"), ("recovery", "wayan")]
    assert letters().count(("recovery", "joko")) == 1


def test_an_ont_that_is_often_lost_with_its_whole_area_is_explained_by_that(
    clock: Clock, settings: Any
) -> None:
    onts = fleet.make_onts(40)
    rule(CREW, whats=["outage", "repeated"], hold_s=0)
    for _time in range(3):
        fleet.lose(onts[:8], now() - 26)
        clock.forward(minutes=2, step=timedelta(seconds=30))
        fleet.give_back(onts[:8], now())
        clock.forward(minutes=3, step=timedelta(seconds=30))
    repeated = Occurrence.objects.filter(what="repeated")
    assert repeated.count() == 8
    found = Suppressed.objects.filter(occurrence__in=repeated).values_list("reason", flat=True)
    assert [*found] == ["parent"] * 8
    assert letters() == [("alarm", "joko"), ("recovery", "joko")] * 3
