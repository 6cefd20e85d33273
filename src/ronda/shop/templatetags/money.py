"""How amounts look on pages."""

from django import template

from ronda.kernel import money

register = template.Library()


@register.filter
def rupiah(amount: int | None) -> str:
    """`Rp5.000`; a dash for None."""
    return "\N{EN DASH}" if amount is None else money.rupiah(amount)
