"""Notices about money without service in words: the same facts in the reader's language."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from ronda.kernel.money import rupiah
from ronda.shop.rules.inbox import Reason
from ronda.shop.service.order_words import REASONS

SHOP = "shop"
"""The kind of these notices."""

NAMED = 5


def shop_sentence(details: Mapping[str, Any]) -> str:
    """A notice about money in the active language; "" where the facts are not known.

    `details`: `count`, `amount_idr` in all, `numbers` of orders (at most a few), `reason` of the first.
    """
    count, numbers = int(details.get("count", 0)), list(details.get("numbers", ()))
    if not count:
        return ""
    reason = details.get("reason")
    facts = {
        "amount": rupiah(int(details.get("amount_idr", 0))),
        "count": count,
        "numbers": ", ".join(numbers),
        "why": REASONS[Reason(reason)] if reason in list(Reason) else "",
    }
    if count == 1 and numbers:
        text = _("%(amount)s came in for order %(numbers)s, and nothing was served for it. %(why)s")
    elif count == 1:
        text = _("%(amount)s came in, and nobody got anything for it. %(why)s")
    else:
        text = _("%(count)s payments, %(amount)s in all, came in without service.")
    return (text % facts).strip()
