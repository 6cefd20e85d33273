"""TLS of simulated routers, seen by Python's own client."""

import hashlib
import socket
import ssl

import pytest

from ronda.simulator.routers.control import SimulatedRouters
from ronda.simulator.routers.fleet import Spec
from ronda.simulator.routers.furnish import complete


def routers_with(tls, profile="v7.16"):
    spec = Spec(profile, name="Balai Wringinjalu", options={"tls": tls})
    return SimulatedRouters(spec, furnish=[complete])


def connected(router, context, service="api-ssl"):
    plain = socket.create_connection((router.host, router.ports[service]), timeout=5)
    try:
        return context.wrap_socket(plain, server_hostname=router.host)
    except (ssl.SSLError, OSError):
        plain.close()
        raise


def trusting(pem):
    context = ssl.create_default_context(cadata=pem)
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context


def anybody():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def fingerprint(router, service="api-ssl"):
    with connected(router, anybody(), service) as secure:
        return hashlib.sha256(secure.getpeercert(binary_form=True)).hexdigest()


@pytest.mark.parametrize("service", ["api-ssl", "www-ssl"])
def test_a_self_signed_certificate_is_trusted_by_who_knows_it_and_by_nobody_else(service):
    with routers_with("self-signed") as routers:
        shown = routers[0].ask("shown")
        assert fingerprint(routers[0], service) == shown["fingerprint"]
        connected(routers[0], trusting(shown["pem"]), service).close()
        with pytest.raises(ssl.SSLCertVerificationError, match="self-signed"):
            connected(routers[0], ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), service)


@pytest.mark.parametrize(
    ("tls", "words"), [("other-host", "IP address mismatch"), ("expired", "expired")]
)
def test_a_certificate_of_another_host_or_time_is_refused_though_its_signer_is_known(tls, words):
    with routers_with(tls) as routers:
        context = trusting(routers[0].ask("shown")["pem"])
        with pytest.raises(ssl.SSLCertVerificationError, match=words):
            connected(routers[0], context)


def test_another_certificate_is_shown_from_the_next_connection_on():
    with routers_with("self-signed") as routers:
        before = fingerprint(routers[0])
        with connected(routers[0], anybody()) as old:
            after = routers[0].ask("certificate")
            assert fingerprint(routers[0]) == fingerprint(routers[0], "www-ssl") == after != before
            old.sendall(b"\x00")


def test_without_a_certificate_only_anonymous_diffie_hellman_of_tls_1_2_is_spoken():
    with routers_with("anonymous", "v6.49.10") as routers:
        assert "www-ssl" not in routers[0].ports
        with pytest.raises((ssl.SSLError, ConnectionResetError)):
            connected(routers[0], anybody())
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers("ADH:@SECLEVEL=0")
        with connected(routers[0], context) as secure:
            assert (secure.version(), secure.getpeercert(binary_form=True)) == ("TLSv1.2", None)
