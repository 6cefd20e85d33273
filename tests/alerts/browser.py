"""A browser that subscribed to web push, and its push service, as far as a message needs them."""

import json
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ronda.alerts.channels.push_seal import derived, plain64, public_bytes, raw64


@dataclass
class Browser:
    """One subscription: what a page would tell us of it, and how it opens what arrives."""

    endpoint: str
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    auth: bytes = b"0123456789abcdef"

    @property
    def told(self) -> dict[str, str]:
        return {
            "endpoint": self.endpoint,
            "p256dh": plain64(public_bytes(self.key)),
            "auth": plain64(self.auth),
        }

    def read(self, body: bytes) -> dict[str, object]:
        found: dict[str, object] = json.loads(opened(body, self.key, self.auth))
        return found


def opened(body: bytes, own: ec.EllipticCurvePrivateKey, auth: bytes) -> bytes:
    """What a browser with this key and secret reads in a body.

    Raises:
        ValueError: it is not for this browser, or damaged.
    """
    if len(body) < 86 or body[20] != 65:
        raise ValueError("no push message")
    salt, sender = body[:16], body[21:86]
    other = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender)
    key, nonce = derived(own.exchange(ec.ECDH(), other), auth, public_bytes(own), sender, salt)
    try:
        text = AESGCM(key).decrypt(nonce, body[86:], None)
    except InvalidTag as error:
        raise ValueError("not for this browser, or damaged") from error
    return text.rstrip(b"\x00")[:-1]


def claims_of(header: str) -> dict[str, object]:
    """The claims of an Authorization header, after its signature was checked by its own key.

    Raises:
        ValueError: it is none, or its signature is wrong.
    """
    fields = dict(part.split("=", 1) for part in header.removeprefix("vapid ").split(", "))
    signed, _dot, signature = fields["t"].rpartition(".")
    raw = raw64(signature)
    found = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw64(fields["k"]))
    try:
        key.verify(found, signed.encode(), ec.ECDSA(hashes.SHA256()))
    except InvalidSignature as error:
        raise ValueError("signature") from error
    claims: dict[str, object] = json.loads(raw64(signed.partition(".")[2]))
    return claims
