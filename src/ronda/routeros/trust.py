"""What makes a TLS connection to a router trusted, as a context and a check after the handshake."""

import hashlib
import ssl

from ronda.routeros.errors import RouterHasNoCertificate, RouterUntrusted
from ronda.routeros.port import Trust


def context_for(trust: Trust) -> ssl.SSLContext:
    """A fresh client context; beside VERIFY, the certificate has to be checked with `judge`.

    Routers make certificates of their own, often with short keys, so where the fingerprint or
    nothing is checked the strength of the key is not. Without a certificate `api-ssl` speaks
    anonymous Diffie-Hellman only, which ends with TLS 1.2.
    """
    if trust is Trust.VERIFY:
        return ssl.create_default_context()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if trust is Trust.ANONYMOUS:
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers("ADH:@SECLEVEL=0")
    else:
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
    return context


def fingerprint(certificate: bytes) -> str:
    """SHA-256 of a certificate in DER, as lower-case hex."""
    return hashlib.sha256(certificate).hexdigest()


def judge(trust: Trust, pin: str | None, certificate: bytes | None) -> str | None:
    """The fingerprint to remember, None without a certificate; call it before any secret is sent.

    Raises:
        RouterUntrusted: it is not the certificate that was pinned, or there is none.
    """
    seen = fingerprint(certificate) if certificate else None
    if trust is not Trust.PIN:
        return seen
    if seen is None:
        raise RouterHasNoCertificate("the router has no certificate that could be remembered")
    expected = (pin or seen).replace(":", "").lower()
    if seen != expected:
        raise RouterUntrusted(
            f"the router's certificate changed: expected SHA-256 {expected}, it showed {seen}"
        )
    return seen
