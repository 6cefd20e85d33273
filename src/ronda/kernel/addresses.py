"""What may be probed or connected to: unicast addresses and host names, and nothing else.

The one gate between what people type or import and what reaches a socket or another program's
command line. An `Address` never starts with a hyphen, holds no space and no character that any
shell knows, whatever the text it came from.
"""

import ipaddress
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class AddressProblem(StrEnum):
    """Why a text is not an address to probe; the value is stable and used by screens and JSON."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    WHITESPACE = "whitespace"
    OPTION_LIKE = "option_like"
    FORBIDDEN_CHARACTER = "forbidden_character"
    MALFORMED = "malformed"
    LEADING_ZERO = "leading_zero"
    UNSPECIFIED = "unspecified"
    LOOPBACK = "loopback"
    MULTICAST = "multicast"
    BROADCAST = "broadcast"
    RESERVED = "reserved"
    LINK_LOCAL = "link_local"
    METADATA = "metadata"


_SAYINGS = {
    AddressProblem.EMPTY: "it is empty",
    AddressProblem.TOO_LONG: "it is longer than a host name can be (253 characters)",
    AddressProblem.WHITESPACE: "it contains a space or a control character",
    AddressProblem.OPTION_LIKE: "it starts with a hyphen",
    AddressProblem.FORBIDDEN_CHARACTER: "it contains a character that no address has",
    AddressProblem.MALFORMED: "it is neither an IPv4 address, an IPv6 address nor a host name",
    AddressProblem.LEADING_ZERO: "a number of the address starts with a zero",
    AddressProblem.UNSPECIFIED: "it stands for 'this network' and not for a device",
    AddressProblem.LOOPBACK: "it is this machine itself",
    AddressProblem.MULTICAST: "it is a group (multicast) address",
    AddressProblem.BROADCAST: "it is a broadcast address",
    AddressProblem.RESERVED: "it is in a reserved range",
    AddressProblem.LINK_LOCAL: "an IPv6 link-local address means nothing without an interface",
    AddressProblem.METADATA: "clouds tell their machines secrets there",
}


class AddressRefused(ValueError):
    """The text is not an address to probe; `reason` says why, `text` is what was given."""

    def __init__(self, text: str, reason: AddressProblem) -> None:
        self.text = text
        self.reason = reason
        super().__init__(f"{text[:80]!r} cannot be probed: {_SAYINGS[reason]}")


@dataclass(frozen=True, slots=True)
class Address:
    """An address in its canonical spelling: lower case, IPv6 compressed, no final dot."""

    text: str
    kind: Literal["ipv4", "ipv6", "name"]

    def __str__(self) -> str:
        return self.text


#: Where clouds tell a machine its secrets. Others lie in ranges that operators give to customers
#: (100.64.0.0/10), and stay: a probe learns nothing there, and calls have a rule of their own.
METADATA = frozenset(
    map(ipaddress.ip_address, ("169.254.169.254", "169.254.170.2", "fd00:ec2::254"))
)

_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_ALLOWED = re.compile(r"[A-Za-z0-9.:-]+")
_QUAD = re.compile(r"[0-9]+(\.[0-9]+){3}")
# A last label like 10 or 0x7f is a number to getaddrinfo (inet_aton), so it is no host name.
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")


def parse_address(text: str, *, loopback: bool = False) -> Address:
    """Read one address; `loopback` also allows 127.0.0.0/8, ::1 and localhost.

    Host names are checked by RFC 1123 section 2.1 only; what a name resolves to has to pass
    `problem_of` as well. IPv4-mapped IPv6 becomes the IPv4 address it is.

    Raises:
        AddressRefused: with the reason.
    """
    problem = _problem_of_text(text)
    if problem is not None:
        raise AddressRefused(text, problem)
    if ":" in text or _QUAD.fullmatch(text):
        return _literal(text, loopback=loopback)
    return _name(text, loopback=loopback)


def problem_of(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address, *, loopback: bool = False
) -> AddressProblem | None:
    """Why this address is not one device that can be probed, or None when it is.

    An IPv4 address that is written as IPv6 (`::ffff:127.0.0.1`) is judged as what it is.
    """
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    if address in METADATA:
        return AddressProblem.METADATA
    if address.is_multicast:
        return AddressProblem.MULTICAST
    if address.is_loopback:
        return None if loopback else AddressProblem.LOOPBACK
    if isinstance(address, ipaddress.IPv4Address):
        return _problem_of_ipv4(address)
    if address.is_unspecified:
        return AddressProblem.UNSPECIFIED
    if address.is_link_local:
        return AddressProblem.LINK_LOCAL
    # The deprecated IPv4-compatible addresses (RFC 4291 section 2.5.5.1) are never a device.
    return AddressProblem.RESERVED if int(address) >> 32 == 0 else None


def _problem_of_ipv4(address: ipaddress.IPv4Address) -> AddressProblem | None:
    if int(address) == 0xFFFFFFFF:
        return AddressProblem.BROADCAST
    if int(address) >> 24 == 0:
        return AddressProblem.UNSPECIFIED
    return AddressProblem.RESERVED if int(address) >> 28 == 0xF else None


def _problem_of_text(text: str) -> AddressProblem | None:
    if not text:
        return AddressProblem.EMPTY
    if len(text) > 254:
        return AddressProblem.TOO_LONG
    if any(character.isspace() or not character.isprintable() for character in text):
        return AddressProblem.WHITESPACE
    if text.startswith("-"):
        return AddressProblem.OPTION_LIKE
    return None if _ALLOWED.fullmatch(text) else AddressProblem.FORBIDDEN_CHARACTER


def _literal(text: str, *, loopback: bool) -> Address:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        octets = text.split(".") if ":" not in text else []
        zero = any(len(octet) > 1 and octet.startswith("0") for octet in octets)
        reason = AddressProblem.LEADING_ZERO if zero else AddressProblem.MALFORMED
        raise AddressRefused(text, reason) from None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    problem = problem_of(address, loopback=loopback)
    if problem is not None:
        raise AddressRefused(text, problem)
    return Address(str(address), "ipv4" if address.version == 4 else "ipv6")


def _name(text: str, *, loopback: bool) -> Address:
    name = text.lower().removesuffix(".")
    labels = name.split(".")
    if len(name) > 253:
        raise AddressRefused(text, AddressProblem.TOO_LONG)
    if not all(_LABEL.fullmatch(label) for label in labels) or _NUMBER.fullmatch(labels[-1]):
        raise AddressRefused(text, AddressProblem.MALFORMED)
    if labels[-1] == "localhost" and not loopback:
        raise AddressRefused(text, AddressProblem.LOOPBACK)
    return Address(name, "name")
