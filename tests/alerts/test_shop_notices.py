"""Money without service is told once, and not at all when it was settled meanwhile."""

from typing import Any

import pytest
from django.utils import translation

from ronda.alerts.models import Notice
from ronda.alerts.rules.shop import tell_money
from ronda.alerts.service import listening_shop, wording
from ronda.work.models import Event


def news(event: int | None, order: int | None, *, on: bool = True, **more: Any) -> dict[str, Any]:
    given = {"number": f"N{order}" if order else "", "reason": "double", "amount_idr": 5_000}
    return {"event": event, "order": order, "on": on} | given | more


def test_what_is_open_at_the_end_of_the_hold_is_told_once():
    steps = [news(1, 7), news(None, 7), news(2, None), news(1, 7, on=False), news(None, 7)]
    assert [(one["event"], one["order"]) for one in tell_money(steps)] == [(None, 7), (2, None)]
    assert tell_money([news(1, 7, on=False)]) == []


@pytest.mark.django_db
def test_one_payment_and_several_in_words():
    def told(*payloads: dict[str, Any]) -> str:
        Notice.objects.all().delete()
        listening_shop.tell_troubles([Event(payload=payload) for payload in payloads])
        notice = Notice.objects.first()
        with translation.override("en"):
            return wording.text_of(notice) if notice else ""

    assert told(news(1, 7)) == (
        "Rp5.000 came in for order N7, and nothing was served for it. "
        "The order was paid before: this may be a second payment."
    )
    assert told(news(1, None, reason="no-order")) == (
        "Rp5.000 came in, and nobody got anything for it. It names no order of ours."
    )
    assert told(news(1, 7), news(2, 8)) == "2 payments, Rp10.000 in all, came in without service."
    assert told(news(1, 7), news(1, 7, on=False)) == ""
    assert wording.shop_sentence({}) == ""
