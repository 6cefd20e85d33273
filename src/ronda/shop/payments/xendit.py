"""Xendit: invoices (docs.xendit.co), paid on Xendit's page by QRIS, virtual account or wallet.

A callback carries the static header `x-callback-token` and no signature of its body: whoever knows the
token may say anything, so an invoice is fetched again before anything is believed. Duplicates and
reordering are documented. Live and sandbox have one address; the secret key decides.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ronda.shop.payments import reading
from ronda.shop.payments.calling import Http
from ronda.shop.payments.errors import GatewaySpokeNonsense
from ronda.shop.payments.port import (
    Answer,
    Callback,
    Charged,
    ChargeRequest,
    Credentials,
    Need,
    Standing,
    Word,
)

LABEL = "Xendit"
LIVE = SANDBOX = "https://api.xendit.co"
NEEDS = (
    Need("secret_key", "Secret API Key"),
    Need("callback_token", "Webhook verification token"),
)
CHANNELS = (
    "QRIS",
    "OVO",
    "DANA",
    "LINKAJA",
    "SHOPEEPAY",
    "BCA",
    "BNI",
    "BRI",
    "MANDIRI",
    "ALFAMART",
)
STANDINGS = {
    "PENDING": Standing.PENDING,
    "PAID": Standing.PAID,
    "SETTLED": Standing.PAID,
    "EXPIRED": Standing.EXPIRED,
}
ACCEPTED = Answer('{"received": true}')


@dataclass(frozen=True, slots=True)
class Xendit:
    """One merchant's account and the channel that its invoices offer."""

    base: str
    channel: str
    secret_key: str = field(repr=False)
    callback_token: str = field(repr=False)
    signed: bool = False
    accepted: Answer = ACCEPTED

    async def create(self, http: Http, request: ChargeRequest) -> Charged:
        """Make an invoice. The callback's address is set in Xendit's dashboard, not here."""
        seconds = max(60, int((request.expires_at - request.now).total_seconds()))
        told = await http.call(
            "POST",
            f"{self.base}/v2/invoices",
            headers=self._headers(),
            json={
                "external_id": request.reference,
                "amount": request.amount_idr,
                "currency": "IDR",
                "description": request.title,
                "invoice_duration": seconds,
                "payment_methods": [self.channel],
                "success_redirect_url": request.return_url,
                "failure_redirect_url": request.return_url,
                **({"payer_email": request.buyer_email} if request.buyer_email else {}),
            },
        )
        return _charged(told)

    async def find(self, http: Http, reference: str) -> Charged | None:
        """The invoice of this external id."""
        found = await self._found(http, reference)
        return None if found is None else _charged(found)

    async def look(self, http: Http, reference: str, theirs: str) -> Word | None:
        """The invoice as Xendit has it now."""
        if not theirs:
            found = await self._found(http, reference)
            return None if found is None else _word(found)
        told = await http.call(
            "GET", f"{self.base}/v2/invoices/{theirs}", headers=self._headers(), none_at=(404,)
        )
        return None if told is None else _word(told)

    def read_callback(self, headers: Mapping[str, str], raw: bytes) -> Word:
        """What somebody who knows the token says; look at the invoice before believing it."""
        reading.must_match(reading.header(headers, "x-callback-token"), self.callback_token)
        return _word(reading.json_object(raw))

    def example(self, reference: str, amount_idr: int) -> Callback:
        """A `PAID` with the token."""
        body = json.dumps(
            {
                "id": f"X-{reference}",
                "external_id": reference,
                "status": "PAID",
                "amount": amount_idr,
                "paid_amount": amount_idr,
                "currency": "IDR",
            }
        ).encode()
        headers = {"Content-Type": "application/json", "x-callback-token": self.callback_token}
        return Callback(headers, body)

    def _headers(self) -> dict[str, str]:
        sealed = base64.b64encode(f"{self.secret_key}:".encode()).decode()
        return {"Authorization": f"Basic {sealed}"}

    async def _found(self, http: Http, reference: str) -> dict[str, Any] | None:
        told = await http.call(
            "GET",
            f"{self.base}/v2/invoices",
            headers=self._headers(),
            query={"external_id": reference},
            none_at=(404,),
        )
        if told is None:
            return None
        if not isinstance(told, list):
            raise GatewaySpokeNonsense("the answer is no list")
        same = [r for r in told if isinstance(r, dict) and r.get("external_id") == reference]
        paid = [r for r in same if STANDINGS.get(str(r.get("status"))) is Standing.PAID]
        return next(iter([*paid, *same]), None)


def _charged(told: Any) -> Charged:
    if not isinstance(told, dict):
        raise GatewaySpokeNonsense("the answer is no object")
    amount = reading.whole_idr(told.get("amount"))
    if amount is None:
        raise GatewaySpokeNonsense("amount is missing")
    return Charged(
        reference=reading.needed(told, "external_id"),
        theirs=reading.needed(told, "id"),
        amount_idr=amount,
        pay_url=reading.web_address(told, "invoice_url"),
    )


def _word(told: Any) -> Word:
    if not isinstance(told, dict):
        raise GatewaySpokeNonsense("the answer is no object")
    said = reading.needed(told, "status", 20)
    standing = STANDINGS.get(said.upper())
    if standing is None:
        raise GatewaySpokeNonsense(f"status {said!r} is unknown")
    paid = standing is Standing.PAID
    amount = told.get("paid_amount", told.get("amount")) if paid else told.get("amount")
    return Word(
        reference=reading.needed(told, "external_id"),
        theirs=reading.needed(told, "id"),
        standing=standing,
        amount_idr=reading.whole_idr(amount),
        # A paid invoice becomes settled days later: the same money.
        said="paid" if paid else said,
    )


def open_gateway(credentials: Credentials, base: str) -> Xendit:
    """The gateway of these credentials."""
    values = credentials.values
    return Xendit(
        base=base,
        channel=credentials.channel or CHANNELS[0],
        secret_key=values["secret_key"],
        callback_token=values["callback_token"],
    )
