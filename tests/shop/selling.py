"""Sold vouchers for tests, in as few words as possible."""

import threading
from collections.abc import Callable
from typing import Any

from django.db import close_old_connections, connections
from django.utils import timezone

from ronda.accounts.models import Person
from ronda.routers.models import Router
from ronda.shop.models import Batch, Package, Voucher
from ronda.shop.rules.terms import Terms
from tests.routers.factories import make_router


def person(name: str, role: str) -> Person:
    return Person.objects.create_user(name, password="x", role=role)


def make_package(name: str = "1 Hari", **values: Any) -> Package:
    given = {"price_idr": 1500, "selling_price_idr": 5000, "reseller_price_idr": 4000} | values
    return Package.objects.create(name=name, **given)


def make_voucher(code: str = "ABCD2345", **values: Any) -> Voucher:
    package = values.pop("package", None) or Package.objects.first() or make_package()
    router = values.pop("router", None) or Router.objects.first() or make_router()
    given = {
        "terms": Terms().as_json(),
        "state": Voucher.State.READY,
        "made_at": timezone.now(),
        "ready_at": timezone.now(),
    } | values
    return Voucher.objects.create(code=code, package=package, router=router, **given)


def make_batched(package: Package, *holders: Person | None, **values: Any) -> list[Voucher]:
    """A batch of ready vouchers, one for each holder."""
    router = Router.objects.first() or make_router()
    batch = Batch.objects.create(
        package=package,
        router=router,
        count=len(holders),
        alphabet="mixed",
        length=8,
        made_at=timezone.now(),
    )
    return [
        make_voucher(f"B{batch.pk}X{number}", package=package, batch=batch, holder=holder, **values)
        for number, holder in enumerate(holders)
    ]


def together(*calls: Callable[[], object]) -> list[BaseException]:
    """Run all at once, each on a connection of its own; what they raised."""
    raised: list[BaseException] = []
    gate = threading.Barrier(len(calls))

    def run(call: Callable[[], object]) -> None:
        close_old_connections()
        gate.wait()
        try:
            call()
        except Exception as error:  # noqa: BLE001 # told to the test
            raised.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised
