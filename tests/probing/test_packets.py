"""Echo requests and replies as bytes."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ronda.probing.packets import (
    ECHO_BYTES,
    Echo,
    Family,
    Quoted,
    checksum,
    parse_quoted,
    parse_reply,
    request,
    token,
)

u16 = st.integers(0, 0xFFFF)
u32 = st.integers(0, 0xFFFFFFFF)
cookies = st.binary(min_size=8, max_size=8)
families = st.sampled_from(Family)


def as_reply(family: Family, packet: bytes) -> bytes:
    """What the other end sends back: the same bytes under the reply type."""
    return bytes([family.reply]) + packet[1:]


def ip_header(options: bytes) -> bytes:
    return bytes([0x40 | 5 + len(options) // 4]) + bytes(19) + options


@given(families, u16, u16, cookies, u32)
def test_one_header_has_the_right_checksum_for_every_target(
    family: Family, ident: int, sequence: int, cookie: bytes, index: int
) -> None:
    packet = request(family, ident, sequence, cookie) + token(index)
    assert (len(packet), checksum(packet)) == (ECHO_BYTES, 0)


def test_the_checksum_is_that_of_rfc_1071() -> None:
    assert checksum(bytes.fromhex("0001f203f4f5f6f7")) == 0xDDF2 ^ 0xFFFF
    assert checksum(b"\x01") == 0xFEFF


@given(families, u16, u16, cookies, u32, st.binary(max_size=20))
def test_a_reply_gives_back_what_was_asked(
    family: Family, ident: int, sequence: int, cookie: bytes, index: int, padding: bytes
) -> None:
    reply = as_reply(family, request(family, ident, sequence, cookie) + token(index)) + padding
    assert parse_reply(family, reply) == Echo(ident, sequence, cookie, index)


@given(u16, u16, cookies, u32, st.sampled_from([b"", bytes(4), bytes(40)]))
def test_a_reply_behind_an_ip_header_is_read_too(
    ident: int, sequence: int, cookie: bytes, index: int, options: bytes
) -> None:
    reply = as_reply(Family.IPV4, request(Family.IPV4, ident, sequence, cookie) + token(index))
    assert parse_reply(Family.IPV4, ip_header(options) + reply) == Echo(
        ident, sequence, cookie, index
    )


@given(families, st.binary(max_size=100))
def test_garbage_is_not_an_answer_and_raises_nothing(family: Family, data: bytes) -> None:
    # 1 in 2**32 of random data carries a complement that fits; hypothesis does not find one.
    assert parse_reply(family, data) is None
    parse_quoted(family, data)


@given(families, u16, u16, cookies, u32, st.integers(0, ECHO_BYTES - 1))
def test_a_truncated_reply_is_not_an_answer(
    family: Family, ident: int, sequence: int, cookie: bytes, index: int, length: int
) -> None:
    reply = as_reply(family, request(family, ident, sequence, cookie) + token(index))
    assert parse_reply(family, reply[:length]) is None


@given(families, u16, u16, cookies, u32, st.integers(0, 63))
def test_a_token_with_a_flipped_bit_is_not_an_answer(
    family: Family, ident: int, sequence: int, cookie: bytes, index: int, bit: int
) -> None:
    reply = bytearray(as_reply(family, request(family, ident, sequence, cookie) + token(index)))
    reply[16 + bit // 8] ^= 1 << bit % 8
    assert parse_reply(family, bytes(reply)) is None


@pytest.mark.parametrize("family", Family)
def test_our_own_request_is_not_an_answer(family: Family) -> None:
    assert parse_reply(family, request(family, 1, 2, b"cookie!!") + token(3)) is None


@given(families, u16, u16, cookies, st.integers(8, 24), st.booleans())
def test_an_error_names_the_request_from_its_header_alone(
    family: Family, ident: int, sequence: int, cookie: bytes, quoted: int, header: bool
) -> None:
    data = (request(family, ident, sequence, cookie) + token(7))[:quoted]
    if header and family is Family.IPV4:
        data = ip_header(b"") + data
    assert parse_quoted(family, data) == Quoted(ident, sequence)


def test_an_error_about_something_else_names_nothing() -> None:
    assert parse_quoted(Family.IPV4, struct.pack("!BBHHH", 3, 1, 0, 9, 9)) is None
