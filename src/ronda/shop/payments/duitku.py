"""Duitku: API v2 (docs.duitku.com/api; signatures as in its official PHP library).

A request is signed `MD5(merchant code + order id + amount + API key)`, a callback the other way round,
`MD5(merchant code + amount + order id + API key)`. Callbacks are posted as form fields; the signature
covers the amount and the order, not the result, so a paid one is worth as much as the API key.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode

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

LABEL = "Duitku"
LIVE = "https://passport.duitku.com/webapi/api/merchant"
SANDBOX = "https://sandbox.duitku.com/webapi/api/merchant"
NEEDS = (
    Need("merchant_code", "Merchant Code", secret=False),
    Need("api_key", "API Key"),
)
#: Shopee, Nobu and Gudang Voucher QRIS first, then virtual accounts.
CHANNELS = ("SP", "NQ", "GQ", "BR", "I1", "M2", "BC", "OV", "DA")
RESULTS = {"00": Standing.PAID, "01": Standing.FAILED, "02": Standing.FAILED}
STATUSES = {"00": Standing.PAID, "01": Standing.PENDING, "02": Standing.FAILED}
ACCEPTED = Answer("SUCCESS", "text/plain")


def _md5(*parts: str | int) -> str:
    joined = "".join(str(one) for one in parts).encode()
    return hashlib.md5(joined, usedforsecurity=False).hexdigest()


def sign_request(merchant_code: str, reference: str, amount_idr: int, api_key: str) -> str:
    """The signature of an inquiry (a request to make a transaction)."""
    return _md5(merchant_code, reference, amount_idr, api_key)


def sign_callback(merchant_code: str, amount: str, reference: str, api_key: str) -> str:
    """The signature of a callback; `amount` exactly as it was posted."""
    return _md5(merchant_code, amount, reference, api_key)


def sign_status(merchant_code: str, reference: str, api_key: str) -> str:
    """The signature of a question for a transaction's status."""
    return _md5(merchant_code, reference, api_key)


@dataclass(frozen=True, slots=True)
class Duitku:
    """One merchant's project and channel."""

    base: str
    channel: str
    merchant_code: str
    api_key: str = field(repr=False)
    signed: bool = True
    accepted: Answer = ACCEPTED

    async def create(self, http: Http, request: ChargeRequest) -> Charged:
        """Make a transaction by an inquiry."""
        minutes = max(1, int((request.expires_at - request.now).total_seconds() // 60))
        told = await http.call(
            "POST",
            f"{self.base}/v2/inquiry",
            json={
                "merchantCode": self.merchant_code,
                "paymentAmount": request.amount_idr,
                "merchantOrderId": request.reference,
                "productDetails": request.title,
                "email": request.buyer_email or NO_EMAIL,
                "phoneNumber": request.buyer_phone,
                "customerVaName": (request.buyer_name or "Pembeli")[:20],
                "paymentMethod": self.channel,
                "callbackUrl": request.callback_url,
                "returnUrl": request.return_url,
                "expiryPeriod": minutes,
                "signature": sign_request(
                    self.merchant_code, request.reference, request.amount_idr, self.api_key
                ),
            },
        )
        if not isinstance(told, dict):
            raise GatewaySpokeNonsense("the answer is no object")
        if reading.text(told, "statusCode") != "00":
            raise GatewayRefused(reading.text(told, "statusMessage", 200) or "refused")
        return Charged(
            reference=request.reference,
            theirs=reading.needed(told, "reference"),
            amount_idr=request.amount_idr,
            qr_text=reading.text(told, "qrString", 1000),
            pay_url=reading.web_address(told, "paymentUrl"),
            pay_code=reading.text(told, "vaNumber", 60),
        )

    async def find(self, http: Http, reference: str) -> Charged | None:
        """What the status tells: that it exists, not how to pay it."""
        word = await self.look(http, reference, "")
        if word is None:
            return None
        return Charged(reference=reference, theirs=word.theirs, amount_idr=word.amount_idr or 0)

    async def look(self, http: Http, reference: str, theirs: str) -> Word | None:
        """The status of the transaction; Duitku answers 400 or 404 for one that it does not know."""
        told = await http.call(
            "POST",
            f"{self.base}/transactionStatus",
            json={
                "merchantCode": self.merchant_code,
                "merchantOrderId": reference,
                "signature": sign_status(self.merchant_code, reference, self.api_key),
            },
            none_at=(400, 404),
        )
        if told is None:
            return None
        if not isinstance(told, dict):
            raise GatewaySpokeNonsense("the answer is no object")
        return _word(told, STATUSES, "statusCode")

    def read_callback(self, headers: Mapping[str, str], raw: bytes) -> Word:
        """A callback's form fields; a field given twice is nobody's."""
        try:
            pairs = parse_qsl(
                raw.decode(), keep_blank_values=True, strict_parsing=True, max_num_fields=60
            )
        except ValueError:
            pairs = []
        told = dict(pairs)
        expected = sign_callback(
            self.merchant_code,
            told.get("amount", ""),
            told.get("merchantOrderId", ""),
            self.api_key,
        )
        usable = self.api_key and len(told) == len(pairs)
        reading.must_match(told.get("signature", "").lower(), expected if usable else "")
        # The signature proves an amount and an order of somebody who knows the key of this merchant.
        if told.get("merchantCode") != self.merchant_code:
            raise GatewaySpokeNonsense("merchantCode is another merchant's")
        return _word(told, RESULTS, "resultCode")

    def example(self, reference: str, amount_idr: int) -> Callback:
        """A signed result `00`."""
        signature = sign_callback(self.merchant_code, str(amount_idr), reference, self.api_key)
        fields = {
            "merchantCode": self.merchant_code,
            "amount": str(amount_idr),
            "merchantOrderId": reference,
            "paymentCode": self.channel,
            "resultCode": "00",
            "reference": f"D-{reference}",
            "signature": signature,
        }
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return Callback(kind, urlencode(fields).encode())


def _word(told: Mapping[str, Any], known: Mapping[str, Standing], name: str) -> Word:
    said = reading.needed(told, name, 10)
    standing = known.get(said)
    if standing is None:
        raise GatewaySpokeNonsense(f"{name} {said!r} is unknown")
    return Word(
        reference=reading.needed(told, "merchantOrderId"),
        theirs=reading.text(told, "reference", 120),
        standing=standing,
        amount_idr=reading.whole_idr(told.get("amount")),
        said=standing.value,
    )


def open_gateway(credentials: Credentials, base: str) -> Duitku:
    """The gateway of these credentials."""
    values = credentials.values
    return Duitku(
        base=base,
        channel=credentials.channel or CHANNELS[0],
        merchant_code=values["merchant_code"],
        api_key=values["api_key"],
    )
