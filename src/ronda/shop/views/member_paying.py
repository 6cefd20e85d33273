"""The page of a member's own link: until when is paid, and how to pay for more. It works without JavaScript."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from ronda.accounts.service import audit
from ronda.shop.buy_forms import MonthsForm
from ronda.shop.models import Member, Order
from ronda.shop.rules.orders import State
from ronda.shop.service import charging, limits, member_links, ordering, renewals, selling
from ronda.shop.service.branding import branding
from ronda.shop.views.buying import base_of, offered_to, remember

#: Orders of a member in an hour, whoever has the link.
MOST = 12


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def member(request: HttpRequest, pk: int, token: str) -> HttpResponse:
    """A member's own page; a POST orders so many months."""
    found = member_links.by_link(pk, token)
    if found is None:
        raise Http404(_("This link is not valid (any more). Ask us for a new one."))
    methods = offered_to(request)
    form = MonthsForm(request.POST if request.method == "POST" else None, methods, found.price_idr)
    refused = ""
    if request.method == "POST" and methods and form.is_valid():
        try:
            _order, secret = _place(request, found, form)
        except ordering.OrderRefused as reason:
            refused = str(reason)
        else:
            answer = redirect("shop:buy-order", secret)
            remember(request, answer, secret)
            return answer
    period = renewals.next_period(found)
    context: dict[str, Any] = {
        "brand": branding(),
        "member": found,
        "form": form,
        "methods": methods,
        "period": period,
        "payable": found.state != Member.State.ENDED and found.price_idr > 0,
        "waiting": Order.objects.filter(member=found, state=State.PENDING).count(),
        "refused": refused,
    }
    status = 422 if refused or form.errors else 200
    return render(request, "shop/buy/member.html", context, status=status)


def _place(request: HttpRequest, member: Member, form: MonthsForm) -> tuple[Order, str]:
    if not limits.allow("buy-member", str(member.pk), most=MOST, within=selling.HOUR):
        raise ordering.OrderRefused(
            _("Too many orders in a short time. Wait a while and try again.")
        )
    with transaction.atomic():
        order, secret = ordering.place_for_member(
            member,
            form.cleaned_data["months"],
            method=form.chosen,
            told_apart=selling.told_apart(form.chosen),
            source=audit.source_of(request),
        )
        charging.begin(order, base_url=base_of(request))
    return order, secret
