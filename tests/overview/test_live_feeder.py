"""The feeder keeps the snapshot equal to the database, on both databases."""

import pytest
from django.utils import timezone

from ronda.devices.models import Area, Ont, Site
from ronda.monitoring.models import Poller, Watch
from ronda.monitoring.service.reported import report
from ronda.overview.live import Feeder, detail
from ronda.web.live import Snapshot
from ronda.work import feed

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def onts() -> list[Ont]:
    site = Site.objects.create(name="Kalisari")
    area = Area.objects.create(site=site, name="Dukuh")
    return [
        Ont.objects.create(
            site=site,
            area=area,
            customer_id=f"K{n}",
            name=f"Dukuh {n}",
            address=f"192.0.2.{n}",
            latitude=-7.5,
            longitude=110.5,
        )
        for n in (1, 2, 3)
    ]


@pytest.fixture
def feeder(onts: list[Ont]) -> Feeder:
    made = Feeder(Snapshot(1), lambda: None)
    made.step()
    return made


def believe(ont: Ont, state: str, **more: object) -> None:
    Watch.objects.update_or_create(
        ont=ont, defaults={"state": state, "since": timezone.now(), **more}
    )
    feed.append("monitoring.transitions", {"onts": [{"id": ont.pk, "state": state}]})


def states(feeder: Feeder) -> dict[int, int]:
    return {ont: row.state for ont, row in feeder.snapshot.now.rows.items()}


def test_the_whole_fleet_is_there_after_the_first_look(feeder, onts):
    assert states(feeder) == {ont.pk: 0 for ont in onts}


def test_a_transition_is_in_the_snapshot_after_one_look(feeder, onts):
    believe(onts[1], "down", misses=7, flapping=True)

    feeder.step()

    row = feeder.snapshot.now.rows[onts[1].pk]
    assert (row.state, row.overlay, row.status) == (3, 1, "OFF")
    assert feeder.snapshot.now.counts["down"] == 1


def test_two_processes_call_the_same_state_by_the_same_number(feeder, onts):
    believe(onts[0], "down")
    feeder.step()
    later = Feeder(Snapshot(1), lambda: None)
    later.step()
    believe(onts[1], "down")
    believe(onts[2], "down")
    known = feeder.snapshot.now.number

    feeder.step()
    later.step()

    assert later.snapshot.now.number == feeder.snapshot.now.number == feed.last_id() + 1
    assert later.snapshot.delta(known) == feeder.snapshot.delta(known)


def test_the_older_word_follows_the_count_of_misses(feeder, onts):
    believe(onts[1], "suspect", misses=3)
    feeder.step()
    first = feeder.snapshot.now.rows[onts[1].pk].status
    Watch.objects.filter(ont=onts[1]).update(misses=4)
    feed.append("monitoring.misses", {"onts": [onts[1].pk]})

    feeder.step()

    second = feeder.snapshot.now.rows[onts[1].pk].status
    assert (first, second) == ("OFF(Waiting Connection)", "OFF(RTO)")


def test_edits_deletions_and_new_onts_come_through(feeder, onts):
    first, second, _third = onts
    first.name = "Masjid"
    first.save()
    second.deleted_at = timezone.now()
    second.save()
    new = Ont.objects.create(site=first.site, customer_id="K9", name="Baru", address="192.0.2.9")
    feed.append(
        "devices.changed", {"onts": [first.pk, second.pk, new.pk], "kind": "edit", "change": 1}
    )

    feeder.step()

    rows = feeder.snapshot.now.rows
    assert rows[first.pk].name == "Masjid"
    assert second.pk not in rows
    assert rows[new.pk].area is None


def test_what_is_not_watched_is_paused_and_without_address_unknown(feeder, onts):
    believe(onts[0], "down")
    believe(onts[1], "up")
    Ont.objects.filter(pk=onts[0].pk).update(monitored=False)
    Ont.objects.filter(pk=onts[1].pk).update(address="")
    feed.append("devices.changed", {"onts": [onts[0].pk, onts[1].pk], "kind": "edit", "change": 1})

    feeder.step()

    assert states(feeder)[onts[0].pk] == 6
    assert states(feeder)[onts[1].pk] == 0


def test_another_system_may_tell_of_what_has_no_address(feeder, onts):
    Ont.objects.filter(pk=onts[0].pk).update(address="")
    report(Ont.objects.get(pk=onts[0].pk), "OFF", 3)

    feeder.step()

    assert states(feeder)[onts[0].pk] == 3


def test_a_failing_database_loses_no_event(feeder, onts, monkeypatch):
    believe(onts[0], "down")
    broken = "ronda.overview.live.present"
    with monkeypatch.context() as patch:
        patch.setattr(broken, lambda _ids=None: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            feeder.step()

    feeder.step()

    assert states(feeder)[onts[0].pk] == 3


def test_a_look_costs_a_fixed_number_of_queries(feeder, onts, django_assert_max_num_queries):
    for ont in onts:
        believe(ont, "down")
    with django_assert_max_num_queries(4):
        feeder.step()


@pytest.mark.parametrize(
    ("poller", "state"),
    [
        (None, "starting"),
        ({}, "starting"),
        ({"swept_to": "now"}, "ok"),
        ({"swept_to": "now", "blind_since": "now"}, "blind"),
        ({"swept_to": "now", "alive_at": "long ago"}, "silent"),
    ],
)
def test_the_state_of_the_watching_is_told(onts, poller, state):
    now = timezone.now()
    times = {"now": now, "long ago": now - timezone.timedelta(minutes=5)}
    if poller is not None:
        given = {name: times[word] for name, word in poller.items()}
        Poller.objects.create(
            name="main", **{"started_at": now, "alive_at": now, "interval_s": 30, **given}
        )
    feeder = Feeder(Snapshot(1), lambda: None)

    feeder.step()

    assert feeder.snapshot.now.watch["state"] == state


def test_one_row_for_a_popup(onts):
    believe(onts[0], "up", rtt_us=8250)

    row = detail(onts[0].pk)

    assert (row["name"], row["rtt_ms"]) == ("Dukuh 1", 8.25)
    assert detail(10**9) is None
