"""Monthly members: the list, one member with invoices, renewing, entering, and a list as a file."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ronda.accounts.models import Person, Role
from ronda.accounts.roles import require
from ronda.accounts.service import audit
from ronda.kernel.money import rupiah
from ronda.shop.forms_members import MemberForm, RenewalForm
from ronda.shop.models import Invoice, Member, Order
from ronda.shop.rules.member_files import COLUMNS
from ronda.shop.service import invoices, member_files, member_links, members, renewals
from ronda.shop.service.printing import chat_link

PER_PAGE = 50
LARGEST_FILE = 2_000_000
PROBLEMS = {
    "columns": gettext_lazy("columns are missing"),
    "many": gettext_lazy("too many lines"),
    "empty": gettext_lazy("this is empty"),
    "long": gettext_lazy("this is too long"),
    "price": gettext_lazy("this is no price in whole rupiah"),
    "date": gettext_lazy("this is no date such as 2026-12-31, or lies before the first day"),
    "twice": gettext_lazy("this user is in the list twice"),
    "router": gettext_lazy("there is no such router"),
    "package": gettext_lazy("there is no such package"),
    "taken": gettext_lazy("this user is a member already"),
}


@require(Role.CASHIER)
@require_safe
def member_list(request: HttpRequest) -> HttpResponse:
    """Members, those whose paid time ends first on top."""
    text, state = request.GET.get("q", "")[:80], request.GET.get("state", "")
    if state not in Member.State.values:
        state = ""
    found = members.matching(text.replace("\x00", ""), state).order_by("until", "name", "pk")
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "tab": "members",
        "page": page,
        "q": text,
        "state": state,
        "states": Member.State.choices,
    }
    return render(request, "shop/members/list.html", context)


@require(Role.CASHIER)
@require_safe
def member_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One member: until when, what was paid, and the form that renews."""
    member = _member(pk)
    period = renewals.next_period(member)
    context: dict[str, Any] = {
        "tab": "members",
        "member": member,
        "invoices": list(member.invoices.all()[:24]),
        "period": period,
        "period_last": period.until - timedelta(days=1),
        "form": RenewalForm(initial={"token": secrets.token_hex(16)}),
        "orders": list(member.orders.exclude(state=Order.State.EXPIRED)[:5]),
        **_link(request, member),
    }
    return render(request, "shop/members/member.html", context)


@require(Role.CASHIER)
@require_POST
def member_renew(request: HttpRequest, pk: int) -> HttpResponse:
    """Take money for some months; the same click twice is one renewal."""
    member = _member(pk)
    form = RenewalForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose how many months, from 1 to 24."))
        return redirect("shop:member", pk)
    try:
        invoice = renewals.renew(
            member,
            form.cleaned_data["months"],
            _person(request),
            token=form.cleaned_data["token"],
            cash=form.cleaned_data["paid"] == "cash",
            source=audit.source_of(request),
        )
    except renewals.Over:
        messages.error(request, _("This member has ended; enter a new one."))
        return redirect("shop:member", pk)
    said = {"amount": rupiah(invoice.amount_idr), "number": str(invoice)}
    messages.success(request, _("%(amount)s taken, invoice %(number)s.") % said)
    return redirect("shop:member", pk)


@require(Role.CASHIER)
@require_POST
def member_invoice(request: HttpRequest, pk: int) -> HttpResponse:
    """An invoice for the next month, to be paid later."""
    member = _member(pk)
    try:
        invoice = renewals.issue(member, 1, _person(request), token=secrets.token_hex(16))
    except renewals.Over:
        messages.error(request, _("This member has ended; enter a new one."))
        return redirect("shop:member", pk)
    return redirect("shop:invoice-pdf", invoice.pk)


@require(Role.CASHIER)
@require_POST
def member_link(request: HttpRequest, pk: int) -> HttpResponse:
    """Make the payment link another, so that the old one opens nothing."""
    member_links.change(_member(pk), _person(request), audit.source_of(request))
    messages.success(request, _("The link is another now; the old one opens nothing any more."))
    return redirect("shop:member", pk)


