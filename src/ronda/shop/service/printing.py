"""Printing vouchers: which ones, what each ticket says, and the record that they were printed."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from ronda.accounts.models import Person, Role
from ronda.accounts.roles import holds
from ronda.accounts.service import audit
from ronda.devices.service.scope import here, within
from ronda.kernel.money import rupiah
from ronda.shop.models import Layout, Voucher, VoucherEvent
from ronda.shop.printing import pdf, svg, template
from ronda.shop.printing.codes import grouped, login_address
from ronda.shop.printing.pages import Look, Page, Ticket, lay_out
from ronda.shop.rules.life import What
from ronda.shop.rules.terms import Terms
from ronda.shop.service import branding, layouts, life, logins
from ronda.shop.service.making import credentials
from ronda.shop.service.wording import brief, describe

#: More tickets at once are a slip of the finger; a larger batch is printed in ranges.
MOST = 2000
#: Codes that a router knows: a ticket with another one would not work.
PRINTABLE = (Voucher.State.READY, Voucher.State.ACTIVE)


@dataclass(frozen=True, slots=True)
class Selection:
    """What is to be printed. `first` and `last` are serial numbers within the batch, from 1.

    `printed` is the moment of a printing (`mark_printed`): what was chosen then, whatever it is by now.
    """

    batch: int | None = None
    voucher: int | None = None
    first: int | None = None
    last: int | None = None
    unsold: bool = False
    unprinted: bool = False
    printed: datetime | None = None


@dataclass(frozen=True, slots=True)
class Chosen:
    """The vouchers of a selection, in the order of their serial numbers.

    `not_ready` were left out because their router does not know them (yet, or any more), `too_many` is
    how many are beyond the most that is printed at once.
    """

    vouchers: list[Voucher]
    not_ready: int = 0
    too_many: int = 0


def seen_by(person: Person) -> QuerySet[Voucher]:
    """The vouchers that somebody may print: a reseller only those handed to or sold by them."""
    found = within(Voucher.objects.all(), here(), "router__site")
    if holds(person.role, Role.CASHIER):
        return found
    mine = Q(holder=person) | Q(sale__seller=person) | Q(batch__seller=person)
    return found.filter(mine).distinct()


def choose(selection: Selection, person: Person) -> Chosen:
    """What a selection means for this person; nothing where neither batch nor voucher is given."""
    found = seen_by(person)
    if selection.voucher is not None:
        found = found.filter(pk=selection.voucher)
    elif selection.batch is not None:
        found = _in_batch(found.filter(batch_id=selection.batch), selection.batch, selection)
    else:
        return Chosen([])
    count = found.count()
    ready = found.filter(state__in=PRINTABLE)
    rows = list(
        ready.select_related("package", "batch__seller", "router__site", "holder", "sale").order_by(
            "pk"
        )[: MOST + 1]
    )
    many = ready.count() if len(rows) > MOST else len(rows)
    return Chosen(rows[:MOST], count - many, max(0, many - MOST))


def _in_batch(found: QuerySet[Voucher], batch: int, selection: Selection) -> QuerySet[Voucher]:
    if selection.first or selection.last:
        pks = Voucher.objects.filter(batch_id=batch).order_by("pk")
        places = list(pks.values_list("pk", flat=True))
        wanted = places[max(0, (selection.first or 1) - 1) : selection.last]
        if not wanted:
            return found.none()
        found = found.filter(pk__gte=wanted[0], pk__lte=wanted[-1])
    if selection.printed is not None:
        then = VoucherEvent.objects.filter(what=What.PRINTED, at=selection.printed)
        return found.filter(Exists(then.filter(voucher=OuterRef("pk"))))
    if selection.unsold:
        found = found.filter(sold_at=None)
    if selection.unprinted:
        found = found.filter(printed_at=None)
    return found


def tickets_of(vouchers: Sequence[Voucher], layout: Layout) -> list[Ticket]:
    """What the ticket of each voucher says, in their order."""
    shop = branding.branding()
    bases = logins.hosts_of(voucher.router_id for voucher in vouchers)
    serials = _serials({voucher.batch_id for voucher in vouchers if voucher.batch_id})
    sentences: dict[str, str] = {}
    briefs: dict[str, str] = {}
    found = []
    for voucher in vouchers:
        password = credentials(voucher).password
        base = layout.login_base or bases.get(voucher.router_id, "")
        values = {
            "shop": shop.name,
            "contact": shop.phone or shop.footer,
            "code": grouped(voucher.code),
            "password": grouped(password) if password != voucher.code else "",
            "price": rupiah(_price(voucher)),
            "package": voucher.package.name,
            "terms": _sentence(voucher, sentences, describe),
            "brief": _sentence(voucher, briefs, brief),
            "site": voucher.router.site.name,
            "router": voucher.router.name,
            "note": voucher.batch.note if voucher.batch else "",
            "seller": _seller(voucher),
            "batch": str(voucher.batch_id or ""),
            "serial": serials.get(voucher.pk, str(voucher.pk)),
            "login": base,
        }
        found.append(Ticket(values, login_address(base, voucher.code, password)))
    return found


def _price(voucher: Voucher) -> int:
    sale = getattr(voucher, "sale", None)
    return int(sale.price_idr) if sale is not None else voucher.package.selling_price_idr


def _seller(voucher: Voucher) -> str:
    person = voucher.holder or (voucher.batch.seller if voucher.batch else None)
    return (person.get_full_name() or person.get_username()) if person else ""


def _sentence(voucher: Voucher, known: dict[str, str], say: Callable[[Terms], str]) -> str:
    # Vouchers of a batch share their terms, so five hundred tickets need one sentence.
    key = repr(voucher.terms)
    if key not in known:
        known[key] = say(Terms.from_json(voucher.terms))
    return known[key]


def _serials(batches: Iterable[int]) -> dict[int, str]:
    """Voucher -> its number within its batch, as long as the largest of them is."""
    found: dict[int, str] = {}
    for batch in batches:
        pks = list(
            Voucher.objects.filter(batch_id=batch).order_by("pk").values_list("pk", flat=True)
        )
        digits = max(3, len(str(len(pks))))
        found |= {pk: str(place).zfill(digits) for place, pk in enumerate(pks, 1)}
    return found


def look(layout: Layout) -> Look:
    """The shop's colours and logo; rolls are black, for their printers know nothing else."""
    shop = branding.branding()
    picture = branding.logo() if shop.logo_digest else None
    ratio = _ratio(picture) if picture else 1.0
    black = "#000000"
    if layout.kind == Layout.Kind.ROLL:
        return Look(black, black, black, picture or b"", shop.logo_url, ratio)
    return Look(accent=shop.colour, logo=picture or b"", logo_url=shop.logo_url, logo_ratio=ratio)


