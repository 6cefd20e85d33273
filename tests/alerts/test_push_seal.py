"""Sealing for a browser, by the example of the RFC and by what any browser would open."""

from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from ronda.alerts.channels import push_seal
from ronda.alerts.channels.push_seal import plain64, private_key, public_bytes, raw64, sealed
from tests.alerts.browser import claims_of, opened

# RFC 8291, appendix A.
TEXT = b"When I grow up, I want to be a watermelon"
SENDER = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
BROWSER = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"
BROWSER_PUBLIC = (
    "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
)
AUTH = "BTBZMqHH6r4Tts7J_aSIgg"
SALT = "DGv6ra1nlYgDCS1FRnbzlw"
BODY = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6Tlz"
    "AC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def test_the_example_of_the_rfc_comes_out() -> None:
    body = sealed(
        TEXT, raw64(BROWSER_PUBLIC), raw64(AUTH), own=private_key(SENDER), salt=raw64(SALT)
    )

    assert plain64(body) == BODY
    assert opened(raw64(BODY), private_key(BROWSER), raw64(AUTH)) == TEXT
    assert plain64(public_bytes(private_key(BROWSER))) == BROWSER_PUBLIC


@given(st.binary(max_size=200))
def test_what_is_sealed_is_opened_by_that_browser_alone(text: bytes) -> None:
    browser, auth = private_key(BROWSER), raw64(AUTH)
    body = sealed(text, public_bytes(browser), auth)

    assert opened(body, browser, auth) == text
    assert len(body) == len(text) + 103
    for key, secret in ((private_key(SENDER), auth), (browser, bytes(16))):
        with pytest.raises(ValueError, match="browser"):
            opened(body, key, secret)


def test_what_does_not_fit_or_is_no_key_is_refused() -> None:
    key, auth = raw64(BROWSER_PUBLIC), raw64(AUTH)
    assert len(sealed(b"x" * push_seal.MOST, key, auth)) == 4096
    for text, theirs, secret in (
        (b"x" * (push_seal.MOST + 1), key, auth),
        (b"x", key[:-1], auth),
        (b"x", b"\x04" + bytes(64), auth),
        (b"x", key, auth[:-1]),
    ):
        with pytest.raises(ValueError):  # noqa: PT011 -- several reasons
            sealed(text, theirs, secret)
    with pytest.raises(ValueError, match="no push"):
        opened(b"x" * 90, private_key(BROWSER), auth)
    with pytest.raises(ValueError):  # noqa: PT011 -- the library's words
        raw64("ä!")


def test_the_signature_names_the_push_service_and_ends() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    header = push_seal.vapid("https://push.example:8443/send/x?y", key, "mailto:a@b.example", NOW)

    assert claims_of(header) == {
        "aud": "https://push.example:8443",
        "exp": int(NOW.timestamp()) + 12 * 3600,
        "sub": "mailto:a@b.example",
    }
    assert header.endswith(f"k={plain64(public_bytes(key))}")
    other = plain64(public_bytes(private_key(SENDER)))
    with pytest.raises(ValueError, match="signature"):
        claims_of(header.rpartition("k=")[0] + f"k={other}")
    assert private_key(push_seal.new_key()).key_size == 256
