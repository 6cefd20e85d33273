"""How a voucher's state looks (colour, shape and word), and how long it is good for."""

from functools import cache

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from ronda.shop.models import Voucher
from ronda.shop.rules.terms import Span
from ronda.shop.service import wording

register = template.Library()

# Shapes and colours of the sprite's marks.
_MARKS = {
    Voucher.State.MAKING: "suspect",
    Voucher.State.READY: "up",
    Voucher.State.ACTIVE: "flapping",
    Voucher.State.ENDED: "unknown",
    Voucher.State.VOID: "paused",
    Voucher.State.TROUBLE: "down",
}


@register.simple_tag
def voucher_mark(state: str) -> SafeString:
    """Badge of where a voucher is in its life."""
    return _mark(Voucher.State(state), get_language())


@cache
def _mark(known: Voucher.State, _language: str | None) -> SafeString:
    return format_html(
        '<span class="state state-{}"><svg aria-hidden="true"><use href="{}#{}"/></svg>'
        "<span>{}</span></span>",
        _MARKS[known],
        static("web/status.svg"),
        _MARKS[known],
        known.label,
    )


@register.filter
def span(length: Span) -> str:
    """`30 days`, `1 month`: in words, where the package says `30d`."""
    return wording.span(length)
