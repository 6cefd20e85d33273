"""Invoices on paper: one A5 page as PDF. fpdf2 is imported at the first one, not at start."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from ronda.kernel.money import rupiah
from ronda.shop.models import Invoice
from ronda.shop.printing.pdf import plain
from ronda.shop.printing.qr import runs
from ronda.shop.rules.members import day_in
from ronda.shop.service.branding import branding

_MARGIN = 12.0
_WIDTH = 148.0 - 2 * _MARGIN
_QR = 32.0


def pdf(invoice: Invoice, link: str = "") -> bytes:
    """The invoice as a PDF, in the language that is active; unpaid with a QR of the `link` at which it can be paid."""
    from fpdf import FPDF

    member, shop = invoice.member, branding()
    page = FPDF(unit="mm", format=(148, 210))
    page.set_margin(_MARGIN)
    page.set_title(plain(_("Invoice %(number)s") % {"number": invoice}))
    page.set_creator("Ronda")
    page.add_page()
    page.set_font("helvetica", "B", 16)
    page.cell(_WIDTH, 8, plain(shop.name), new_x="LMARGIN", new_y="NEXT")
    page.set_font("helvetica", "", 10)
    page.cell(
        _WIDTH,
        6,
        plain(_("Invoice %(number)s") % {"number": invoice}),
        new_x="LMARGIN",
        new_y="NEXT",
    )
    page.ln(4)
    last = invoice.until - timedelta(days=1)
    for label, text in (
        (_("Issued"), date_format(day_in(member.zone, invoice.issued_at), "j M Y")),
        (_("For"), " · ".join(filter(None, (member.name, member.phone)))),
        (_("Address"), member.address),
        (_("Hotspot user"), member.user),
        (_("Package"), invoice.package_name),
        (_("Period"), f"{date_format(invoice.begins, 'j M Y')} - {date_format(last, 'j M Y')}"),
        (_("Months"), str(invoice.months)),
        (_("Due"), "" if invoice.paid_at else date_format(invoice.due, "j M Y")),
    ):
        if not text:
            continue
        page.set_font("helvetica", "", 9)
        page.cell(34, 6, plain(label))
        page.set_font("helvetica", "", 10)
        page.multi_cell(_WIDTH - 34, 6, plain(text), new_x="LMARGIN", new_y="NEXT")
    page.ln(3)
    page.line(_MARGIN, page.get_y(), _MARGIN + _WIDTH, page.get_y())
    page.ln(2)
    page.set_font("helvetica", "B", 13)
    page.cell(_WIDTH / 2, 9, plain(_("Total")))
    page.cell(_WIDTH / 2, 9, rupiah(invoice.amount_idr), align="R", new_x="LMARGIN", new_y="NEXT")
    page.set_font("helvetica", "B", 11)
    said = (
        _("Paid on %(day)s") % {"day": date_format(day_in(member.zone, invoice.paid_at), "j M Y")}
        if invoice.paid_at
        else _("Not paid yet")
    )
    page.cell(_WIDTH, 8, plain(said), new_x="LMARGIN", new_y="NEXT")
    if invoice.returned_at:
        day = date_format(day_in(member.zone, invoice.returned_at), "j M Y")
        text = plain(_("Given back on %(day)s") % {"day": day})
        page.cell(_WIDTH, 8, text, new_x="LMARGIN", new_y="NEXT")
    elif link and not invoice.paid_at:
        page.set_font("helvetica", "", 9)
        page.cell(_WIDTH, 6, plain(_("Pay with your phone:")), new_x="LMARGIN", new_y="NEXT")
        _draw(page, link)
    return bytes(page.output())


def _draw(page: Any, text: str) -> None:
    """A QR code of `_QR` millimetres at the current place."""
    count, rows = runs(text)
    side, top = _QR / count, page.get_y() + 1
    page.set_fill_color(0)
    for column, row, length in rows:
        page.rect(_MARGIN + column * side, top + row * side, length * side, side, style="F")
