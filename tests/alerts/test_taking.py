"""Notifications of an older system become notices."""

from typing import Any

import pytest

from ronda.alerts.models import Notice
from ronda.alerts.service.taking import take_notifications
from ronda.devices.formats import Kind, Listing
from ronda.devices.rules.rows import RawRow
from ronda.devices.service.imports import ImportRefused
from ronda.work import feed
from tests.devices.factories import make_ont

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def listing(*records: dict[str, Any]) -> Listing:
    rows = [RawRow(number, record) for number, record in enumerate(records, 1)]
    return Listing(Kind.NOTIFICATIONS, "json", rows)


def older(number: int, **values: Any) -> dict[str, Any]:
    return {
        "id": number,
        "message": f"Kali (Pos Ronda)Status: ON {number}",
        "type": "success",
        "timestamp": f"2025-09-03T09:54:{number:02}.407Z",
        "ont_id": None,
        "ont_name": None,
        "read": False,
    } | values


def test_they_keep_their_time_and_type_and_get_numbers_of_their_own() -> None:
    present = Notice.objects.create(type="info", text="here", at="2026-01-01T00:00:00Z")
    rows = (older(1, id=present.pk), older(2, id=present.pk + 1, read=True))
    assert take_notifications(listing(*rows), None) == 2
    first, second = Notice.objects.exclude(pk=present.pk).order_by("at")
    assert first.at.isoformat() == "2025-09-03T09:54:01.407000+00:00"
    assert (first.type, first.read_at) == ("success", None)
    assert second.read_at is not None
    [event] = feed.read(0, topics=["alerts.notices"])
    assert event.payload == {"difference": 2}


def test_the_same_file_twice_doubles_nothing() -> None:
    rows = (older(1), older(2), older(2))
    assert take_notifications(listing(*rows), None) == 2
    assert take_notifications(listing(*rows, older(3)), None) == 1
    with pytest.raises(ImportRefused):
        take_notifications(listing(*rows), None)


def test_an_ont_is_meant_only_when_its_name_fits_too() -> None:
    ont = make_ont(1, name="Kali")
    take_notifications(
        listing(older(1, ont_id=ont.pk, ont_name="Kali"), older(2, ont_id=ont.pk, ont_name="Lor")),
        None,
    )
    assert [n.ont for n in Notice.objects.order_by("at")] == [ont, None]


@pytest.mark.parametrize(
    "wrong", [{"timestamp": "yesterday"}, {"message": None}, {"message": "a\x00b"}]
)
def test_one_wrong_record_refuses_the_whole_file(wrong: dict[str, Any]) -> None:
    with pytest.raises(ImportRefused):
        take_notifications(listing(older(1), older(2, **wrong)), None)
    assert Notice.objects.count() == 0
