"""Web push messages sealed for one browser (RFC 8291, 8188), and the signature that says who sends them (RFC 8292)."""

import base64
import json
import os
import struct
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

#: One record of 4096 bytes is all that push services must take: less salt, lengths, key, padding mark and tag.
MOST = 4096 - 16 - 4 - 1 - 65 - 1 - 16
RECORD = 4096
#: RFC 8292 allows a day; half of one leaves room for clocks that are wrong.
SIGNATURE_S = 12 * 3600


def plain64(raw: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def raw64(text: str) -> bytes:
    """The bytes of base64url, padded or not.

    Raises:
        ValueError: it is none.
    """
    return base64.b64decode(text.encode() + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)


def new_key() -> str:
    """A new private key of this installation, as text."""
    return private_text(ec.generate_private_key(ec.SECP256R1()))


def private_text(key: ec.EllipticCurvePrivateKey) -> str:
    """A private key as base64url of its 32 bytes."""
    return plain64(key.private_numbers().private_value.to_bytes(32))


def private_key(text: str) -> ec.EllipticCurvePrivateKey:
    """The private key of a text.

    Raises:
        ValueError: it is none.
    """
    return ec.derive_private_key(int.from_bytes(raw64(text)), ec.SECP256R1())


def public_bytes(key: ec.EllipticCurvePrivateKey) -> bytes:
    """The public half as an uncompressed point, 65 bytes."""
    return key.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )


def sealed(
    text: bytes,
    theirs: bytes,
    auth: bytes,
    *,
    own: ec.EllipticCurvePrivateKey | None = None,
    salt: bytes | None = None,
) -> bytes:
    """The body of a push message that only the browser with this key (65 bytes) and secret (16 bytes) opens.

    `own` and `salt` are made anew for each message; a test gives those of the RFC.

    Raises:
        ValueError: the key is none, or the text is longer than `MOST` bytes.
    """
    if len(text) > MOST or len(auth) != 16:
        raise ValueError("too long, or no secret of 16 bytes")
    receiver = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), theirs)
    mine = own or ec.generate_private_key(ec.SECP256R1())
    sender, fresh = public_bytes(mine), salt or os.urandom(16)
    key, nonce = derived(mine.exchange(ec.ECDH(), receiver), auth, theirs, sender, fresh)
    header = fresh + struct.pack("!IB", RECORD, len(sender)) + sender
    return header + AESGCM(key).encrypt(nonce, text + b"\x02", None)


def derived(
    shared: bytes, auth: bytes, receiver: bytes, sender: bytes, salt: bytes
) -> tuple[bytes, bytes]:
    """Key and nonce of a message, as both ends make them (RFC 8291, 3.4; RFC 8188, 2.2 and 2.3)."""
    info = b"WebPush: info\x00" + receiver + sender
    secret = HKDF(hashes.SHA256(), 32, auth, info).derive(shared)
    key = HKDF(hashes.SHA256(), 16, salt, b"Content-Encoding: aes128gcm\x00").derive(secret)
    nonce = HKDF(hashes.SHA256(), 12, salt, b"Content-Encoding: nonce\x00").derive(secret)
    return key, nonce


def vapid(endpoint: str, key: ec.EllipticCurvePrivateKey, contact: str, now: datetime) -> str:
    """The Authorization header for a push service: who we are, for its address only, for half a day."""
    parts = urlsplit(endpoint)
    claims = {
        "aud": f"{parts.scheme}://{parts.netloc}",
        "exp": int(now.timestamp()) + SIGNATURE_S,
        "sub": contact,
    }
    signed = ".".join(_part(one) for one in ({"typ": "JWT", "alg": "ES256"}, claims))
    r, s = decode_dss_signature(key.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
    signature = plain64(r.to_bytes(32) + s.to_bytes(32))
    return f"vapid t={signed}.{signature}, k={plain64(public_bytes(key))}"


def _part(values: Mapping[str, object]) -> str:
    return plain64(json.dumps(values, separators=(",", ":")).encode())
