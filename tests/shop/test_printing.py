"""Printing: what each person may print, what a ticket says, the browser's pages and the PDF."""

import io
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import zxingcpp
from django.utils import timezone
from PIL import Image, ImageDraw
from pypdf import PdfReader

from ronda.accounts.models import AuditRow
from ronda.shop.models import Batch, Layout, LoginPage, Voucher, VoucherEvent
from ronda.shop.printing import qr
from ronda.shop.service import branding, layouts, logins, printing
from ronda.shop.service.packages import terms_of
from tests.routers.factories import make_router
from tests.shop.factories import make_package

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]

READY = Voucher.State.READY


def make_batch(count: int, *, host: str = "login.desa", **values: Any) -> Batch:
    """Vouchers that a router knows, `abcd0001` and so on."""
    now = timezone.now()
    package, router = make_package("Paket 1 hari"), values.pop("router", None) or make_router()
    LoginPage.objects.update_or_create(router=router, defaults={"host": host, "read_at": now})
    batch = Batch.objects.create(
        package=package,
        router=router,
        count=count,
        alphabet="mixed",
        length=8,
        made_at=now,
        note="Toko <Sri>",
        seller=values.pop("seller", None),
    )
    given = {"state": READY, **values}
    Voucher.objects.bulk_create(
        Voucher(
            code=f"abcd{batch.pk:02}{place:03}",
            package=package,
            router=router,
            batch=batch,
            terms=terms_of(package).as_json(),
            made_at=now,
            **given,
        )
        for place in range(1, count + 1)
    )
    return batch


def codes(chosen: printing.Chosen) -> list[str]:
    return [voucher.code[-2:] for voucher in chosen.vouchers]


def test_a_batch_its_range_its_unsold_and_its_unprinted_ones(people: Any) -> None:
    batch = make_batch(6)
    rows = list(batch.vouchers.order_by("pk"))
    Voucher.objects.filter(pk=rows[1].pk).update(sold_at=timezone.now())
    Voucher.objects.filter(pk=rows[2].pk).update(printed_at=timezone.now())
    Voucher.objects.filter(pk=rows[3].pk).update(state=Voucher.State.MAKING)

    def of(**given: Any) -> list[str]:
        return codes(
            printing.choose(printing.Selection(batch=batch.pk, **given), people["cashier"])
        )

    assert of() == ["01", "02", "03", "05", "06"]
    assert of(first=2, last=4) == ["02", "03"]
    assert of(first=7) == []
    assert of(unsold=True, unprinted=True) == ["01", "05", "06"]
    assert printing.choose(printing.Selection(batch=batch.pk), people["cashier"]).not_ready == 1
    assert printing.choose(printing.Selection(), people["owner"]).vouchers == []


def test_a_reseller_prints_only_what_was_handed_to_them(people: Any) -> None:
    theirs = make_batch(2, seller=people["reseller"])
    others = make_batch_at(theirs, 2)
    handed = others.vouchers.order_by("pk").first()
    handed.holder = people["reseller"]
    handed.save()

    me = people["reseller"]
    assert len(printing.choose(printing.Selection(batch=theirs.pk), me).vouchers) == 2
    assert printing.choose(printing.Selection(batch=others.pk), me).vouchers == [handed]
    last = others.vouchers.order_by("pk").last()
    assert printing.choose(printing.Selection(voucher=last.pk), me).vouchers == []


def make_batch_at(other: Batch, count: int) -> Batch:
    """Another batch on the same router."""
    package = make_package()
    now = timezone.now()
    batch = Batch.objects.create(
        package=package, router=other.router, count=count, alphabet="mixed", length=8, made_at=now
    )
    for place in range(count):
        Voucher.objects.create(
            code=f"wxyz{batch.pk:02}{place:02}",
            package=package,
            router=other.router,
            batch=batch,
            terms=terms_of(package).as_json(),
            made_at=now,
            state=READY,
        )
    return batch


