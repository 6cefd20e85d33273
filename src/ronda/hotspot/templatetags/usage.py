"""Figures of use on pages."""

from django import template

from ronda.web.templatetags.ronda import NOTHING, number

register = template.Library()

_UNITS = ("B", "KB", "MB", "GB", "TB", "PB")
STEPS = 6


@register.filter
def volume(value: float | None) -> str:
    """Bytes for people, powers of 1024: `1,5 GB`; a dash for what is not known."""
    if value is None:
        return NOTHING
    size, place = float(value), 0
    while size >= 1024 and place < len(_UNITS) - 1:
        size, place = size / 1024, place + 1
    return f"{number(size, 1 if place and size < 100 else 0)} {_UNITS[place]}"


@register.filter
def warmth(value: float | None, most: float | None) -> str:
    """The class of a cell of a heat map: `heat-0` to `heat-6`, `heat-none` for what is not known."""
    if value is None:
        return "heat-none"
    return f"heat-{min(STEPS, round(value * STEPS / most))}" if most else "heat-0"
