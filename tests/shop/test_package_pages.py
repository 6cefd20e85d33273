"""The pages of packages: offered at first, edited with a preview, refused where they contradict."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from ronda.shop.forms_packages import Editor
from ronda.shop.models import Package
from ronda.shop.service import packages
from ronda.shop.views.editing import errors_of
from tests.hotspot.factories import furnish, make_router, read
from tests.shop.factories import make_package

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]

As = Callable[[str], Client]
FORM: dict[str, Any] = {
    "name": "Malam Minggu",
    "selling_price_idr": "Rp 5.000",
    "reseller_price_idr": "4.000",
    "price_idr": "",
    "active": "on",
    "valid_for": "2 hari",
    "online_s": "10h",
    "quota_bytes": "1,5GB",
    "devices": "2",
    "at_end": "remove",
    "profile": "malam",
    "sync": "on",
    "zone": "WIB",
    "download": "4M",
    "upload": "1M",
    "burst_download": "8M",
    "burst_upload": "2M",
}


def text_of(answer: Any) -> str:
    """The words of a page, without marks."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def test_an_empty_shop_is_offered_five_packages_which_may_be_edited_first(as_: As) -> None:
    page = as_("admin").get("/shop/packages/")
    form = {
        bound.html_name: "on" if bound.html_name.startswith("make") else bound.value()
        for row in page.context["offers"].rows()
        for bound in row
    }
    form |= {"price_2": "6.000", "name_4": "Sebulan", "valid_4": "1 bulan"}
    del form["make_1"]
    assert as_("admin").post("/shop/packages/offers/", form).status_code == 302
    made = packages.present().values_list("name", "valid_for", "selling_price_idr", "profile")
    assert list(made) == [
        ("5 jam", "5h", 2_000, "5jam"),
        ("24 jam", "24h", 6_000, "24jam"),
        ("7 hari", "7d", 15_000, "7hari"),
        ("Sebulan", "1mo", 50_000, "sebulan"),
    ]
    assert Package.objects.get(popular=True).name == "24 jam"


def test_an_offer_that_does_not_fit_is_shown_again_with_the_reason(as_: As) -> None:
    form = {"make_0": "on", "name_0": "Satu", "valid_0": "30", "price_0": "banyak"}
    shown = text_of(as_("admin").post("/shop/packages/offers/", form))
    assert "“30” has no unit." in shown
    assert "“banyak” is no whole amount." in shown
    assert "Choose at least one package." in text_of(
        as_("admin").post("/shop/packages/offers/", {})
    )
    assert not Package.objects.exists()


def test_a_package_is_saved_as_it_was_typed(as_: As) -> None:
    site = make_router().site
    form = FORM | {
        "sold_until": "2026-12-31",
        "days_0": ["5", "6"],
        "from_0": "18:00",
        "till_0": "24:00",
        "zone": "WITA",
        "sites": [site.pk],
    }
    assert as_("admin").post("/shop/packages/new/", form).status_code == 302
    package = Package.objects.get()
    assert {name: getattr(package, name) for name in packages.FIELDS} == {
        "name": "Malam Minggu",
        "description": "",
        "price_idr": 0,
        "selling_price_idr": 5_000,
        "reseller_price_idr": 4_000,
        "popular": False,
        "active": True,
        "profile": "malam",
        "sold_by": datetime(2026, 12, 31, 16, 0, tzinfo=UTC),
        "valid_for": "2d",
        "online_s": 36_000,
        "quota_bytes": 3 * 2**29,
        "quota_upload_bytes": None,
        "quota_download_bytes": None,
        "rate_limit": "1M/4M 2M/8M",
        "devices": 2,
        "windows": [[[5, 6], 1080, 0]],
        "zone": "WITA",
        "at_end": "remove",
        "slow_profile": "",
        "auto_create": False,
        "sync": True,
    }
    assert list(package.sites.all()) == [site]
    page = as_("admin").get(f"/shop/packages/{package.pk}/edit/").content.decode()
    for value in ("2d", "10h", "1536MB", "2026-12-31", "18:00", "4M"):
        assert f'value="{value}"' in page


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ({"valid_for": "30"}, "“30” has no unit."),
        ({"valid_for": "1 bulan 2 hari"}, "mixes months with other units"),
        ({"online_s": "1 bulan"}, "cannot be counted in months"),
        ({"quota_bytes": "1000"}, "is no amount of data"),
        ({"selling_price_idr": "5,5"}, "is no whole amount"),
        ({"download": "cepat"}, "is no speed"),
        ({"from_0": "08:00"}, "Choose days"),
        ({"at_end": "slow"}, "Name the slow profile"),
        ({"profile": "default"}, "router's own profile"),
        ({"quota_upload_bytes": "2GB"}, "more than both together"),
        ({"name": "harian"}, "There is a package “harian” already."),
    ],
)
def test_what_does_not_fit_is_refused_with_the_reason(typed: dict[str, str], reason: str) -> None:
    make_package("Harian")
    editor = Editor(FORM | typed)
    assert not editor.is_valid()
    assert reason in " ".join(said for _field, said in errors_of(editor))