def _ratio(png: bytes) -> float:
    """Width over height, as a PNG says it in its head (ISO/IEC 15948, 11.2.2)."""
    width, height = int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big")
    return width / height if width and height else 1.0


def pages_of(tickets: Sequence[Ticket], layout: Layout, shown: Look) -> list[Page]:
    """The pages of a layout.

    Raises:
        template.BadTemplate, paper.TooSmall: the layout cannot be printed; one that was saved can.
    """
    words = template.read(layout.template)
    sheet = layouts.sheet_of(layout)
    return list(
        lay_out(
            words,
            sheet,
            tickets,
            shown,
            cut_marks=layout.cut_marks and layout.kind == Layout.Kind.GRID,
        )
    )


def render_pages(vouchers: Sequence[Voucher], layout: Layout) -> tuple[str, list[Page]]:
    """The SVG of every page for the browser, safe to put into a page, and the pages themselves."""
    shown = look(layout)
    pages = pages_of(tickets_of(vouchers, layout), layout, shown)
    return svg.draw(pages, shown), pages


def render_html(vouchers: Sequence[Voucher], layout: Layout) -> str:
    """The SVG of every page for the browser, safe to put into a page."""
    return render_pages(vouchers, layout)[0]


def render_pdf(vouchers: Sequence[Voucher], layout: Layout) -> bytes:
    """A PDF of every page."""
    shown = look(layout)
    pages = pages_of(tickets_of(vouchers, layout), layout, shown)
    return pdf.draw(pages, shown, title=branding.branding().name)


def mark_printed(
    vouchers: Sequence[Voucher], layout: Layout, person: Person, source: str = ""
) -> datetime:
    """Record that these were printed by this person, now; printed ones again. The moment, by which to find them."""
    now = timezone.now()
    with transaction.atomic():
        VoucherEvent.objects.bulk_create(
            VoucherEvent(
                voucher=voucher,
                at=now,
                what=What.PRINTED,
                detail={"layout": layout.name, "again": voucher.printed_at is not None},
                actor=life.actor_of(person),
            )
            for voucher in vouchers
        )
        pks = [voucher.pk for voucher in vouchers]
        Voucher.objects.filter(pk__in=pks).update(printed_at=now)
        subject = vouchers[0].code if len(vouchers) == 1 else f"{len(vouchers)} vouchers"
        again = sum(voucher.printed_at is not None for voucher in vouchers)
        batches = sorted({voucher.batch_id for voucher in vouchers if voucher.batch_id})
        after = {"layout": layout.name, "count": len(vouchers), "again": again, "batches": batches}
        audit.record(person, "voucher.print", subject, None, after, source)
    return now


def share_text(voucher: Voucher, login_base: str = "") -> str:
    """What a buyer is sent of one voucher, in the language that is active."""
    password = credentials(voucher).password
    base = login_base or logins.hosts_of([voucher.router_id]).get(voucher.router_id, "")
    lines = [
        branding.branding().name,
        voucher.package.name,
        describe(Terms.from_json(voucher.terms)),
        _("Code: %(code)s") % {"code": voucher.code},
    ]
    if password != voucher.code:
        lines.append(_("Password: %(password)s") % {"password": password})
    if base:
        address = login_address(base, voucher.code, password)
        lines.append(_("Sign in: %(address)s") % {"address": address})
    return "\n".join(lines)


def share_link(voucher: Voucher, phone: str = "") -> str:
    """A WhatsApp address that opens with the voucher's code as text; without a number it asks whom to send to."""
    return chat_link(share_text(voucher), phone)


def chat_link(text: str, phone: str = "") -> str:
    """A WhatsApp address that opens with a text, to a number or to whom one chooses."""
    digits = "".join(character for character in phone if character in "0123456789")
    if digits.startswith("0"):
        digits = f"62{digits[1:]}"
    elif digits.startswith("8"):
        digits = f"62{digits}"
    return f"https://wa.me/{digits}?text={quote(text, safe='')}"
