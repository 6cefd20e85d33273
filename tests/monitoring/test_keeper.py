"""The keeper over a scripted line and a real database: what is on record after what happened."""

import sqlite3
from datetime import timedelta

import pytest
from django.db import OperationalError, connection

from ronda.devices.models import Ont, Site
from ronda.monitoring.events import moment
from ronda.monitoring.history.packing import code_of
from ronda.monitoring.models import (
    HourColumn,
    Outage,
    Poller,
    Sweep,
    Transition,
    Unobserved,
    Watch,
    Work,
)
from ronda.monitoring.service import legacy_status
from ronda.monitoring.service.ledger import Ledger, LostTurn
from ronda.storage.database import is_sqlite
from ronda.work import feed
from ronda.work.models import Event
from tests.monitoring.scripted import Stage

pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.fixture
def onts() -> list[Ont]:
    site = Site.objects.create(name="Sleman")
    return [
        Ont.objects.create(
            site=site, customer_id=f"XM{n:06}", name=f"Ronda {n}", address=f"10.0.0.{n}"
        )
        for n in range(1, 21)
    ]


def transitions() -> list[dict[str, object]]:
    events = Event.objects.filter(topic="monitoring.transitions")
    return [entry for event in events for entry in event.payload["onts"]]


def poller_news() -> list[tuple[str, str]]:
    events = Event.objects.filter(topic="monitoring.poller").order_by("id")
    return [(event.payload["state"], event.payload["cause"]) for event in events]


def test_the_whole_fleet_is_known_to_be_up_after_the_first_sweep(onts):
    stage = Stage().begin()

    stage.run(31)

    assert set(Watch.objects.values_list("state", flat=True)) == {"up"}
    assert Watch.objects.count() == 20
    assert {entry["reason"] for entry in transitions()} == {"first-answer"}
    assert Outage.objects.count() == 0


def test_an_ont_that_falls_silent_is_suspected_then_down_from_its_first_missed_probe(onts):
    stage = Stage().begin()
    stage.run(61)
    fallen = onts[4]
    seen = feed.last_id()

    stage.silent.add(fallen.address)
    stage.run(70)

    story = [
        entry
        for event in feed.read(seen, topics={"monitoring.transitions"})
        for entry in event.payload["onts"]
    ]
    assert [(entry["id"], entry["state"]) for entry in story] == [
        (fallen.pk, "suspect"),
        (fallen.pk, "down"),
    ]
    outage = Outage.objects.get()
    first_miss = Transition.objects.get(after="suspect").at
    assert (outage.ont_id, outage.started_at, outage.ended_at) == (fallen.pk, first_miss, None)
    assert story[-1]["outage"] == outage.pk
    assert timedelta(seconds=13) <= outage.confirmed_at - outage.started_at
    assert outage.confirmed_at - outage.started_at <= timedelta(seconds=45)
    assert outage.last_ok_at is not None
    assert timedelta() < outage.started_at - outage.last_ok_at <= timedelta(seconds=31)


def test_the_older_words_follow_the_silence_and_tell_nobody_twice(onts):
    stage = Stage().begin()
    stage.run(61)
    fallen, seen, words = onts[4], feed.last_id(), []

    stage.silent.add(fallen.address)
    for _ in range(140):
        stage.run(0.5)
        watch = Watch.objects.get(ont=fallen)
        word = legacy_status(watch.state, watch.misses)
        if word not in words[-1:]:
            words.append(word)

    assert words == ["ON", "OFF(Waiting Connection)", "OFF(RTO)", "OFF"]
    told = [event.topic for event in feed.read(seen) if "onts" in event.payload]
    assert told == ["monitoring.transitions", "monitoring.misses", "monitoring.transitions"]
    assert Transition.objects.filter(ont=fallen).count() == 3


def test_a_lost_packet_makes_no_noise(onts):
    stage = Stage().begin()
    stage.run(61)
    seen = feed.last_id()
    stage.silent.add(onts[7].address)
    while not stage.keeper.fold.suspects:
        stage.run(0.5)

    stage.silent.clear()
    stage.run(60)

    assert feed.read(seen, topics={"monitoring.transitions"}) == []
    assert Transition.objects.exclude(reason="first-answer").count() == 0


