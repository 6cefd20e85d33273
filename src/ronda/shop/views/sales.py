"""Sales: the list, one of them with its code as soon as it works, and taking it back."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from ronda.accounts.models import Role
from ronda.accounts.roles import require
from ronda.accounts.service import audit
from ronda.kernel.money import rupiah
from ronda.shop.models import Sale, Voucher
from ronda.shop.service import counter, making, printing
from ronda.shop.service.counter import TooLate
from ronda.shop.views.counter import seller

PER_PAGE = 50
LARGEST_PAGE = 10_000
State = Voucher.State


@require(Role.RESELLER)
@require_safe
def sale_list(request: HttpRequest) -> HttpResponse:
    """Sales, newest first; resellers see their own."""
    asked = request.GET.get("page", "")
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 1
    number = min(max(number, 1), LARGEST_PAGE)
    first = (number - 1) * PER_PAGE
    rows = list(counter.seen_by(seller(request))[first : first + PER_PAGE + 1])
    context = {
        "tab": "home",
        "rows": rows[:PER_PAGE],
        "number": number,
        "more": len(rows) > PER_PAGE,
    }
    return render(request, "shop/counter/sales.html", context)


def _sale(request: HttpRequest, pk: int) -> Sale:
    found = counter.seen_by(seller(request)).filter(pk=pk).first()
    if found is None:
        raise Http404(_("There is no such sale."))
    return found


@require(Role.RESELLER)
@require_safe
def sale_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One sale. The code is shown once the router has it: before, what is being waited for."""
    sale = _sale(request, pk)
    voucher = sale.voucher
    works = voucher is not None and voucher.state in (State.READY, State.ACTIVE)
    context = {
        "tab": "home",
        "sale": sale,
        "voucher": voucher,
        "router": voucher.router if voucher else None,
        "works": works and not sale.returned_at,
        "making": voucher is not None and voucher.state == State.MAKING and not sale.returned_at,
        "credentials": making.credentials(voucher) if voucher and works else None,
        "share": printing.share_link(voucher) if voucher and works and not sale.returned_at else "",
        "ticket": reverse("shop:ticket", args=[voucher.pk]) if voucher and works else "",
        "undoable": counter.undoable(sale, seller(request)),
    }
    return render(request, "shop/counter/sale.html", context)


@require(Role.RESELLER)
@require_http_methods(["GET", "HEAD", "POST"])
def sale_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then give the money back and make the code void."""
    sale = _sale(request, pk)
    if request.method != "POST":
        context = {
            "heading": _("Take this sale back?"),
            "text": _("%(package)s, %(price)s. The code stops working at once.")
            % {"package": sale.package.name, "price": rupiah(sale.price_idr)},
            "confirm_label": _("Take back"),
            "cancel_url": f"/shop/sales/{sale.pk}/",
            "danger": True,
        }
        return render(request, "shop/counter/undo.html", context)
    reason = request.POST.get("reason", "").replace("\x00", "").strip()[:200]
    try:
        counter.undo(sale, seller(request), reason, audit.source_of(request))
    except TooLate:
        messages.error(
            request,
            _(
                "It can be taken back no more: the voucher was used, or the ten minutes are over. "
                "Ask a cashier or an administrator."
            ),
        )
    else:
        messages.success(
            request,
            _("Taken back. Give the buyer %(price)s.") % {"price": rupiah(sale.price_idr)},
        )
    return redirect("shop:sale", sale.pk)
