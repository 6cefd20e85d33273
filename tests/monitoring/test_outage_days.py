"""Packed days of outages: exact at every moment, whoever writes an outage late, adds or removes some."""

import random  # noqa: TID251 -- seeded histories
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ronda.devices.formats import read_listing
from ronda.devices.models import Ont, Site
from ronda.monitoring.history import outage_days
from ronda.monitoring.models import Outage, OutageDay, Transition, Unobserved
from ronda.monitoring.rules.intervals import Span, uptime
from ronda.monitoring.service import outage_files, taking
from ronda.monitoring.service import outages as questions
from ronda.monitoring.service.ledger import write_outages
from ronda.monitoring.service.uptime import uptimes

pytestmark = [pytest.mark.database, pytest.mark.django_db]

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
BEGIN = NOW - timedelta(days=30)
HOUR = timedelta(hours=1)


@pytest.fixture
def onts():
    site = Site.objects.create(name="Sleman")
    made = Ont.objects.bulk_create(
        Ont(site=site, customer_id=f"XM{n:06}", name=f"Ronda {n}", address=f"10.0.0.{n}")
        for n in range(1, 13)
    )
    Ont.objects.update(created_at=BEGIN - timedelta(days=300))
    return made


def lose(ont: Ont, start: datetime, end: datetime | None) -> Outage:
    return Outage.objects.create(ont=ont, started_at=start, ended_at=end, confirmed_at=start)


def down(ont: Ont, start: datetime = BEGIN, end: datetime = NOW) -> timedelta:
    return uptimes(Span(start, end), now=NOW).of(ont.pk).down


def test_every_period_says_the_same_before_and_after_sealing(onts):
    chance = random.Random(11)
    spans: dict[int, list[Span]] = {}
    for ont in onts[:10]:
        at = BEGIN - HOUR * chance.uniform(0, 50)
        while at < NOW:
            start = at + HOUR * chance.uniform(0.1, 60)
            at = start + HOUR * chance.choice([0.01, 1, 30])
            if start < NOW:
                spans.setdefault(ont.pk, []).append(Span(start, None if at > NOW else at))
                lose(ont, *spans[ont.pk][-1])
    gaps = [Span(BEGIN + HOUR * (170 * n + 40), BEGIN + HOUR * (170 * n + 47)) for n in range(4)]
    for gap in gaps:
        Unobserved.objects.create(
            poller="main", started_at=gap.start, ended_at=gap.end, reason="blind"
        )
    Ont.objects.filter(pk=onts[3].pk).update(created_at=BEGIN + 100 * HOUR)
    aside = Span(BEGIN + 200 * HOUR, BEGIN + 260 * HOUR)
    for at, before, after in ((aside.start, "up", "paused"), (aside.end, "paused", "up")):
        Transition.objects.create(
            ont=onts[5], at=at, decided_at=at, before=before, after=after, reason="operator"
        )
    periods = [Span(BEGIN, NOW), Span(BEGIN + 100 * HOUR, BEGIN + 300 * HOUR)]
    periods += [Span(NOW - 20 * HOUR, NOW), Span(NOW - 90 * HOUR, NOW - 89 * HOUR)]

    for sealed_at in (None, BEGIN + 120 * HOUR, NOW):
        if sealed_at is not None:
            outage_days.seal(sealed_at)
        for period in periods:
            figures = uptimes(period, now=NOW)
            few = uptimes(period, onts=[onts[3].pk, onts[7].pk], now=NOW)
            for ont in onts:
                expected = uptime(
                    period,
                    NOW,
                    spans.get(ont.pk, []),
                    watched_from=BEGIN + 100 * HOUR if ont is onts[3] else None,
                    unobserved=gaps,
                    excluded=[aside] if ont is onts[5] else [],
                )
                assert figures.of(ont.pk) == expected
                if ont in (onts[3], onts[7]):
                    assert few.of(ont.pk) == expected
    # From the day of the first end to the last one that was over for long enough.
    first = min(span.end for own in spans.values() for span in own if span.end)
    assert OutageDay.objects.count() == (NOW.date() - first.date()).days


def test_what_the_watch_writes_late_is_counted(onts):
    open_one = lose(onts[0], NOW - 80 * HOUR, None)
    lose(onts[1], NOW - 200 * HOUR, NOW - 199 * HOUR)
    assert outage_days.seal(NOW) == 8
    assert down(onts[0]) == 80 * HOUR

    write_outages([SimpleNamespace(ont=onts[0].pk, opens=None, closes=NOW - 70 * HOUR)])

    assert Outage.objects.get(pk=open_one.pk).ended_at == NOW - 70 * HOUR
    assert down(onts[0]) == 10 * HOUR
    assert down(onts[1]) == HOUR
    assert outage_days.seal(NOW) == 3
    assert outage_days.seal(NOW) == 0
    assert down(onts[0]) == 10 * HOUR


def test_what_is_taken_from_another_system_and_what_comes_back_from_a_file_is_counted(
    onts, data_folder
):
    kept = lose(onts[0], NOW - 80 * HOUR, NOW - 79 * HOUR)
    questions.clear_all(NOW)
    [file] = outage_files.series().listing()
    outage_days.seal(NOW)
    log = (
        '[{"ont_id": "XM000002", "ont_name": "Ronda 2", "start_time": "2026-11-10T10:00:00",'
        ' "end_time": "2026-11-10T13:00:00", "status": "resolved"}]'
    )
    taken = taking.take(read_listing(log.encode()), None)
    assert down(onts[1]) == 3 * HOUR
    outage_days.seal(NOW)
    assert down(onts[1]) == 3 * HOUR
    taking.undo(taken.token, None)
    assert down(onts[1]) == timedelta()
    outage_days.seal(NOW)
    assert (down(onts[0]), down(onts[1])) == (HOUR, timedelta())

    outage_days.reopen([kept.ended_at])
    kept.delete()
    outage_days.seal(NOW)
    assert down(onts[0]) == timedelta()
    outage_files.restore(file.name, NOW)
    assert down(onts[0]) == HOUR


def test_a_reader_that_meets_a_reopening_reads_again(onts, monkeypatch):
    lose(onts[0], NOW - 80 * HOUR, NOW - 79 * HOUR)
    outage_days.seal(NOW)
    newest = outage_days._newest

    def reopened_after() -> int | None:
        found = newest()
        outage_days.reopen([NOW - 79 * HOUR])
        return found

    monkeypatch.setattr(outage_days, "_newest", reopened_after)
    assert down(onts[0]) == HOUR
    monkeypatch.undo()
    assert not OutageDay.objects.exists()


def test_nothing_is_sealed_where_nothing_ever_ended_and_an_outage_of_no_time_is_none(onts):
    assert outage_days.seal(NOW) == 0
    outage_days.reopen([None])
    lose(onts[0], NOW - 80 * HOUR, NOW - 80 * HOUR)
    lose(onts[1], NOW - 80 * HOUR, None)
    assert outage_days.seal(NOW) == 3
    assert uptimes(Span(BEGIN, NOW), now=NOW).of(onts[0].pk).outages == 0
    assert down(onts[1]) == 80 * HOUR


def test_the_questions_do_not_grow_with_the_outages(onts):
    for n in range(300):
        lose(onts[n % 12], NOW - 2 * n * HOUR - HOUR, NOW - 2 * n * HOUR)
    outage_days.seal(NOW)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert sum(1 for _ in outage_days.touching(BEGIN, NOW).times()) >= 300
    assert len(asked) == 3