def test_two_replies_end_the_outage_at_the_first_of_them(onts):
    stage = Stage().begin()
    stage.run(61)
    stage.silent.add(onts[0].address)
    stage.run(70)

    stage.silent.clear()
    stage.run(70)

    outage = Outage.objects.get()
    back = Transition.objects.get(after="up", before="down")
    assert outage.ended_at == back.at
    assert back.decided_at - back.at >= timedelta(seconds=5)
    assert Watch.objects.get(ont=onts[0]).state == "up"
    assert transitions()[-1]["outage"] == outage.pk


def test_our_own_cut_makes_no_outage_but_unobserved_time(onts):
    stage = Stage().begin()
    stage.run(61)
    seen = feed.last_id()

    stage.silent.add("*")
    stage.run(300)
    blind_since = Poller.objects.get().blind_since
    stage.silent.clear()
    stage.run(120)

    assert Outage.objects.count() == 0
    states = {
        entry["state"]
        for event in feed.read(seen, topics={"monitoring.transitions"})
        for entry in event.payload["onts"]
    }
    assert "down" not in states
    gap = Unobserved.objects.get()
    assert gap.reason == "blind"
    assert gap.started_at == blind_since
    assert timedelta(seconds=295) < gap.ended_at - gap.started_at < timedelta(seconds=375)
    assert poller_news() == [("blind", "blind"), ("recovered", "blind")]
    assert set(Watch.objects.values_list("state", flat=True)) == {"up"}


@pytest.mark.parametrize("still", [False, True])
def test_a_keeper_takes_back_what_the_one_before_it_told(onts, still):
    stage = Stage().begin()
    stage.run(61)
    stage.silent.add("*")
    stage.run(300)
    stage.crash()
    if still:
        stage.clock.at += 10
        stage.begin()
        stage.run(200)
    stage.silent.clear()
    if not still:
        stage.clock.at += 10
        stage.begin()
    stage.run(120)

    news = poller_news()
    assert news[0] == ("blind", "blind")
    assert news.count(("recovered", "blind")) == 1
    assert news[-1] == ("recovered", "blind")
    assert Poller.objects.get().blind_since is None


def test_a_prober_that_broke_under_the_last_keeper_is_said_to_be_well_again(onts):
    stage = Stage().begin()
    stage.run(61)
    stage.probers[-1].broken = EOFError("the prober's process ended")
    stage.run(1)
    stage.crash()
    stage.begin()
    stage.run(60)

    assert poller_news() == [("trouble", "prober"), ("recovered", "prober")]
    assert Poller.objects.get().trouble == ""


def test_an_outage_stays_open_across_a_crash_and_a_restart_says_nothing_new(onts):
    stage = Stage().begin()
    stage.run(61)
    stage.silent.add(onts[3].address)
    stage.run(70)
    before = Outage.objects.get()
    seen = feed.last_id()

    stage.crash()
    stage.clock.at += 10
    stage.begin()
    stage.run(95)

    assert Outage.objects.get() == before
    assert Outage.objects.get().ended_at is None
    assert feed.read(seen, topics={"monitoring.transitions"}) == []
    assert Unobserved.objects.count() == 0


def test_what_changed_while_nobody_watched_is_told_once_and_the_gap_is_unobserved(onts):
    stage = Stage().begin()
    stage.run(61)
    stage.silent.add(onts[3].address)
    stage.run(70)
    stage.crash()
    stage.clock.at += 600
    back_at = stage.clock.wall()
    stage.silent = {onts[8].address}
    seen = feed.last_id()

    stage.begin()
    stage.run(100)

    gap = Unobserved.objects.get()
    assert gap.reason == "stopped"
    assert gap.ended_at.timestamp() == pytest.approx(back_at)
    assert gap.ended_at - gap.started_at >= timedelta(seconds=600)
    closed, opened = Outage.objects.order_by("started_at")
    assert closed.ont_id == onts[3].pk
    assert closed.ended_at.timestamp() > back_at
    assert opened.ont_id == onts[8].pk
    assert opened.started_at.timestamp() > back_at
    told = [
        (entry["id"], entry["state"], entry["reason"])
        for event in feed.read(seen, topics={"monitoring.transitions"})
        for entry in event.payload["onts"]
        if entry["state"] != "suspect"
    ]
    assert sorted(told) == [
        (onts[3].pk, "up", "found-after-restart"),
        (onts[8].pk, "down", "found-after-restart"),
    ]


