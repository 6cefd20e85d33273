"""What is written of a router of Mikhmon whose codes were given twice, or whose board was changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ronda.hotspot.rules.mikhmon import Held
from ronda.routers.models import Router
from ronda.shop.models import Sale, Voucher
from ronda.shop.rules.moving.draft import draft
from ronda.shop.rules.moving.drafts import Draft
from ronda.shop.service.moving import storing, taking
from tests.routers.factories import make_router
from tests.shop.moving.test_moving_rules import LOCAL, NOW, TAG, drafted, sale, user

pytestmark = pytest.mark.django_db


def stored(router: Router, found: Draft) -> storing.Counts:
    return taking.store(router.pk, found, taking.PARTS)


def test_a_code_that_was_given_again_is_not_sold_by_its_earlier_sale() -> None:
    router = make_router()
    found = drafted(
        user("7777", comment=TAG),
        user("8888", comment="nov/22/2026 08:00:00", uptime="1h"),
        sales=(
            sale("7777", on="oct/01/2026"),
            sale("8888", on="oct/02/2026"),
            sale("8888", on="nov/21/2026"),
        ),
    )
    assert stored(router, found).sales == 3
    fresh, used = Voucher.objects.get(code="7777"), Voucher.objects.get(code="8888")
    assert (fresh.sold_at, Sale.objects.filter(voucher=fresh).exists()) == (None, False)
    assert (
        used.sold_at == Sale.objects.get(voucher=used).at == datetime(2026, 11, 21, 1, tzinfo=UTC)
    )


def test_sales_that_were_taken_from_the_board_before_are_not_taken_from_the_next() -> None:
    router, sales = make_router(), [sale("7777"), sale("8888")]
    held = Held([], [], sales[:1], [], [], LOCAL, 420)
    assert stored(router, draft(held, "OLD BOARD", NOW)).sales == 1
    both = replace(held, sales=sales)
    assert stored(router, draft(both, "NEW BOARD", NOW)).sales == 1
    assert stored(router, draft(both, "NEW BOARD", NOW)).sales == 0
    assert stored(make_router(name="Cabang"), draft(held, "ANOTHER", NOW)).sales == 1
