"""The week behind the demo: kept by the watch's own rules, and told to nobody."""

from datetime import UTC, datetime, timedelta

import pytest

from ronda.alerts.models import Outgoing
from ronda.app import demo, demo_past
from ronda.devices.models import Ont
from ronda.hotspot.models import UsageSeries
from ronda.monitoring.models import HourColumn, Outage, Transition, Unobserved, Watch
from ronda.simulator.neighbourhood import build
from ronda.work.models import Event

NOW = datetime(2026, 11, 18, 13, tzinfo=UTC)  # a Wednesday, 20:00 in Jakarta


@pytest.mark.slow
@pytest.mark.django_db
def test_the_demo_begins_with_outages_samples_and_blindness_that_nobody_is_told_of(
    tmp_path, monkeypatch
):
    village = build(seed=demo.SEED)
    monkeypatch.setattr(demo_past, "enter", lambda *_, **__: None)
    demo.settle(village, tmp_path)
    monkeypatch.undo()
    told = Event.objects.count(), Outgoing.objects.count()

    demo_past.enter(village, NOW, days=4)
    demo_past.enter(village, NOW, days=4)

    begin = NOW.replace(hour=17) - timedelta(days=4)  # midnight in Jakarta
    outages = Outage.objects.order_by("started_at")
    assert outages.count() > 20
    assert outages.filter(started_at__lt=begin).count() == 0
    assert outages.filter(ended_at__gt=NOW).count() == 0
    # Open are those that nobody repaired for months, and what is broken at this moment.
    assert set(outages.filter(ended_at=None).values_list("ont", flat=True)) == set(
        Watch.objects.filter(state="down").values_list("ont", flat=True)
    )
    assert Transition.objects.filter(after="down").count() == outages.count()
    blind = Unobserved.objects.get()
    assert not outages.filter(started_at__range=(blind.started_at, blind.ended_at)).exists()
    assert HourColumn.objects.count() > 80
    assert not Ont.objects.exclude(created_at=begin).exists()
    taken = UsageSeries.objects.get()
    assert taken.sessions.filter(ended_at=None).count() == 0
    assert taken.days.values("user").distinct().count() > 50
    busiest = taken.hours.order_by("-most").first()
    assert 10 <= busiest.hour.hour <= 15  # from five to ten in the evening, in Jakarta
    assert (Event.objects.count(), Outgoing.objects.count()) == told
