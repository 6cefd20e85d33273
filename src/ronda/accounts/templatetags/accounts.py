"""Who may do what, asked in a template: `{% if request.user|may:"noc" %}`."""

from typing import Any

from django import template

from ronda.accounts import rules

register = template.Library()


@register.filter
def may(person: Any, needed: str) -> bool:
    """Whether this person has at least the role named."""
    return rules.holds(getattr(person, "role", ""), needed)
