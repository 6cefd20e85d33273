"""How each gateway is asked and how it calls back; keys are checked as strictly as the real ones do."""

import base64
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from ronda.simulator.payments import signing
from ronda.simulator.payments.book import KEYS, Book, Held
from ronda.simulator.payments.qris import qris


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: method, path after the gateway's name, query, headers in lower case, JSON body."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Said:
    """An answer."""

    status: int
    told: Any
    made: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """One callback on its way."""

    url: str
    headers: Mapping[str, str]
    body: bytes


def answer(gateway: str, asked: Asked, book: Book, base: str) -> Said:
    """What a gateway answers; `base` is this server's address, for the page to pay on."""
    return {"tripay": _tripay, "duitku": _duitku, "midtrans": _midtrans, "xendit": _xendit}[
        gateway
    ](asked, book, f"{base}/pay/{gateway}")


def callback(held: Held, status: str, amount: int, *, forged: bool = False) -> Call:
    """The call that tells a merchant of `status` (paid, pending, expired)."""
    headers, body = {
        "tripay": _tripay_call,
        "duitku": _duitku_call,
        "midtrans": _midtrans_call,
    }.get(held.gateway, _xendit_call)(held, status, amount, forged)
    return Call(held.callback_url, headers, body)


def _tripay(asked: Asked, book: Book, pay: str) -> Said:
    keys = KEYS["tripay"]
    if not _same(asked.headers.get("authorization", ""), f"Bearer {keys['api_key']}"):
        return Said(401, {"success": False, "message": "Invalid API Key"})
    if asked.path == "/transaction/create":
        body = asked.body
        reference, amount = str(body.get("merchant_ref")), str(body.get("amount"))
        wanted = signing.tripay_request(
            keys["private_key"], keys["merchant_code"], reference, amount
        )
        if not _same(str(body.get("signature")), wanted):
            return Said(400, {"success": False, "message": "Invalid signature"})
        held = _hold(book, "tripay", reference, f"T0001{book.number():010d}", int(amount), body)
        return Said(200, {"success": True, "data": _tripay_row(held, pay)}, made=True)
    if asked.path == "/transaction/detail":
        found = book.find_theirs("tripay", asked.query.get("reference", ""))
        if found is None:
            return Said(404, {"success": False, "message": "Transaction not found"})
        return Said(200, {"success": True, "data": _tripay_row(found, pay)})
    if asked.path == "/merchant/transactions":
        found = book.find("tripay", asked.query.get("merchant_ref", ""))
        rows = [_tripay_row(found, pay)] if found else []
        for row in rows:
            del row["qr_string"]
        return Said(200, {"success": True, "data": rows})
    return Said(404, {"success": False, "message": "Not found"})


TRIPAY_WORDS = {"pending": "UNPAID", "paid": "PAID", "expired": "EXPIRED"}


def _tripay_row(held: Held, pay: str) -> dict[str, Any]:
    return {
        "reference": held.theirs,
        "merchant_ref": held.reference,
        "payment_method": held.channel,
        "amount": held.amount,
        "fee_merchant": 750,
        "fee_customer": 0,
        "amount_received": held.amount - 750,
        "pay_code": None,
        "pay_url": None,
        "checkout_url": f"{pay}/{held.reference}",
        "status": TRIPAY_WORDS[held.status],
        "qr_string": qris(held.amount, held.theirs),
    }


def _tripay_call(
    held: Held, status: str, amount: int, forged: bool
) -> tuple[dict[str, str], bytes]:
    body = json.dumps(
        {
            "reference": held.theirs,
            "merchant_ref": held.reference,
            "payment_method": "QRIS by Simulator",
            "payment_method_code": held.channel,
            "total_amount": amount,
            "fee_merchant": 750,
            "fee_customer": 0,
            "total_fee": 750,
            "amount_received": amount - 750,
            "is_closed_payment": 1,
            "status": TRIPAY_WORDS[status],
            "note": None,
        },
        separators=(",", ":"),
    ).encode()
    key = "stolen-elsewhere" if forged else KEYS["tripay"]["private_key"]
    return {
        "Content-Type": "application/json",
        "X-Callback-Event": "payment_status",
        "X-Callback-Signature": signing.tripay_callback(key, body),
    }, body


