"""Invented tickets, so that a layout can be seen before there is a voucher."""

from django.utils.translation import gettext as _

from ronda.kernel.money import rupiah
from ronda.shop.models import Layout
from ronda.shop.printing.codes import grouped, login_address
from ronda.shop.printing.pages import Page, Placed, Ticket
from ronda.shop.service import branding, layouts

_CODES = ("wk7hfm3p", "c4nqt9ra", "x2mdk8vb", "h6gtp3ye")
_LOGIN = "login.wifi"


def tickets(count: int, login_base: str = "") -> list[Ticket]:
    """So many tickets as they might be; the first has everything that a ticket can say."""
    shop = branding.branding()
    base = login_base or _LOGIN
    found = []
    for place in range(count):
        code = _CODES[place % len(_CODES)]
        values = {
            "shop": shop.name,
            "contact": shop.phone or shop.footer,
            "code": grouped(code),
            "password": "",
            "price": rupiah(5000),
            "package": _("1 day"),
            "terms": _("Valid 1 day from the first login, on 1 device."),
            "brief": _("1 day"),
            "site": _("Krajan hamlet"),
            "router": _("Village hall"),
            "note": _("Sri's shop"),
            "seller": "Sri",
            "batch": "12",
            "serial": str(place + 1).zfill(3),
            "login": base,
        }
        found.append(Ticket(values, login_address(base, code, code)))
    return found


def only_ticket(page: Page, layout: Layout) -> Page:
    """A page that is cut down to its first ticket."""
    width, height = layouts.sheet_of(layout).cell_mm
    first = page.tickets[0]
    if not height:
        return page
    return Page(width, height, [Placed(0.0, 0.0, first.items, first.qr)], (), page.left_out)
