"""People, rules and channels for tests of who is told: a clock that is moved, and a chat that listens."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import time_machine
from django.db.models import QuerySet
from django.utils import timezone

from ronda.accounts.models import Person
from ronda.alerts.models import AlertRule, Channel, Letter, Outgoing, Suppressed
from ronda.alerts.service import addresses, channels, ticking
from ronda.app import wiring
from ronda.incidents.service.explaining import look
from ronda.work import feed
from ronda.work.consumers import consume
from ronda.work.models import Job
from ronda.work.worker import Worker

NOON = datetime(2026, 11, 21, 5, tzinfo=UTC)  # 12:00 in Jakarta
#: Written by these consumers on their way to people.
CHAIN = ("incidents.", "alerts.rules")


class Clock:
    """Time that stands still until it is moved; everything due is done on the way."""

    def __init__(self, traveller: time_machine.Traveller) -> None:
        self.traveller = traveller
        settle()

    def forward(self, step: timedelta = timedelta(seconds=10), **length: float) -> None:
        """Move on, and let the consumers and the ticks do what is theirs every ten seconds or `step`."""
        end = timezone.now() + timedelta(**length)
        while timezone.now() < end:
            self.traveller.move_to(min(timezone.now() + step, end))
            settle()

    def at(self, moment: datetime) -> None:
        """Jump, as a machine does that slept."""
        self.traveller.move_to(moment)
        settle()


def clock() -> Iterator[Clock]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield Clock(traveller)


def settle() -> None:
    """What the workers would do at this moment."""
    for consumer in wiring.consumers():
        if consumer.name.startswith(CHAIN):
            consume(consumer)
    look()
    ticking.tick()


def rule(*steps: list[list[str]], **values: Any) -> AlertRule:
    """A rule whose steps come every fifteen minutes."""
    given: dict[str, Any] = {
        "name": "Rule",
        "whats": ["health", "payment", "blind", "repeated", "outage"],
        "hold_s": 60,
        "since": timezone.now() - timedelta(days=1),
        "steps": [{"after_s": 900 * number, "to": to} for number, to in enumerate(steps)],
    }
    return AlertRule.objects.create(**{**given, **values})


def webhook(url: str = "http://127.0.0.1:1") -> Channel:
    """A channel to a program on this machine."""
    return channels.save(
        Channel(kind="webhook"),
        {"name": "Program", "local": True},
        {"url": url, "secret": "s"},
        None,
    )


def reach(person: Person, channel: Channel) -> None:
    """Give a person an address outside."""
    addresses.add(person, channel, person.username, None, proved=True)


def router_hot(router: Any, *, on: bool = True) -> None:
    feed.append(
        "upkeep.trouble",
        {
            "router": router.pk,
            "name": router.name,
            "kind": "temperature",
            "on": on,
            "since": timezone.now().isoformat(),
            "value": 85,
            "text": "",
        },
    )
    settle()


def letters() -> list[tuple[str, str]]:
    """What was written to whom, oldest first."""
    rows = Letter.objects.select_related("person").order_by("pk")
    return [(row.kind, row.person.username if row.person else row.to) for row in rows]


def reasons() -> dict[tuple[str, str], str]:
    """Why whom was not told."""
    names = {f"person:{one.pk}": one.username for one in Person.objects.all()}
    return {(row.kind, names.get(row.to, row.to)): row.reason for row in Suppressed.objects.all()}


def outside() -> QuerySet[Outgoing]:
    """Messages that left the product."""
    return Outgoing.objects.exclude(channel__kind="inside")


def send_all(times: int = 50) -> None:
    """Do every job that sends, also those that rest before their next try."""
    worker = Worker(wiring.jobs_without_router())
    for _ in range(times):
        Job.objects.filter(state="waiting").update(run_at=timezone.now())
        if not worker.step():
            return
