"""What the page of an order shows its buyer: the code, and codes as pictures."""

from dataclasses import dataclass, field

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from ronda.shop.models import Order
from ronda.shop.printing.codes import login_address
from ronda.shop.service import logins, making


@dataclass(frozen=True, slots=True)
class Code:
    """What a buyer bought; `login_url` is "" where the address of the hotspot is not known."""

    code: str
    password: str = field(repr=False)
    login_url: str = field(repr=False)
    qr: SafeString | None = field(repr=False)


def code(order: Order) -> Code | None:
    """The code of a delivered order; None where it has none (any more)."""
    voucher = order.voucher
    if voucher is None:
        return None
    known = making.credentials(voucher)
    host = logins.hosts_of([voucher.router_id]).get(voucher.router_id, "")
    url = login_address(host, known.code, known.password)
    return Code(known.code, known.password, url, qr(url) if url else None)


def qr(text: str) -> SafeString:
    """A QR code as SVG, drawn here, that scales with the page and needs no style of its own."""
    import segno  # only a page that shows one pays for it

    drawn = segno.make_qr(text, error="m").svg_inline(
        border=2, omitsize=True, svgclass="qr", lineclass=None, title=_("QR code")
    )
    return mark_safe(drawn)  # noqa: S308 -- made of our own numbers; the text is only in the pattern