@require(Role.ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
def invoice_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, and then give a member's money back."""
    invoice = Invoice.objects.select_related("member").filter(pk=pk).first()
    if invoice is None or invoice.paid_at is None or invoice.is_of_order:
        raise Http404(_("There is no such invoice."))
    if request.method == "POST":
        reason = request.POST.get("reason", "").replace("\x00", "").strip()[:200]
        renewals.take_back(invoice, _person(request), reason, audit.source_of(request))
        said = {"amount": rupiah(invoice.amount_idr)}
        messages.success(request, _("Taken back. Give the member %(amount)s.") % said)
        return redirect("shop:member", invoice.member_id)
    context = {
        "heading": _("Give back the money of invoice %(number)s?") % {"number": invoice},
        "text": _("%(amount)s; the time that it paid is taken off.")
        % {"amount": rupiah(invoice.amount_idr)},
        "confirm_label": _("Give back"),
        "danger": True,
        "cancel_url": reverse("shop:member", args=[invoice.member_id]),
    }
    return render(request, "shop/counter/undo.html", context)


def _link(request: HttpRequest, member: Member) -> dict[str, str]:
    link = request.build_absolute_uri(member_links.path_of(member))
    text = _("Hello %(name)s, your internet is paid up to %(day)s. Pay here: %(link)s") % {
        "name": member.name,
        "day": date_format(member.last_day, "j M Y"),
        "link": link,
    }
    return {"link": link, "chat": chat_link(text, member.phone)}


@require(Role.CASHIER)
@require_safe
def invoice_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """An invoice as a PDF."""
    invoice = Invoice.objects.select_related("member").filter(pk=pk).first()
    if invoice is None:
        raise Http404(_("There is no such invoice."))
    name = f'inline; filename="invoice-{invoice}.pdf"'
    return HttpResponse(
        invoices.pdf(invoice, request.build_absolute_uri(member_links.path_of(invoice.member))),
        content_type="application/pdf",
        headers={"Content-Disposition": name, "Cache-Control": "private, no-store"},
    )


@require(Role.ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
def member_new(request: HttpRequest) -> HttpResponse:
    """Enter a member."""
    form = MemberForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            member = members.add(
                form.values(),
                given["starts"],
                _person(request),
                until=given["until"],
                source=audit.source_of(request),
            )
        except members.UserTaken:
            form.add_error("user", _("Another member has this user."))
        else:
            return redirect("shop:member", member.pk)
    context = {"tab": "members", "form": form, "heading": _("New member")}
    return render(request, "shop/members/form.html", context)


@require(Role.ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
def member_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a member."""
    member = _member(pk)
    form = MemberForm(request.POST or None, member=member)
    if request.method == "POST" and form.is_valid():
        try:
            members.edit(member, form.values(), _person(request), audit.source_of(request))
        except members.UserTaken:
            form.add_error("user", _("Another member has this user."))
        else:
            return redirect("shop:member", pk)
    context = {"tab": "members", "form": form, "heading": member.name, "member": member}
    return render(request, "shop/members/form.html", context)


@require(Role.ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
def member_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, and then end a membership."""
    member = _member(pk)
    if request.method == "POST":
        members.end(member, _person(request), audit.source_of(request))
        return redirect("shop:member", pk)
    context = {
        "heading": _("End the membership of %(name)s?") % {"name": member.name},
        "text": _("The hotspot user is disabled and the session ends. Invoices stay."),
        "confirm_label": _("End it"),
        "danger": True,
        "cancel_url": reverse("shop:member", args=[pk]),
    }
    return render(request, "web/confirm.html", context)


@require(Role.ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
def member_import(request: HttpRequest) -> HttpResponse:
    """Enter a list of members; nothing is entered where a line is wrong."""
    context: dict[str, Any] = {"tab": "members", "columns": COLUMNS}
    file = request.FILES.get("file")
    if request.method == "POST" and file is not None and file.size and file.size <= LARGEST_FILE:
        text = file.read().decode("utf-8-sig", errors="replace")
        count, problems = member_files.enter(text, _person(request), audit.source_of(request))
        if not problems:
            messages.success(request, _("%(count)d members entered.") % {"count": count})
            return redirect("shop:members")
        context["problems"] = [(one, PROBLEMS[one.what]) for one in problems[:50]]
    elif request.method == "POST":
        messages.error(request, _("Choose a CSV file of at most 2 MB."))
    return render(request, "shop/members/import.html", context)


def _member(pk: int) -> Member:
    found = Member.objects.select_related("package", "router", "site").filter(pk=pk).first()
    if found is None:
        raise Http404(_("There is no such member."))
    return found


def _person(request: HttpRequest) -> Person:
    if not isinstance(request.user, Person):
        raise PermissionDenied
    return request.user