def test_a_suspicion_that_was_shown_when_it_crashed_is_taken_back(onts):
    stage = Stage().begin()
    stage.run(61)
    stage.silent.add(onts[3].address)
    while not Watch.objects.filter(state="suspect").exists():
        stage.run(0.5)
    stage.crash()
    stage.silent.clear()

    stage.begin()
    stage.run(35)

    assert Watch.objects.get(ont=onts[3]).state == "up"
    assert transitions()[-1]["state"] == "up"


def test_added_edited_paused_and_deleted_onts_take_effect_without_a_restart(onts):
    stage = Stage().begin()
    stage.run(61)
    new = Ont.objects.create(site=onts[0].site, customer_id="XM9", name="New", address="10.0.9.9")
    Ont.objects.filter(pk=onts[1].pk).update(monitored=False)
    Ont.objects.filter(pk=onts[2].pk).update(deleted_at=onts[2].created_at)
    Ont.objects.filter(pk=onts[3].pk).update(address="10.0.9.1")
    Ont.objects.filter(pk=onts[4].pk).update(address="")
    feed.append("devices.changed", {"onts": [new.pk, *(ont.pk for ont in onts[1:5])]})

    stage.run(3)

    states = dict(Watch.objects.values_list("ont_id", "state"))
    assert states[new.pk] == "up"
    assert states[onts[1].pk] == "paused"
    assert states[onts[3].pk] == "up"
    assert states[onts[4].pk] == "unknown"
    targets = stage.probers[-1].targets
    assert set(targets) == {ont.pk for ont in onts} - {ont.pk for ont in onts[1:5]} | {
        new.pk,
        onts[3].pk,
    }
    assert targets[onts[3].pk] == "10.0.9.1"


def test_pausing_ends_an_open_outage_and_resuming_begins_at_unknown(onts):
    stage = Stage().begin()
    stage.run(61)
    stage.silent.add(onts[0].address)
    stage.run(70)
    Ont.objects.filter(pk=onts[0].pk).update(monitored=False)
    feed.append("devices.changed", {"onts": [onts[0].pk]})
    stage.run(2)
    outage = Outage.objects.get()
    paused = Watch.objects.get(ont=onts[0]).state

    stage.silent.clear()
    Ont.objects.filter(pk=onts[0].pk).update(monitored=True)
    feed.append("devices.changed", {"onts": [onts[0].pk]})
    stage.run(3)

    assert outage.ended_at is not None
    assert paused == "paused"
    story = [entry["state"] for entry in transitions() if entry["id"] == onts[0].pk]
    assert story == ["up", "suspect", "down", "paused", "unknown", "up"]


def test_onts_that_share_an_address_are_probed_once_and_both_go_down(onts):
    twin = Ont.objects.create(
        site=onts[0].site, customer_id="XM7", name="Twin", address=onts[5].address
    )
    stage = Stage().begin()
    stage.run(61)
    assert twin.pk not in stage.probers[-1].targets

    stage.silent.add(onts[5].address)
    stage.run(70)

    assert set(Outage.objects.values_list("ont_id", flat=True)) == {onts[5].pk, twin.pk}
    Ont.objects.filter(pk=onts[5].pk).update(deleted_at=twin.created_at)
    feed.append("devices.changed", {"onts": [onts[5].pk]})
    stage.run(2)
    assert stage.probers[-1].targets[twin.pk] == twin.address


def test_the_poller_row_and_the_feed_tell_of_each_sweep(onts):
    stage = Stage().begin()

    stage.run(61)

    row = Poller.objects.get()
    assert (row.sweep, row.sent, row.answered, row.missed, row.targets) == (2, 20, 20, 0, 20)
    assert row.method == "simulated"
    assert set(row.canaries) == {"192.0.2.1", "192.0.2.2"}
    swept = [event.payload["number"] for event in feed.read(0, topics={"monitoring.swept"})]
    assert swept == [1, 2]


def test_a_settled_fleet_writes_nothing_but_its_mark_of_life(onts, django_assert_max_num_queries):
    stage = Stage().begin()
    stage.run(62)
    stage.run(6)

    with django_assert_max_num_queries(14):  # follow, mark of life with savepoints
        stage.run(4)


