"""Which address of the simulated network is what: pure arithmetic over one prefix.

Everything is an *index*: the distance of an address from the start of its prefix. The IPv4 and the
IPv6 address of one index are the same box, so whatever happens to it happens to both.

Why 198.18.0.0/15: it is set aside for measuring network gear (RFC 2544, RFC 6890), is never routed
on the Internet and nobody numbers customers with it. 10.0.0.0/8, 172.16.0.0/12 and 192.168.0.0/16
are what real ONTs have, and 100.64.0.0/10 is what the uplinks of Indonesian providers have: a demo
on those could hide, or probe, somebody's network. The lower /16 is the demo's, the upper /16 is
left to tests.

IPv6 takes a unique local prefix (RFC 4193) whose 40-bit global id spells "Ronda"; the subnet is
taken from the IPv4 prefix, so that two simulated networks on one machine never share one.
"""

from dataclasses import dataclass, field
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

DEMO_PREFIX = "198.18.0.0/16"
TEST_PREFIX = "198.19.0.0/16"

ULA_GLOBAL_ID = int.from_bytes(b"Ronda")

GATEWAY = 1
INTERNET = (2, 3, 4, 5)
CANARIES = (GATEWAY, *INTERNET)

# Below the first ONT, so that a list can never number an ONT like a canary.
FIRST_BLOCK = 1
BLOCK = 256


@dataclass(frozen=True)
class Layout:
    """The addresses of one simulated network.

    Raises:
        ValueError: the prefix is no IPv4 prefix between /8 and /28.
    """

    prefix: str = DEMO_PREFIX
    ipv4: IPv4Network = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        network = ip_network(self.prefix)
        if not isinstance(network, IPv4Network) or not 8 <= network.prefixlen <= 28:
            raise ValueError(f"{self.prefix}: a simulated network is an IPv4 prefix from /8 to /28")
        object.__setattr__(self, "ipv4", network)

    @property
    def size(self) -> int:
        """How many addresses the prefix has, network and broadcast address included."""
        return self.ipv4.num_addresses

    @property
    def blocks(self) -> int:
        """How many /24 the prefix holds; 0 when it is smaller than one."""
        return self.size // BLOCK

    @property
    def own(self) -> int:
        """Index of the address our own kernel has on this network: the last usable one."""
        return self.size - 2

    @cached_property
    def ipv6(self) -> IPv6Network:
        """The /64 that goes with the IPv4 prefix."""
        subnet = (int(self.ipv4.network_address) >> 4) & 0xFFFF
        start = (0xFD << 120) | (ULA_GLOBAL_ID << 80) | (subnet << 64)
        return IPv6Network((start, 64))

    def address(self, index: int) -> str:
        """The IPv4 address of this index."""
        return str(self.ipv4[index])

    def address6(self, index: int) -> str:
        """The IPv6 address of this index."""
        return str(self.ipv6[index])

    def index(self, address: str) -> int | None:
        """Which index this address has, of either family; None for names and what lies outside."""
        try:
            parsed = ip_address(address)
        except ValueError:
            return None
        network = self.ipv4 if parsed.version == 4 else self.ipv6
        if parsed not in network:
            return None
        index = int(parsed) - int(network.network_address)
        return index if index < self.size else None

    def canaries(self) -> list[str]:
        """Gateway first, then hosts that play the Internet: silent only when we are blind."""
        return [self.address(index) for index in CANARIES]

    def hosts(self, count: int, first: int = 16) -> list[str]:
        """`count` addresses in a row, clear of the canaries and of our own.

        Raises:
            ValueError: the prefix is too small for that many.
        """
        if first + count > self.own:
            raise ValueError(f"{self.prefix} has no room for {count} hosts from index {first}")
        start = int(self.ipv4.network_address) + first
        return [str(type(self.ipv4.network_address)(start + n)) for n in range(count)]
