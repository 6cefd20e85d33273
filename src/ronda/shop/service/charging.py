"""Charges: a gateway is asked to collect for an order, once, whatever breaks in between.

A charge is a row and a job before anything is sent. What may have reached the gateway without an
answer is looked up there by our reference before it is asked again; where it exists and nobody can say
how to pay it, another attempt gets another reference. Nothing here decides about money.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from django.db import transaction
from django.utils import timezone

from ronda.routers.desk.port import Progress
from ronda.shop.models import Charge, Order, PaymentMethod
from ronda.shop.payments.calling import opened
from ronda.shop.payments.errors import GatewayError, GatewayRefused, NotSetUp
from ronda.shop.payments.port import Charged, ChargeRequest, Gateway, Standing
from ronda.shop.rules import charges as rules
from ronda.shop.service import methods
from ronda.work import jobs
from ronda.work.loops import in_thread

log = structlog.get_logger(__name__)

JOB = "shop.charge"


@dataclass(frozen=True, slots=True)
class Attempt:
    """What a job needs to make one charge; `doubtful` when an earlier request may have arrived."""

    gateway: Gateway
    request: ChargeRequest
    doubtful: bool


def begin(order: Order, *, base_url: str) -> Charge | None:
    """See that the order's gateway collects for it, in the caller's transaction; None without a gateway.

    `base_url` is how the world reaches us (`https://host`). A charge that can still be paid is kept.
    """
    method = order.method
    if method is None or not methods.is_gateway(method):
        return None
    with transaction.atomic():
        # Two clicks at once begin one charge.
        Order.objects.select_for_update().get(pk=order.pk)
        return current(order) or _begin_another(order, method, base_url)


def current(order: Order) -> Charge | None:
    """The charge by which the order can be paid, or is about to be; None when there is none."""
    if order.method_id is None:
        return None
    newest = Charge.objects.filter(order=order, method_id=order.method_id).first()
    if newest is None or newest.standing in (Standing.FAILED, Standing.EXPIRED):
        return None
    return newest


def trouble(order: Order) -> str:
    """Why the newest charge could not be made, in the gateway's words; "" when all is well."""
    newest = Charge.objects.filter(order=order, method_id=order.method_id).first()
    return newest.trouble if newest is not None and newest.standing == Standing.FAILED else ""


def troubles(method: PaymentMethod) -> list[Charge]:
    """The five newest charges of a method that could not be made, with why."""
    failed = Charge.objects.filter(method=method, standing=Standing.FAILED).exclude(trouble="")
    return list(failed.select_related("order")[:5])


def _begin_another(order: Order, method: PaymentMethod, base_url: str) -> Charge:
    number = Charge.objects.filter(order=order).count() + 1
    row = Charge.objects.create(
        order=order,
        method=method,
        reference=f"{order.number}-{number}",
        amount_idr=order.amount_idr,
        made_at=timezone.now(),
        expires_at=order.pay_by,
    )
    _enqueue(row, base_url, timezone.now())
    return row


def _enqueue(row: Charge, base_url: str, run_at: datetime) -> None:
    jobs.enqueue(
        JOB,
        {"charge": row.pk, "base_url": base_url},
        lock=f"charge:{row.pk}",
        unique=f"{JOB}:{row.pk}:{row.tries}",
        run_at=run_at,
        start_by=row.expires_at,
    )


async def run(payload: Mapping[str, Any], progress: Progress) -> Mapping[str, Any]:
    """Make one charge (a durable job; a second run after a first that was cut off is harmless)."""
    charge, base_url = payload["charge"], payload["base_url"]
    attempt = await in_thread(prepare, charge, base_url)
    if attempt is None:
        return {"charge": charge, "made": False}
    try:
        made = await _make(attempt)
    except GatewayError as error:
        await in_thread(note_failure, charge, error, base_url)
        return {"charge": charge, "made": False, "trouble": error.text}
    if made is None:
        await in_thread(start_over, charge, base_url)
        return {"charge": charge, "made": False, "trouble": "lost"}
    await in_thread(note_made, charge, made)
    return {"charge": charge, "made": True}


