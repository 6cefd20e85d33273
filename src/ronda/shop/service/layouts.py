"""Saved layouts: made with sensible contents at first use, changed and removed on the record."""

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from ronda.accounts.models import Person
from ronda.accounts.service import audit
from ronda.shop.models import Layout
from ronda.shop.printing import paper

FIELDS = (
    "name",
    "kind",
    "columns",
    "rows",
    "margin_mm",
    "gap_mm",
    "cut_marks",
    "label",
    "roll_mm",
    "login_base",
    "template",
)


class LastLayout(ValueError):
    """The last layout stays: without one nothing can be printed."""


def present() -> list[Layout]:
    """Every layout, the oldest first; there is always one."""
    found = list(Layout.objects.all())
    return found or _make_usual()


def usual(kind: str = Layout.Kind.GRID) -> Layout:
    """The first layout of a kind of paper, or the first of all."""
    found = present()
    return next((layout for layout in found if layout.kind == kind), found[0])


def sheet_of(layout: Layout) -> paper.Sheet:
    """The paper of a layout.

    Raises:
        paper.TooSmall: its grid leaves a ticket no room.
    """
    if layout.kind == Layout.Kind.LABEL:
        return paper.LABELS[layout.label].sheet()
    if layout.kind == Layout.Kind.ROLL:
        return paper.roll(layout.roll_mm)
    return paper.grid(layout.columns, layout.rows, margin_mm=layout.margin_mm, gap_mm=layout.gap_mm)


def save(
    layout: Layout, values: Mapping[str, Any], person: Person | None, source: str = ""
) -> Layout:
    """Set what is given and keep the layout, new or old."""
    before = None if layout.pk is None else _facts(Layout.objects.get(pk=layout.pk))
    for name in FIELDS:
        if name in values:
            setattr(layout, name, values[name])
    with transaction.atomic():
        layout.save()
        action = "layout.create" if before is None else "layout.edit"
        audit.record(person, action, layout.name, before, _facts(layout), source)
    return layout


def delete(layout: Layout, person: Person | None, source: str = "") -> None:
    """Remove a layout.

    Raises:
        LastLayout: no other is left.
    """
    with transaction.atomic():
        if not Layout.objects.exclude(pk=layout.pk).exists():
            raise LastLayout
        audit.record(person, "layout.delete", layout.name, _facts(layout), None, source)
        layout.delete()


def _facts(layout: Layout) -> dict[str, Any]:
    return {name: getattr(layout, name) for name in FIELDS}


def _make_usual() -> list[Layout]:
    """The layouts that most people need, in the language of whoever comes first."""
    kinds = Layout.Kind
    words = (("[password]", _("Password: {password}")), ("[seller]", _("Seller: {seller}")))
    large, small, ticket = _LARGE, _SMALL, _TICKET
    for place, text in words:
        large, small, ticket = (one.replace(place, text) for one in (large, small, ticket))
    made = [
        Layout(name=_("A4, 32 tickets"), kind=kinds.GRID, template=large),
        Layout(name=_("A4, 60 small tickets"), columns=5, rows=12, margin_mm=6, template=small),
        Layout(name=_("Labels 70 x 36 mm"), kind=kinds.LABEL, template=large),
        Layout(name=_("Thermal roll 58 mm"), kind=kinds.ROLL, roll_mm=58, template=ticket),
        Layout(name=_("Thermal roll 80 mm"), kind=kinds.ROLL, roll_mm=80, template=ticket),
    ]
    try:
        with transaction.atomic():
            Layout.objects.bulk_create(made)
    except IntegrityError:
        # Somebody else came first at the same moment.
        pass
    return list(Layout.objects.all())


_LARGE = """{logo}
# {shop}
{qr}
! {code}
{?password}[password]
{/password}{price}
{package}
- {terms}
- {site} · {batch}-{serial}
- {note}
"""
_SMALL = """# {shop}
! {code}
{?password}[password]
{/password}{price} · {package}
- {brief}
- {batch}-{serial}
"""
_TICKET = """{logo}
# {shop}
- {contact}
---
{package}
{price}
! {code}
{?password}[password]
{/password}{qr}
{terms}
---
- {site} · {batch}-{serial}
- [seller]
- {note}
"""
