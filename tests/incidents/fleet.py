"""A fleet that is lost and comes back as the keeper writes it, at any time of day."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from ronda.devices.models import Area, Ont, Site
from ronda.incidents.service.explaining import explain
from ronda.monitoring.models import Outage, Poller, Watch
from ronda.monitoring.service.ledger import TRANSITIONS
from ronda.work import feed

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def after(seconds: float) -> datetime:
    """So many seconds after noon."""
    return NOON + timedelta(seconds=seconds)


def make_onts(count: int, area: str = "Dukuh", site: str = "Kalisari") -> list[Ont]:
    """ONTs of one area that are up."""
    place = Site.objects.get_or_create(name=site)[0]
    part = Area.objects.get_or_create(site=place, name=area)[0] if area else None
    onts = Ont.objects.bulk_create(
        Ont(
            site=place,
            area=part,
            customer_id=f"{site}-{area}-{number}",
            name=f"{area or site} RT {number}",
            address=f"{site}-{area}-{number}.test".lower(),
        )
        for number in range(count)
    )
    Watch.objects.bulk_create(Watch(ont=ont, state="up", since=NOON) for ont in onts)
    return onts


def lose(
    onts: Iterable[Ont], at: float, *, reason: str = "confirmed-silent", told: bool = True
) -> list[Outage]:
    """Lost at `at` seconds after noon, confirmed 26 s later."""
    numbers = [ont.pk for ont in onts]
    outages = Outage.objects.bulk_create(
        Outage(ont_id=number, started_at=after(at), confirmed_at=after(at + 26))
        for number in numbers
    )
    Watch.objects.filter(ont__in=numbers).update(state="down", since=after(at), reason=reason)
    if told:
        _tell(outages, "down", after(at + 26))
    return outages


def give_back(onts: Iterable[Ont], at: float, *, told: bool = True) -> None:
    """Their first good reply came at `at`."""
    numbers = [ont.pk for ont in onts]
    rows = Outage.objects.filter(ont__in=numbers, ended_at=None)
    outages = list(rows)
    rows.update(ended_at=after(at))
    Watch.objects.filter(ont__in=numbers).update(state="up", since=after(at), reason="two-replies")
    if told:
        _tell(outages, "up", after(at + 5))


def _tell(outages: Sequence[Outage], state: str, at: datetime) -> None:
    entries = [{"id": one.ont_id, "state": state, "outage": one.pk} for one in outages]
    for first in range(0, len(entries), 500):
        feed.append(TRANSITIONS, {"onts": entries[first : first + 500]}, at=at)


def sweep(at: float) -> None:
    """A whole round of the watch, which began then and took ten seconds."""
    Poller.objects.update_or_create(
        name="main",
        defaults={
            "started_at": NOON,
            "alive_at": after(at),
            "interval_s": 30,
            "swept_from": after(at),
            "swept_to": after(at + 10),
        },
    )


def passing(*seconds: float) -> None:
    """A pass at each of these moments."""
    for at in seconds:
        explain(after(at))
