"""From limits of hotspot users to notices: gathered during the hold, each kind told once."""

from django.conf import settings
from django.utils import translation

from ronda.alerts.rules.usage import LimitNews
from ronda.alerts.rules.usage import tell_limits as tell
from ronda.alerts.service.notices import Draft, create_all
from ronda.alerts.service.wording_usage import NAMED, USAGE, usage_sentence
from ronda.work.models import Event


def tell_limits(events: list[Event]) -> None:
    """Make the notices of a batch of `hotspot.limit`."""
    with translation.override(settings.LANGUAGE_CODE):
        create_all([_draft(news) for news in tell([event.payload for event in events])])


def _draft(news: LimitNews) -> Draft:
    details = {
        "limit_kind": news.kind,
        "on": news.on,
        "count": len(news.items),
        "items": [
            {key: item[key] for key in ("router", "name", "subject", "value", "limit")}
            for item in news.items[:NAMED]
        ],
    }
    return Draft("warning" if news.on else "success", USAGE, usage_sentence(details), None, details)
