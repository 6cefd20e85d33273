"""Vouchers: the list, the whole life of one, and what staff do to it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ronda.accounts.models import Role
from ronda.accounts.roles import require
from ronda.devices.acting import actor
from ronda.devices.views.parts import page, page_number
from ronda.shop.forms_vouchers import ExtendForm, FilterForm, MoveForm, PackageForm, VoidForm
from ronda.shop.models import Voucher
from ronda.shop.rules.terms import Terms
from ronda.shop.service import changing, creating, escapes, explaining, life, listing, making
from ronda.shop.service.changing import CannotChange, Why
from ronda.work import jobs

PAGE_SIZE = 50
#: What `{% voucher_row %}` shows of a voucher.
SHOWN = (
    *("id", "code", "state", "batch", "batch__note", "package__name", "router__name"),
    *("sold_at", "expires_at", "made_at"),
)
#: A page waits so long for the router before it shows that it is still being done.
PATIENCE_S = 3.0


@require(Role.RESELLER)
@require_safe
def voucher_list(request: HttpRequest) -> HttpResponse:
    """The vouchers one may see, newest first."""
    filters = FilterForm(request.GET)
    wanted = filters.wanted(request.GET.get("sort", ""))
    number = page_number(request)
    seen = listing.seen_by(actor(request).person).values(*SHOWN)
    rows, total = listing.page_of(seen, wanted, number, PAGE_SIZE)
    return render(
        request,
        "shop/vouchers.html",
        {
            "tab": "vouchers",
            "filters": filters,
            "sort": wanted.sort,
            "narrowed": wanted != listing.Filter(sort=wanted.sort),
            "page": page(rows, total, number, PAGE_SIZE),
            "many": total > listing.COUNTED,
        },
    )


@require(Role.RESELLER)
@require_safe
def voucher_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything that happened to one voucher, and what is left of it."""
    voucher = _find(request, pk)
    live = voucher.state in changing.LIVE
    return render(
        request,
        "shop/voucher.html",
        {
            "tab": "vouchers",
            "voucher": voucher,
            "credentials": making.credentials(voucher),
            "terms": Terms.from_json(voucher.terms),
            "standing": explaining.standing(voucher),
            "left": explaining.left_of(voucher),
            "lines": explaining.timeline(voucher),
            "live": live,
            "may_restore": voucher.ended_by in (Voucher.Clock.STAFF, Voucher.Clock.GONE),
        },
    )


def _find(request: HttpRequest, pk: int) -> Voucher:
    seen = listing.seen_by(actor(request).person)
    found = seen.select_related("package", "router", "batch__made_by", "holder").filter(pk=pk)
    voucher = found.first()
    if voucher is None:
        raise Http404(_("There is no such voucher."))
    return voucher


def why_not(why: Why) -> str:
    """Why a change was refused, in words."""
    return {
        Why.NOTHING: _("Say how much to add."),
        Why.UNUSED: _("Nobody has used it yet, so its valid time has not begun."),
        Why.OVER: _("It has ended; extend it or sell a new one."),
        Why.RETURNED: _("Its buyer has the money back. Sell a new one."),
        Why.NOT_OVER: _("It has not ended."),
        Why.TAKEN: _("Somebody on that router has this name."),
        Why.SAME: _("It is so already."),
        Why.SPENT: _("Add to what was used up: valid time, time online or data."),
    }[why]


_FORMS: dict[str, Any] = {
    "extend": ExtendForm,
    "package": PackageForm,
    "move": MoveForm,
    "void": VoidForm,
}


@require(Role.CASHIER)
def voucher_act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Ask for what is needed, and do it."""
    voucher = _find(request, pk)
    if verb not in _FORMS:
        raise Http404(_("There is no such thing to do."))
    form = _FORMS[verb](request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            _do(request, voucher, verb, form.cleaned_data)
        except CannotChange as refused:
            form.add_error(None, why_not(refused.why))
        except life.CannotVoid:
            form.add_error(None, why_not(Why.OVER))
        else:
            return _done(request, voucher)
    headings = {
        "extend": _("Extend %(code)s"),
        "package": _("Change the package of %(code)s"),
        "move": _("Move %(code)s to another router"),
        "void": _("End %(code)s"),
    }
    return render(
        request,
        "shop/voucher_act.html",
        {
            "tab": "vouchers",
            "voucher": voucher,
            "form": form,
            "verb": verb,
            "heading": headings[verb] % {"code": voucher.code},
        },
    )


def _do(request: HttpRequest, voucher: Voucher, verb: str, values: dict[str, Any]) -> None:
    me = actor(request)
    if verb == "extend":
        changing.extend(
            voucher,
            me.person,
            span=values["span"],
            online_s=values["online"],
            quota_bytes=values["data_more"],
            source=me.source,
        )
    elif verb == "package":
        changing.change_package(voucher, values["package"], me.person, me.source)
    elif verb == "move":
        changing.move(voucher, values["router"], me.person, me.source)
    else:
        life.void(voucher, me.person, reason=values["reason"], source=me.source)


def _done(request: HttpRequest, voucher: Voucher) -> HttpResponse:
    newest = jobs.newest("shop.make", f"router:{voucher.router_id}")
    if newest is not None and not newest.finished:
        jobs.wait(newest.id, PATIENCE_S)
    voucher.refresh_from_db()
    if voucher.state == Voucher.State.MAKING:
        messages.info(request, _("Written down; the router is told as soon as it answers."))
    elif voucher.state == Voucher.State.TROUBLE:
        messages.error(request, explaining.standing(voucher))
    else:
        messages.success(request, _("Done, and read again on the router."))
    return redirect("shop:voucher", voucher.pk)


@require(Role.CASHIER)
@require_POST
def voucher_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Try one in trouble once more, or make one again that was ended by hand or removed."""
    voucher = _find(request, pk)
    me = actor(request)
    if voucher.state == Voucher.State.TROUBLE:
        creating.retry(voucher)
        return _done(request, voucher)
    try:
        changing.restore(voucher, me.person, me.source)
    except CannotChange as refused:
        messages.error(request, why_not(refused.why))
        return redirect("shop:voucher", pk)
    return _done(request, voucher)


@require(Role.ADMIN)
def escaped(request: HttpRequest) -> HttpResponse:
    """What routers hold otherwise than it was sold; a POST puts it right."""
    if request.method == "POST":
        me = actor(request)
        count = escapes.repair(escapes.find(), me.person, me.source)
        messages.success(request, _("%(count)d are being put right.") % {"count": count})
        return redirect("shop:escaped")
    return render(
        request,
        "shop/escaped.html",
        {
            "tab": "vouchers",
            "found": escapes.find()[: escapes.SHOWN],
            "late": escapes.overstayed(),
        },
    )
