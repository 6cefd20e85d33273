"""From the feed to letters: who is told of what, when, and why others are not; on both databases."""

from datetime import time, timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from ronda.alerts.models import AlertRule, Letter, Occurrence, Outgoing, Rota, Suppressed
from ronda.alerts.service import defaults, duty, ticking, wording_alerts
from ronda.routers.service import routers
from ronda.storage import space
from ronda.upkeep.models import Trouble
from ronda.upkeep.service import troubles
from ronda.work import feed
from tests.alerts import telling_world as place
from tests.alerts.outside import outside
from tests.alerts.telling_world import Clock, letters, reasons, router_hot, rule, settle
from tests.routers.factories import make_router

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.usefixtures("in_english")]

TECHNICIANS, NOC = [["role", "technician"]], [["role", "noc"]]


@pytest.fixture
def router(clock: Clock) -> Any:
    return make_router()


def test_the_first_step_is_told_after_the_hold_the_next_one_when_nobody_acknowledged(
    clock: Clock, router: Any
) -> None:
    rule(TECHNICIANS, NOC)
    router_hot(router)
    assert letters() == []

    clock.forward(minutes=1)
    assert letters() == [("alarm", "joko")]

    clock.forward(minutes=15, step=timedelta(minutes=5))
    assert letters() == [("alarm", "joko"), ("alarm", "wayan")]

    router_hot(router, on=False)
    assert letters()[2:] == [("recovery", "joko"), ("recovery", "wayan")]
    assert Occurrence.objects.get().look_at is None


def test_the_end_is_told_to_those_who_were_told_and_the_others_have_their_reason(
    clock: Clock, router: Any
) -> None:
    rule(TECHNICIANS, NOC)
    router_hot(router)
    clock.forward(minutes=2)

    router_hot(router, on=False)
    clock.forward(minutes=30, step=timedelta(minutes=10))

    assert letters() == [("alarm", "joko"), ("recovery", "joko")]
    assert reasons() == {("alarm", "wayan"): "gone"}


def test_what_is_over_within_the_hold_tells_nobody_and_says_why(clock: Clock, router: Any) -> None:
    rule(TECHNICIANS)
    router_hot(router)
    router_hot(router, on=False)
    clock.forward(minutes=5, step=timedelta(minutes=1))

    assert (letters(), reasons()) == ([], {("alarm", "joko"): "gone"})


def test_what_quiet_hours_held_back_is_told_when_they_end_and_it_is_still_open(
    clock: Clock, router: Any, people: dict[str, Any]
) -> None:
    joko = people["technician"]
    joko.quiet_from, joko.quiet_to, joko.time_zone = time(12), time(15), "Asia/Makassar"
    joko.save()
    rule(TECHNICIANS)
    router_hot(router)
    clock.forward(minutes=1)
    assert (letters(), reasons()) == ([], {("alarm", "joko"): "quiet"})

    clock.at(place.NOON + timedelta(hours=2))  # 15:00 in Makassar
    assert letters() == [("alarm", "joko")]
    assert Suppressed.objects.get().lifted_at == timezone.now()


def test_whoever_is_on_call_is_told_and_the_others_know_that_they_were_not(
    clock: Clock, router: Any, people: dict[str, Any]
) -> None:
    rota = Rota(name="Crew", zone="Asia/Jakarta", first_day="2026-11-16", handover_at="08:00")
    duty.save(rota, [people["technician"], people["noc"]], people["owner"])
    rota.refresh_from_db()
    duty.swap(
        rota, people["viewer"], timezone.now(), timezone.now() + timedelta(hours=1), people["owner"]
    )
    rule([["rota", str(rota.pk)]])

    router_hot(router)
    clock.forward(minutes=1)

    assert letters() == [("alarm", "tini")]
    assert reasons() == {("alarm", "joko"): "not-on-call", ("alarm", "wayan"): "not-on-call"}


def test_a_group_chat_is_told_like_a_person(clock: Clock, router: Any) -> None:
    channel = place.webhook()
    rule([["chat", f"chat:{channel.pk}:crew"]])
    router_hot(router)
    clock.forward(minutes=1)
    router_hot(router, on=False)

    sent = [(row.to, row.thread, row.severity) for row in place.outside().order_by("pk")]
    thread = f"router:temperature:{router.pk}"
    assert sent == [("crew", thread, "warning"), ("crew", thread, "success")]


