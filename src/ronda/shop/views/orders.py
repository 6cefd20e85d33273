"""Orders for staff: the list, one with its whole story, and what people do about it."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ronda.accounts.models import Role
from ronda.accounts.roles import holds, require
from ronda.devices.acting import Actor, actor
from ronda.devices.service.scope import mine
from ronda.devices.views.parts import page, page_number
from ronda.shop.models import Order, PaymentEvent
from ronda.shop.order_forms import MoveForm, OrderFilters, RefundForm
from ronda.shop.pages import order_sections
from ronda.shop.rules.inbox import Reason, Settled, allowed
from ronda.shop.rules.orders import State, Verdict, may_move
from ronda.shop.service import inbox, methods, order_lists, order_words, ordering, proofs
from ronda.shop.service.order_story import story

PAGE_SIZE = 50
SHOWN = 100


@require(Role.CASHIER)
@require_safe
def order_list(request: HttpRequest) -> HttpResponse:
    """Orders, newest first."""
    filters = OrderFilters(request.GET)
    sort = request.GET.get("sort", "-made")
    if sort.removeprefix("-") not in order_lists.SORTS:
        sort = "-made"
    found = order_lists.matching(filters.wanted(sort))
    number = page_number(request)
    first = (number - 1) * PAGE_SIZE
    context = {
        "tab": "orders",
        "filters": filters,
        "sort": sort,
        "page": page(list(found[first : first + PAGE_SIZE]), found.count(), number, PAGE_SIZE),
        "open": inbox.counts(),
        "query": request.GET.urlencode(),
    }
    return render(request, "shop/orders/list.html", context)


@require(Role.CASHIER)
@require_safe
def order_csv(request: HttpRequest) -> HttpResponse:
    """The list as CSV."""
    found = order_lists.matching(OrderFilters(request.GET).wanted())
    return _file(order_lists.as_csv(found), "text/csv; charset=utf-8", "csv")


@require(Role.CASHIER)
@require_safe
def order_xlsx(request: HttpRequest) -> HttpResponse:
    """The list as a workbook."""
    found = order_lists.matching(OrderFilters(request.GET).wanted())
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return _file(order_lists.as_xlsx(found), kind, "xlsx")


def _file(data: bytes, kind: str, extension: str) -> HttpResponse:
    name = f"orders-{timezone.localdate()}.{extension}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(data, content_type=kind, headers=headers)


@require(Role.CASHIER)
@require_safe
def order_page(request: HttpRequest, number: str) -> HttpResponse:
    """One order: what it is, what happened, what can be done."""
    order = _order(number)
    state = State(order.state)
    # What is tried again keeps its trouble until it is over; here it is none at the moment.
    reason, said = order_words.reason_of(order.trouble if state is State.ATTENTION else "")
    stuck = state in (State.ATTENTION, State.PAID) and order.paid_at is not None
    context = {
        "tab": "orders",
        "order": order,
        "story": story(order),
        "reason": order_words.REASONS[reason] if reason else "",
        "said": said,
        "may_retry": stuck,
        "may_confirm": state in (State.PENDING, State.EXPIRED)
        and order.method is not None
        and not methods.is_gateway(order.method),
        "may_cancel": state is State.PENDING,
        "may_refund": order.paid_at is not None and may_move(state, State.REFUNDED),
        "move": MoveForm() if stuck and order.member is None else None,
        "events": _open_events(PaymentEvent.objects.filter(order=order)),
    }
    context["sections"] = [
        {"title": section.title, "url": section.url(order.pk)} for section in order_sections
    ]
    return render(request, "shop/orders/order.html", context)


@require(Role.CASHIER)
@require_POST
def order_act(request: HttpRequest, number: str, verb: str) -> HttpResponse:
    """Confirm, cancel, retry (cashiers); move, refund (administrators)."""
    order, me = _order(number), actor(request)
    if verb in {"move", "refund"} and not holds(me.person.role, Role.ADMIN):
        raise PermissionDenied
    if verb == "refund" and request.POST.get("sure") != "yes":
        return _ask_refund(request, order)
    try:
        _act(request, order, me, verb)
    except (inbox.CannotDo, proofs.NoProof) as reason:
        messages.error(request, str(reason))
    return redirect("shop:order", number)


def _act(request: HttpRequest, order: Order, me: Actor, verb: str) -> None:
    if verb == "confirm":
        _tell_confirmed(request, order, proofs.confirm(order, me.person).served)
    elif verb == "cancel":
        if ordering.cancel(order, me.person, me.source):
            messages.success(request, _("The order was cancelled."))
        else:
            messages.warning(request, _("The order does not wait for payment any more."))
    elif verb == "retry":
        inbox.retry(order, me.person, me.source)
        messages.success(request, _("It is tried again."))
    elif verb == "move":
        form = MoveForm(request.POST)
        if not form.is_valid():
            raise inbox.CannotDo(_("Choose a router."))
        inbox.move(order, form.cleaned_data["router"], me.person, me.source)
        messages.success(request, _("It is made on the other router."))
    elif verb == "refund":
        form_ = RefundForm(request.POST)
        if not form_.is_valid():
            raise inbox.CannotDo(_("Write why the money is given back."))
        inbox.refund(order, me.person, form_.cleaned_data["reason"], me.source)
        if order.member is not None:
            messages.success(
                request, _("Noted: the money was given back, the months are taken off.")
            )
        else:
            messages.success(request, _("Noted: the money was given back and the code is void."))
    else:
        raise Http404


def _tell_confirmed(request: HttpRequest, order: Order, served: bool) -> None:
    if served and order.member is not None:
        messages.success(request, _("The order is paid, and the member's time with it."))
    elif served:
        messages.success(request, _("The order is paid; its code is being made."))
    else:
        messages.warning(request, _("The money lies in the inbox: the order cannot take it."))


def _ask_refund(request: HttpRequest, order: Order) -> HttpResponse:
    return render(
        request,
        "shop/orders/refund.html",
        {
            "heading": _("Give back the money of order %(number)s?") % {"number": order.number},
            "text": _(
                "Ronda notes it and takes the paid months off; hand out or transfer the money yourself."
            )
            if order.member is not None
            else _(
                "Ronda notes it and makes the code void; hand out or transfer the money yourself."
            ),
            "form": RefundForm(),
            "confirm_label": _("Give back"),
            "danger": True,
            "hidden": {"sure": "yes"},
            "cancel_url": f"/shop/orders/{order.number}/",
        },
    )


@require(Role.CASHIER)
@require_safe
def inbox_page(request: HttpRequest) -> HttpResponse:
    """Money in, no service."""
    stuck = list(inbox.orders()[:SHOWN])
    for order in stuck:
        reason, said = order_words.reason_of(order.trouble)
        order.why = order_words.REASONS[reason] if reason else ""  # type: ignore[attr-defined]
        order.said = said  # type: ignore[attr-defined]
    context = {
        "tab": "inbox",
        "counts": inbox.counts(),
        "orders": stuck,
        "events": _open_events(inbox.money()[:SHOWN]),
    }
    return render(request, "shop/orders/inbox.html", context)


@require(Role.ADMIN)
@require_POST
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    """Decide about money that was served to nobody."""
    event = PaymentEvent.objects.select_related("order").filter(pk=pk).first()
    if event is None:
        raise Http404
    me, how = actor(request), request.POST.get("how", "")
    try:
        if how not in list(Settled):
            raise inbox.CannotDo(_("Choose what to do with this money."))  # noqa: TRY301 -- one way out
        if how == Settled.SERVED:
            number = request.POST.get("number", "").strip().upper()
            inbox.serve(event, _of_number(number) or _missing(number), me.person, me.source)
        else:
            inbox.settle(event, Settled(how), me.person, me.source)
        messages.success(request, _("Settled."))
    except inbox.CannotDo as reason:
        messages.error(request, str(reason))
    return redirect("shop:inbox")


def _missing(number: str) -> Order:
    raise inbox.CannotDo(_("There is no order %(number)s.") % {"number": number or "?"})


def _of_number(number: str) -> Order | None:
    return mine(Order.objects.filter(number=number), "router__site").first()


def _open_events(found: Any) -> list[Any]:
    events = [
        event
        for event in found.select_related("method", "order__package")
        if event.settled_at is None and event.outcome != Verdict.SERVED
    ]
    for event in events:
        verdict = Verdict(event.outcome)
        event.why = order_words.REASONS[Reason(verdict.value)]
        event.ways = [(how.value, order_words.SETTLED[how]) for how in allowed(verdict)]
    return events


def _order(number: str) -> Order:
    found = Order.objects.select_related(
        "package", "router", "method", "voucher", "made_by", "member"
    )
    order = found.filter(number=number).first()
    if order is None:
        raise Http404(_("There is no such order."))
    return order
