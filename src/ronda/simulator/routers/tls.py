"""Certificates and TLS as routers have them: made by themselves, for another name, expired, or none.

Without a certificate `api-ssl` speaks only anonymous Diffie-Hellman, which needs TLS 1.2 or older
and parameters; with one it speaks what it is asked.
"""

import ssl
import tempfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

VALID_DAYS = 3_650

# The group ffdhe2048 of RFC 7919, appendix A.1: fixed, so that none has to be computed.
DH_PARAMETERS = """\
-----BEGIN DH PARAMETERS-----
MIIBCAKCAQEA//////////+t+FRYortKmq/cViAnPTzx2LnFg84tNpWp4TZBFGQz
+8yTnc4kmz75fS/jY2MMddj2gbICrsRhetPfHtXV/WVhJDP1H18GbtCFY2VVPe0a
87VXE15/V8k1mE8McODmi3fipona8+/och3xWKE2rec1MKzKT0g6eXq8CrGCsyT7
YdEIqUuyyOP7uWrat2DX9GgdT0Kj3jlN9K5W7edjcrsZCwenyO4KbXCeAvzhzffi
7MA0BM0oNC9hkXL+nOmFg/+OTxIy7vKBg8P+OxtMb61zO7X8vC7CIAXFjvGDfRaD
ssbzSibBsu/6iGtCOGEoXJf//////////wIBAg==
-----END DH PARAMETERS-----
"""


class Tls(StrEnum):
    """What a router shows to whoever connects with TLS."""

    SELF_SIGNED = "self-signed"  # for its own name and address
    OTHER_HOST = "other-host"  # for a name and address that are not its own
    EXPIRED = "expired"
    ANONYMOUS = "anonymous"  # no certificate at all


@dataclass(frozen=True)
class Certificate:
    """A certificate with its key, both PEM; `fingerprint` is the SHA-256 as lower-case hex."""

    pem: str
    key: str
    fingerprint: str


def certificate(kind: Tls, *, name: str, address: str, now: datetime) -> Certificate:
    """A fresh one, signed by itself; two are never the same.

    Raises:
        ValueError: anonymous has none.
    """
    if kind is Tls.ANONYMOUS:
        raise ValueError("anonymous TLS has no certificate")
    key = ec.generate_private_key(ec.SECP256R1())
    host = name if kind is not Tls.OTHER_HOST else "router.example"
    ip = IPv4Address(address) if kind is not Tls.OTHER_HOST else IPv4Address("192.0.2.1")
    begins = now - timedelta(days=VALID_DAYS if kind is Tls.EXPIRED else 1)
    ends = now - timedelta(days=1) if kind is Tls.EXPIRED else now + timedelta(days=VALID_DAYS)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host[:64])])
    names = [x509.DNSName(_dns(host)), x509.DNSName("localhost"), x509.IPAddress(ip)]
    if kind is Tls.OTHER_HOST:
        names.pop(1)
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    return Certificate(
        built.public_bytes(serialization.Encoding.PEM).decode(),
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ).decode(),
        sha256(built.public_bytes(serialization.Encoding.DER)).hexdigest(),
    )


def context(shown: Certificate | None) -> ssl.SSLContext:
    """A server's side of TLS with this certificate; None: anonymous Diffie-Hellman."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory(prefix="ronda-tls-") as folder:
        if shown is None:
            made.maximum_version = ssl.TLSVersion.TLSv1_2
            made.set_ciphers("ADH:@SECLEVEL=0")
            parameters = Path(folder) / "dh.pem"
            parameters.write_text(DH_PARAMETERS)
            made.load_dh_params(str(parameters))
        else:
            show(made, shown)
    return made


def show(made: ssl.SSLContext, shown: Certificate) -> None:
    """From the next connection on show this certificate."""
    with tempfile.TemporaryDirectory(prefix="ronda-tls-") as folder:
        chain = Path(folder) / "chain.pem"
        chain.write_text(shown.pem + shown.key)
        made.load_cert_chain(chain)


def _dns(name: str) -> str:
    kept = "".join(letter if letter.isalnum() else "-" for letter in name.lower())
    return (kept.encode("ascii", "ignore").decode() or "router").strip("-") or "router"
