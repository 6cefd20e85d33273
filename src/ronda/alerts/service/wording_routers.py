"""Notices about routers in words: the same facts in the reader's language."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ronda.alerts.service.clock import clock

ROUTER = "router"
"""The kind of these notices."""

NAMED = 5


def router_sentence(details: Mapping[str, Any]) -> str:
    """A notice about routers in the active language; "" where the facts are not known.

    `details`: `trouble`, `on`, `count`, `names` (at most a few), `since` (ISO time), `value`, `text`.
    """
    count, names = int(details.get("count", 0)), list(details.get("names", ()))
    if not count or not names:
        return ""
    facts = {
        "names": _listed(names, count),
        "name": names[0],
        "count": count,
        "when": clock(details.get("since")),
        "value": _number(details.get("value")),
    }
    text = (_began if details.get("on") else _ended)(str(details.get("trouble")), count) % facts
    why = str(details.get("text") or "")
    return f"{text} {why}".strip() if count == 1 else text


def _began(kind: str, count: int) -> str:
    if count == 1:
        return {
            "lost": _("Router %(name)s cannot be reached since %(when)s."),
            "disk": _("The storage of router %(name)s is %(value)s %% full."),
            "memory": _("The memory of router %(name)s is %(value)s %% full."),
            "cpu": _("The processor of router %(name)s is at %(value)s %% since %(when)s."),
            "temperature": _("Router %(name)s is hot: %(value)s °C."),
            "clock": _(
                "The clock of router %(name)s is wrong by %(value)s s; "
                "times of logs and schedules there are wrong too."
            ),
            "backup": _("The configuration of router %(name)s could not be copied."),
        }.get(kind, "")
    return {
        "lost": ngettext(
            "%(count)s router cannot be reached since %(when)s: %(names)s.",
            "%(count)s routers cannot be reached since %(when)s: %(names)s.",
            count,
        ),
        "disk": _("The storage of %(count)s routers is nearly full: %(names)s."),
        "memory": _("The memory of %(count)s routers is nearly full: %(names)s."),
        "cpu": _("The processors of %(count)s routers are overloaded: %(names)s."),
        "temperature": _("%(count)s routers are hot: %(names)s."),
        "clock": _("The clocks of %(count)s routers are wrong: %(names)s."),
        "backup": _("The configurations of %(count)s routers could not be copied: %(names)s."),
    }.get(kind, "")


def _ended(kind: str, count: int) -> str:
    return {
        "lost": ngettext(
            "Router %(names)s is reachable again.",
            "%(count)s routers are reachable again: %(names)s.",
            count,
        ),
        "disk": _("There is enough storage again: %(names)s."),
        "memory": _("There is enough memory again: %(names)s."),
        "cpu": _("The processor is no longer overloaded: %(names)s."),
        "temperature": _("Cooled down: %(names)s."),
        "clock": _("The clock is right again: %(names)s."),
        "backup": _("The configuration was copied again: %(names)s."),
    }.get(kind, "")


def _listed(names: Iterable[str], count: int) -> str:
    shown = list(names)
    more = count - len(shown)
    text = ", ".join(shown)
    return _("%(names)s and %(count)s more") % {"names": text, "count": more} if more > 0 else text


def _number(value: object) -> str:
    return f"{value:.0f}" if isinstance(value, int | float) else "?"
