"""Settings changed live: typed, bounded, told on the feed, seen by every process soon."""

from datetime import timedelta

import pytest
from django.db import DatabaseError

from ronda.alerts.service import listening
from ronda.app import wiring
from ronda.app.configuration import Configuration
from ronda.work import feed, tuning
from ronda.work.models import Tuning

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_without_a_change_the_environment_is_in_force(settings):
    settings.RONDA = settings.RONDA.model_copy(update={"interval_s": 12.0, "public_map": True})

    assert (tuning.value("interval_s"), tuning.value("public_map")) == (12.0, True)
    assert {(item.value == item.configured, item.changed_by) for item in tuning.listing()} == {
        (True, "")
    }


def test_a_change_wins_is_told_once_and_can_be_taken_back():
    start = feed.last_id()
    before = tuning.change("interval_s", 10, by="budi")
    again = tuning.change("interval_s", 10.0, by="budi")
    assert (before.value, again, tuning.value("interval_s")) == (30.0, None, 10.0)
    (row,) = Tuning.objects.all()
    assert (row.name, row.value, row.changed_by) == ("interval_s", 10.0, "budi")

    assert tuning.reset("interval_s", by="sari").value == 10.0
    assert tuning.reset("interval_s", by="sari") is None
    assert tuning.value("interval_s") == 30.0
    assert [(event.topic, event.payload) for event in feed.read(start)] == [
        ("app.tuned", {"name": "interval_s", "before": 30.0, "value": 10.0, "by": "budi"}),
        ("app.tuned", {"name": "interval_s", "before": 10.0, "value": 30.0, "by": "sari"}),
    ]


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("interval_s", 4.9),
        ("interval_s", 301),
        ("interval_s", float("nan")),
        ("interval_s", True),
        ("interval_s", "30"),
        ("keep_backups", 2),
        ("keep_backups", 3.5),
        ("public_map", 1),
        ("site_name", "   "),
        ("site_name", "x" * 61),
        ("site_name", "a\x00b"),
    ],
)
def test_a_value_that_does_not_fit_changes_nothing(name, wrong):
    with pytest.raises(tuning.WrongValue):
        tuning.change(name, wrong, by="budi")

    assert (Tuning.objects.count(), feed.last_id()) == (0, 0)


@pytest.mark.parametrize("knob", tuning.KNOBS.values(), ids=lambda knob: knob.name)
def test_the_bounds_are_those_of_the_environment(knob):
    field = Configuration.model_fields[knob.name]
    found = {}
    for rule in field.metadata:
        for key in ("ge", "le", "min_length", "max_length"):
            if hasattr(rule, key):
                found[key] = getattr(rule, key)

    least, most = ("min_length", "max_length") if knob.kind is str else ("ge", "le")
    assert field.annotation is knob.kind
    assert (found.get(least, 0), found.get(most, 0)) == (knob.least, knob.most)


def test_a_stored_value_that_means_nothing_here_is_passed_over(django_assert_num_queries):
    tuning.forget()
    Tuning.objects.create(name="interval_s", value="soon", changed_at="2026-01-01T00:00Z")
    Tuning.objects.create(name="from_the_future", value=1, changed_at="2026-01-01T00:00Z")

    with django_assert_num_queries(1):
        assert [tuning.value("interval_s"), tuning.value("site_name")] == [30.0, "Ronda"]


def test_a_database_that_is_away_leaves_the_last_known_value(monkeypatch):
    tuning.change("site_name", "Kalisari", by="budi")
    assert tuning.value("site_name") == "Kalisari"

    def away():
        raise DatabaseError

    monkeypatch.setattr(tuning, "_overrides", away)
    tuning.forget()
    assert tuning.value("site_name") == "Kalisari"


def test_whoever_waits_or_sweeps_follows_the_change(settings):
    keeper = wiring.keeper_settings(settings.RONDA)
    assert (keeper.interval, keeper.read_interval()) == (30, 30)

    tuning.change("interval_s", 7, by="budi")
    tuning.change("notice_hold_s", 90, by="budi")

    assert (keeper.read_interval(), listening.hold()) == (7, timedelta(seconds=90))
