"""Who may do what, asked in a template (`{% if request.user|may:"noc" %}`), and what devices are called."""

from typing import Any

from django import template
from django.utils.translation import gettext as _

from ronda.accounts import rules
from ronda.accounts.rules import agents

register = template.Library()


@register.filter
def may(person: Any, needed: str) -> bool:
    """Whether this person has at least the role named."""
    return rules.holds(getattr(person, "role", ""), needed)


@register.filter
def device(agent: str) -> str:
    """The browser behind a User-Agent header, as people call it: "Chrome on Android"."""
    browser, system = agents.named(agent)
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system or _("an unknown program")
