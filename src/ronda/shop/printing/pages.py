"""Tickets on their pages: which items lie where, before anything is drawn."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ronda.shop.printing.arrange import Arranged, Item, arrange
from ronda.shop.printing.paper import Sheet
from ronda.shop.printing.template import Template


@dataclass(frozen=True, slots=True)
class Look:
    """How tickets look. Colours are `#rrggbb`; on rolls everything is black.

    `logo` is the picture's bytes (PNG or JPEG), `logo_url` where a browser gets it, `logo_ratio` its
    width over its height; all empty without one.
    """

    ink: str = "#1d2433"
    accent: str = "#1d2433"
    muted: str = "#4b5563"
    logo: bytes = b""
    logo_url: str = ""
    logo_ratio: float = 1.0


@dataclass(frozen=True, slots=True)
class Ticket:
    """What one ticket says: values of the template's fields, and what its QR code holds ("" for none)."""

    values: dict[str, str]
    qr: str = ""


@dataclass(frozen=True, slots=True)
class Placed:
    """A ticket's items, and where its cell begins on the page."""

    left: float
    top: float
    items: Sequence[Item]
    qr: str


@dataclass(frozen=True, slots=True)
class Page:
    """One page in millimetres, and how many lines of its tickets found no room."""

    width_mm: float
    height_mm: float
    tickets: Sequence[Placed]
    marks: Sequence[tuple[float, float, float, float]] = ()
    left_out: int = 0


def lay_out(
    template: Template,
    sheet: Sheet,
    tickets: Sequence[Ticket],
    look: Look,
    *,
    cut_marks: bool = False,
) -> Iterator[Page]:
    """The pages of tickets, in order; every one is full but the last."""
    marks = tuple(sheet.cut_marks()) if cut_marks and sheet.height_mm else ()
    for begin in range(0, len(tickets), sheet.per_page):
        placed, left_out, high = [], 0, 0.0
        for place, ticket in enumerate(tickets[begin : begin + sheet.per_page]):
            arranged = _arranged(template, sheet, ticket, look)
            left, top = sheet.corner(place)
            placed.append(Placed(left, top, arranged.items, ticket.qr))
            left_out += arranged.left_out
            high = arranged.height_mm + 2 * top
        # Whole millimetres, for the printer's page size is given in them.
        height = sheet.height_mm or float(-(-high // 1))
        yield Page(sheet.width_mm, height, placed, marks, left_out)


def _arranged(template: Template, sheet: Sheet, ticket: Ticket, look: Look) -> Arranged:
    shown = ticket.values | {"qr": ticket.qr, "logo": "yes" if look.logo_url or look.logo else ""}
    return arrange(template.fill(shown), *sheet.cell_mm, logo_ratio=look.logo_ratio)