def test_the_end_follows_the_beginning_by_the_same_way_and_not_where_that_failed(
    clock: Clock, router: Any, people: dict[str, Any]
) -> None:
    channel = place.webhook()
    place.reach(people["technician"], channel)
    rule(TECHNICIANS)
    router_hot(router)
    clock.forward(minutes=1)
    place.outside().update(state=Outgoing.State.FAILED)

    router_hot(router, on=False)

    ends = Outgoing.objects.filter(about=Letter.objects.get(kind="recovery").pk)
    assert [row.channel.kind for row in ends] == ["inside"]


def test_the_end_is_held_back_from_whom_the_beginning_never_reached(
    clock: Clock, router: Any
) -> None:
    rule(TECHNICIANS)
    router_hot(router)
    clock.forward(minutes=1)
    Outgoing.objects.update(state=Outgoing.State.FAILED)

    router_hot(router, on=False)

    assert letters() == [("alarm", "joko")]
    assert reasons() == {("recovery", "joko"): "not-reached"}


def test_whoever_has_no_address_and_whoever_left_have_that_reason(
    clock: Clock, router: Any, people: dict[str, Any]
) -> None:
    channel = place.webhook()
    channel.active = False
    channel.save()
    people["technician"].is_active = False
    people["technician"].save()
    rule([*TECHNICIANS, ["chat", f"chat:{channel.pk}:crew"]])

    router_hot(router)
    clock.forward(minutes=1)

    assert letters() == []
    assert reasons() == {
        ("alarm", "joko"): "inactive",
        ("alarm", f"chat:{channel.pk}:crew"): "no-address",
    }


def test_everything_that_is_wrong_begins_and_ends(clock: Clock, router: Any) -> None:
    def limit(on: bool) -> dict[str, Any]:
        facts = {"kind": "pool", "subject": "dhcp", "value": 95, "limit": 100, "on": on}
        return {"router": router.pk, "name": router.name, **facts}

    def money(on: bool) -> dict[str, Any]:
        facts = {"number": "R-1", "reason": "late", "amount_idr": 5000, "on": on}
        return {"order": 7, "event": None, **facts}

    def poller(state: str) -> dict[str, Any]:
        return {"state": state, "cause": "blind", "text": "canaries", "at": "", "poller": "main"}

    feed.append("hotspot.limit", limit(True))
    feed.append("shop.trouble", money(True))
    feed.append("monitoring.poller", poller("blind"))
    feed.append("storage.trouble", {"what": "backup", "text": "No room left."})
    feed.append("storage.trouble", {"what": "disk", "text": "No room left."})
    settle()

    late = "It came late, and the package is not sold any more."
    assert [row.what for row in Occurrence.objects.order_by("pk")] == [
        "limit",
        "payment",
        "blind",
        "backup",
        "disk",
    ]
    assert [wording_alerts.began(row) for row in Occurrence.objects.order_by("pk")] == [
        f"Router {router.name}: 95 of the 100 addresses of pool dhcp are taken.",
        f"Rp5.000 came in for order R-1, and nothing was served for it. {late}",
        "The watch is blind: our own network is lost. Nothing counts as an outage until it is back.",
        "No room left.",
        "No room left.",
    ]

    clock.forward(minutes=5, step=timedelta(minutes=5))
    feed.append("hotspot.limit", limit(False))
    feed.append("shop.trouble", money(False))
    feed.append("monitoring.poller", poller("recovered"))
    settle()

    left = Occurrence.objects.filter(closed_at=None)
    assert sorted(left.values_list("what", flat=True)) == ["backup", "disk"]
    assert [wording_alerts.ended(row) for row in Occurrence.objects.order_by("pk")[:3]] == [
        f"Pool dhcp of router {router.name} has enough addresses again. It lasted 5 min.",
        "Payment trouble: R-1: over. It lasted 5 min.",
        "The watch sees again. The time in between counts as not observed. It lasted 5 min.",
    ]
    clock.at(timezone.now() + timedelta(hours=25))
    assert not left.exists()


def test_high_use_is_told_of_once_a_day_and_every_day(clock: Clock, router: Any) -> None:
    rule([["role", "noc"]], whats=["use"], hold_s=0)
    facts = {"kind": "high", "subject": "budi", "value": 9, "limit": 5, "on": True}
    for _day in range(2):
        for _reading in range(2):
            feed.append("hotspot.limit", {"router": router.pk, "name": router.name, **facts})
            settle()
        clock.at(timezone.now() + timedelta(hours=20))
    assert letters() == [("alarm", "wayan"), ("alarm", "wayan")]


