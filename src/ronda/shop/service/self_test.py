"""The self-test of a gateway's method: a signed call as the gateway would make it, through the whole chain.

The call goes over real HTTP to our own door. What it would do to an order is rehearsed in a transaction
that is rolled back: an order is made, paid through `paying.pay`, paid again, and nothing of it stays, no
voucher, no job for a router, no ledger entry. References that begin with `PREFIX` belong to no order.
"""

import asyncio
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import httpx
import structlog
from django.db import transaction
from django.utils import timezone

from ronda.accounts.models import Person
from ronda.accounts.service import audit
from ronda.shop.models import Order, Package, PaymentMethod, SelfTest
from ronda.shop.payments.calling import opened
from ronda.shop.payments.errors import GatewayError
from ronda.shop.payments.port import Callback, Gateway, Word
from ronda.shop.rules.orders import Verdict
from ronda.shop.service import methods, paying, placing

log = structlog.get_logger(__name__)

PREFIX = "SELFTEST-"
AMOUNT_IDR = 13_579
OTHER_IDR = 13_578
#: A call for a test that began longer ago is nobody's.
LASTS = timedelta(minutes=10)
PATIENCE_S = 8.0
REFUSALS = (403, 429)


def is_self_test(reference: str) -> bool:
    """Whether a reference belongs to a self-test, not to an order."""
    return reference.startswith(PREFIX)


def newest(method: PaymentMethod) -> SelfTest | None:
    """The last self-test of a method."""
    return SelfTest.objects.filter(method=method).first()


def hear(method: PaymentMethod, word: Word) -> None:
    """Note a genuine call for a running test, and rehearse what it would do."""
    now = timezone.now()
    with transaction.atomic():
        test = (
            SelfTest.objects.select_for_update()
            .filter(method=method, reference=word.reference, finished_at=None, at__gt=now - LASTS)
            .first()
        )
        if test is None:
            return
        heard = {**test.heard, word.event_id: test.heard.get(word.event_id, 0) + 1}
        SelfTest.objects.filter(pk=test.pk).update(
            heard=heard, rehearsed={**test.rehearsed, word.event_id: _rehearse(method, word)}
        )


def _rehearse(method: PaymentMethod, word: Word) -> dict[str, str]:
    """What the call would do to an order of `AMOUNT_IDR` rupiah, the first and the second time."""
    try:
        with transaction.atomic():
            told = _pay_twice(method, word)
            transaction.set_rollback(True)
    except Exception as error:
        log.exception("payments.rehearsal_broke")
        return {"broke": type(error).__name__}
    return told


def _pay_twice(method: PaymentMethod, word: Word) -> dict[str, str]:
    order = _order(method)
    if order is None:
        return {"skipped": "no-package"}
    told: dict[str, str] = {}
    for time in ("first", "second"):
        outcome = paying.pay(
            order.pk,
            method=method,
            event_id=word.event_id,
            amount_idr=word.amount_idr or 0,
            source="self-test",
        )
        told[time] = "again" if outcome.again else outcome.verdict.value
    return told


def _order(method: PaymentMethod) -> Order | None:
    package = Package.objects.filter(active=True, deleted_at=None).first()
    if package is None:
        return None
    try:
        router = placing.router_for(package)
    except placing.NoRouter:
        return None
    now = timezone.now()
    return Order.objects.create(
        number=f"T{secrets.token_hex(8)}",
        secret_digest=secrets.token_hex(32),
        package=package,
        router=router,
        price_idr=AMOUNT_IDR,
        amount_idr=AMOUNT_IDR,
        method=method,
        made_at=now,
        pay_by=now + LASTS,
    )


def run(method: PaymentMethod, person: Person, *, url: str, inside: str) -> SelfTest:
    """Run it and keep what it told; blocks for seconds.

    Args:
        method: of a gateway with all its credentials.
        person: who asked.
        url: the method's callback address as the world knows it.
        inside: the same door by this machine's own address, for when the way round is barred.

    Raises:
        NotSetUp: credentials are missing.
    """
    gateway = methods.gateway_of(method)
    test = SelfTest.objects.create(
        method=method,
        reference=f"{PREFIX}{secrets.token_hex(6)}",
        amount_idr=AMOUNT_IDR,
        at=timezone.now(),
        person=person,
    )
    steps = _Steps(gateway, test, url, inside).all()
    SelfTest.objects.filter(pk=test.pk).update(told=steps, finished_at=timezone.now())
    passed = all(step["ok"] is not False for step in steps)
    audit.record(person, "payment.self_test", method.name, None, {"passed": passed})
    test.refresh_from_db()
    return test


