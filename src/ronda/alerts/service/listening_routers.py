"""From the troubles of routers to notices: gathered during the hold, each kind told once."""

from django.conf import settings
from django.utils import translation

from ronda.alerts.rules.routers import News, tell
from ronda.alerts.service.notices import Draft, create_all
from ronda.alerts.service.wording_routers import NAMED, ROUTER, router_sentence
from ronda.work.models import Event


def tell_troubles(events: list[Event]) -> None:
    """Make the notices of a batch of `upkeep.trouble`."""
    with translation.override(settings.LANGUAGE_CODE):
        create_all([_draft(news) for news in tell([event.payload for event in events])])


def _draft(news: News) -> Draft:
    details = {
        "routers": [item["router"] for item in news.items],
        "names": [item["name"] for item in news.items[:NAMED]],
        "count": len(news.items),
        "since": news.items[0].get("since"),
        "trouble": news.kind,
        "on": news.on,
        "value": news.items[0].get("value"),
        "text": news.items[0].get("text", ""),
    }
    type_ = ("danger" if news.kind == "lost" else "warning") if news.on else "success"
    return Draft(type_, ROUTER, router_sentence(details), details=details)
