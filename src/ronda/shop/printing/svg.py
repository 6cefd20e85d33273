"""Pages as SVG for the browser: millimetres, presentation attributes only, every text escaped."""

from collections.abc import Iterable
from html import escape

from ronda.shop.printing.arrange import Item, Picture, Square, Stroke, Words
from ronda.shop.printing.codes import GAP
from ronda.shop.printing.measure import Font
from ronda.shop.printing.pages import Look, Page, Placed
from ronda.shop.printing.qr import runs
from ronda.shop.printing.template import Kind

_CLASSES = {Font.REGULAR: "r", Font.BOLD: "b", Font.MONO: "m"}


def draw(pages: Iterable[Page], look: Look) -> str:
    """One `<svg class="sheet">` a page; `shop/print.css` sets the faces."""
    return "".join(_page(page, look) for page in pages)


def _page(page: Page, look: Look) -> str:
    tickets = "".join(_ticket(ticket, look) for ticket in page.tickets)
    marks = ""
    if page.marks:
        strokes = "".join(f"M{x1:g} {y1:g}L{x2:g} {y2:g}" for x1, y1, x2, y2 in page.marks)
        marks = f'<path d="{strokes}" stroke="#9aa1ad" stroke-width=".15"/>'
    return (
        f'<svg class="sheet" xmlns="http://www.w3.org/2000/svg" width="{page.width_mm:g}mm" '
        f'height="{page.height_mm:g}mm" viewBox="0 0 {page.width_mm:g} {page.height_mm:g}">'
        f"{marks}{tickets}</svg>\n"
    )


def _ticket(ticket: Placed, look: Look) -> str:
    items = "".join(_item(item, ticket, look) for item in ticket.items)
    return f'<g transform="translate({ticket.left:.2f} {ticket.top:.2f})">{items}</g>'


def _item(item: Item, ticket: Placed, look: Look) -> str:
    if isinstance(item, Words):
        return _words(item, look)
    if isinstance(item, Square):
        return _code(item, ticket.qr)
    if isinstance(item, Picture):
        return _picture(item, look)
    return _stroke(item)


def _words(item: Words, look: Look) -> str:
    middle = ' text-anchor="middle"' if item.centred else ""
    # A face that is wider than the one reckoned with is squeezed, never cut off.
    squeezed = (
        ""
        if GAP in item.text
        else f' textLength="{item.width:.2f}" lengthAdjust="spacingAndGlyphs"'
    )
    first, *rest = (escape(part) for part in item.text.split(GAP))
    text = first + "".join(f'<tspan dx="{item.size * 0.28:.2f}">{part}</tspan>' for part in rest)
    return (
        f'<text class="{_CLASSES[item.font]}" x="{item.x:.2f}" y="{item.y:.2f}" font-size="{item.size:.2f}" '
        f'fill="{escape(tone(item.tone, look))}"{middle}{squeezed}>{text}</text>'
    )


def _code(item: Square, text: str) -> str:
    modules, dark = runs(text)
    path = "".join(f"M{x} {y}h{length}v1h-{length}z" for x, y, length in dark)
    return (
        f'<path transform="translate({item.x:.2f} {item.y:.2f}) scale({item.side / modules:.5f})" '
        f'shape-rendering="crispEdges" d="{path}"/>'
    )


def _picture(item: Picture, look: Look) -> str:
    return (
        f'<image href="{escape(look.logo_url)}" x="{item.x:.2f}" y="{item.y:.2f}" '
        f'width="{item.width:.2f}" height="{item.height:.2f}"/>'
    )


def _stroke(item: Stroke) -> str:
    return (
        f'<path d="M{item.x1:.2f} {item.y1:.2f}H{item.x2:.2f}" stroke="#4b5563" stroke-width=".2" '
        'stroke-dasharray="1 .8"/>'
    )


def tone(kind: Kind, look: Look) -> str:
    """The colour of a line."""
    return {Kind.BIG: look.accent, Kind.SMALL: look.muted}.get(kind, look.ink)
