"""The counter: choose a package, sell it, see its code."""

from __future__ import annotations

import secrets
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from ronda.accounts.models import Person, Role
from ronda.accounts.roles import require
from ronda.kernel.money import rupiah
from ronda.shop.models import Package, Voucher
from ronda.shop.rules.accounts import Via
from ronda.shop.service import counter, placing, resellers
from ronda.shop.service.counter import NotSold
from ronda.shop.service.resellers import NotEnough

LAST = 8


def seller(request: HttpRequest) -> Person:
    """Who is at the counter."""
    if not isinstance(request.user, Person):
        raise PermissionDenied
    return request.user


@require(Role.RESELLER)
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What can be sold now, in big buttons, and what was sold last."""
    person = seller(request)
    context: dict[str, Any] = {
        "tab": "home",
        "offers": list(counter.offers()),
        "last": list(counter.seen_by(person).filter(seller=person)[:LAST]),
    }
    if counter.sells_as(person) is Via.RESELLER:
        context["standing"] = resellers.standing(person)
    return render(request, "shop/counter/home.html", context)


@require(Role.RESELLER)
@require_http_methods(["GET", "HEAD", "POST"])
def sell(request: HttpRequest, pk: int) -> HttpResponse:
    """One package: what it is and costs, and the button that sells one."""
    person = seller(request)
    package = counter.offers().filter(pk=pk).first()
    if package is None:
        raise Http404(_("This package is not on sale."))
    if request.method == "POST":
        return _sold(request, lambda token: counter.sell(person, package, token), package)
    context: dict[str, Any] = {"tab": "home", "package": package, "token": secrets.token_hex(16)}
    if counter.sells_as(person) is Via.RESELLER:
        standing = resellers.standing(person)
        price = resellers.price_of(package, standing.percent)
        context |= {"standing": standing, "price": price}
        context["lacks"] = max(price.kept_idr - standing.available_idr, 0)
    return render(request, "shop/counter/sell.html", context)


@require(Role.RESELLER)
@require_http_methods(["GET", "HEAD", "POST"])
def sell_card(request: HttpRequest) -> HttpResponse:
    """Sell a voucher that is on paper: its code is typed or scanned."""
    person = seller(request)
    code = (request.POST.get("code") or request.GET.get("code") or "").strip()[:64]
    code = code.replace("\x00", "")
    if request.method == "POST":
        return _sold(request, lambda token: counter.sell_card(person, code, token), None)
    found = counter.card(person, code) if code else None
    context = {
        "tab": "home",
        "code": code,
        "card": found if isinstance(found, Voucher) else None,
        "refusal": refusal(found) if isinstance(found, NotSold) else "",
        "token": secrets.token_hex(16),
    }
    return render(request, "shop/counter/card.html", context)


def is_token(text: str) -> bool:
    """Whether a form sent the token it was given."""
    return text.isascii() and text.isalnum() and 16 <= len(text) <= 40


def _sold(request: HttpRequest, act: Any, package: Package | None) -> HttpResponse:
    token = request.POST.get("token", "")
    again = redirect("shop:sell", package.pk) if package else redirect("shop:sell-card")
    if not is_token(token):
        messages.error(request, _("The page was too old. Press the button again."))
        return again
    try:
        sale = act(token)
    except NotSold as error:
        messages.error(request, refusal(error))
        return again
    except NotEnough as error:
        messages.error(
            request,
            _(
                "Your balance does not suffice: %(needed)s is needed, %(available)s is there. "
                "Top it up, or ask the owner for credit."
            )
            % {"needed": rupiah(error.needed_idr), "available": rupiah(error.available_idr)},
        )
        return again
    except placing.NoRouter:
        messages.error(
            request,
            _(
                "No router is in use on which this package is sold. Nothing was sold; tell the owner."
            ),
        )
        return again
    return redirect("shop:sale", sale.pk)


def refusal(error: NotSold) -> str:
    """Why something was not sold, and what to do."""
    return {
        "package": _("This package is not on sale any more. Choose another."),
        "code": _("There is no such voucher in your stock. Compare the code with the paper."),
        "sold": _("This voucher was sold before. Take another one."),
        "state": _(
            "This voucher does not work: it is void, ended or not made yet. Take another one."
        ),
        "holder": _("This voucher is in the stock of somebody else. Take another one."),
    }[error.why]
