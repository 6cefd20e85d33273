"""What gateways tell, called or asked: believed once it is genuine, and handed to the one door of money.

Money that a gateway confirms always goes through `paying.pay`, also for no order of ours, with a wrong
amount or too late: what becomes of it is decided there, and nothing of it is dropped.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import transaction
from django.utils import timezone

from ronda.accounts.service import audit
from ronda.routers.desk.port import Progress
from ronda.shop.models import Charge, PaymentMethod
from ronda.shop.payments.calling import opened
from ronda.shop.payments.errors import (
    GatewayError,
    GatewayRefused,
    GatewaySpokeNonsense,
    NotSetUp,
    NotTheirs,
)
from ronda.shop.payments.port import Answer, Gateway, Standing, Word
from ronda.shop.rules import charges as rules
from ronda.shop.service import limits, methods, paying, self_test
from ronda.work import jobs
from ronda.work.loops import in_thread

log = structlog.get_logger(__name__)

CHECK = "shop.check"
#: Wrong signatures from one address before it hears only "too many".
MOST_WRONG = 20
WITHIN = timedelta(minutes=5)
#: Charges looked at in one round of the poller.
ROUND = 40
REFUSED = Answer('{"success": false}')


@dataclass(frozen=True, slots=True)
class Received:
    """What a caller hears."""

    status: int
    answer: Answer


def receive(pk: int, headers: Mapping[str, str], raw: bytes, address: str) -> Received:
    """Take one call at a method's door. A genuine call is never refused for what others did."""
    # A method that was removed still hears of money.
    method = PaymentMethod.objects.filter(pk=pk).exclude(secret="").first()
    if method is None:
        return Received(404, REFUSED)
    try:
        gateway = methods.gateway_of(method)
    except NotSetUp:
        return Received(404, REFUSED)
    try:
        word = gateway.read_callback(headers, raw)
    except NotTheirs:
        return _not_theirs(method, address)
    except GatewaySpokeNonsense as error:
        log.warning("payments.callback_unclear", method=pk, why=error.text)
        return Received(422, REFUSED)
    body = raw.decode("utf-8", "replace").replace("\x00", "")
    if self_test.is_self_test(word.reference):
        self_test.hear(method, word)
    elif gateway.signed:
        settle(method, word, "callback", body)
    else:
        _check_later(method.pk, word.reference, word.theirs)
    return Received(200, gateway.accepted)


def _not_theirs(method: PaymentMethod, address: str) -> Received:
    if not limits.allow("payments.wrong", address, most=MOST_WRONG, within=WITHIN):
        return Received(429, REFUSED)
    log.warning("payments.callback_refused", method=method.pk, address=address)
    return Received(403, REFUSED)


def _check_later(method: int, reference: str, theirs: str, tries: int = 0) -> None:
    jobs.enqueue(
        CHECK,
        {"method": method, "reference": reference, "theirs": theirs, "tries": tries},
        unique=f"{CHECK}:{method}:{tries}:{reference}"[:100],
        run_at=rules.next_try(tries, timezone.now()) if tries else None,
    )


def settle(method: PaymentMethod, word: Word, source: str, body: str = "") -> None:
    """Do what a believed word says; the same word again changes nothing."""
    with transaction.atomic():
        charge = Charge.objects.filter(method=method, reference=word.reference).first()
        if word.standing is Standing.PAID:
            paying.pay(
                charge.order_id if charge else None,
                method=method,
                event_id=word.event_id,
                amount_idr=word.amount_idr or 0,
                source=source,
                body=body,
            )
        if charge is not None:
            _note(charge, word)


def _note(charge: Charge, word: Word) -> None:
    if word.standing is Standing.PAID:
        Charge.objects.filter(pk=charge.pk).update(
            standing=Standing.PAID, look_at=None, theirs=charge.theirs or word.theirs
        )
    elif charge.standing == Standing.PAID:
        if word.standing is Standing.FAILED:
            told = {"reference": charge.reference, "said": word.said}
            audit.record(None, "payment.reversed", charge.reference, None, told)
            log.warning("payments.reversed", charge=charge.pk, said=word.said)
    elif word.standing is not Standing.PENDING:
        Charge.objects.filter(pk=charge.pk).exclude(standing=Standing.PAID).update(
            standing=word.standing
        )


async def check(payload: Mapping[str, Any], progress: Progress) -> Mapping[str, Any]:
    """Ask the gateway itself about a call that was not signed (a durable job)."""
    method, gateway = await in_thread(_of, payload["method"])
    try:
        async with opened() as http:
            word = await gateway.look(http, payload["reference"], payload["theirs"])
    except GatewayError as error:
        tries = payload["tries"] + 1
        if tries < rules.MOST_TRIES:
            await in_thread(_check_later, method.pk, payload["reference"], payload["theirs"], tries)
        return {"found": False, "trouble": error.text}
    if word is None or word.reference != payload["reference"]:
        return {"found": False}
    await in_thread(settle, method, word, "callback")
    return {"found": True, "standing": word.standing.value}


def _of(pk: int) -> tuple[PaymentMethod, Gateway]:
    method = PaymentMethod.objects.get(pk=pk)
    return method, methods.gateway_of(method)


def look_at_due(now: datetime | None = None) -> int:
    """Ask gateways about charges whose time has come, a round at most; how many were asked.

    Finds what callbacks never told. Each charge is asked ever less often, and no more a day after it
    ran out.
    """
    moment = now or timezone.now()
    due = list(
        Charge.objects.select_related("method")
        .filter(look_at__lte=moment)
        .order_by("look_at")[:ROUND]
    )
    asked: list[tuple[Charge, Gateway]] = []
    for charge in due:
        Charge.objects.filter(pk=charge.pk).update(
            looked_at=moment, look_at=rules.next_look(charge.made_at, charge.expires_at, moment)
        )
        try:
            asked.append((charge, methods.gateway_of(charge.method)))
        except NotSetUp:
            continue
    if asked:
        for (charge, _gateway), word in zip(asked, asyncio.run(_look(asked)), strict=True):
            if isinstance(word, GatewayError):
                log.warning("payments.look_failed", charge=charge.pk, why=word.text)
                if not isinstance(word, GatewayRefused):
                    _look_again(charge, moment)
            elif word is not None and word.reference == charge.reference:
                settle(charge.method, word, "poll")
    return len(asked)


def _look_again(charge: Charge, now: datetime) -> None:
    """The last look counts only once it was answered: this machine may have been away, and its line still is."""
    if now < charge.expires_at + rules.PATIENCE:
        last = Charge.objects.filter(pk=charge.pk, look_at=None).exclude(standing=Standing.PAID)
        last.update(look_at=now + rules.HOURLY)


async def _look(
    asked: Sequence[tuple[Charge, Gateway]],
) -> list[Word | GatewayError | None]:
    async with opened() as http:

        async def look(charge: Charge, gateway: Gateway) -> Word | GatewayError | None:
            try:
                return await gateway.look(http, charge.reference, charge.theirs)
            except GatewayError as error:
                return error

        return list(await asyncio.gather(*(look(*one) for one in asked)))
