"""Notices about limits of hotspot users in words: the same facts in the reader's language."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from ronda.hotspot.templatetags.usage import volume

USAGE = "usage"
"""The kind of these notices."""

NAMED = 5


def usage_sentence(details: Mapping[str, Any]) -> str:
    """A notice about limits in the active language; "" where the facts are not known.

    `details`: `limit_kind`, `on`, `count`, `items` (at most a few: `name` of the router, `subject`,
    `value`, `limit`).
    """
    kind, items = str(details.get("limit_kind", "")), list(details.get("items", ()))
    count = int(details.get("count", 0))
    if not items or not count:
        return ""
    item = items[0]
    figure = volume if kind == "high" else str
    facts = {
        "router": item["name"],
        "who": item["subject"],
        "value": figure(item["value"]),
        "limit": figure(item["limit"]),
        "count": count,
        "names": _listed(kind, items, count),
    }
    words = _ended(kind, count) if not details.get("on") else _began(kind, count)
    return words % facts


def _began(kind: str, count: int) -> str:
    if count == 1:
        return {
            "high": _("%(who)s at %(router)s has used %(value)s today, more than %(limit)s."),
            "licence": _(
                "Router %(router)s: %(value)s users are online, and its licence allows %(limit)s."
            ),
            "pool": _(
                "Router %(router)s: %(value)s of the %(limit)s addresses of pool %(who)s are taken."
            ),
            "shared": _(
                "%(who)s at %(router)s has %(value)s devices online of %(limit)s allowed at once."
            ),
        }.get(kind, "")
    return {
        "high": _("%(count)s users have used more than %(limit)s today: %(names)s."),
        "licence": _("%(count)s routers are near the users their licence allows: %(names)s."),
        "pool": _("%(count)s address pools are nearly used up: %(names)s."),
        "shared": _("%(count)s users are near the devices they may have online: %(names)s."),
    }.get(kind, "")


def _ended(kind: str, count: int) -> str:
    if count == 1:
        return {
            "licence": _("Router %(router)s is well below the users its licence allows again."),
            "pool": _("Pool %(who)s of router %(router)s has enough addresses again."),
        }.get(kind, "")
    return {
        "licence": _("Routers are well below the users their licence allows again: %(names)s."),
        "pool": _("Address pools have enough addresses again: %(names)s."),
    }.get(kind, "")


def _listed(kind: str, items: list[Mapping[str, Any]], count: int) -> str:
    if kind == "licence":
        shown = [str(item["name"]) for item in items]
    else:
        shown = [f"{item['subject']} ({item['name']})" for item in items]
    text = ", ".join(shown)
    more = count - len(shown)
    return _("%(names)s and %(count)s more") % {"names": text, "count": more} if more > 0 else text
