"""Midtrans: Core API (docs.midtrans.com), one charge per order id.

A notification is signed in its body: `signature_key` = `SHA512(order_id + status_code + gross_amount +
server key)` as hex, with the amount exactly as received ("10000.00"). It may come twice and out of order.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta, timezone
from typing import Any

from ronda.shop.payments import reading
from ronda.shop.payments.calling import Http
from ronda.shop.payments.errors import GatewayRefused, GatewaySpokeNonsense
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

LABEL = "Midtrans"
LIVE = "https://api.midtrans.com/v2"
SANDBOX = "https://api.sandbox.midtrans.com/v2"
NEEDS = (Need("server_key", "Server Key"),)
CHANNELS = ("qris", "gopay", "bca", "bni", "bri", "permata")
BANKS = ("bca", "bni", "bri", "permata")
STANDINGS = {
    "pending": Standing.PENDING,
    "authorize": Standing.PENDING,
    "settlement": Standing.PAID,
    "deny": Standing.FAILED,
    "cancel": Standing.FAILED,
    "failure": Standing.FAILED,
    "refund": Standing.FAILED,
    "partial_refund": Standing.FAILED,
    "chargeback": Standing.FAILED,
    "partial_chargeback": Standing.FAILED,
    "expire": Standing.EXPIRED,
}
JAKARTA = timezone(timedelta(hours=7))
ACCEPTED = Answer('{"status": "ok"}')


def sign_callback(reference: str, status_code: str, gross_amount: str, server_key: str) -> str:
    """The `signature_key` of a notification."""
    signed = f"{reference}{status_code}{gross_amount}{server_key}"
    return hashlib.sha512(signed.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Midtrans:
    """One merchant's account and channel."""

    base: str
    channel: str
    server_key: str = field(repr=False)
    signed: bool = True
    accepted: Answer = ACCEPTED

    async def create(self, http: Http, request: ChargeRequest) -> Charged:
        """Charge; the same idempotency key within five minutes gives the first answer again."""
        minutes = max(1, int((request.expires_at - request.now).total_seconds() // 60))
        body: dict[str, Any] = {
            "transaction_details": {
                "order_id": request.reference,
                "gross_amount": request.amount_idr,
            },
            "item_details": [
                {
                    "id": "voucher",
                    "price": request.amount_idr,
                    "quantity": 1,
                    "name": request.title[:50],
                }
            ],
            "customer_details": {
                "first_name": request.buyer_name or "Pembeli",
                "phone": request.buyer_phone,
                **({"email": request.buyer_email} if request.buyer_email else {}),
            },
            "custom_expiry": {
                "order_time": request.now.astimezone(JAKARTA).strftime("%Y-%m-%d %H:%M:%S +0700"),
                "expiry_duration": minutes,
                "unit": "minute",
            },
            **self._way(request),
        }
        told = await http.call(
            "POST",
            f"{self.base}/charge",
            headers={
                **self._headers(),
                "Idempotency-Key": request.reference,
                "X-Override-Notification": request.callback_url,
            },
            json=body,
        )
        found = _understood(told)
        if found is None:
            raise GatewayRefused("there is no such merchant")
        return _charged(found)

    async def find(self, http: Http, reference: str) -> Charged | None:
        """The status of the transaction: it tells numbers of virtual accounts, not QR codes."""
        told = await self._status(http, reference)
        return None if told is None else _charged(told)

    async def look(self, http: Http, reference: str, theirs: str) -> Word | None:
        """The status of the transaction."""
        told = await self._status(http, reference)
        return None if told is None else _word(told)

    def read_callback(self, headers: Mapping[str, str], raw: bytes) -> Word:
        """A notification; the signature lies in the body, so that is read first."""
        told = reading.json_object(raw)
        expected = sign_callback(
            reading.text(told, "order_id"),
            reading.text(told, "status_code"),
            reading.text(told, "gross_amount"),
            self.server_key,
        )
        given = reading.text(told, "signature_key").lower()
        reading.must_match(given, expected if self.server_key else "")
        return _word(told)

    def example(self, reference: str, amount_idr: int) -> Callback:
        """A signed `settlement`."""
        amount = f"{amount_idr}.00"
        body = json.dumps(
            {
                "transaction_id": f"M-{reference}",
                "transaction_status": "settlement",
                "status_code": "200",
                "fraud_status": "accept",
                "payment_type": self.channel,
                "order_id": reference,
                "gross_amount": amount,
                "currency": "IDR",
                "signature_key": sign_callback(reference, "200", amount, self.server_key),
            }
        ).encode()
        return Callback({"Content-Type": "application/json"}, body)

    def _way(self, request: ChargeRequest) -> dict[str, Any]:
        if self.channel in BANKS:
            return {"payment_type": "bank_transfer", "bank_transfer": {"bank": self.channel}}
        if self.channel == "gopay":
            back = {"enable_callback": True, "callback_url": request.return_url}
            return {"payment_type": "gopay", "gopay": back}
        return {"payment_type": "qris", "qris": {"acquirer": "gopay"}}

    def _headers(self) -> dict[str, str]:
        sealed = base64.b64encode(f"{self.server_key}:".encode()).decode()
        return {"Authorization": f"Basic {sealed}", "Accept": "application/json"}

    async def _status(self, http: Http, reference: str) -> dict[str, Any] | None:
        told = await http.call(
            "GET", f"{self.base}/{reference}/status", headers=self._headers(), none_at=(404,)
        )
        return None if told is None else _understood(told)


def _understood(told: Any) -> dict[str, Any] | None:
    """The answer's fields; Midtrans puts its own status beside or in place of that of HTTP."""
    if not isinstance(told, dict):
        raise GatewaySpokeNonsense("the answer is no object")
    code = reading.text(told, "status_code", 3)
    if code == "404":
        return None
    # An expired charge that exists is told with 407.
    if told.get("order_id") and told.get("transaction_status"):
        return told
    if code[:1] == "4":
        raise GatewayRefused(f"{code}: {reading.text(told, 'status_message', 200)}")
    raise GatewaySpokeNonsense(f"status_code {code!r}")


def _charged(told: dict[str, Any]) -> Charged:
    numbers = told.get("va_numbers")
    first = numbers[0] if isinstance(numbers, list) and numbers else {}
    code = reading.text(first, "va_number", 60) if isinstance(first, dict) else ""
    amount = reading.whole_idr(told.get("gross_amount"))
    if amount is None:
        raise GatewaySpokeNonsense("gross_amount is missing")
    return Charged(
        reference=reading.needed(told, "order_id"),
        theirs=reading.needed(told, "transaction_id"),
        amount_idr=amount,
        qr_text=reading.text(told, "qr_string", 1000),
        pay_url=_deeplink(told.get("actions")),
        pay_code=code or reading.text(told, "permata_va_number", 60),
    )


def _deeplink(actions: Any) -> str:
    """Where GoPay's app is opened."""
    for action in actions if isinstance(actions, list) else []:
        if isinstance(action, dict) and action.get("name") == "deeplink-redirect":
            return reading.web_address(action, "url")
    return ""


def _word(told: Mapping[str, Any]) -> Word:
    said = reading.needed(told, "transaction_status", 30)
    if said == "capture":
        accepted = told.get("fraud_status") == "accept"
        standing = Standing.PAID if accepted else Standing.PENDING
    else:
        known = STANDINGS.get(said)
        if known is None:
            raise GatewaySpokeNonsense(f"transaction_status {said!r} is unknown")
        standing = known
    return Word(
        reference=reading.needed(told, "order_id"),
        theirs=reading.text(told, "transaction_id", 120),
        standing=standing,
        amount_idr=reading.whole_idr(told.get("gross_amount")),
        said="paid" if standing is Standing.PAID else said,
    )


def open_gateway(credentials: Credentials, base: str) -> Midtrans:
    """The gateway of these credentials."""
    return Midtrans(
        base=base,
        channel=credentials.channel or CHANNELS[0],
        server_key=credentials.values["server_key"],
    )