async def _make(attempt: Attempt) -> Charged | None:
    """The charge; None when one exists that nobody can pay."""
    reference = attempt.request.reference
    async with opened() as http:
        found = await attempt.gateway.find(http, reference) if attempt.doubtful else None
        if found is not None and found.payable:
            return found
        try:
            made = await attempt.gateway.create(http, attempt.request)
        except GatewayRefused:
            if found is not None:
                return None
            raise
    return made if made.payable else None


def prepare(charge: int, base_url: str) -> Attempt | None:
    """Note that the gateway is asked now; None when there is nothing to ask any more."""
    now = timezone.now()
    row = Charge.objects.select_related("order__package", "method").filter(pk=charge).first()
    if row is None or row.standing or row.order.state != Order.State.PENDING:
        return None
    if row.expires_at <= now:
        Charge.objects.filter(pk=charge, standing="").update(standing=Standing.EXPIRED)
        return None
    try:
        gateway = methods.gateway_of(row.method)
    except NotSetUp as error:
        Charge.objects.filter(pk=charge).update(standing=Standing.FAILED, trouble=str(error)[:300])
        return None
    doubtful = row.asked_at is not None
    Charge.objects.filter(pk=charge).update(asked_at=now, tries=row.tries + 1)
    return Attempt(gateway, _request(row, base_url, now), doubtful)


def _request(row: Charge, base_url: str, now: datetime) -> ChargeRequest:
    order = row.order
    return ChargeRequest(
        reference=row.reference,
        amount_idr=row.amount_idr,
        title=order.package.name[:50],
        now=now,
        expires_at=row.expires_at,
        callback_url=f"{base_url}/pay/{row.method_id}/callback",
        return_url=f"{base_url}/buy/",
        buyer_name=order.buyer_name,
        buyer_phone=order.buyer_phone,
        buyer_email=order.buyer_email,
    )


def note_made(charge: int, made: Charged) -> None:
    """Keep by what the buyer can pay, and begin to look whether it was."""
    now = timezone.now()
    row = Charge.objects.get(pk=charge)
    # A callback may have been quicker than the answer to our request.
    Charge.objects.filter(pk=charge, standing="").update(standing=Standing.PENDING)
    Charge.objects.filter(pk=charge).update(
        theirs=made.theirs,
        qr_text=made.qr_text,
        pay_url=made.pay_url,
        pay_code=made.pay_code,
        trouble="",
    )
    Charge.objects.filter(pk=charge, standing=Standing.PENDING).update(
        look_at=rules.next_look(row.made_at, row.expires_at, now)
    )


def note_failure(charge: int, error: GatewayError, base_url: str) -> None:
    """Try again later what may yet succeed; a refusal is final."""
    row = Charge.objects.get(pk=charge)
    now = timezone.now()
    log.warning("payments.charge_failed", charge=charge, why=error.text, outcome=error.outcome)
    again = None if isinstance(error, GatewayRefused) else rules.next_try(row.tries, now)
    with transaction.atomic():
        if error.outcome == "failed":
            Charge.objects.filter(pk=charge).update(asked_at=None)
        if again is None:
            Charge.objects.filter(pk=charge, standing="").update(
                standing=Standing.FAILED,
                trouble=error.text[:300],
                # It may exist all the same, and be paid by whoever saw it.
                look_at=now if error.outcome == "unknown" else None,
            )
        else:
            _enqueue(row, base_url, again)


def start_over(charge: int, base_url: str) -> None:
    """Leave a charge that exists and cannot be shown to anybody, and begin another."""
    row = Charge.objects.select_related("order", "method").get(pk=charge)
    with transaction.atomic():
        Charge.objects.filter(pk=charge, standing="").update(
            standing=Standing.FAILED, trouble="lost", look_at=timezone.now()
        )
        begun = Charge.objects.filter(order=row.order, method=row.method).count()
        if begun < rules.MOST_CHARGES and row.order.state == Order.State.PENDING:
            _begin_another(row.order, row.method, base_url)
