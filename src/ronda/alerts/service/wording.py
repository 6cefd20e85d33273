"""Notices in words: the same facts in the reader's language."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ronda.alerts.models import Notice
from ronda.alerts.rules.onts import Kind
from ronda.alerts.service.clock import clock
from ronda.alerts.service.wording_routers import ROUTER, router_sentence
from ronda.alerts.service.wording_shop import SHOP, shop_sentence
from ronda.alerts.service.wording_usage import USAGE, usage_sentence

# More names than this do not help anybody on a phone.
NAMED = 5


def text_of(notice: Notice) -> str:
    """The text in the active language where the facts are known, else as it was written."""
    if notice.kind == ROUTER:
        made = router_sentence(notice.details)
    elif notice.kind == SHOP:
        made = shop_sentence(notice.details)
    elif notice.kind == USAGE:
        made = usage_sentence(notice.details)
    else:
        made = sentence(notice.kind, notice.details)
    return made or notice.text


def sentence(kind: str, details: Mapping[str, Any]) -> str:
    """The sentence for a notice about ONTs, or "" for another kind of notice.

    `details`: `count`, `names` (at most a few), `areas` ([[name, count], …], largest first),
    `since` (ISO time of the first).
    """
    if kind not in Kind.__members__.values() or "count" not in details:
        return ""
    count = int(details["count"])
    names = [str(name) for name in details.get("names", [])]
    when = clock(details.get("since"))
    if count == 1 and names:
        return _one(Kind(kind)) % {"name": names[0], "when": when}
    text = _many(Kind(kind), count) % {"count": count, "when": when}
    where = _where(details.get("areas", []), names, count)
    return f"{text} {where}" if where else text


def _one(kind: Kind) -> str:
    return {
        Kind.DOWN: _("%(name)s is down since %(when)s."),
        Kind.UP: _("%(name)s is up again since %(when)s."),
        Kind.BRIEF: _("%(name)s was down for a moment at %(when)s and is up again."),
        Kind.FLAPPING: _("%(name)s is unstable: it goes up and down again and again."),
        Kind.SETTLED: _("%(name)s is stable again."),
        Kind.AWAY: _("%(name)s changed at %(when)s while the watch was not running."),
        Kind.NEVER: _("%(name)s has never answered since the watch began."),
    }[kind]


def _many(kind: Kind, count: int) -> str:
    return {
        Kind.DOWN: ngettext(
            "%(count)s ONT is down since %(when)s.",
            "%(count)s ONTs are down since %(when)s.",
            count,
        ),
        Kind.UP: ngettext(
            "%(count)s ONT is up again since %(when)s.",
            "%(count)s ONTs are up again since %(when)s.",
            count,
        ),
        Kind.BRIEF: ngettext(
            "%(count)s ONT was down for a moment at %(when)s and is up again.",
            "%(count)s ONTs were down for a moment at %(when)s and are up again.",
            count,
        ),
        Kind.FLAPPING: ngettext(
            "%(count)s ONT is unstable.", "%(count)s ONTs are unstable.", count
        ),
        Kind.SETTLED: ngettext(
            "%(count)s ONT is stable again.", "%(count)s ONTs are stable again.", count
        ),
        Kind.AWAY: ngettext(
            "%(count)s ONT changed while the watch was not running.",
            "%(count)s ONTs changed while the watch was not running.",
            count,
        ),
        Kind.NEVER: ngettext(
            "%(count)s ONT has never answered since the watch began.",
            "%(count)s ONTs have never answered since the watch began.",
            count,
        ),
    }[kind]


def _where(areas: Sequence[Sequence[Any]], names: Sequence[str], count: int) -> str:
    if count <= NAMED and names:
        return ", ".join(names) + "."
    parts = [f"{name} ({number})" for name, number in areas[:NAMED] if name]
    if not parts:
        return ""
    more = count - sum(int(number) for name, number in areas[:NAMED] if name)
    if more > 0:
        parts.append(_("%(count)s elsewhere") % {"count": more})
    return ", ".join(parts) + "."