def test_nobody_is_reminded_of_a_router_that_was_taken_out_of_use(
    clock: Clock, router: Any
) -> None:
    rule([["role", "noc"]], repeat_s=3600)
    other = make_router("Pos 2")
    for one in (router, other):
        router_hot(one)
        Trouble.objects.create(router=one, kind="temperature", on=True, streak=3)
    clock.forward(minutes=2)
    routers.delete(router.pk, None)
    ticking.leave_unused()
    assert troubles.forget_unused() == 1
    before = len(letters())
    clock.forward(minutes=61, step=timedelta(minutes=10))
    assert letters()[before:] == [("repeat", "wayan")]
    assert [row.facts["router"] for row in Occurrence.objects.filter(closed_at=None)] == [other.pk]
    assert Trouble.objects.get(on=True).router_id == other.pk


def test_a_digest_tells_each_recipient_once_what_happened(
    clock: Clock, router: Any, people: dict[str, Any]
) -> None:
    digest = rule([["role", "owner"]], digest="day", digested_at=timezone.now())
    router_hot(router)
    clock.forward(minutes=5, step=timedelta(minutes=5))
    assert letters() == []

    clock.at(place.NOON + timedelta(hours=19))  # 07:00 of the next day
    clock.forward(minutes=1)
    assert letters() == [("digest", "sari")]
    subject, text = wording_alerts.words(Letter.objects.get().pk) or ("", "")
    assert subject == "1 trouble, 1 still open"
    assert text == f"21 Nov 12:00  Router unwell: {router.name} (still open)"

    clock.at(place.NOON + timedelta(days=1, hours=19))
    digest.refresh_from_db()
    assert (letters(), digest.digested_at) == ([("digest", "sari")], timezone.now())


def test_a_disk_that_fills_up_is_told_until_there_is_room_again(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule([["role", "owner"]], whats=["disk"], hold_s=0)
    gigabyte = 10**9
    for free in (gigabyte // 2, gigabyte // 2, 10 * gigabyte, 10.5 * gigabyte, 13 * gigabyte):
        monkeypatch.setattr(ticking, "room", lambda _folder, free=free: (free, 200 * gigabyte))
        ticking.look_at_disk()
    assert letters() == [("alarm", "sari"), ("recovery", "sari")]
    assert not space.is_short(11 * gigabyte, 200 * gigabyte)
    told = wording_alerts.began(Occurrence.objects.get())
    assert told.startswith("Ronda's disk is nearly full: 476.8")


def test_an_installation_begins_with_sensible_rules_once(clock: Clock) -> None:
    assert defaults.enter() == AlertRule.objects.count() > 3
    AlertRule.objects.update(deleted_at=timezone.now())
    assert defaults.enter() == 0


def test_a_message_reads_well_on_a_phone(clock: Clock, router: Any, people: dict[str, Any]) -> None:
    with outside() as server:
        server.say(200, {})
        place.reach(people["technician"], place.webhook(server.url))
        rule(TECHNICIANS, repeat_s=3600)
        router_hot(router)
        clock.forward(minutes=1)
        clock.at(timezone.now() + timedelta(hours=1))
        router_hot(router, on=False)
        place.send_all()

        told = [(one.json["subject"], one.json["text"]) for one in server.asked]
    lost = f"Router {router.name} is hot: 85 °C."
    again = f"Cooled down: {router.name}. It lasted 1 h 1 min."
    assert told == [
        (f"Router unwell: {router.name}", f"{lost} {again}"),
        (f"Still open: Router unwell: {router.name}", f"{lost} {again}"),
        (f"Over: Router unwell: {router.name}", again),
    ]


def test_looking_costs_the_same_however_many_are_open(
    clock: Clock, router: Any, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(4):
        ticking.tick()


@pytest.mark.parametrize("death", range(0, 60, 4))
def test_a_death_before_the_commit_loses_and_doubles_nothing(
    clock: Clock, router: Any, people: dict[str, Any], death: int
) -> None:
    place.reach(people["technician"], place.webhook())
    rule(TECHNICIANS, hold_s=0)
    asked = 0

    def die(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal asked
        asked += 1
        if asked == death + 1:
            raise KeyboardInterrupt
        return execute(sql, params, many, context)

    try:
        with connection.execute_wrapper(die):
            router_hot(router)
    except KeyboardInterrupt:
        pass
    if not Occurrence.objects.exists() and not feed.read(0):
        router_hot(router)
    settle()
    settle()

    assert letters() == [("alarm", "joko")]
    assert place.outside().count() == 1
