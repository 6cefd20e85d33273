"""QRIS texts: the checksum of the standard, what is refused, and a code with an amount."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ronda.shop.rules import qris
from ronda.shop.rules.qris import NoQris, Qris

#: Built by hand from the specification; the checksum by a program that is not ours.
BODY = (
    "00020101021126570011ID.DANA.WWW011893600915300000000102090000000010303UMI"
    "51440014ID.CO.QRIS.WWW0215ID10200000000000303UMI"
    "5204481453033605802ID5912WARUNG RONDA6010YOGYAKARTA61055512362070703A016304"
)


def signed(body: str) -> str:
    return body + qris.checksum(body)


STATIC = signed(BODY)


def test_the_checksum_is_that_of_the_standard():
    # CRC-16/CCITT-FALSE of "123456789" is 29B1 (the catalogue's check value).
    assert qris.checksum("123456789") == "29B1"


def test_a_printed_code_is_read():
    read = qris.read(f" {STATIC}\n")

    assert read == Qris(read.fields, "WARUNG RONDA", "YOGYAKARTA", None)
    assert read.is_static


def test_a_code_in_small_letters_of_the_checksum_is_read():
    assert qris.read(BODY + qris.checksum(BODY).lower()).merchant == "WARUNG RONDA"


@given(st.integers(1, 100_000_000))
def test_a_code_with_an_amount_is_the_same_merchants_and_asks_for_it(amount: int):
    made = qris.with_amount(STATIC, amount)

    before, after = qris.read(STATIC), qris.read(made)
    assert (after.amount_idr, after.is_static) == (amount, False)
    assert dict(after.fields) == {
        **dict(before.fields),
        "01": "12",
        "54": str(amount),
        "63": made[-4:],
    }
    assert [key for key, _value in after.fields] == sorted(key for key, _value in after.fields)
    assert qris.with_amount(made, amount) == made


def test_a_code_without_a_point_of_initiation_gets_one():
    bare = signed(BODY.replace("010211", "", 1))

    assert qris.with_amount(bare, 5000) == qris.with_amount(STATIC, 5000)


@pytest.mark.parametrize("amount", [0, -1])
def test_nothing_is_no_amount(amount: int):
    with pytest.raises(ValueError, match=str(amount)):
        qris.with_amount(STATIC, amount)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "format"),
        ("https://example.com", "format"),
        ("000201", "format"),
        (STATIC[:-1], "format"),
        (STATIC + "5", "format"),
        (signed("00020163046304"), "format"),
        (signed("0002020102116304"), "format"),
        ("0000" + STATIC, "format"),
        ("9" * 600, "format"),
        (STATIC[:-4] + "0000", "checksum"),
        (STATIC.replace("WARUNG", "WARONG"), "checksum"),
        (signed(BODY.replace("5303360", "5303840")), "currency"),
        (signed(BODY.replace("5802ID", "5802MY")), "currency"),
        (signed(BODY.replace("5912WARUNG RONDA", "")), "format"),
        (signed(BODY.replace("5802ID", "5802ID5802ID")), "format"),
        (signed(BODY.replace("5802ID", "5403abc5802ID")), "format"),
        (signed(BODY.replace("5802ID", "540510.505802ID")), "format"),
    ],
)
def test_what_is_no_qris_is_refused_with_the_reason(text: str, why: str):
    with pytest.raises(NoQris) as refused:
        qris.read(text)

    assert refused.value.why == why


def test_an_amount_with_empty_decimals_is_whole():
    assert qris.read(signed(BODY.replace("5802ID", "54075000.005802ID"))).amount_idr == 5000


@given(st.text("0123456789AID.", max_size=80))
def test_no_text_breaks_the_reader(text: str):
    with suppress(NoQris):
        assert qris.read(text).merchant
