"""The parts of the shop: each person's groups and pages, and how much waits in them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from ronda.shop.models import Order, TopUp
from ronda.shop.service import awaiting
from ronda.shop.templatetags.shop_tabs import GROUPS
from ronda.web import navigation
from tests.shop.orders_made import make_order
from tests.shop.selling import person

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.usefixtures("data_folder")]


def shown(page: str, name: str) -> list[str]:
    """The words of one of the two rows."""
    found = re.search(rf'<nav class="{name}".*?</nav>', page, re.DOTALL)
    links = re.findall(r"<a [^>]*>(.*?)</a>", found[0], re.DOTALL) if found else []
    return [re.sub(r"<[^>]*>", "", link).split()[0] for link in links]


def test_each_role_sees_the_groups_it_has_something_in(as_: Callable[[str], Any]) -> None:
    pages = {
        role: as_(role).get("/shop/").content.decode() for role in ("reseller", "cashier", "admin")
    }
    assert {role: shown(page, "groups") for role, page in pages.items()} == {
        "reseller": ["Sell", "Vouchers"],
        "cashier": ["Sell", "Vouchers", "Money"],
        "admin": ["Sell", "Vouchers", "Money", "Set"],
    }
    assert shown(pages["reseller"], "tabs") == ["Sell", "Balance", "Stock"]
    assert shown(pages["cashier"], "tabs") == ["Sell", "Shift", "Stock", "Members"]


def test_what_waits_is_counted_beside_its_page_in_one_question(
    as_: Callable[[str], Any], django_assert_num_queries: Any
) -> None:
    assert not any(awaiting.counts().values())
    order = make_order()
    Order.objects.filter(pk=order.pk).update(state="attention", paid_at=timezone.now())
    for number in range(2):
        TopUp.objects.create(
            reseller=person(f"warung{number}", "reseller"), amount_idr=1000, at=timezone.now()
        )
    with django_assert_num_queries(1):
        assert awaiting.counts() == {"proofs": 0, "inbox": 1, "resellers": 2}
    page = as_("cashier").get("/shop/orders/").content.decode()
    assert re.findall(r'class="waits"[^>]*>(\d+)', page) == ["3", "1", "2"]
    assert "<h1>Orders</h1>" in re.sub(r"<h1[^>]*>", "<h1>", page)
    assert 'class="waits"' not in as_("reseller").get("/shop/").content.decode()


def test_every_page_of_every_group_exists() -> None:
    assert all(navigation.address_of(tab.view) for _title, tabs in GROUPS for tab in tabs)