def _duitku(asked: Asked, book: Book, pay: str) -> Said:
    keys = KEYS["duitku"]
    body = asked.body
    code, reference = str(body.get("merchantCode")), str(body.get("merchantOrderId"))
    if asked.path == "/v2/inquiry":
        amount = str(body.get("paymentAmount"))
        wanted = signing.duitku(keys["merchant_code"], reference, amount, keys["api_key"])
        if code != keys["merchant_code"] or not _same(str(body.get("signature")), wanted):
            return Said(401, {"Message": "Wrong signature"})
        if book.find("duitku", reference):
            return Said(400, {"Message": "Bill already exists"})
        theirs = f"DS00001{book.number():08d}"
        held = _hold(book, "duitku", reference, theirs, int(amount), body)
        return Said(
            200,
            {
                "merchantCode": code,
                "reference": held.theirs,
                "paymentUrl": f"{pay}/{reference}",
                "qrString": qris(held.amount, held.theirs),
                "amount": amount,
                "statusCode": "00",
                "statusMessage": "SUCCESS",
            },
            made=True,
        )
    if asked.path == "/transactionStatus":
        wanted = signing.duitku(keys["merchant_code"], reference, keys["api_key"])
        if not _same(str(body.get("signature")), wanted):
            return Said(401, {"Message": "Wrong signature"})
        found = book.find("duitku", reference)
        if found is None:
            return Said(400, {"Message": "Transaction not found"})
        return Said(
            200,
            {
                "merchantOrderId": reference,
                "reference": found.theirs,
                "amount": str(found.amount),
                "statusCode": {"pending": "01", "paid": "00", "expired": "02"}[found.status],
                "statusMessage": found.status.upper(),
            },
        )
    return Said(404, {"Message": "Not found"})


def _duitku_call(
    held: Held, status: str, amount: int, forged: bool
) -> tuple[dict[str, str], bytes]:
    keys = KEYS["duitku"]
    key = "stolen-elsewhere" if forged else keys["api_key"]
    fields = {
        "merchantCode": keys["merchant_code"],
        "amount": str(amount),
        "merchantOrderId": held.reference,
        "productDetail": "voucher",
        "additionalParam": "",
        "paymentCode": held.channel,
        "resultCode": "00" if status == "paid" else "01",
        "reference": held.theirs,
        "signature": signing.duitku(keys["merchant_code"], str(amount), held.reference, key),
    }
    return {"Content-Type": "application/x-www-form-urlencoded"}, urlencode(fields).encode()


def _midtrans(asked: Asked, book: Book, pay: str) -> Said:
    if not _same(asked.headers.get("authorization", ""), _basic(KEYS["midtrans"]["server_key"])):
        return Said(401, {"status_code": "401", "status_message": "Unknown Merchant server_key/id"})
    if asked.path == "/charge" and asked.method == "POST":
        details = asked.body.get("transaction_details", {})
        reference = str(details.get("order_id"))
        found = book.find("midtrans", reference)
        if found is not None and asked.headers.get("idempotency-key") != reference:
            return Said(406, {"status_code": "406", "status_message": "order_id has been taken"})
        held = found or _hold(
            book,
            "midtrans",
            reference,
            f"00000000-0000-4000-8000-{book.number():012d}",
            int(details.get("gross_amount", 0)),
            {
                "callback_url": asked.headers.get("x-override-notification", ""),
                "method": asked.body.get("payment_type"),
            },
        )
        row = _midtrans_row(held)
        row["qr_string"] = qris(held.amount, held.theirs)
        row["actions"] = [{"name": "deeplink-redirect", "url": f"{pay}/{reference}"}]
        return Said(201, {**row, "status_code": "201"}, made=found is None)
    reference, _slash, what = asked.path.strip("/").partition("/")
    found = book.find("midtrans", reference)
    if found is None or what != "status":
        return Said(404, {"status_code": "404", "status_message": "Transaction doesn't exist."})
    return Said(200, _midtrans_row(found))