def test_no_more_than_the_most_are_printed_at_once(people: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(printing, "MOST", 3)
    chosen = printing.choose(printing.Selection(batch=make_batch(5).pk), people["admin"])

    assert (len(chosen.vouchers), chosen.too_many, chosen.not_ready) == (3, 2, 0)


def test_a_ticket_says_everything_and_its_values_are_escaped(people: Any) -> None:
    batch = make_batch(1, seller=people["reseller"])
    layout = Layout(
        template="{code}|{price}|{package}|{site}|{router}|{note}|{seller}|{batch}-{serial}|{login}"
    )
    svg = printing.render_html(list(batch.vouchers.all()), layout)
    text = re.sub(r"<[^>]+>", " ", svg)

    for word in ("Rp5.000", "Paket 1 hari", "umar", f"{batch.pk}-001", "login.desa"):
        assert word in " ".join(text.split())
    assert "Toko &lt;Sri&gt;" in " ".join(text.split())
    assert "<Sri>" not in svg
    assert "style=" not in svg


@pytest.mark.slow
def test_the_pdf_of_five_hundred_has_every_code_on_as_many_pages_as_needed(people: Any) -> None:
    batch = make_batch(500)
    vouchers = list(batch.vouchers.order_by("pk"))
    layout = layouts.usual()
    reader = PdfReader(io.BytesIO(printing.render_pdf(vouchers, layout)))

    assert len(reader.pages) == 16
    assert [round(float(side) / 72 * 25.4) for side in reader.pages[0].mediabox[2:]] == [210, 297]
    text = "".join(re.sub(r"\s", "", page.extract_text()) for page in reader.pages)
    assert all(voucher.code in text for voucher in vouchers)
    assert "Rp5.000" in text


def test_a_roll_is_as_wide_as_its_paper_and_one_page_a_ticket(people: Any) -> None:
    vouchers = list(make_batch(2).vouchers.order_by("pk"))
    reader = PdfReader(io.BytesIO(printing.render_pdf(vouchers, layouts.usual(Layout.Kind.ROLL))))

    assert len(reader.pages) == 2
    assert round(float(reader.pages[0].mediabox[2]) / 72 * 25.4) == 58


def test_words_that_a_pdf_font_lacks_are_spelled_with_what_it_has() -> None:
    from ronda.shop.printing.pdf import plain

    assert plain("Café “Ngópi” ṣ語") == "Café “Ngópi” s?"


def test_the_logo_lies_in_its_place_on_both(people: Any) -> None:
    drawn = io.BytesIO()
    Image.new("RGB", (60, 20), "navy").save(drawn, "PNG")
    branding.change({"colour": "#0b5cad"}, None, picture=drawn.getvalue())
    vouchers = list(make_batch(1).vouchers.all())
    layout = layouts.usual(Layout.Kind.ROLL)

    assert '<image href="/shop/logo/?' in printing.render_html(vouchers, layout)
    document = PdfReader(io.BytesIO(printing.render_pdf(vouchers, layout)))
    assert [image.image.size for image in document.pages[0].images] == [(60, 20)]


def picture_of(text: str) -> Image.Image:
    """A code as a picture of four points a module."""
    side, dark = qr.runs(text)
    drawn = Image.new("L", (side * 4, side * 4), 255)
    pen = ImageDraw.Draw(drawn)
    for column, row, length in dark:
        pen.rectangle((column * 4, row * 4, (column + length) * 4 - 1, row * 4 + 3), fill=0)
    return drawn


def test_every_qr_code_reads_as_the_login_address_of_its_voucher(people: Any) -> None:
    vouchers = list(make_batch(6).vouchers.order_by("pk"))
    tickets = printing.tickets_of(vouchers, layouts.usual())

    for voucher, ticket in zip(vouchers, tickets, strict=True):
        read = zxingcpp.read_barcodes(picture_of(ticket.qr))
        assert [one.text for one in read] == [ticket.qr]
        address = urlsplit(ticket.qr)
        assert (address.scheme, address.netloc, address.path) == ("http", "login.desa", "/login")
        wanted = {"username": [voucher.code], "password": [voucher.code]}
        assert parse_qs(address.query) == wanted


def test_the_layout_may_name_another_login_address_and_none_gives_no_code(people: Any) -> None:
    vouchers = list(make_batch(1, host="").vouchers.all())

    assert printing.tickets_of(vouchers, Layout())[0].qr == ""
    layout = Layout(login_base="https://masuk.example.net")
    assert printing.tickets_of(vouchers, layout)[0].qr.startswith(
        "https://masuk.example.net/login?"
    )


@pytest.mark.parametrize(
    ("profiles", "servers", "host"),
    [
        ([{"name": "p", "dns-name": "a.wifi"}], [{"name": "hs1", "profile": "p"}], "a.wifi"),
        (
            [{"name": "p", "dns-name": "", "hotspot-address": "10.5.50.1"}],
            [{"name": "hs1", "profile": "p"}],
            "10.5.50.1",
        ),
        (
            [{"name": "p", "hotspot-address": "0.0.0.0"}, {"name": "q", "dns-name": "b.wifi"}],
            [{"name": "hs1", "profile": "p"}, {"name": "hs2", "profile": "q"}],
            "b.wifi",
        ),
        (
            [{"name": "p", "dns-name": "a.wifi"}, {"name": "q", "dns-name": "b.wifi"}],
            [{"name": "hs1", "profile": "p"}, {"name": "pick", "profile": "q"}],
            "b.wifi",
        ),
        ([{"name": "p", "dns-name": "a"}], [{"name": "h", "profile": "p", "disabled": "true"}], ""),
        ([], [{"name": "h", "profile": "gone"}], ""),
    ],
)
def test_the_hotspot_says_where_its_guests_sign_in(profiles: Any, servers: Any, host: str) -> None:
    assert logins.host_of(profiles, servers, "pick") == host


def test_printing_is_recorded_for_each_voucher_and_in_the_audit_trail(
    as_: Any, people: Any
) -> None:
    batch = make_batch(2)
    client = as_("cashier")
    pages = client.get(f"/shop/print/?batch={batch.pk}").content.decode()
    assert "2 vouchers, 1 page" in pages
    assert 'class="sheet"' in pages

    for _ in range(2):
        answer = client.post("/shop/print/", {"batch": batch.pk, "to": "browser"})
        assert answer.status_code == 302
    sheets = client.get(answer["Location"])

    assert sheets.status_code == 200
    assert b"data-print-now" in sheets.content
    assert b"page.css?w=210&amp;h=297" in sheets.content
    events = VoucherEvent.objects.filter(what="printed").order_by("id")
    assert [event.detail["again"] for event in events] == [False, False, True, True]
    assert {event.actor for event in events} == {"dewi"}
    row = AuditRow.objects.filter(action="voucher.print").first()
    assert row is not None
    assert row.after["count"] == 2
    assert row.after["again"] == 2


@pytest.mark.parametrize("to", ["browser", "pdf"])
def test_what_is_printed_as_never_printed_or_unsold_is_shown_though_it_no_longer_is(
    as_: Any, to: str
) -> None:
    batch = make_batch(3)
    rows = list(batch.vouchers.order_by("pk"))
    before = timezone.now()
    Voucher.objects.filter(pk=rows[0].pk).update(printed_at=before)
    client = as_("cashier")
    answer = client.post(
        "/shop/print/", {"batch": batch.pk, "unprinted": "on", "unsold": "on", "to": to}
    )
    batch.vouchers.update(sold_at=timezone.now())
    shown = client.get(answer["Location"])

    assert shown.status_code == 200
    if to == "browser":
        assert b"2 vouchers, 1 page" in shown.content
    rows[0].refresh_from_db()
    assert rows[0].printed_at == before
    for nonsense in ("x", "2026-99-01T00:00", "2026-01-01T00:00"):
        page = f"/shop/print/vouchers.pdf?batch={batch.pk}&printed={nonsense}"
        assert client.get(page).status_code == 200


def test_the_pdf_by_its_address(as_: Any) -> None:
    batch = make_batch(1)
    client = as_("cashier")
    answer = client.post("/shop/print/", {"batch": batch.pk, "to": "pdf"})
    document = client.get(answer["Location"])

    assert document["Content-Type"] == "application/pdf"
    assert document["Cache-Control"] == "no-store"
    assert document.content.startswith(b"%PDF")
    assert client.get("/shop/print/vouchers.pdf?batch=99").status_code == 404


def test_one_ticket_at_the_counter(as_: Any) -> None:
    voucher = make_batch(1).vouchers.get()
    client = as_("cashier")
    page = client.get(f"/shop/vouchers/{voucher.pk}/ticket/")
    assert b"https://wa.me/?text=" in page.content
    assert b"page.css?w=58&amp;h=" in page.content

    answer = client.post(f"/shop/vouchers/{voucher.pk}/ticket/")
    assert b"data-print-now" in client.get(answer["Location"]).content
    voucher.refresh_from_db()
    assert voucher.printed_at is not None
    assert as_("reseller").get(f"/shop/vouchers/{voucher.pk}/ticket/").status_code == 404


def test_a_ticket_that_would_not_work_is_not_printed(as_: Any) -> None:
    voucher = make_batch(1, state=Voucher.State.MAKING).vouchers.get()
    client = as_("cashier")

    assert (
        b"does not know this voucher yet"
        in client.get(f"/shop/vouchers/{voucher.pk}/ticket/").content
    )
    client.post(f"/shop/vouchers/{voucher.pk}/ticket/")
    voucher.refresh_from_db()
    assert voucher.printed_at is None


def test_a_share_link_holds_the_code_and_the_login_address() -> None:
    voucher = make_batch(1).vouchers.get()
    link = urlsplit(printing.share_link(voucher, "0812-3456-789"))

    assert (link.netloc, link.path) == ("wa.me", "/628123456789")
    text = parse_qs(link.query)["text"][0]
    assert f"Code: {voucher.code}" in text
    assert "1 day" in text
    assert f"http://login.desa/login?username={voucher.code}" in text


@pytest.mark.parametrize(
    ("size", "status"),
    [("w=58&h=93", 200), ("w=58&h=9999", 404), ("w=58", 404), ("w=5;}body{x&h=90", 404)],
)
def test_the_papers_size_is_two_numbers_and_nothing_else(as_: Any, size: str, status: int) -> None:
    answer = as_("reseller").get(f"/shop/print/page.css?{size}")

    assert answer.status_code == status
    if status == 200:
        assert answer.content == b"@page { size: 58mm 93mm; margin: 0; }\n"


def values_of(layout: Layout, **changes: Any) -> dict[str, Any]:
    values = {name: getattr(layout, name) for name in layouts.FIELDS}
    return {key: value for key, value in (values | changes).items() if value is not False}


def test_usual_layouts_are_made_at_first_use_and_all_of_them_print(as_: Any) -> None:
    page = as_("admin").get("/shop/layouts/")

    assert Layout.objects.count() == 5
    assert page.content.count(b'class="sheet"') == 5
    vouchers = list(make_batch(2).vouchers.all())
    for layout in layouts.present():
        _svg, pages = printing.render_pages(vouchers, layout)
        assert [page.left_out for page in pages] == [0] * len(pages)


def test_a_layout_is_changed_on_the_record_and_a_bad_ticket_is_refused_with_its_line(
    as_: Any,
) -> None:
    client = as_("admin")
    layout = layouts.usual()
    url = f"/shop/layouts/{layout.pk}/"
    bad = client.post(url, values_of(layout, template="{code}\n{kode}"))
    assert "Line 2: there is no field “kode”." in bad.content.decode()
    for changes, message in (
        ({"columns": 8, "margin_mm": 40}, "Each ticket would be 16.2 x"),
        ({"columns": 9}, "Between 1 and 8."),
        ({"login_base": "a b"}, "Write a name or address such as"),
        ({"label": "L1"}, "Choose one of the list."),
        ({"roll_mm": "57"}, "Choose one of the list."),
        ({"name": "thermal ROLL 58 mm"}, "Another layout has this name."),
    ):
        assert message in client.post(url, values_of(layout, **changes)).content.decode()

    good = client.post(url, values_of(layout, name="Kecil", columns=5, login_base="login.wifi/"))
    assert good.status_code == 302
    layout.refresh_from_db()
    assert (layout.name, layout.columns, layout.login_base) == ("Kecil", 5, "login.wifi")
    assert AuditRow.objects.filter(action="layout.edit", subject="Kecil").exists()
    assert client.post("/shop/layouts/new/", values_of(layout, name="Lain")).status_code == 302
    assert Layout.objects.count() == 6


def test_the_preview_shows_what_stands_in_the_editor_or_why_not(as_: Any) -> None:
    client = as_("admin")
    layout = layouts.usual()
    preview = client.post("/shop/layouts/preview/", values_of(layout, name=""))
    assert preview.content.count(b"<g transform") == 32

    wrong = client.post("/shop/layouts/preview/", values_of(layout, template="{code}\n}"))
    assert "Line 2: “}” stands alone" in wrong.content.decode()
    assert b'class="sheet"' not in wrong.content


def test_the_last_layout_stays(as_: Any) -> None:
    client = as_("admin")
    for layout in layouts.present():
        client.post(f"/shop/layouts/{layout.pk}/delete/")

    assert Layout.objects.count() == 1


@pytest.mark.parametrize("count", [1, 50])
def test_the_number_of_questions_does_not_grow_with_the_tickets(
    people: Any, count: int, django_assert_num_queries: Any
) -> None:
    batch = make_batch(count)
    layout = layouts.usual()
    with django_assert_num_queries(6):
        chosen = printing.choose(printing.Selection(batch=batch.pk), people["admin"])
        printing.render_html(chosen.vouchers, layout)
