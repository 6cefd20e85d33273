"""The targets of one IP version, laid out so that a batch is sent without touching each target.

A target's place in the round is its phase: the address times the golden ratio, modulo one turn
(Fibonacci hashing). Neighbours in address are 0.38 of a round apart, so that no PON port, ODP or
access switch gets its echoes in one burst, and a target keeps its moment in the round when others
come and go.
"""

import socket
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from itertools import repeat

from ronda.probing.packets import FULL, TOKEN_BYTES, Family

# 2**32 and 2**64 over the golden ratio, odd, so that the product is one to one.
_GOLDEN_32 = 0x9E3779B1
_GOLDEN_64 = 0x9E3779B97F4A7C15
_BACK_32 = pow(_GOLDEN_32, -1, 1 << 32)
KEY_BITS = 24
LARGEST_KEY = (1 << KEY_BITS) - 1
_KEY_MASK = LARGEST_KEY
# Indexes from here on belong to single probes outside the rounds.
SINGLES = 1 << 31


class Fleet:
    """Targets of one family in the order of their phases; immutable but for `loud`.

    `names` holds one sockaddr per target, `tokens` one token, both ready for the kernel.
    `sources` is what a reply's sender must equal. `place` turns a key into a position, -1 if absent.
    """

    __slots__ = (
        "count",
        "family",
        "keys",
        "loud",
        "name_bytes",
        "names",
        "order",
        "place",
        "sources",
        "tokens",
    )

    def __init__(self, family: Family, targets: Iterable[tuple[int, bytes]]) -> None:
        self.family = family
        self.order: array[int] | list[int]
        self.sources: array[int] | list[bytes]
        if family is Family.IPV4:
            self._lay_out_ipv4(targets)
        else:
            self._lay_out_ipv6(targets)
        self.count = len(self.keys)
        self.tokens = _tokens(self.count)
        self.loud = bytearray(b"\1") * self.count
        self.place = array("i", repeat(-1, max(self.keys, default=-1) + 1))
        for position, key in enumerate(self.keys):
            self.place[key] = position

    def _lay_out_ipv4(self, targets: Iterable[tuple[int, bytes]]) -> None:
        read, mask = int.from_bytes, 0xFFFFFFFF
        order = sorted(
            ((read(packed, "big") * _GOLDEN_32 & mask) << KEY_BITS) | key for key, packed in targets
        )
        self.order = array("Q", order)
        self.keys = array("I", [mixed & _KEY_MASK for mixed in order])
        addresses = array("I", [(mixed >> KEY_BITS) * _BACK_32 & mask for mixed in order])
        if socket.htonl(1) != 1:
            addresses.byteswap()
        self.sources = addresses
        self.name_bytes = 16
        self.names = _names(socket.AF_INET, self.name_bytes, 4, addresses.tobytes(), 4)

    def _lay_out_ipv6(self, targets: Iterable[tuple[int, bytes]]) -> None:
        mixed = sorted((_phase_ipv6(packed) << KEY_BITS | key, packed) for key, packed in targets)
        self.order = [order for order, _ in mixed]
        self.keys = array("I", [order & _KEY_MASK for order in self.order])
        self.sources = [packed for _, packed in mixed]
        self.name_bytes = 28
        self.names = _names(socket.AF_INET6, self.name_bytes, 8, b"".join(self.sources), 16)

    def position(self, key: int) -> int:
        """Where the key stands in the order, -1 if it is not of this fleet."""
        return self.place[key] if 0 <= key < len(self.place) else -1

    def name(self, position: int) -> bytes:
        """The sockaddr of one target."""
        size = self.name_bytes
        return self.names[position * size : position * size + size]

    def positions(self, source: int | bytes) -> list[int]:
        """All targets with this address, found by its phase."""
        if isinstance(source, bytes):
            phase = _phase_ipv6(source)
        else:
            phase = socket.ntohl(source) * _GOLDEN_32 & 0xFFFFFFFF
        first = bisect_left(self.order, phase << KEY_BITS)
        last = bisect_left(self.order, (phase + 1) << KEY_BITS)
        return [position for position in range(first, last) if self.sources[position] == source]

    def after(self, other: "Fleet", position: int) -> int:
        """The first position here that stands behind all before `position` in the other fleet."""
        if position == 0:
            return 0
        return bisect_right(self.order, other.order[position - 1])

    def same(self, position: int, other: "Fleet") -> bool:
        """Whether the other fleet has this target's key with the same address."""
        there = other.position(self.keys[position])
        return there >= 0 and other.sources[there] == self.sources[position]


def _phase_ipv6(packed: bytes) -> int:
    high, low = int.from_bytes(packed[:8], "big"), int.from_bytes(packed[8:], "big")
    return ((high * 31 + low) * _GOLDEN_64) & 0xFFFFFFFFFFFFFFFF


def _names(family: int, size: int, offset: int, packed: bytes, width: int) -> bytes:
    """Sockaddrs of `size` bytes with the family in front and the address at `offset`."""
    count = len(packed) // width
    names = bytearray(size * count)
    head = family.to_bytes(2, "little" if socket.htonl(1) != 1 else "big")
    for at in range(2):
        names[at::size] = head[at : at + 1] * count
    for at in range(width):
        names[offset + at :: size] = packed[at::width]
    return bytes(names)


def _tokens(count: int) -> bytes:
    """The tokens of the indexes from 0 on, as `packets.token` writes each."""
    index = array("I", range(count)).tobytes()
    inverse = array("I", range(FULL, FULL - count, -1)).tobytes()
    tokens = bytearray(TOKEN_BYTES * count)
    for at in range(4):
        tokens[at::TOKEN_BYTES] = index[at::4]
        tokens[4 + at :: TOKEN_BYTES] = inverse[at::4]
    return bytes(tokens)
