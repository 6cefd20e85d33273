"""Rows of the list of vouchers."""

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from ronda.shop.templatetags.vouchers import voucher_mark
from ronda.web import rows
from ronda.web.templatetags import ronda

register = template.Library()


@register.simple_tag
def voucher_row(voucher: Mapping[str, Any]) -> SafeString:
    """The row of a voucher, given the values that `shop.views.vouchers.SHOWN` names."""
    return rows.row(
        "shop/voucher_row.html",
        (),
        link=ronda.address_at("shop:voucher", voucher["id"]),
        code=voucher["code"],
        batch=_batch(voucher["batch"], voucher["batch__note"]),
        state=voucher_mark(voucher["state"]),
        package=voucher["package__name"],
        router=voucher["router__name"],
        sold=ronda.at(voucher["sold_at"]),
        expires=ronda.at(voucher["expires_at"]),
        made=ronda.at(voucher["made_at"]),
    )


def _batch(number: int | None, note: str | None) -> SafeString | str:
    if number is None:
        return ""
    text = _("batch %(number)s %(note)s") % {"number": number, "note": note}
    return format_html('<small class="under">{}</small>', text)
