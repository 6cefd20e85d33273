"""Sold vouchers for tests, in as few words as possible."""

from typing import Any

from django.utils import timezone

from ronda.accounts.models import Person
from ronda.routers.models import Router
from ronda.shop.models import Package, Voucher
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
