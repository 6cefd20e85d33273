"""Notices: made from the feed, listed, read, deleted and brought back; on both databases."""

import json
import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone, translation

from ronda.alerts import service
from ronda.alerts.models import Notice
from ronda.alerts.service import backups, listening
from ronda.alerts.service.wording import text_of
from ronda.app import wiring
from ronda.devices.models import Area, Ont, Site
from ronda.work import feed
from ronda.work.consumers import consume

pytestmark = [pytest.mark.database]


def make_onts(count: int, area: str = "Dukuh") -> list[Ont]:
    site, _ = Site.objects.get_or_create(name="Kalisari")
    place, _ = Area.objects.get_or_create(site=site, name=area)
    return [
        Ont.objects.create(
            site=site,
            area=place,
            customer_id=f"{area}{n}",
            name=f"{area} RT {n}",
            location="Pos Ronda",
        )
        for n in range(count)
    ]


def went_down(onts: list[Ont], at=None) -> None:
    entries = [
        {
            "id": ont.pk,
            "state": "down",
            "before": "suspect",
            "since": "2026-11-21T12:03:00+00:00",
            "overlay": 0,
            "rtt_ms": None,
            "reason": "confirmed-silent",
            "outage": 1,
        }
        for ont in onts
    ]
    feed.append("monitoring.transitions", {"onts": entries}, at=at)


@pytest.mark.django_db
def test_a_thousand_onts_lost_in_one_sweep_make_at_most_three_notices(data_folder):
    onts = make_onts(700, "Dukuh") + make_onts(300, "Ngemplak")
    transitions = next(c for c in wiring.consumers() if c.name == "alerts.transitions")
    consume(transitions)
    start = timezone.now()
    # As a sweep gives them: confirmed little by little over half a minute.
    for second in range(30):
        went_down(onts[second::30], at=start + timedelta(seconds=second))

    for second in range(0, 240, 5):
        consume(transitions, start + timedelta(seconds=second))

    assert 1 <= Notice.objects.count() <= 3
    notice = Notice.objects.get()
    assert (notice.type, notice.details["count"]) == ("danger", 1000)
    with translation.override("en"):
        assert text_of(notice).endswith("Dukuh (700), Ngemplak (300).")


@pytest.mark.django_db
def test_one_ont_is_named_with_its_place_and_linked():
    (ont,) = make_onts(1)
    went_down([ont])
    listening.tell_transitions(feed.read(0))

    notice = Notice.objects.get()
    assert notice.ont == ont
    with translation.override("en"):
        assert "Dukuh RT 0 (Pos Ronda) is down since" in text_of(notice)


@pytest.mark.django_db
def test_an_import_and_a_blind_watch_make_notices():
    feed.append("devices.changed", {"onts": [1], "kind": "import", "change": 5})
    feed.append("devices.changed", {"onts": [2], "kind": "import", "change": 5})
    feed.append("devices.changed", {"onts": [2], "kind": "edit", "change": 6})
    feed.append("monitoring.poller", {"state": "blind", "cause": "blind", "text": "canaries"})

    listening.tell_others(feed.read(0))

    assert [(n.kind, n.type) for n in Notice.objects.order_by("pk")] == [
        ("import", "info"),
        ("poller", "warning"),
    ]


@pytest.mark.django_db(transaction=True)
def test_a_hundred_writers_at_once_lose_nothing():
    def write(number: int) -> None:
        try:
            service.create("info", f"notice {number}")
        finally:
            connection.close()

    writers = [threading.Thread(target=write, args=(n,)) for n in range(100)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    texts = set(Notice.objects.values_list("text", flat=True))
    assert texts == {f"notice {n}" for n in range(100)}


@pytest.mark.django_db
def test_deleting_everything_makes_a_backup_that_really_brings_it_back(data_folder):
    for number in range(3):
        service.create("warning", f"n{number}")
    service.mark_read([Notice.objects.order_by("pk").first().pk])
    before = list(Notice.objects.order_by("pk").values_list("pk", "text", "type", "at"))

    service.delete(None)
    assert Notice.objects.count() == 0
    service.create("info", "made later")
    newest = backups.newest_with_more()
    service.restore(newest.name)

    assert list(Notice.objects.order_by("pk").values_list("pk", "text", "type", "at")) == before
    undo = backups.series().listing()[0]
    service.restore(undo.name)
    assert [n.text for n in Notice.objects.all()] == ["made later"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[",
        b"{}",
        b'[{"message": 5}]',
        b'[{"message": "x", "timestamp": "yesterday"}]',
        b"\xff\xfe",
    ],
)
def test_a_damaged_backup_changes_nothing(data_folder, content):
    service.create("info", "stays")
    path = data_folder / "backups" / "notices-20261121-120000.json"
    path.parent.mkdir()
    path.write_bytes(content)

    with pytest.raises(backups.BackupUnreadable):
        service.restore(path.name)

    assert [n.text for n in Notice.objects.all()] == ["stays"]


@pytest.mark.django_db
def test_a_backup_has_the_older_shape_and_imports_it(data_folder):
    service.create("success", "Dukuh (Pos)Status: ON")

    row = json.loads(backups.write().path.read_text())[0]

    assert {"id", "message", "type", "timestamp", "ont_id", "ont_name", "read"} <= set(row)
    older = {
        "id": 7,
        "message": "x",
        "type": "success",
        "timestamp": "2025-09-03T09:54:31.407Z",
        "read": False,
    }
    assert backups.replace_all([older]) == 1
    assert Notice.objects.get().pk == 7


@pytest.mark.django_db
def test_the_newest_backup_stays_whatever_retention_says(data_folder, settings):
    settings.RONDA = settings.RONDA.model_copy(update={"keep_backups": 3})
    service.create("info", "x")
    for _ in range(6):
        newest = backups.write()

    names = [file.name for file in backups.series().listing()]
    assert len(names) == 3
    assert names[0] == newest.name
