"""Tripay: closed payments by QRIS, virtual accounts and counters (tripay.co.id/developer).

Requests are signed `HMAC-SHA256(private key, merchant code + merchant_ref + amount)`, callbacks carry
`X-Callback-Signature` = `HMAC-SHA256(private key, raw body)`, both as lower-case hex.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ronda.shop.payments import reading
from ronda.shop.payments.calling import Http
from ronda.shop.payments.errors import GatewayRefused, GatewaySpokeNonsense
from ronda.shop.payments.port import (
    NO_EMAIL,
    Answer,
    Callback,
    Charged,
    ChargeRequest,
    Credentials,
    Need,
    Standing,
    Word,
)

LABEL = "Tripay"
LIVE = "https://tripay.co.id/api"
SANDBOX = "https://tripay.co.id/api-sandbox"
NEEDS = (
    Need("merchant_code", "Merchant Code", secret=False),
    Need("api_key", "API Key"),
    Need("private_key", "Private Key"),
)
CHANNELS = ("QRIS", "QRIS2", "QRISC", "BRIVA", "BNIVA", "BCAVA", "MANDIRIVA", "ALFAMART", "OVO")
STANDINGS = {
    "UNPAID": Standing.PENDING,
    "PAID": Standing.PAID,
    "EXPIRED": Standing.EXPIRED,
    "FAILED": Standing.FAILED,
    "REFUND": Standing.FAILED,
}
ACCEPTED = Answer('{"success": true}')


def sign_request(private_key: str, merchant_code: str, reference: str, amount_idr: int) -> str:
    """The signature of a request to make a transaction."""
    signed = f"{merchant_code}{reference}{amount_idr}"
    return hmac.new(private_key.encode(), signed.encode(), hashlib.sha256).hexdigest()


def sign_callback(private_key: str, raw: bytes) -> str:
    """The signature of a callback, over its body byte by byte."""
    return hmac.new(private_key.encode(), raw, hashlib.sha256).hexdigest()


@dataclass(frozen=True, slots=True)
class Tripay:
    """One merchant's account and channel."""

    base: str
    channel: str
    merchant_code: str
    api_key: str = field(repr=False)
    private_key: str = field(repr=False)
    signed: bool = True
    accepted: Answer = ACCEPTED

    async def create(self, http: Http, request: ChargeRequest) -> Charged:
        """Make a closed transaction."""
        told = await http.call(
            "POST",
            f"{self.base}/transaction/create",
            headers=self._headers(),
            json={
                "method": self.channel,
                "merchant_ref": request.reference,
                "amount": request.amount_idr,
                "customer_name": request.buyer_name or "Pembeli",
                "customer_email": request.buyer_email or NO_EMAIL,
                "customer_phone": request.buyer_phone,
                "order_items": [
                    {"name": request.title, "price": request.amount_idr, "quantity": 1}
                ],
                "callback_url": request.callback_url,
                "return_url": request.return_url,
                "expired_time": int(request.expires_at.timestamp()),
                "signature": sign_request(
                    self.private_key, self.merchant_code, request.reference, request.amount_idr
                ),
            },
        )
        return _charged(_data(told))

    async def find(self, http: Http, reference: str) -> Charged | None:
        """Found by our reference in the list, with all of it in the detail."""
        row = await self._row(http, reference)
        if row is None:
            return None
        theirs = reading.needed(row, "reference")
        return _charged(await self._detail(http, theirs) or row)

    async def look(self, http: Http, reference: str, theirs: str) -> Word | None:
        """The detail of the transaction, by Tripay's own reference where we know it."""
        told = await (self._detail(http, theirs) if theirs else self._row(http, reference))
        return None if told is None else _word(told, "amount")

    def read_callback(self, headers: Mapping[str, str], raw: bytes) -> Word:
        """A callback of the event `payment_status`."""
        given = reading.header(headers, "X-Callback-Signature")
        reading.must_match(given, sign_callback(self.private_key, raw) if self.private_key else "")
        return _word(reading.json_object(raw), "total_amount")

    def example(self, reference: str, amount_idr: int) -> Callback:
        """A signed `PAID`."""
        body = json.dumps(
            {
                "reference": f"T-{reference}",
                "merchant_ref": reference,
                "payment_method_code": self.channel,
                "total_amount": amount_idr,
                "fee_customer": 0,
                "amount_received": amount_idr,
                "is_closed_payment": 1,
                "status": "PAID",
            }
        ).encode()
        return Callback(
            {
                "Content-Type": "application/json",
                "X-Callback-Event": "payment_status",
                "X-Callback-Signature": sign_callback(self.private_key, body),
            },
            body,
        )

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.api_key}"}

    async def _row(self, http: Http, reference: str) -> dict[str, Any] | None:
        told = await http.call(
            "GET",
            f"{self.base}/merchant/transactions",
            headers=self._headers(),
            query={"merchant_ref": reference, "per_page": "50"},
        )
        rows = told.get("data") if isinstance(told, dict) else None
        if not isinstance(rows, list):
            raise GatewaySpokeNonsense("data is missing")
        same = (r for r in rows if isinstance(r, dict) and r.get("merchant_ref") == reference)
        return next(same, None)

    async def _detail(self, http: Http, theirs: str) -> dict[str, Any] | None:
        told = await http.call(
            "GET",
            f"{self.base}/transaction/detail",
            headers=self._headers(),
            query={"reference": theirs},
            none_at=(404,),
        )
        return None if told is None else _data(told)


def _data(told: Any) -> dict[str, Any]:
    if isinstance(told, dict) and told.get("success") is False:
        raise GatewayRefused(reading.text(told, "message", 200) or "refused without a reason")
    return reading.part(told, "data")


def _charged(data: dict[str, Any]) -> Charged:
    amount = _without_fee(data, "amount")
    if amount is None:
        raise GatewaySpokeNonsense("amount is missing")
    return Charged(
        reference=reading.needed(data, "merchant_ref"),
        theirs=reading.needed(data, "reference"),
        amount_idr=amount,
        qr_text=reading.text(data, "qr_string", 1000),
        pay_url=reading.web_address(data, "pay_url") or reading.web_address(data, "checkout_url"),
        pay_code=reading.text(data, "pay_code", 60),
    )


def _word(told: dict[str, Any], amount: str) -> Word:
    said = reading.needed(told, "status", 20)
    standing = STANDINGS.get(said.upper())
    if standing is None:
        raise GatewaySpokeNonsense(f"status {said!r} is unknown")
    return Word(
        reference=reading.needed(told, "merchant_ref"),
        theirs=reading.needed(told, "reference"),
        standing=standing,
        amount_idr=_without_fee(told, amount),
        said=said,
    )


def _without_fee(told: dict[str, Any], name: str) -> int | None:
    """What was asked for: Tripay's amounts hold the part of its fee that it laid on the buyer."""
    total = reading.whole_idr(told.get(name))
    fee = reading.whole_idr(told.get("fee_customer", 0) or 0)
    return None if total is None or fee is None or fee > total else total - fee


def open_gateway(credentials: Credentials, base: str) -> Tripay:
    """The gateway of these credentials."""
    values = credentials.values
    return Tripay(
        base=base,
        channel=credentials.channel or CHANNELS[0],
        merchant_code=values["merchant_code"],
        api_key=values["api_key"],
        private_key=values["private_key"],
    )
