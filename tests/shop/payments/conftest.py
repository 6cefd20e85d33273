"""Gateways on loopback, methods that lead to them, and jobs done here and now."""

from collections.abc import Iterator

import pytest
from django.test import Client

from ronda.shop.models import PaymentMethod
from ronda.shop.service import charging, methods, receiving
from ronda.simulator.payments.book import KEYS
from ronda.simulator.payments.dialects import Call
from ronda.simulator.payments.server import FakeGateways
from ronda.work import jobs, running
from tests.hotspot.doing import Calls

ROUNDS = 12


class Shop:
    """The invented gateways beside a shop, whose door is called as by HTTP."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self.fakes = FakeGateways(send=self.keep)
        self.outbox: list[Call] = []

    def keep(self, call: Call) -> int:
        """The gateways' calls wait here until `deliver`."""
        self.outbox.append(call)
        return 0

    def method(self, kind: str, **shown: str) -> PaymentMethod:
        """A method of this gateway that leads to the invented one."""
        settings = methods.Settings(
            name=kind,
            active=True,
            shown={methods.FAKE: self.fakes.url(kind), **shown},
            secrets=KEYS[kind],
        )
        made = methods.save(PaymentMethod(kind=kind), settings, None)
        if kind == "xendit":
            self.fakes.book.dashboard_url = f"http://testserver/pay/{made.pk}/callback"
        return made

    def work(self) -> None:
        """Do the jobs of charging and checking until none is left, whenever they are due."""
        runs = {charging.JOB: charging.run, receiving.CHECK: receiving.check}
        for _round in range(ROUNDS):
            jobs.Job.objects.filter(kind__in=runs, state="waiting").update(
                run_at="2020-01-01T00:00Z"
            )
            job = running.claim("test", list(runs))
            if job is None:
                return
            running.succeed(job, self._calls.run(runs[job.kind](job.payload, silent)))
        raise AssertionError("there is always another job")

    def deliver(self) -> list[int]:
        """Make the calls that wait, in their order; what they were answered."""
        self.fakes.settle()
        calls, self.outbox = self.outbox, []
        return [post(call) for call in calls]


def post(call: Call, client: Client | None = None) -> int:
    """One call at our door."""
    headers = dict(call.headers)
    kind = headers.pop("Content-Type")
    path = call.url.removeprefix("http://testserver")
    answer = (client or Client(enforce_csrf_checks=True)).post(
        path, data=call.body, content_type=kind, headers=headers
    )
    return answer.status_code


async def silent(done: int, total: int = 0, text: str = "") -> None:
    """Nobody looks at the progress."""


@pytest.fixture
def shop(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    calls = Calls()
    for module in (charging, receiving):
        monkeypatch.setattr(module, "in_thread", calls.in_thread)
    made = Shop(calls)
    with made.fakes:
        yield made