def test_while_the_database_is_away_nothing_is_lost_or_doubled(onts, monkeypatch):
    stage = Stage().begin()
    stage.run(61)
    really_write = Ledger._write

    def away(self: Ledger, batch: object) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr(Ledger, "_write", away)
    stage.silent.add(onts[2].address)
    stage.run(80)
    assert Outage.objects.count() == 0
    monkeypatch.setattr(Ledger, "_write", really_write)
    stage.run(10)

    outage = Outage.objects.get()
    assert outage.confirmed_at - outage.started_at < timedelta(seconds=45)
    down = [entry for entry in transitions() if entry["state"] == "down"]
    assert [entry["outage"] for entry in down] == [outage.pk]
    assert ("recovered", "database") in poller_news()


def test_a_lock_that_the_server_keeps_for_a_lost_connection_costs_nothing(onts, monkeypatch):
    stage = Stage().begin()
    stage.run(61)
    really_write, answers = Ledger._write, [False, False, True]

    def away_once(self: Ledger, batch: object) -> None:
        monkeypatch.setattr(Ledger, "_write", really_write)
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(Ledger, "_write", away_once)
    monkeypatch.setattr(stage.keeper.writing, "_still_ours", lambda: answers.pop(0))
    stage.silent.add(onts[2].address)
    stage.run(80)

    assert answers == []
    assert Outage.objects.count() == 1
    assert ("recovered", "database") in poller_news()


def test_a_commit_that_failed_to_say_so_is_not_written_twice(onts, monkeypatch):
    stage = Stage().begin()
    stage.run(61)
    really_write = Ledger._write
    failed: list[bool] = []

    def commit_and_fail(self: Ledger, batch: object) -> None:
        really_write(self, batch)
        if batch.changes and not failed:
            failed.append(True)
            raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(Ledger, "_write", commit_and_fail)
    stage.silent.add(onts[2].address)
    stage.run(80)

    assert failed
    assert Outage.objects.count() == 1
    assert [entry["state"] for entry in transitions() if entry["id"] == onts[2].pk] == [
        "up",
        "suspect",
        "down",
    ]


def test_a_keeper_whose_turn_was_taken_writes_nothing_more(onts):
    stage = Stage().begin()
    stage.run(61)
    other = Stage(stage.clock).begin()
    stage.silent.add(onts[0].address)

    with pytest.raises(LostTurn):
        stage.run(70)

    other.silent.add(onts[0].address)
    other.run(100)
    assert Outage.objects.count() == 1


def test_a_prober_that_breaks_is_opened_again_and_told_of(onts):
    stage = Stage().begin()
    stage.run(61)

    stage.probers[-1].broken = EOFError("the prober's process ended")
    stage.run(1)
    trouble = Poller.objects.get().trouble
    stage.run(40)

    assert trouble == "EOFError: the prober's process ended"
    assert len(stage.probers) == 2
    assert stage.probers[0].closed
    assert Poller.objects.get().trouble == ""
    assert poller_news() == [("trouble", "prober"), ("recovered", "prober")]
    assert Outage.objects.count() == 0


def test_a_clock_set_back_an_hour_neither_stops_the_watch_nor_makes_outages_end_early(onts):
    stage = Stage().begin()
    stage.run(61)
    stage.silent.add(onts[0].address)
    stage.run(70)

    stage.clock.ahead -= 3600
    stage.run(61)
    stage.silent = {onts[1].address}
    stage.run(80)

    closed, opened = Outage.objects.order_by("id")
    assert closed.ended_at is not None
    assert timedelta(seconds=90) < closed.ended_at - closed.started_at < timedelta(seconds=200)
    assert opened.ont_id == onts[1].pk
    assert opened.started_at.timestamp() == pytest.approx(stage.clock.wall(), abs=90)


def test_the_interval_follows_what_the_operator_sets(onts):
    wanted = [30.0]
    stage = Stage(read_interval=lambda: wanted[0]).begin()
    stage.run(61)

    wanted[0] = 10.0
    stage.run(6)

    assert stage.probers[-1].interval == 10.0
    assert Poller.objects.get().interval_s == 10.0


def test_flapping_is_told_once_in_and_once_out(onts):
    stage = Stage(interval=10.0).begin()
    stage.probers[-1].interval = 10.0
    stage.run(31)
    for _ in range(3):
        stage.silent.add(onts[0].address)
        stage.run(60)
        stage.silent.clear()
        stage.run(60)

    assert Watch.objects.get(ont=onts[0]).flapping
    stage.run(4000, tick=5)

    reasons = list(
        Transition.objects.filter(ont=onts[0]).order_by("id").values_list("reason", flat=True)
    )
    assert reasons.count("started-flapping") == 1
    assert reasons.count("settled-down") == 1
    assert not Watch.objects.get(ont=onts[0]).flapping


