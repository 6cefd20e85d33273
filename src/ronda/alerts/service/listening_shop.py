"""From money without service to a notice: gathered during the hold, told once."""

from django.conf import settings
from django.utils import translation

from ronda.alerts.rules.shop import tell_money
from ronda.alerts.service.notices import Draft, create_all
from ronda.alerts.service.wording_shop import NAMED, SHOP, shop_sentence
from ronda.work.models import Event


def tell_troubles(events: list[Event]) -> None:
    """Make the notice of a batch of `shop.trouble`."""
    found = tell_money([event.payload for event in events])
    if not found:
        return
    details = {
        "count": len(found),
        "amount_idr": sum(item["amount_idr"] or 0 for item in found),
        "numbers": [item["number"] for item in found if item["number"]][:NAMED],
        "reason": found[0]["reason"],
    }
    with translation.override(settings.LANGUAGE_CODE):
        create_all([Draft("danger", SHOP, shop_sentence(details), None, details)])
