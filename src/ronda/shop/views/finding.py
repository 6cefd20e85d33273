"""Own orders found again: a number, the code that was sent there, and the list. It works without JavaScript."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from ronda.accounts.service import audit
from ronda.shop.buy_forms import CodeForm, FindForm
from ronda.shop.rules.orders import State
from ronda.shop.service import finding, making
from ronda.shop.service.branding import branding

COOKIE = "ronda_finds"


@login_not_required
@never_cache
def find(request: HttpRequest) -> HttpResponse:
    """Ask for the number, then for the code, then show the orders; each step a POST of its own."""
    row = finding.by_secret(request.COOKIES.get(COOKIE, ""))
    again = "again" in request.GET
    if row is not None and row.proven_at and request.method != "POST" and not again:
        return _answer(request, {"step": "orders", "rows": _rows(finding.orders_of(row))})
    if row is not None and "code" in request.POST:
        form = CodeForm(request.POST)
        if form.is_valid() and finding.prove(row, form.cleaned_data["code"]):
            return redirect("shop:buy-find")
        form.add_error("code", _("This is not the code, or it was tried too often."))
        return _answer(request, {"step": "code", "form": form}, 422)
    if request.method == "POST":
        return _begin(request)
    if row is not None and not again:
        return _answer(request, {"step": "code", "form": CodeForm()})
    return _answer(request, {"step": "number", "form": FindForm()})


def _begin(request: HttpRequest) -> HttpResponse:
    form = FindForm(request.POST)
    if not finding.reachable() or not form.is_valid():
        return _answer(request, {"step": "number", "form": form}, 422)
    try:
        secret = finding.begin(form.cleaned_data["phone"], audit.source_of(request))
    except finding.TooOften:
        form.add_error("phone", _("Asked too often. Wait an hour and try again."))
        return _answer(request, {"step": "number", "form": form}, 429)
    answer = redirect("shop:buy-find")
    answer.set_cookie(
        COOKIE,
        secret,
        max_age=int((finding.CODE_LIVES + finding.SHOWN_FOR).total_seconds()),
        path="/buy/find/",
        secure=request.is_secure(),
        httponly=True,
        samesite="Lax",
    )
    return answer


def _rows(orders: list[Any]) -> list[dict[str, Any]]:
    return [
        {
            "order": one,
            "code": making.credentials(one.voucher)
            if one.voucher and one.state == State.DELIVERED
            else None,
            "open": one.state == State.PENDING,
        }
        for one in orders
    ]


def _answer(request: HttpRequest, context: dict[str, Any], status: int = 200) -> HttpResponse:
    context |= {"brand": branding(), "reachable": finding.reachable()}
    return render(request, "shop/buy/find.html", context, status=status)