def test_a_power_cut_of_half_the_fleet_is_one_event_and_many_outages(onts):
    stage = Stage().begin()
    stage.run(61)
    seen = feed.last_id()

    stage.silent.update(ont.address for ont in onts[:10])
    stage.run(90)

    assert Outage.objects.filter(ended_at=None).count() == 10
    down = {
        entry["id"]
        for event in feed.read(seen, topics={"monitoring.transitions"})
        for entry in event.payload["onts"]
        if entry["state"] == "down"
    }
    assert down == {ont.pk for ont in onts[:10]}


@pytest.mark.slow
def test_an_ont_that_slows_down_is_marked_and_unmarked_and_the_past_outlives_a_restart(onts):
    stage = Stage().begin()
    stage.run(12 * 600 + 700, tick=5)
    slow = onts[3]
    hour = round(stage.clock.wall() // 3600)
    for back in range(24):
        HourColumn.objects.create(
            id=hour - back, starts=b"", shares=b"", rtts=bytes([code_of(5000)]) * (slow.pk + 1)
        )

    stage.crash()
    stage.begin()
    stage.rtts[slow.address] = 90_000
    stage.run(2000, tick=5)
    marked = Watch.objects.get(ont=slow).degraded
    stage.rtts.clear()
    stage.run(2500, tick=5)

    assert marked
    assert not Watch.objects.get(ont=slow).degraded
    story = Transition.objects.filter(ont=slow).order_by("id")
    assert [row.reason for row in story] == ["first-answer", "degraded", "regained"]
    assert story[1].evidence["what"] == "rtt"
    assert Watch.objects.filter(degraded=True).count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_database_that_another_writer_holds_is_waited_for_and_everything_is_written(
    onts, monkeypatch
):
    if not is_sqlite():
        pytest.skip("writers of PostgreSQL do not wait for each other")
    monkeypatch.setattr("ronda.monitoring.keeper.writing.WRITE_PATIENCE_S", 0.01)
    stage = Stage().begin()
    stage.run(61)
    stage.silent.add(onts[2].address)
    other = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    stage.run(80)
    written = Outage.objects.count()
    other.execute("ROLLBACK")
    other.close()
    stage.run(10)

    assert written == 0
    outage = Outage.objects.get()
    assert outage.confirmed_at - outage.started_at < timedelta(seconds=45)
    assert ("recovered", "database") in poller_news()
    assert Sweep.objects.count() == Poller.objects.get().sweep


def test_before_anything_ever_answered_silence_is_unknown_and_not_down(onts):
    stage = Stage()
    stage.silent.add("*")

    stage.begin().run(120)
    nothing = (Outage.objects.count(), Watch.objects.filter(state="down").count())
    stage.silent = {onts[0].address}
    stage.run(120)

    assert nothing == (0, 0)
    assert Outage.objects.get().ont_id == onts[0].pk
    assert Transition.objects.get(after="down").reason == "never-answered"


def test_what_is_down_under_planned_work_is_shown_as_maintenance_and_its_outage_is_kept(onts):
    stage = Stage().begin()
    stage.run(61)
    start = moment(stage.clock.wall() + 10)
    work = Work.objects.create(
        name="Ganti tiang", onts=[onts[4].pk], started_at=start, ended_at=start + timedelta(hours=1)
    )
    stage.run(20)
    assert Watch.objects.get(pk=onts[4].pk).state == "up"

    stage.silent |= {onts[4].address, onts[5].address}
    stage.run(70)

    states = dict(Watch.objects.exclude(state="up").values_list("ont_id", "state"))
    assert states == {onts[4].pk: "maintenance", onts[5].pk: "down"}
    assert Outage.objects.filter(ended_at=None).count() == 2
    Work.objects.filter(pk=work.pk).update(ended_at=moment(stage.clock.wall()))
    stage.run(10)
    assert Watch.objects.get(pk=onts[4].pk).state == "down"
    newest = Transition.objects.filter(ont=onts[4]).first()
    assert (newest.before, newest.after, newest.reason) == ("maintenance", "down", "maintenance")
    stage.silent.clear()
    stage.run(40)
    assert Watch.objects.get(pk=onts[4].pk).state == "up"
    assert not Outage.objects.filter(ended_at=None).exists()
