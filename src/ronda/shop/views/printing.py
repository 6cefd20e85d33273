"""Printing vouchers: choosing, the preview, the browser's pages, the PDF, and one ticket at the counter."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.safestring import mark_safe
from django.utils.timezone import is_naive
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from ronda.accounts.models import Role
from ronda.accounts.roles import require
from ronda.devices.acting import actor
from ronda.shop.models import Layout
from ronda.shop.print_forms import PrintForm
from ronda.shop.printing.pages import Page
from ronda.shop.service import layouts, logins, printing
from ronda.shop.service.printing import Chosen

#: What the preview shows.
SHOWN_PAGES = 1


@require(Role.RESELLER)
def print_page(request: HttpRequest) -> HttpResponse:
    """Choose what is printed on what; by POST it is recorded as printed, and shown."""
    form = PrintForm(request.POST if request.method == "POST" else request.GET)
    if not form.is_valid():
        return _choosing(request, form)
    me = actor(request)
    chosen = printing.choose(form.selection(), me.person)
    if request.method != "POST":
        return _choosing(request, form, chosen)
    if not chosen.vouchers:
        messages.error(request, _("There is nothing to print: no voucher of these is ready."))
        return _choosing(request, form, chosen)
    layout = form.chosen_layout()
    moment = printing.mark_printed(chosen.vouchers, layout, me.person, me.source)
    door = "shop:print-pdf" if request.POST.get("to") == "pdf" else "shop:print-sheets"
    # From now on they are printed, and "only those never printed" would find none of them.
    printed = urlencode({"printed": moment.isoformat()})
    return redirect(f"{reverse(door)}?{_query(form, layout)}&{printed}&now=1")


def _choosing(request: HttpRequest, form: PrintForm, chosen: Chosen | None = None) -> HttpResponse:
    context: dict[str, Any] = {"form": form, "tab": "vouchers"}
    if chosen is not None:
        context |= _preview(chosen, form.chosen_layout())
    elif form.errors:
        context["chosen"] = Chosen([])
    return render(request, "shop/print.html", context)


def _preview(chosen: Chosen, layout: Layout) -> dict[str, Any]:
    sheet = layouts.sheet_of(layout)
    first = chosen.vouchers[: sheet.per_page * SHOWN_PAGES]
    svg, pages = printing.render_pages(first, layout)
    total = -(-len(chosen.vouchers) // sheet.per_page)
    return {
        "chosen": chosen,
        "layout": layout,
        "svg": mark_safe(svg),  # noqa: S308 -- every text in it was escaped by printing.svg
        "pages": total,
        "left_out": sum(page.left_out for page in pages),
        "no_login": _without_login(first, layout),
        "told": _told(len(chosen.vouchers), total),
    }


def _told(vouchers: int, pages: int) -> str:
    text = ngettext("%(count)d voucher", "%(count)d vouchers", vouchers) % {"count": vouchers}
    sheets = ngettext("%(count)d page", "%(count)d pages", pages) % {"count": pages}
    return f"{text}, {sheets}"


def _without_login(vouchers: list[Any], layout: Layout) -> str:
    """A router among them whose login address nobody knows, so that its tickets have no QR code."""
    if "{qr}" not in layout.template or layout.login_base:
        return ""
    known = logins.hosts_of(voucher.router_id for voucher in vouchers)
    return next((one.router.name for one in vouchers if one.router_id not in known), "")


@require(Role.RESELLER)
@require_safe
def preview(request: HttpRequest) -> HttpResponse:
    """The first page of what is chosen, as a fragment."""
    form = PrintForm(request.GET)
    if not form.is_valid():
        return render(request, "shop/parts/print_preview.html", {"form": form})
    chosen = printing.choose(form.selection(), actor(request).person)
    return render(request, "shop/parts/print_preview.html", _preview(chosen, form.chosen_layout()))


@require(Role.RESELLER)
@require_safe
def sheets(request: HttpRequest) -> HttpResponse:
    """Every page, for the browser to print."""
    chosen, layout, form = _asked(request)
    svg, pages = printing.render_pages(chosen.vouchers, layout)
    context = {
        "svg": mark_safe(svg),  # noqa: S308 -- every text in it was escaped by printing.svg
        "style": _style_of(pages),
        "layout": layout,
        "back": f"{reverse('shop:print')}?{_query(form, layout)}",
        "told": _told(len(chosen.vouchers), len(pages)),
        "now": request.GET.get("now") == "1",
    }
    return render(request, "shop/print_sheets.html", context)


@require(Role.RESELLER)
@require_safe
def document(request: HttpRequest) -> HttpResponse:
    """Every page, as PDF."""
    chosen, layout, _form = _asked(request)
    name = f"vouchers-{request.GET.get('batch') or request.GET.get('voucher')}.pdf"
    answer = HttpResponse(
        printing.render_pdf(chosen.vouchers, layout), content_type="application/pdf"
    )
    answer["Content-Disposition"] = f'inline; filename="{name}"'
    answer["Cache-Control"] = "no-store"
    return answer


def _asked(request: HttpRequest) -> tuple[Chosen, Layout, PrintForm]:
    form = PrintForm(request.GET)
    if not form.is_valid():
        raise Http404(_("These numbers are none of a batch."))
    selection = replace(form.selection(), printed=_moment(request.GET.get("printed", "")))
    chosen = printing.choose(selection, actor(request).person)
    if not chosen.vouchers:
        raise Http404(_("There is nothing to print: no voucher of these is ready."))
    return chosen, form.chosen_layout(), form


def _moment(text: str) -> datetime | None:
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return None if found is None or is_naive(found) else found


def _query(form: PrintForm, layout: Layout) -> str:
    given = {name: value for name, value in form.cleaned_data.items() if value}
    given["layout"] = str(layout.pk)
    return urlencode({name: "on" if value is True else value for name, value in given.items()})


def _style_of(pages: list[Page]) -> str:
    # A printer takes one page size for a whole job, so a roll's longest ticket decides.
    height = max((page.height_mm for page in pages), default=0)
    width = pages[0].width_mm if pages else 0
    return f"{reverse('shop:print-style')}?w={width:.0f}&h={height:.0f}"


@require(Role.RESELLER)
@require_safe
def page_style(request: HttpRequest) -> HttpResponse:
    """The paper's size for the browser, which takes it from no place but a stylesheet."""
    sizes = [request.GET.get(name, "") for name in ("w", "h")]
    if not all(
        size.isascii() and size.isdigit() and len(size) < 5 and 20 <= int(size) <= 2000
        for size in sizes
    ):
        raise Http404
    text = f"@page {{ size: {sizes[0]}mm {sizes[1]}mm; margin: 0; }}\n"
    return HttpResponse(
        text, content_type="text/css", headers={"Cache-Control": "private, max-age=86400"}
    )