def test_what_is_refused_is_shown_beside_what_was_typed(as_: As) -> None:
    typed = FORM | {"valid_for": "30"}
    assert "“30” has no unit." in text_of(as_("admin").post("/shop/packages/new/", typed))
    assert "“30” has no unit." in text_of(as_("admin").get("/shop/packages/preview/", typed))
    assert not Package.objects.exists()


def test_one_profile_with_two_speeds_is_refused_and_explained(as_: As) -> None:
    make_package("Harian", profile="malam", rate_limit="1M/2M", devices=2)
    answer = as_("admin").post("/shop/packages/new/", FORM)
    assert "“Harian” uses the same profile with another speed" in text_of(answer)
    assert Package.objects.count() == 1


def test_the_preview_says_what_a_buyer_gets_and_when_it_would_end(as_: As) -> None:
    asked = FORM | {
        "bought": "2026-11-20T20:00",
        "login": "2026-11-21T09:00",
        "hours_a_day": "3",
        "per_hour": "100MB",
    }
    shown = text_of(as_("admin").get("/shop/packages/preview/", asked))
    assert (
        "Valid for 2 days from the first login. In it at most 10 hours online; time counts only while "
        "connected. 1.5 GB of data. Download up to 4 Mb/s, upload up to 1 Mb/s, for moments 8 Mb/s. "
        "For 2 devices at a time. After that the code is removed."
    ) in shown
    assert (
        "Bought Fri 20 Nov 2026 20:00 WIB, login Sat 21 Nov 2026 09:00 WIB: over Mon 23 Nov 2026 09:00 "
        "WIB, because the valid time is over, after 6 hours online."
    ) in shown
    assert "limit-uptime=10h" in shown
    assert "limit-bytes-total=1610612736" in shown


def test_the_preview_tells_of_a_purchase_after_the_sold_until_date(as_: As) -> None:
    asked = FORM | {"sold_until": "2026-11-01", "bought": "2026-11-20T20:00"}
    shown = text_of(as_("admin").get("/shop/packages/preview/", asked))
    assert "It cannot be bought at that time" in shown


def test_a_misspelt_profile_is_hinted_at(as_: As) -> None:
    read(furnish())
    shown = text_of(as_("admin").get("/shop/packages/preview/", FORM | {"profile": "1 Hari"}))
    assert "The profile “1 Hari” will be made on" in shown
    assert "Did you mean 1hari?" in shown


def test_only_administrators_change_packages_and_resellers_see_no_cost(as_: As) -> None:
    package = make_package("Harian", price_idr=1_234)
    for role in ("reseller", "cashier"):
        page = text_of(as_(role).get(f"/shop/packages/{package.pk}/"))
        assert "1.234" not in page
        assert "1,234" not in page
        assert as_(role).get(f"/shop/packages/{package.pk}/edit/").status_code == 403
        assert as_(role).post(f"/shop/packages/{package.pk}/delete/").status_code == 403


def test_packages_are_moved_deleted_and_brought_back(as_: As) -> None:
    one, two = make_package("satu"), make_package("dua")
    admin = as_("admin")
    admin.post(f"/shop/packages/{two.pk}/move/", {"way": "up"})
    assert [p.name for p in packages.present()] == ["dua", "satu"]
    admin.post(f"/shop/packages/{two.pk}/move/", {"way": "up"})
    assert "Delete the package satu?" in text_of(admin.get(f"/shop/packages/{one.pk}/delete/"))
    admin.post(f"/shop/packages/{one.pk}/delete/")
    assert admin.get(f"/shop/packages/{one.pk}/").status_code == 404
    assert "Bring back" in text_of(admin.get("/shop/packages/"))
    admin.post(f"/shop/packages/{one.pk}/restore/")
    assert [p.name for p in packages.present()] == ["dua", "satu"]


def test_the_list_asks_as_little_for_fifty_packages_as_for_one(
    as_: As, django_assert_max_num_queries: Any
) -> None:
    admin = as_("admin")
    make_package()
    admin.get("/shop/packages/")
    Package.objects.bulk_create(
        [
            Package(name=f"p{n}", selling_price_idr=n, reseller_price_idr=n, profile=f"p{n}")
            for n in range(49)
        ]
    )
    with django_assert_max_num_queries(8):
        admin.get("/shop/packages/")
