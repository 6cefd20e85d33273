"""Pages as PDF, with the QR codes as vectors. fpdf2 is imported at the first document, not at start."""

import io
import unicodedata
from collections.abc import Iterable
from typing import TYPE_CHECKING

from ronda.shop.printing.arrange import Picture, Square, Stroke, Words
from ronda.shop.printing.codes import GAP
from ronda.shop.printing.measure import Font, width
from ronda.shop.printing.pages import Look, Page, Placed
from ronda.shop.printing.qr import runs
from ronda.shop.printing.svg import tone

if TYPE_CHECKING:
    from fpdf import FPDF

_POINTS = 72 / 25.4
_FACES = {
    Font.REGULAR: ("helvetica", ""),
    Font.BOLD: ("helvetica", "B"),
    Font.MONO: ("courier", "B"),
}


def draw(pages: Iterable[Page], look: Look, *, title: str) -> bytes:
    """A PDF of the pages, each of its own size."""
    from fpdf import FPDF

    document = FPDF(unit="mm")
    document.set_auto_page_break(False)
    document.set_margin(0)
    document.set_title(plain(title))
    document.set_creator("Ronda")
    for page in pages:
        document.add_page(format=(page.width_mm, page.height_mm))
        _marks(document, page)
        codes: list[str] = []
        for ticket in page.tickets:
            _ticket(document, ticket, look, page.height_mm, codes)
        if codes:
            # A call of the library for each of a code's 250 runs would take ten times as long.
            content = document.pages[document.page].contents
            assert isinstance(content, bytearray)  # noqa: S101 -- what fpdf2 holds of an open page
            content += ("q 0 g\n" + "\n".join(codes) + "\nQ\n").encode("ascii")
    return bytes(document.output())


def _marks(document: "FPDF", page: Page) -> None:
    document.set_draw_color(0x9A, 0xA1, 0xAD)
    document.set_line_width(0.15)
    for mark in page.marks:
        document.line(*mark)


def _ticket(
    document: "FPDF", ticket: Placed, look: Look, page_height: float, codes: list[str]
) -> None:
    left, top = ticket.left, ticket.top
    for item in ticket.items:
        if isinstance(item, Words):
            _words(document, item, left, top, look)
        elif isinstance(item, Square):
            codes.append(_code(item, left, top, page_height, ticket.qr))
        elif isinstance(item, Picture):
            if look.logo:
                picture = io.BytesIO(look.logo)
                x, y = left + item.x, top + item.y
                document.image(picture, x=x, y=y, w=item.width, h=item.height)
        elif isinstance(item, Stroke):
            document.set_draw_color(0x4B, 0x55, 0x63)
            document.set_line_width(0.2)
            document.set_dash_pattern(dash=1, gap=0.8)
            document.line(left + item.x1, top + item.y1, left + item.x2, top + item.y2)
            document.set_dash_pattern()


def _words(document: "FPDF", item: Words, left: float, top: float, look: Look) -> None:
    family, style = _FACES[item.font]
    document.set_font(family, style, item.size * _POINTS)
    document.set_text_color(*_rgb(tone(item.tone, look)))
    x = left + item.x - (item.width / 2 if item.centred else 0)
    for part in item.text.split(GAP):
        document.text(x, top + item.y, plain(part))
        x += (width(part, item.font) + width(GAP, item.font)) * item.size


def _code(item: Square, left: float, top: float, page_height: float, text: str) -> str:
    modules, dark = runs(text)
    unit = item.side / modules * _POINTS
    # PDF counts upwards from the lower left corner.
    x, y = (left + item.x) * _POINTS, (page_height - top - item.y) * _POINTS
    boxes = " ".join(f"{column} {row} {length} 1 re" for column, row, length in dark)
    return f"q {unit:.5f} 0 0 {-unit:.5f} {x:.3f} {y:.3f} cm {boxes} f Q"


def _rgb(colour: str) -> tuple[int, int, int]:
    value = int(colour.lstrip("#"), 16)
    return value >> 16, value >> 8 & 255, value & 255


def plain(text: str) -> str:
    """A text in the characters that a PDF's own fonts have (Windows 1252): letters without marks that
    they lack, and a question mark for what has no likeness among them.
    """
    try:
        text.encode("cp1252")
    except UnicodeEncodeError:
        return "".join(map(_likeness, text))
    return text


def _likeness(character: str) -> str:
    for form in (character, unicodedata.normalize("NFKD", character)[0]):
        if form.encode("cp1252", "ignore"):
            return form
    return "?"
