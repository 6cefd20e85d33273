"""The marks of orders."""

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from ronda.shop.models import Order
from ronda.shop.rules.orders import State

register = template.Library()

# Shape and colour of the sprite's marks; the word is the state's own.
_MARKS = {
    State.PENDING: "suspect",
    State.PAID: "maintenance",
    State.PROVISIONING: "maintenance",
    State.DELIVERED: "up",
    State.EXPIRED: "unknown",
    State.CANCELLED: "paused",
    State.REFUNDED: "paused",
    State.ATTENTION: "down",
}


@register.simple_tag
def order_mark(state: str) -> SafeString:
    """Badge of an order's state: colour, shape, word."""
    mark = _MARKS[State(state)]
    return format_html(
        '<span class="state state-{}"><svg aria-hidden="true"><use href="{}#{}"/></svg>'
        "<span>{}</span></span>",
        mark,
        static("web/status.svg"),
        mark,
        Order.State(state).label,
    )
