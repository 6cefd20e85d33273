"""The profile of a package on its routers: made, taken over, verified, and seen when others change it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from ronda.hotspot.models import (
    AccessHours,
    Action,
    Drift,
    HotspotProfile,
    Kind,
    Outcome,
    Wanted,
)
from ronda.shop.models import Package
from ronda.shop.service import keeping, packages
from tests.hotspot.doing import do
from tests.hotspot.factories import furnish, make_router, read
from tests.hotspot.scripted import PROFILE
from tests.shop.factories import make_package
from tests.shop.test_package_pages import FORM, text_of

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.database,
    pytest.mark.usefixtures("in_english"),
]

As = Callable[[str], Client]


def states(package: Package) -> list[str]:
    return [one.state for one in keeping.standings(package)]


def row_of(link: Any, name: str) -> dict[str, str]:
    return next(dict(row) for row in link.menus[PROFILE] if row["name"] == name)


def test_the_profile_is_made_changed_and_verified_on_the_router() -> None:
    link = furnish()
    router = read(link)
    package = make_package(profile="baru", rate_limit="1M/4M", devices=2, sync=True)
    assert states(package) == ["missing"]
    (asked,) = keeping.keep(package, None)
    assert states(package) == ["waiting"]
    do(asked, router.pk, link)
    assert states(package) == ["same"]
    assert row_of(link, "baru")["rate-limit"] == "1M/4M"
    packages.edit(package, {"rate_limit": "2M/8M"}, None)
    assert states(package) == ["differs"]
    (asked,) = keeping.keep(package, None)
    do(asked, router.pk, link)
    assert row_of(link, "baru")["rate-limit"] == "2M/8M"
    assert row_of(link, "baru")["shared-users"] == "2"
    assert states(package) == ["same"]
    assert Wanted.objects.get(kind=Kind.PROFILE).values["rate-limit"] == "2M/8M"


def test_a_change_by_others_is_shown_and_only_undone_when_somebody_says_so(as_: As) -> None:
    link = furnish()
    router = read(link)
    package = make_package(profile="1jam", rate_limit="1M/2M", sync=True)
    keeping.keep(package, None)
    row = next(row for row in link.menus[PROFILE] if row["name"] == "1jam")
    row["rate-limit"] = "64k/64k"
    read(link, router)
    assert Drift.objects.get().wanted.name == "1jam"
    assert states(package) == ["differs"]
    assert keeping.catch_up() == 0
    page = text_of(as_("admin").get(f"/shop/packages/{package.pk}/"))
    assert "differs rate-limit=1M/2M" in page
    as_("admin").post(f"/shop/packages/{package.pk}/keep/")
    do(Action.objects.get().instruction, router.pk, link)
    assert row_of(link, "1jam")["rate-limit"] == "1M/2M"
    assert not Drift.objects.exists()


def test_an_edit_while_the_first_one_waits_comes_after_it() -> None:
    link = furnish()
    router = read(link)
    package = make_package(profile="1jam", rate_limit="1M/3M", sync=True)
    (first,) = keeping.keep(package, None)
    packages.edit(package, {"rate_limit": "1M/2M"}, None)
    (second,) = keeping.keep(package, None)
    do(first, router.pk, link)
    do(second, router.pk, link)
    assert row_of(link, "1jam")["rate-limit"] == "1M/2M"
    assert set(Action.objects.values_list("outcome", flat=True)) == {Outcome.DONE}


def test_saving_asks_the_routers_for_the_profile(as_: As) -> None:
    router = read(furnish())
    as_("admin").post("/shop/packages/new/", FORM)
    action = Action.objects.get()
    assert (action.router, action.verb, action.kind, action.name, action.after) == (
        router,
        "create",
        Kind.PROFILE,
        "malam",
        {"shared-users": "2", "rate-limit": "1M/4M 2M/8M"},
    )
    page = text_of(as_("admin").get(f"/shop/packages/{Package.objects.get().pk}/"))
    assert "waits for the router" in page


def test_a_profile_made_by_others_is_taken_over_and_only_what_differs_is_asked() -> None:
    router = read(furnish())
    package = make_package(profile="1jam", rate_limit="1M/3M", devices=1, sync=True)
    keeping.keep(package, None)
    assert Wanted.objects.get(router=router, kind=Kind.PROFILE).name == "1jam"
    assert Action.objects.get().after == {"rate-limit": "1M/3M"}


def test_what_routers_hold_already_is_not_asked_for() -> None:
    read(furnish())
    package = make_package(profile="1jam", rate_limit="1000k/2000k", devices=1, sync=True)
    assert keeping.keep(package, None) == []
    assert states(package) == ["same"]


def test_a_package_that_is_not_in_step_asks_nothing() -> None:
    read(furnish())
    assert keeping.keep(make_package(profile="baru", rate_limit="1M/3M"), None) == []
    assert not Action.objects.exists()


def test_a_router_that_comes_later_gets_the_profile_once() -> None:
    package = make_package(profile="baru", sync=True)
    late = make_router()
    keeping.keep(package, None)
    assert keeping.catch_up() == 0  # nobody knows yet what it holds
    read(furnish(), late)
    assert keeping.catch_up() == 1
    assert keeping.catch_up() == 0
    assert Action.objects.get().name == "baru"


def test_a_router_that_comes_later_gets_the_hours_but_none_that_people_set_there() -> None:
    office = [[[0, 1], 480, 1020]]
    package = make_package(profile="1jam", windows=office, zone="WIT", sync=True)
    late = read(furnish())
    keeping.catch_up()
    stated = AccessHours.objects.get(router=late, kind=Kind.PROFILE, name="1jam")
    assert (stated.windows, stated.zone) == (office, "WIT")
    AccessHours.objects.update(windows=[[[6], 0, 60]])
    keeping.catch_up()
    assert AccessHours.objects.get().windows == [[[6], 0, 60]]
    assert states(package) == ["differs"]


def test_hours_of_a_package_hold_for_its_profile_and_go_with_them(as_: As) -> None:
    router = read(furnish())
    hours = {"days_0": ["0", "1"], "from_0": "08:00", "till_0": "17:00"}
    as_("admin").post("/shop/packages/new/", FORM | hours)
    stated = AccessHours.objects.get(router=router, kind=Kind.PROFILE, name="malam")
    assert (stated.windows, stated.zone) == ([[[0, 1], 480, 1020]], "WIB")
    as_("admin").post(f"/shop/packages/{Package.objects.get().pk}/edit/", FORM)
    stated.refresh_from_db()
    assert stated.windows == []


def test_a_profile_is_known_where_routers_hold_it() -> None:
    read(furnish())
    assert set(keeping.profiles_known()) == set(
        HotspotProfile.objects.values_list("name", flat=True)
    )
