"""What monthly members pay: invoices, renewals and giving money back; ledger, paid time and router follow at once."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from ronda.accounts.models import Person
from ronda.accounts.service import audit
from ronda.shop.models import Invoice, InvoiceYear, Member, Sale
from ronda.shop.rules import members as rules
from ronda.shop.rules.members import Period, Standing
from ronda.shop.service import ledger, reaching, sales
from ronda.shop.service.reaching import standing_of, tell

State = Member.State


class Over(ValueError):
    """The member has ended, and cannot be renewed."""


def next_period(member: Member, months: int = 1, now: datetime | None = None) -> Period:
    """What paying now would buy."""
    moment = now or timezone.now()
    today = rules.day_in(member.zone, moment)
    return rules.renewal(
        member.until, member.anchor, months, today, Standing(standing_of(member, moment))
    )


@transaction.atomic
def issue(member: Member, months: int, person: Person | None, *, token: str) -> Invoice:
    """An invoice for the next period, not paid yet; the open one where there is one.

    Raises:
        Over: the member has ended.
    """
    row = Member.objects.select_for_update().select_related("package").get(pk=member.pk)
    if row.state == State.ENDED:
        raise Over
    known = Invoice.objects.filter(Q(token=token) | Q(paid_at=None), member=row).first()
    if known is not None:
        return known
    now = timezone.now()
    period = next_period(row, months, now)
    today = rules.day_in(row.zone, now)
    year, place = _number(today.year)
    invoice = Invoice.objects.create(
        member=row,
        year=year,
        place=place,
        package_name=row.package.name,
        months=months,
        amount_idr=row.price_idr * months,
        begins=period.begins,
        until=period.until,
        issued_at=now,
        due=max(period.begins, today),
        token=token,
        person=person,
    )
    audit.record(person, "invoice.issue", str(invoice), None, {"amount_idr": invoice.amount_idr})
    return invoice


@transaction.atomic
def renew(
    member: Member,
    months: int,
    person: Person | None,
    *,
    token: str,
    cash: bool = True,
    order_idr: int | None = None,
    source: str = "",
) -> Invoice:
    """Take the money for so many months: the invoice, the ledger, the new end and the router, all or none.

    The same `token` again gives the same invoice. An open invoice is replaced by what is bought now, under its
    number. Cash goes into the drawer of `person`, a transfer to the bank, and so does `order_idr`, what an order
    of the member brought in: it is what was sold, whatever the months cost now.

    Raises:
        Over: the member has ended.
    """
    ledger.hold()
    row = Member.objects.select_for_update().select_related("package").get(pk=member.pk)
    paid = Invoice.objects.filter(member=row, token=token, paid_at__isnull=False).first()
    if paid is not None:
        return paid
    invoice = issue(row, months, person, token=token)
    now = timezone.now()
    period = next_period(row, months, now)
    invoice.months = months
    invoice.amount_idr = row.price_idr * months if order_idr is None else order_idr
    invoice.begins, invoice.until = period.begins, period.until
    invoice.was_until, invoice.was_anchor = row.until, row.anchor
    invoice.token, invoice.paid_at, invoice.person = token, now, person
    if invoice.amount_idr:
        invoice.entry = sales.of_member(
            row,
            f"invoice:{invoice}",
            price_idr=invoice.amount_idr,
            at=now,
            person=person,
            cash=cash and order_idr is None,
            seller=person if order_idr is None else None,
        ).entry
    invoice.save()
    before = {"until": row.until, "state": row.state}
    row.until, row.anchor = period.until, period.anchor
    row.state = standing_of(row, now)
    row.save(update_fields=["until", "anchor", "state"])
    audit.record(
        person,
        "member.renew",
        row.name,
        before,
        {"until": row.until, "state": row.state, "invoice": str(invoice)},
        source,
    )
    if before["state"] != row.state:
        tell(row)
    reaching.bring(row, person)
    member.until, member.anchor, member.state = row.until, row.anchor, row.state
    return invoice


@transaction.atomic
def take_back(invoice: Invoice, person: Person | None, reason: str, source: str = "") -> Invoice:
    """Give a member's money back, once: the books, the paid time and the router are as if it had not been paid.

    Months that were bought after these stay bought. Cash goes out of the drawer of `person`.
    """
    ledger.hold()
    row = Member.objects.select_for_update().select_related("package").get(pk=invoice.member_id)
    kept = Invoice.objects.select_related("entry").get(pk=invoice.pk)
    if kept.paid_at is None or kept.returned_at is not None:
        return kept
    now = timezone.now()
    kept.returned_at = now
    kept.save(update_fields=["returned_at"])
    sale = Sale.objects.filter(entry=kept.entry_id).first() if kept.entry_id else None
    if sale is not None:
        sales.take_back(sale, person, reason)
    before = {"until": row.until, "state": row.state}
    if row.until == kept.until and kept.was_until is not None:
        row.until, row.anchor = kept.was_until, kept.was_anchor or kept.was_until.day
    else:
        row.until = rules.without(row.until, row.anchor, kept.months)
    row.state = standing_of(row, now)
    row.save(update_fields=["until", "anchor", "state"])
    after = {"until": row.until, "state": row.state, "invoice": str(kept), "reason": reason}
    audit.record(person, "member.take-back", row.name, before, after, source)
    if before["state"] != row.state:
        tell(row)
    reaching.bring(row, person)
    return kept


def _number(year: int) -> tuple[int, int]:
    """The next number of a year, in the caller's transaction: what is rolled back gives it back."""
    InvoiceYear.objects.get_or_create(year=year)
    row = InvoiceYear.objects.select_for_update().get(year=year)
    row.last += 1
    row.save(update_fields=["last"])
    return year, row.last