MIDTRANS_WORDS = {
    "pending": ("pending", "201"),
    "paid": ("settlement", "200"),
    "expired": ("expire", "407"),
}


def _midtrans_row(held: Held) -> dict[str, Any]:
    status, code = MIDTRANS_WORDS[held.status]
    return {
        "transaction_id": held.theirs,
        "order_id": held.reference,
        "gross_amount": f"{held.amount}.00",
        "currency": "IDR",
        "payment_type": held.channel,
        "transaction_status": status,
        "status_code": code,
    }


def _midtrans_call(
    held: Held, status: str, amount: int, forged: bool
) -> tuple[dict[str, str], bytes]:
    word, code = MIDTRANS_WORDS[status]
    gross = f"{amount}.00"
    key = "stolen-elsewhere" if forged else KEYS["midtrans"]["server_key"]
    body = {
        **_midtrans_row(held),
        "gross_amount": gross,
        "transaction_status": word,
        "status_code": code,
        "signature_key": signing.midtrans(held.reference, code, gross, key),
    }
    return {"Content-Type": "application/json"}, json.dumps(body).encode()


def _xendit(asked: Asked, book: Book, pay: str) -> Said:
    if not _same(asked.headers.get("authorization", ""), _basic(KEYS["xendit"]["secret_key"])):
        return Said(401, {"error_code": "INVALID_API_KEY", "message": "API key is invalid"})
    if asked.path == "/v2/invoices" and asked.method == "POST":
        body = asked.body
        held = _hold(
            book,
            "xendit",
            str(body.get("external_id")),
            f"{book.number():024x}",
            int(body.get("amount", 0)),
            {"callback_url": book.dashboard_url, "method": "QRIS"},
        )
        return Said(200, _xendit_row(held, pay), made=True)
    if asked.path == "/v2/invoices":
        found = book.find("xendit", asked.query.get("external_id", ""))
        return Said(200, [_xendit_row(found, pay)] if found else [])
    found = book.find_theirs("xendit", asked.path.rpartition("/")[2])
    if found is None:
        return Said(404, {"error_code": "INVOICE_NOT_FOUND_ERROR", "message": "not found"})
    return Said(200, _xendit_row(found, pay))


XENDIT_WORDS = {"pending": "PENDING", "paid": "PAID", "expired": "EXPIRED"}


def _xendit_row(held: Held, pay: str) -> dict[str, Any]:
    return {
        "id": held.theirs,
        "external_id": held.reference,
        "status": XENDIT_WORDS[held.status],
        "amount": held.amount,
        "currency": "IDR",
        "invoice_url": f"{pay}/{held.reference}",
        **({"paid_amount": held.amount} if held.status == "paid" else {}),
    }


def _xendit_call(
    held: Held, status: str, amount: int, forged: bool
) -> tuple[dict[str, str], bytes]:
    token = "stolen-elsewhere" if forged else KEYS["xendit"]["callback_token"]
    body = {
        "id": held.theirs,
        "external_id": held.reference,
        "status": XENDIT_WORDS[status],
        "amount": amount,
        "paid_amount": amount,
        "currency": "IDR",
    }
    return {"Content-Type": "application/json", "x-callback-token": token}, json.dumps(
        body
    ).encode()


def _hold(
    book: Book, gateway: str, reference: str, theirs: str, amount: int, body: Mapping[str, Any]
) -> Held:
    callback_url = body.get("callback_url") or body.get("callbackUrl") or book.dashboard_url
    return_url = body.get("return_url") or body.get("returnUrl") or ""
    channel = body.get("method") or body.get("paymentMethod") or "QRIS"
    return book.hold(
        Held(gateway, reference, theirs, amount, str(callback_url), str(return_url), str(channel))
    )


def _basic(key: str) -> str:
    return f"Basic {base64.b64encode(f'{key}:'.encode()).decode()}"


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode(), wanted.encode())
