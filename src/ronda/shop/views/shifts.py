"""Shifts: open one's drawer, count it, and the summary that is printed and signed."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from ronda.accounts.models import Role
from ronda.accounts.roles import holds, require
from ronda.accounts.service import audit
from ronda.devices.service.scope import is_narrowed
from ronda.shop.forms_money import CloseForm, OpenForm
from ronda.shop.models import Shift
from ronda.shop.rules.accounts import Account
from ronda.shop.service import ledger, shifts
from ronda.shop.views.counter import seller

#: Kind of entry -> what it is called where money moved in a drawer.
KINDS = {
    "sale": gettext_lazy("Sales"),
    "refund": gettext_lazy("Given back"),
    "top-up": gettext_lazy("Top-ups of resellers"),
    "float": gettext_lazy("Change put in"),
}


@require(Role.CASHIER)
@require_http_methods(["GET", "HEAD", "POST"])
def shift_page(request: HttpRequest) -> HttpResponse:
    """One's own drawer: open it, or what went through it and closing it."""
    me = seller(request)
    shift = shifts.current(me)
    source = audit.source_of(request)
    books = ledger.balance(Account.CASH, me.pk)
    form: OpenForm | CloseForm
    if shift is None:
        form = OpenForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                shifts.open_shift(me, form.cleaned_data["counted"], source)
            except shifts.AlreadyOpen:
                messages.warning(request, _("Your shift is open already."))
            return redirect("shop:shift")
    else:
        form = CloseForm(request.POST or None, books=books)
        if request.method == "POST" and form.is_valid():
            values = form.cleaned_data
            try:
                shifts.close_shift(shift, values["counted"], values["left"], values["note"], source)
            except shifts.AlreadyClosed:
                messages.warning(request, _("This shift was closed before."))
            return redirect("shop:shift-summary", shift.pk)
    mine = None if holds(me.role, Role.ADMIN) and not is_narrowed(me) else me
    context = {
        "tab": "shift",
        "shift": shift,
        "form": form,
        "books": books,
        "moved": moved(shift) if shift else [],
        "past": list(shifts.past(mine)[:30]),
    }
    return render(request, "shop/shifts/shift.html", context)


def moved(shift: Shift) -> list[tuple[str, int]]:
    """What went through the drawer, in words and rupiah."""
    found = shifts.summary(shift).moved
    return [(str(KINDS.get(kind, kind)), amount) for kind, amount in found.items()]


@require(Role.CASHIER)
@require_safe
def shift_summary(request: HttpRequest, pk: int) -> HttpResponse:
    """A closed shift on one page, to be printed; one's own, or for administrators anybody's."""
    me = seller(request)
    everybodys = holds(me.role, Role.ADMIN) and not is_narrowed(me)
    shift = shifts.past(None if everybodys else me).filter(pk=pk).first()
    if shift is None:
        raise Http404(_("There is no such shift."))
    context = {
        "tab": "shift",
        "shift": shift,
        "moved": moved(shift),
        "difference": (shift.counted_idr or 0) - (shift.books_idr or 0),
        "handed": (shift.counted_idr or 0) - (shift.left_idr or 0),
    }
    return render(request, "shop/shifts/summary.html", context)
