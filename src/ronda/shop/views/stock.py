"""Stock: unsold vouchers by holder and package, handing over and taking back, and what was used unsold."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ronda.accounts.models import Person, Role
from ronda.accounts.roles import holds, require
from ronda.accounts.service import audit
from ronda.kernel.ids import id_of
from ronda.kernel.money import rupiah
from ronda.shop.forms_money import HandForm, WriteOffForm
from ronda.shop.models import Package
from ronda.shop.service import stock, writing_off
from ronda.shop.service.stock import NotSoMany
from ronda.shop.views.counter import seller

LAST = 100


@require(Role.RESELLER, write=Role.ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
def stock_page(request: HttpRequest) -> HttpResponse:
    """Who holds how many unsold vouchers; resellers see their own, administrators hand over."""
    me = seller(request)
    all_of_it = holds(me.role, Role.CASHIER)
    form = HandForm(request.POST or None) if holds(me.role, Role.ADMIN) else None
    if request.method == "POST" and form is not None and form.is_valid():
        values = form.cleaned_data
        try:
            stock.hand_over(
                values["batch"], values["count"], values["holder"], me, audit.source_of(request)
            )
        except NotSoMany as error:
            form.add_error("count", _("Only %(there)d are left of it.") % {"there": error.there})
        else:
            messages.success(
                request,
                ngettext(
                    "%(count)d voucher is now in the stock of %(name)s.",
                    "%(count)d vouchers are now in the stock of %(name)s.",
                    values["count"],
                )
                % {"count": values["count"], "name": values["holder"].get_username()},
            )
            return redirect("shop:stock")
    rows = stock.rows(None if all_of_it else me)
    context = {
        "tab": "stock",
        "rows": rows,
        "count": sum(row.count for row in rows),
        "value": sum(row.value_idr for row in rows),
        "all_of_it": all_of_it,
        "form": form,
        "write_off": WriteOffForm() if form is not None else None,
    }
    return render(request, "shop/stock/stock.html", context)


@require(Role.ADMIN)
@require_POST
def write_off(request: HttpRequest) -> HttpResponse:
    """End printed vouchers that are lost or damaged."""
    form = WriteOffForm(request.POST)
    if not form.is_valid():
        for problems in form.errors.values():
            messages.error(request, " ".join(map(str, problems)))
        return redirect("shop:stock")
    given, me = form.cleaned_data, seller(request)
    try:
        count, cost = writing_off.write_off(
            given["from_batch"],
            given["first"],
            given["last"],
            given["reason"],
            me,
            audit.source_of(request),
        )
    except writing_off.Nothing:
        messages.error(request, _("None of these is left: they were sold, used or ended."))
    else:
        text = ngettext(
            "%(count)d voucher was written off (cost %(cost)s); its code works no more.",
            "%(count)d vouchers were written off (cost %(cost)s); their codes work no more.",
            count,
        )
        messages.success(request, text % {"count": count, "cost": rupiah(cost)})
    return redirect("shop:stock")


@require(Role.ADMIN)
@require_POST
def give_back(request: HttpRequest) -> HttpResponse:
    """Take vouchers out of somebody's stock."""
    fields = (request.POST.get(name, "") for name in ("holder", "package", "count"))
    holder_id, package_id, count = (id_of(text) for text in fields)
    if not count:
        raise Http404
    holder = get_object_or_404(Person, pk=holder_id)
    package = get_object_or_404(Package, pk=package_id)
    try:
        taken = stock.give_back(holder, package, count, seller(request), audit.source_of(request))
    except NotSoMany as error:
        messages.error(request, _("Only %(there)d are left of it.") % {"there": error.there})
    else:
        messages.success(
            request,
            ngettext("%(count)d voucher came back.", "%(count)d vouchers came back.", len(taken))
            % {"count": len(taken)},
        )
    return redirect("shop:stock")


@require(Role.CASHIER)
@require_safe
def used_unsold(request: HttpRequest) -> HttpResponse:
    """Vouchers in use that nobody said to have sold."""
    rows = list(stock.used_unsold()[: LAST + 1])
    context = {"tab": "stock", "rows": rows[:LAST], "more": len(rows) > LAST}
    return render(request, "shop/stock/used_unsold.html", context)
