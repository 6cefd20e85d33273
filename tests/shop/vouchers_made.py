"""Packages and vouchers for tests, and what the desk would do with a job."""

from typing import Any

from ronda.routers.models import Router
from ronda.shop.models import Package, Voucher
from ronda.shop.service import asking, creating
from ronda.work.models import Job
from tests.hotspot.doing import Calls
from tests.shop import factories


def make_package(name: str = "", **values: Any) -> Package:
    """A package of a day on a profile that every router has."""
    return factories.make_package(name, **({"profile": "default"} | values))


async def no_progress(done: int, total: int = 0, text: str = "") -> None:
    """Nobody looks."""


def work(
    link: Any, router: Router, monkeypatch: Any, kind: str = asking.MAKE, run: Any = creating.run
) -> None:
    """Do every job of a kind that waits for this router, as the desk would; raises what the line raises."""
    calls = Calls()
    monkeypatch.setattr(f"{run.__module__}.in_thread", calls.in_thread)
    for job in Job.objects.filter(kind=kind, lock=f"router:{router.pk}", state="waiting"):
        calls.run(run(link, job.payload, no_progress))
        Job.objects.filter(pk=job.pk).update(state="done")


def codes(**which: Any) -> set[str]:
    """The codes of the vouchers there are."""
    return set(Voucher.objects.filter(**which).values_list("code", flat=True))
