"""Signatures of the four gateways, written from their documents without a look at Ronda's own."""

import hashlib
import hmac


def tripay_request(private_key: str, merchant_code: str, merchant_ref: str, amount: str) -> str:
    """Of a closed transaction."""
    text = merchant_code + merchant_ref + amount
    return hmac.new(private_key.encode(), text.encode(), "sha256").hexdigest()


def tripay_callback(private_key: str, body: bytes) -> str:
    """The header `X-Callback-Signature`."""
    return hmac.new(private_key.encode(), body, "sha256").hexdigest()


def duitku(*parts: str) -> str:
    """MD5 over the parts in the order that the document gives for each message."""
    return hashlib.md5("".join(parts).encode(), usedforsecurity=False).hexdigest()


def midtrans(order_id: str, status_code: str, gross_amount: str, server_key: str) -> str:
    """The field `signature_key`."""
    text = order_id + status_code + gross_amount + server_key
    return hashlib.sha512(text.encode()).hexdigest()
