"""How the shop looks to buyers: one answer for the public shop, prints and the sign-in page."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.urls import reverse
from django.utils import timezone

from ronda.accounts.models import Person
from ronda.accounts.service import audit
from ronda.shop.models import Look
from ronda.shop.service import pictures
from ronda.work import tuning

COLOUR = "#0b5cad"
INK = "#ffffff"
TEXTS = ("name", "phone", "whatsapp", "address", "footer", "colour", "ink")


@dataclass(frozen=True, slots=True)
class Branding:
    """What buyers see; every text may be "" but the name and the colours.

    `whatsapp` is digits with the country code, as wa.me takes it. `colour` and `ink` are `#rrggbb`, readable
    on each other. `logo_digest` changes with the logo, "" where there is none.
    """

    name: str
    phone: str = ""
    whatsapp: str = ""
    address: str = ""
    footer: str = ""
    colour: str = COLOUR
    ink: str = INK
    logo_digest: str = ""

    @property
    def logo_url(self) -> str:
        """The logo's address on this server, "" without one."""
        return f"{reverse('shop:logo')}?{self.logo_digest}" if self.logo_digest else ""

    @property
    def look_url(self) -> str:
        """The stylesheet that sets `--brand` and `--brand-ink`, changing with the colours."""
        return f"{reverse('shop:look')}?{self.colour[1:]}{self.ink[1:]}"

    @property
    def whatsapp_url(self) -> str:
        """Where a tap opens a chat, "" without a number."""
        return f"https://wa.me/{self.whatsapp}" if self.whatsapp else ""


# Written out, for every page of buyers asks it: Django takes fifteen times as long to make the same.
_LOOK = """
SELECT name, phone, whatsapp, address, footer, colour, ink, logo_digest FROM shop_look ORDER BY id LIMIT 1
"""


def branding() -> Branding:
    """The look in force: one query."""
    with connection.cursor() as cursor:
        cursor.execute(_LOOK)
        row = cursor.fetchone()
    name = str(tuning.value("site_name"))
    if row is None:
        return Branding(name)
    own_name, phone, whatsapp, address, footer, colour, ink, logo_digest = row
    return Branding(
        own_name or name,
        phone,
        whatsapp,
        address,
        footer,
        colour or COLOUR,
        ink or INK,
        logo_digest,
    )


def own_name() -> str:
    """The name that was set for the shop, "" where it has that of the installation."""
    return Look.objects.values_list("name", flat=True).first() or ""


def logo() -> bytes | None:
    """The logo as PNG, None without one."""
    found = Look.objects.values_list("logo", flat=True).first()
    return bytes(found) if found else None


def change(
    values: Mapping[str, str],
    person: Person | None,
    source: str = "",
    *,
    picture: bytes | None = None,
    drop_logo: bool = False,
) -> None:
    """Set texts and colours, and the logo where a picture is given or dropped.

    Raises:
        pictures.NoPicture: the picture is none that is taken.
    """
    drawn = pictures.redraw(picture) if picture else None
    row = Look.objects.first() or Look(pk=1)
    before = _facts(row)
    for name in TEXTS:
        if name in values:
            setattr(row, name, values[name])
    if drawn is not None:
        row.logo, row.logo_digest = drawn.png, drawn.digest
    elif drop_logo:
        row.logo, row.logo_digest = None, ""
    row.changed_at, row.changed_by = timezone.now(), person
    row.save()
    audit.record(person, "branding.edit", row.name or "-", before, _facts(row), source)


def _facts(row: Look) -> dict[str, Any]:
    return {**{name: getattr(row, name) for name in TEXTS}, "logo": row.logo_digest}
