"""The demo offers a gateway that is not there, and finds it again at its next start."""

import pytest

from ronda.app.demo_payments import DemoPayments
from ronda.shop.service import methods

pytestmark = pytest.mark.django_db


def test_the_demo_can_be_paid_and_its_next_start_adds_nothing():
    with DemoPayments() as first:
        before = first.fakes.url("tripay")
        assert [one.kind for one in methods.offered()] == ["tripay", "bank"]
    with DemoPayments() as second:
        offered = methods.offered()
        assert [one.kind for one in offered] == ["tripay", "bank"]
        assert offered[0].shown[methods.FAKE] == second.fakes.url("tripay") != before


def test_what_somebody_switched_off_stays_off():
    with DemoPayments() as demo:
        methods.remove(demo.entered[0], None)
    with DemoPayments():
        assert [one.kind for one in methods.offered()] == ["bank"]
