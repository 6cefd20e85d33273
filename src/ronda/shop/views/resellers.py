"""Resellers: their balances, top-ups and terms; and a reseller's own balance."""

from __future__ import annotations

import secrets
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ronda.accounts.models import Person, Role
from ronda.accounts.roles import holds, require
from ronda.accounts.service import audit
from ronda.kernel.money import rupiah
from ronda.shop.forms_money import TermsForm, TopUpForm
from ronda.shop.models import Line, TopUp
from ronda.shop.rules.accounts import Account
from ronda.shop.service import pictures, resellers
from ronda.shop.service.pictures import NoPicture
from ronda.shop.service.resellers import Decided
from ronda.shop.views.counter import is_token, seller

LAST = 30


@require(Role.CASHIER)
@require_safe
def reseller_list(request: HttpRequest) -> HttpResponse:
    """Every reseller with what they paid ahead, and the top-ups that wait."""
    context = {
        "tab": "resellers",
        "standings": resellers.standings(),
        "waiting": list(resellers.waiting()[:100]),
    }
    return render(request, "shop/resellers/list.html", context)


def _reseller(pk: int) -> Person:
    found = resellers.people().filter(pk=pk).first()
    if found is None:
        raise Http404(_("There is no such reseller."))
    return found


def _lines(person: Person) -> list[Line]:
    """The newest lines of a deposit, as the reseller sees them: what came in is above 0."""
    found = (
        Line.objects.filter(account=Account.DEPOSIT, holder=person)
        .select_related("entry", "entry__sale__package")
        .order_by("-entry")[:LAST]
    )
    return [_turned(line) for line in found]


def _turned(line: Line) -> Line:
    line.amount_idr = -line.amount_idr
    return line


@require(Role.CASHIER, write=Role.ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
def reseller_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One reseller: balance, what moved it, and (administrators) what was agreed."""
    person = _reseller(pk)
    standing = resellers.standing(person)
    form = TermsForm(
        request.POST or None,
        initial={"percent": standing.percent, "credit": standing.credit_idr or ""},
    )
    if request.method == "POST" and form.is_valid():
        resellers.agree(
            person,
            form.cleaned_data["percent"],
            form.cleaned_data["credit"] or 0,
            seller(request),
            audit.source_of(request),
        )
        messages.success(request, _("Saved. It holds for sales from now on."))
        return redirect("shop:reseller", person.pk)
    context = {
        "tab": "resellers",
        "person": person,
        "standing": standing,
        "lines": _lines(person),
        "top_ups": list(person.top_ups.all()[:LAST]),
        "form": form,
        "token": secrets.token_hex(16),
    }
    return render(request, "shop/resellers/reseller.html", context)


@require(Role.CASHIER)
@require_POST
def top_up_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Accept a top-up (by transfer or in cash), or refuse it."""
    top_up = TopUp.objects.select_related("reseller").filter(pk=pk).first()
    how = request.POST.get("how", "")
    if top_up is None or how not in {"transfer", "cash", "refuse"}:
        raise Http404(_("There is no such top-up."))
    me = seller(request)
    try:
        resellers.decide(
            top_up, how != "refuse", me, in_cash=how == "cash", source=audit.source_of(request)
        )
    except Decided:
        messages.warning(request, _("Somebody decided on it before; nothing was changed."))
    else:
        told = {"name": top_up.reseller.get_username(), "amount": rupiah(top_up.amount_idr)}
        if how == "refuse":
            messages.success(request, _("Refused: %(amount)s of %(name)s.") % told)
        else:
            messages.success(request, _("%(name)s now has %(amount)s more.") % told)
    return redirect("shop:resellers")


@require(Role.CASHIER)
@require_POST
def top_up_cash(request: HttpRequest, pk: int) -> HttpResponse:
    """Money that a reseller brought to the counter: asked and accepted at once."""
    person = _reseller(pk)
    form, token = TopUpForm(request.POST), request.POST.get("token", "")
    if not form.is_valid():
        messages.error(request, _("Write whole rupiah, such as 50.000."))
    elif not is_token(token):
        messages.error(request, _("The page was too old. Press the button again."))
    else:
        amount, note = form.cleaned_data["amount"], form.cleaned_data["note"]
        resellers.take_cash(
            person, amount, seller(request), token, note=note, source=audit.source_of(request)
        )
        # The second press of the same button says the same.
        messages.success(
            request,
            _("%(name)s now has %(amount)s more.")
            % {"name": person.get_username(), "amount": rupiah(amount)},
        )
    return redirect("shop:reseller", person.pk)


@require(Role.RESELLER)
@require_safe
def top_up_picture(request: HttpRequest, pk: int) -> HttpResponse:
    """The proof of a top-up: for those who decide, and for who sent it."""
    top_up = TopUp.objects.filter(pk=pk).first()
    me = seller(request)
    if (
        top_up is None
        or not top_up.picture
        or not (top_up.reseller_id == me.pk or holds(me.role, Role.CASHIER))
    ):
        raise Http404
    headers = {"Cache-Control": "private, no-store", "Content-Disposition": "inline"}
    return HttpResponse(bytes(top_up.picture), content_type="image/png", headers=headers)


@require(Role.RESELLER)
@require_http_methods(["GET", "HEAD", "POST"])
def balance(request: HttpRequest) -> HttpResponse:
    """One's own balance: what is there, what moved it, and asking for more."""
    me = seller(request)
    form = TopUpForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        picture = b""
        if sent := form.cleaned_data["picture"]:
            try:
                picture = pictures.redraw(sent.read(pictures.MOST_BYTES + 1), most_side=1200).png
            except NoPicture as error:
                form.add_error("picture", str(error))
        if form.is_valid():
            resellers.ask_top_up(
                me,
                form.cleaned_data["amount"],
                picture=picture,
                kind="image/png" if picture else "",
                note=form.cleaned_data["note"],
            )
            messages.success(request, _("Sent. Your balance grows once somebody has accepted it."))
            return redirect("shop:balance")
    context: dict[str, Any] = {
        "tab": "balance",
        "standing": resellers.standing(me),
        "lines": _lines(me),
        "top_ups": list(me.top_ups.defer("picture")[:10]),
        "form": form,
    }
    return render(request, "shop/resellers/balance.html", context)