class _Steps:
    """The steps in their order; each tells `step`, `ok` (None: could not be said) and `code`."""

    def __init__(self, gateway: Gateway, test: SelfTest, url: str, inside: str) -> None:
        self._gateway = gateway
        self._test = test
        self._url = url
        self._inside = inside
        self._told: list[dict[str, Any]] = []

    def all(self) -> list[dict[str, Any]]:
        with httpx.Client(timeout=PATIENCE_S, follow_redirects=False, trust_env=False) as http:
            self._http = http
            if self._reach():
                self._genuine()
                self._tampered()
                self._duplicate()
                self._amount()
                self._order()
        self._credentials()
        return self._told

    def _tell(self, step: str, ok: bool | None, code: str = "", text: str = "") -> None:
        self._told.append({"step": step, "ok": ok, "code": code, "text": text[:200]})

    def _send(self, callback: Callback, headers: Mapping[str, str] | None = None) -> httpx.Response:
        told = dict(callback.headers if headers is None else headers)
        if self._via_inside:
            told["Host"] = httpx.URL(self._url).netloc.decode()
            if self._url.startswith("https:"):
                told["X-Forwarded-Proto"] = "https"
        address = self._inside if self._via_inside else self._url
        return self._http.post(address, content=callback.body, headers=told)

    _via_inside = False

    def _reach(self) -> bool:
        """An unsigned call over the public address, else over our own: refused either way."""
        call = self._gateway.example(self._test.reference, AMOUNT_IDR)
        bare = Callback({"Content-Type": call.headers["Content-Type"]}, b"{}")
        try:
            answer = self._send(bare)
        except httpx.HTTPError as error:
            self._via_inside = True
            try:
                answer = self._send(bare)
            except httpx.HTTPError:
                self._tell("reachable", False, "nowhere", type(error).__name__)
                return False
            self._tell("reachable", None, "inside", type(error).__name__)
        else:
            told = "" if answer.status_code in REFUSALS else "elsewhere"
            self._tell("reachable", not told, told, f"HTTP {answer.status_code}")
            if told:
                return False
        self._tell("unsigned", answer.status_code in REFUSALS, "", f"HTTP {answer.status_code}")
        return True

    def _call(self, callback: Callback) -> int:
        """The status of the answer, 0 when none came."""
        try:
            return self._send(callback).status_code
        except httpx.HTTPError:
            return 0

    def _genuine(self) -> None:
        status = self._call(self._gateway.example(self._test.reference, AMOUNT_IDR))
        self._test.refresh_from_db()
        heard = status == 200 and len(self._test.heard) == 1
        self._tell("genuine", heard, "", f"HTTP {status}")

    def _tampered(self) -> None:
        if not self._gateway.signed:
            self._tell("tampered", None, "not-signed")
            return
        call = self._gateway.example(self._test.reference, AMOUNT_IDR)
        old, new = str(AMOUNT_IDR).encode(), str(OTHER_IDR).encode()
        status = self._call(Callback(call.headers, call.body.replace(old, new)))
        self._test.refresh_from_db()
        refused = status in REFUSALS and len(self._test.heard) == 1
        self._tell("tampered", refused, "", f"HTTP {status}")

    def _duplicate(self) -> None:
        status = self._call(self._gateway.example(self._test.reference, AMOUNT_IDR))
        self._test.refresh_from_db()
        once = status == 200 and list(self._test.heard.values()) == [2]
        self._tell("duplicate", once, "", f"HTTP {status}")

    def _amount(self) -> None:
        status = self._call(self._gateway.example(self._test.reference, OTHER_IDR))
        self._test.refresh_from_db()
        told = self._rehearsed(OTHER_IDR)
        if "skipped" in told:
            self._tell("amount", None, "no-package")
            return
        wrong = status == 200 and told.get("first") == Verdict.WRONG_AMOUNT.value
        self._tell("amount", wrong, "", f"HTTP {status}")

    def _rehearsed(self, amount_idr: int) -> dict[str, str]:
        """What a call of this amount would do; empty when none was heard."""
        found = self._test.rehearsed.items()
        return next((told for event, told in found if event.endswith(f":{amount_idr}")), {})

    def _order(self) -> None:
        told = self._rehearsed(AMOUNT_IDR)
        if "skipped" in told:
            self._tell("order", None, "no-package")
            return
        served = told == {"first": Verdict.SERVED.value, "second": "again"}
        said = "" if served else ", ".join(f"{k} {v}" for k, v in told.items())
        self._tell("order", served, "", said)

    def _credentials(self) -> None:
        """Ask the gateway itself for a charge that it cannot have: does it take our key?"""
        try:
            asyncio.run(self._ask())
        except GatewayError as error:
            refused = error.outcome == "failed" and not error.text.startswith("no connection")
            self._tell("credentials", False if refused else None, "", error.text)
        else:
            self._tell("credentials", True)

    async def _ask(self) -> None:
        async with opened() as http:
            await self._gateway.look(http, self._test.reference, "")
