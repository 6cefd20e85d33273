"""Echo requests and what comes back for them, as bytes: pure, no sockets, no clock.

Every echo of one wave shares the 16 bytes of `request`: the ICMP header (RFC 792 p. 14, RFC 4443
section 4.1) and a secret cookie. Behind them comes the 8-byte `token` of the target: an index and
its complement. The two halves of a token add up to nothing in the Internet checksum, so one header
serves every target and a wave of a million rewrites 16 bytes.

Parsing never raises: what is not an answer to us is None.
"""

import struct
from enum import Enum
from typing import NamedTuple

COOKIE_BYTES = 8
TOKEN_BYTES = 8
REQUEST_BYTES = 8 + COOKIE_BYTES
ECHO_BYTES = REQUEST_BYTES + TOKEN_BYTES
FULL = 0xFFFFFFFF

_HEADER = struct.Struct("!BBHHH")
_TOKEN = struct.Struct("=II")
_ECHO = struct.Struct(f"!BBHHH{COOKIE_BYTES}s{TOKEN_BYTES}s")


class Family(Enum):
    """An IP version and the ICMP numbers that go with it."""

    IPV4 = (4, 8, 0)
    IPV6 = (6, 128, 129)

    @property
    def request(self) -> int:
        """The ICMP type of an echo request."""
        return self.value[1]

    @property
    def reply(self) -> int:
        """The ICMP type of an echo reply."""
        return self.value[2]


class Echo(NamedTuple):
    """An echo reply that carries a whole token; whether it is ours is for the caller to compare."""

    ident: int
    sequence: int
    cookie: bytes
    target: int


class Quoted(NamedTuple):
    """What an ICMP error quotes of our request; RFC 792 promises no more than the header."""

    ident: int
    sequence: int


def checksum(data: bytes) -> int:
    """The Internet checksum (RFC 1071)."""
    if len(data) % 2:
        data += b"\0"
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def request(family: Family, ident: int, sequence: int, cookie: bytes) -> bytes:
    """The shared first 16 bytes of every echo request of a wave, checksum included.

    The checksum is right for every token that follows. Kernels compute it again for datagram
    sockets and for ICMPv6, where it covers the addresses too.
    """
    body = _HEADER.pack(family.request, 0, 0, ident, sequence) + cookie
    return _HEADER.pack(family.request, 0, checksum(body), ident, sequence) + cookie


def mark(ident: int, sequence: int, cookie: bytes) -> bytes:
    """The 12 bytes behind the checksum, the same in every request and reply of a wave.

    The checksum itself is not: for ICMPv6 it covers the addresses.
    """
    return struct.pack("!HH", ident, sequence) + cookie


def token(index: int) -> bytes:
    """The 8 bytes that stand for the target at `index` (0 to 2**32 - 1)."""
    return _TOKEN.pack(index, index ^ FULL)


def parse_reply(family: Family, data: bytes) -> Echo | None:
    """Read an echo reply as any kind of socket hands it over, with or without an IPv4 header.

    Raw IPv4 sockets, and datagram sockets of macOS, put the IP header in front (RFC 791 p. 11: the
    first four bits are the version, an echo reply starts with a zero byte).
    """
    if family is Family.IPV4 and data[:1] and data[0] >> 4 == 4:
        data = data[(data[0] & 15) * 4 :] if data[0] & 15 >= 5 else b""
    if len(data) < ECHO_BYTES:
        return None
    kind, code, _, ident, sequence, cookie, tail = _ECHO.unpack_from(data)
    index, inverse = _TOKEN.unpack(tail)
    if kind != family.reply or code != 0 or index ^ inverse != FULL:
        return None
    return Echo(ident, sequence, cookie, index)


def parse_quoted(family: Family, data: bytes) -> Quoted | None:
    """Read the request that an ICMP error quotes, as the kernel's error queue hands it over."""
    if family is Family.IPV4 and data[:1] and data[0] >> 4 == 4:
        data = data[(data[0] & 15) * 4 :] if data[0] & 15 >= 5 else b""
    if len(data) < _HEADER.size:
        return None
    kind, _, _, ident, sequence = _HEADER.unpack_from(data)
    return Quoted(ident, sequence) if kind == family.request else None