@require(Role.RESELLER)
def ticket(request: HttpRequest, pk: int) -> HttpResponse:
    """One ticket for the thermal printer at the counter; by POST it is recorded as printed."""
    me = actor(request)
    found = printing.seen_by(me.person).select_related(
        "package", "batch__seller", "router__site", "holder", "sale"
    )
    voucher = found.filter(pk=pk).first()
    if voucher is None:
        raise Http404(_("There is no such voucher."))
    wanted = request.GET.get("layout", "")
    chosen = next((one for one in layouts.present() if str(one.pk) == wanted), None)
    layout = chosen or layouts.usual(Layout.Kind.ROLL)
    ready = voucher.state in printing.PRINTABLE
    if request.method == "POST":
        if ready:
            printing.mark_printed([voucher], layout, me.person, me.source)
        return redirect(f"{reverse('shop:ticket', args=[pk])}?layout={layout.pk}&now=1")
    svg, pages = printing.render_pages([voucher], layout)
    context = {
        "voucher": voucher,
        "ready": ready,
        "svg": mark_safe(svg),  # noqa: S308 -- every text in it was escaped by printing.svg
        "style": _style_of(pages),
        "layout": layout,
        "layouts": layouts.present(),
        "share": printing.share_link(voucher),
        "now": ready and request.GET.get("now") == "1",
    }
    return render(request, "shop/ticket.html", context)
