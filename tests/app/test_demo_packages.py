"""The demo's shop sells what its routers have profiles for, and what somebody removed stays removed."""

import pytest

from ronda.app import demo_packages
from ronda.shop.models import Package
from ronda.shop.service import branding, packages

pytestmark = pytest.mark.django_db


def test_the_demo_has_packages_that_fit_beside_each_other_and_a_look():
    demo_packages.enter()
    assert packages.on_sale().count() == 6
    for package in packages.present():
        packages.check(package)
    assert branding.branding().whatsapp_url == "https://wa.me/6281200000000"


def test_the_next_start_brings_nothing_back():
    demo_packages.enter()
    for package in packages.present():
        packages.delete(package, None)
    demo_packages.enter()
    assert packages.present().count() == 0
    assert Package.objects.count() == 6
