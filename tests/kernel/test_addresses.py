"""The gate in front of every socket and every other program."""

import ipaddress
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ronda.kernel.addresses import Address, AddressProblem, AddressRefused, parse_address

SAFE = re.compile(r"[a-z0-9:][a-z0-9.:-]*")


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("10.26.53.4", Address("10.26.53.4", "ipv4")),
        ("169.254.1.1", Address("169.254.1.1", "ipv4")),
        ("2001:DB8:0::1", Address("2001:db8::1", "ipv6")),
        ("::ffff:10.0.0.1", Address("10.0.0.1", "ipv4")),
        ("64:ff9b::a00:1", Address("64:ff9b::a00:1", "ipv6")),
        ("ONT-1.Sleman.example.", Address("ont-1.sleman.example", "name")),
        ("gateway", Address("gateway", "name")),
        ("3com.example", Address("3com.example", "name")),
    ],
)
def test_an_address_is_read_into_its_canonical_spelling(text: str, address: Address) -> None:
    assert parse_address(text) == address


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", AddressProblem.EMPTY),
        (" 10.0.0.1", AddressProblem.WHITESPACE),
        ("10.0.0.1\n", AddressProblem.WHITESPACE),
        ("10.0.0.1\x00", AddressProblem.WHITESPACE),
        ("10.0.0.1\u200b", AddressProblem.WHITESPACE),
        ("-c", AddressProblem.OPTION_LIKE),
        ("--help", AddressProblem.OPTION_LIKE),
        ("a;reboot", AddressProblem.FORBIDDEN_CHARACTER),
        ("$(id)", AddressProblem.FORBIDDEN_CHARACTER),
        ("`id`", AddressProblem.FORBIDDEN_CHARACTER),
        ("a|b", AddressProblem.FORBIDDEN_CHARACTER),
        ("a&b", AddressProblem.FORBIDDEN_CHARACTER),
        ("10.0.0.0/24", AddressProblem.FORBIDDEN_CHARACTER),
        ("fe80::1%eth0", AddressProblem.FORBIDDEN_CHARACTER),
        ("snow_man", AddressProblem.FORBIDDEN_CHARACTER),
        ("\u0661\u0660.0.0.1", AddressProblem.FORBIDDEN_CHARACTER),
        ("010.0.0.1", AddressProblem.LEADING_ZERO),
        ("10.0.00.1", AddressProblem.LEADING_ZERO),
        ("10.0.0.256", AddressProblem.MALFORMED),
        ("10.0.0", AddressProblem.MALFORMED),
        ("167772161", AddressProblem.MALFORMED),
        ("0x0a000001", AddressProblem.MALFORMED),
        ("10.0.0.0x1", AddressProblem.MALFORMED),
        ("1::2::3", AddressProblem.MALFORMED),
        ("10.0.0.1:80", AddressProblem.MALFORMED),
        ("a..b", AddressProblem.MALFORMED),
        ("a-.b", AddressProblem.MALFORMED),
        (".", AddressProblem.MALFORMED),
        ("a" * 64, AddressProblem.MALFORMED),
        ("a." * 127 + "aa", AddressProblem.TOO_LONG),
        ("0.0.0.0", AddressProblem.UNSPECIFIED),
        ("0.1.2.3", AddressProblem.UNSPECIFIED),
        ("::", AddressProblem.UNSPECIFIED),
        ("127.0.0.1", AddressProblem.LOOPBACK),
        ("::1", AddressProblem.LOOPBACK),
        ("::ffff:127.0.0.1", AddressProblem.LOOPBACK),
        ("localhost", AddressProblem.LOOPBACK),
        ("x.LOCALHOST.", AddressProblem.LOOPBACK),
        ("224.0.0.1", AddressProblem.MULTICAST),
        ("ff02::1", AddressProblem.MULTICAST),
        ("255.255.255.255", AddressProblem.BROADCAST),
        ("240.0.0.1", AddressProblem.RESERVED),
        ("::10.0.0.1", AddressProblem.RESERVED),
        ("fe80::1", AddressProblem.LINK_LOCAL),
        ("169.254.169.254", AddressProblem.METADATA),
        ("::ffff:169.254.169.254", AddressProblem.METADATA),
        ("fd00:ec2::254", AddressProblem.METADATA),
    ],
)
def test_anything_that_is_not_one_device_is_refused_with_its_reason(
    text: str, reason: AddressProblem
) -> None:
    with pytest.raises(AddressRefused) as refused:
        parse_address(text)
    assert (refused.value.reason, refused.value.text) == (reason, text)


@pytest.mark.parametrize("text", ["127.0.0.1", "127.1.39.15", "::1", "localhost"])
def test_loopback_is_allowed_only_by_its_flag(text: str) -> None:
    assert parse_address(text, loopback=True).text == text


@given(st.text(max_size=40) | st.from_regex(r"[0-9a-fx.:-]{1,20}", fullmatch=True))
def test_whatever_is_accepted_is_safe_on_a_command_line(text: str) -> None:
    try:
        address = parse_address(text, loopback=True)
    except AddressRefused:
        return
    assert SAFE.fullmatch(address.text)
    assert parse_address(address.text, loopback=True) == address


@given(st.ip_addresses())
def test_what_is_accepted_is_unicast(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    try:
        parsed = parse_address(str(address))
    except AddressRefused:
        return
    again = ipaddress.ip_address(parsed.text)
    assert not any((again.is_multicast, again.is_unspecified, again.is_loopback))
