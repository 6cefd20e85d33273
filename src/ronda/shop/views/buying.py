"""The public shop: choosing, ordering, paying and reading the code. It works without JavaScript."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from ronda.accounts.models import Role
from ronda.accounts.roles import holds
from ronda.accounts.service import audit
from ronda.kernel.ids import id_of
from ronda.shop.buy_forms import BuyForm
from ronda.shop.models import Order, Package, PaymentMethod
from ronda.shop.rules.orders import State
from ronda.shop.service import (
    charging,
    finding,
    limits,
    member_links,
    ordering,
    pictures,
    proofs,
    selling,
    showing,
    ways,
)
from ronda.shop.service import methods as payments
from ronda.shop.service.branding import branding

#: The secrets of a browser's newest orders, so that its owner finds them again.
COOKIE = "ronda_buys"
COOKIE_S = 180 * 24 * 3600
KEPT = 8
#: While an order is in one of these, its page looks whether something changed.
FOLLOWED = frozenset({State.PENDING, State.PAID, State.PROVISIONING, State.ATTENTION})


@login_not_required
@require_safe
def packages(request: HttpRequest) -> HttpResponse:
    """What can be bought now."""
    return render(
        request, "shop/buy/packages.html", {"brand": branding(), "packages": selling.shown()}
    )


@login_not_required
@never_cache
def package(request: HttpRequest, pk: int) -> HttpResponse:
    """One package; a POST orders it."""
    found = Package.objects.filter(pk=pk).first()
    if found is None or not ordering.is_sold(found, timezone.now()):
        raise Http404(_("This package is not sold (any more)."))
    methods = offered_to(request)
    form = BuyForm(request.POST if request.method == "POST" else None, methods)
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
    context = {
        "brand": branding(),
        "package": found,
        "says": selling.sentence(found),
        "methods": methods,
        "form": form,
        "refused": refused,
    }
    status = 422 if refused or form.errors else 200
    return render(request, "shop/buy/package.html", context, status=status)


def _place(request: HttpRequest, package: Package, form: BuyForm) -> tuple[Order, str]:
    phone, source = form.cleaned_data["phone"], audit.source_of(request)
    # Guests of one hotspot share one address, so that its bound is wide; a number's is narrow.
    if not (
        limits.allow("buy-phone", phone, most=12, within=selling.HOUR)
        and limits.allow("buy-address", source, most=600, within=selling.HOUR)
    ):
        raise ordering.OrderRefused(
            _("Too many orders in a short time. Wait a while and try again.")
        )
    with transaction.atomic():
        order, secret = ordering.place(
            package,
            phone=phone,
            name=form.cleaned_data["name"],
            email=form.cleaned_data["email"],
            method=form.chosen,
            told_apart=selling.told_apart(form.chosen),
            source=source,
        )
        charging.begin(order, base_url=base_of(request))
    return order, secret


def base_of(request: HttpRequest) -> str:
    """How the visitor reaches us: `https://host`."""
    return request.build_absolute_uri("/")[:-1]


@login_not_required
@never_cache
@require_safe
def order(request: HttpRequest, secret: str) -> HttpResponse:
    """The page of one order: how to pay, what is happening, the code."""
    found = _found(secret)
    state = State(found.state)
    way = ways.way_of(found) if state is State.PENDING else None
    asking = way is not None and way.waiting
    context = {
        "brand": branding(),
        "order": found,
        "state": state.value,
        "followed_state": "pending:asking" if asking else state.value,
        "secret": secret,
        "follow": state in FOLLOWED,
        "left_s": max(0, int((found.pay_by - timezone.now()).total_seconds())),
        "way": way,
        "qr": showing.qr(way.qr_text) if way is not None and way.qr_text else None,
        "may_prove": proofs.may_hand_in(found),
        "methods": offered_to(request) if state is State.PENDING else [],
        "code": showing.code(found) if state is State.DELIVERED else None,
        "says": selling.sentence(found.package),
        "member": found.member,
        "again": member_links.path_of(found.member) if found.member else reverse("shop:buy"),
    }
    answer = render(request, "shop/buy/order.html", context)
    remember(request, answer, secret)
    return answer


@login_not_required
@never_cache
@require_safe
def order_state(request: HttpRequest, secret: str) -> JsonResponse:
    """The state of one order for its page, in one query."""
    state = ordering.state_of(secret)
    if state is None:
        raise Http404
    return JsonResponse({"state": state})


@login_not_required
@require_POST
def order_method(request: HttpRequest, secret: str) -> HttpResponse:
    """Pay another way, or try the same gateway again."""
    found = _found(secret)
    chosen = {method.pk: method for method in offered_to(request)}.get(
        id_of(request.POST.get("method", ""))
    )
    if chosen is not None and limits.allow("buy-method", secret, most=20, within=selling.HOUR):
        if chosen.pk != found.method_id:
            ordering.choose_method(found, chosen, told_apart=selling.told_apart(chosen))
        with transaction.atomic():
            charging.begin(ordering.by_secret(secret) or found, base_url=base_of(request))
    return redirect("shop:buy-order", secret)


@login_not_required
@require_POST
def order_proof(request: HttpRequest, secret: str) -> HttpResponse:
    """The buyer shows by a picture that money was sent."""
    found = _found(secret)
    given = request.FILES.get("picture")
    try:
        data = given.read() if given and (given.size or 0) <= proofs.MOST_BYTES else b""
        proofs.hand_in(found, data, request.POST.get("note", ""))
    except (proofs.NoProof, pictures.NoPicture) as reason:
        return render(
            request,
            "shop/buy/refused.html",
            {"brand": branding(), "secret": secret, "reason": str(reason)},
            status=422,
        )
    return redirect("shop:buy-order", secret)


@login_not_required
@require_POST
def order_cancel(request: HttpRequest, secret: str) -> HttpResponse:
    """The buyer does not want it any more."""
    ordering.cancel(_found(secret), None, audit.source_of(request))
    return redirect("shop:buy-order", secret)


@login_not_required
@never_cache
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """The orders of this browser."""
    secrets = _remembered(request)
    by_digest = {ordering.digest(secret): secret for secret in secrets}
    rows = [
        {"order": one, "url": reverse("shop:buy-order", args=[by_digest[one.secret_digest]])}
        for one in ordering.by_secrets(secrets)
    ]
    context = {"brand": branding(), "rows": rows, "reachable": finding.reachable()}
    return render(request, "shop/buy/mine.html", context)


def _found(secret: str) -> Order:
    found = ordering.by_secret(secret)
    if found is None:
        raise Http404(_("There is no such order. Check the link, or ask at the counter."))
    return found


def _remembered(request: HttpRequest) -> list[str]:
    return [part for part in request.COOKIES.get(COOKIE, "").split(".") if part][:KEPT]


def remember(request: HttpRequest, answer: Any, secret: str) -> None:
    secrets = [secret, *(one for one in _remembered(request) if one != secret)][:KEPT]
    answer.set_cookie(
        COOKIE,
        ".".join(secrets),
        max_age=COOKIE_S,
        path="/buy/",
        secure=request.is_secure(),
        httponly=True,
        samesite="Lax",
    )


def offered_to(request: HttpRequest) -> list[PaymentMethod]:
    """The ways to pay that this visitor sees: administrators may try a sandbox."""
    return payments.offered(to_try=holds(getattr(request.user, "role", ""), Role.ADMIN))
