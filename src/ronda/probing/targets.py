"""From what people wrote, a literal or a host name per key, to what the engines send to."""

import socket
from collections.abc import Iterable

from ronda.kernel.addresses import parse_address
from ronda.probing.course import Targets
from ronda.probing.names import Resolver
from ronda.probing.packets import Family

# 0.0.0.0/8 is no device; 224.0.0.0/3 is groups, reserved and broadcast.
_NOT_UNICAST = frozenset({0, *range(224, 256)})


def packed(text: str) -> tuple[Family, bytes] | None:
    """The bytes of a literal; None for a host name.

    The resolver would read 010.0.0.1 as octal and 167772161 as an address, so what looks like a
    name has to be one.

    Raises:
        ValueError: it is neither the address of one device nor a host name.
    """
    try:
        if ":" not in text:
            address = socket.inet_pton(socket.AF_INET, text)
            if address[0] in _NOT_UNICAST:
                raise ValueError(f"{text} is not the address of one device")
            return Family.IPV4, address
        address = socket.inet_pton(socket.AF_INET6, text)
    except OSError:
        parse_address(text, loopback=True)
        return None
    if address[0] == 0xFF or not any(address):
        raise ValueError(f"{text} is not the address of one device")
    return Family.IPV6, address


class Book:
    """Targets by key with their names resolved; `targets` and `hopeless` are what engines take.

    A key whose name is still being looked up is in neither: nothing is known about it yet.
    """

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver
        self._literals: dict[Family, list[tuple[int, bytes]]] = {}
        self._named: dict[int, str] = {}
        self._impossible: list[int] = []

    def write(self, keys: Iterable[int], texts: Iterable[str]) -> None:
        """Replace the contents; the resolver is told what to want by the owner of both books."""
        self._literals = {Family.IPV4: [], Family.IPV6: []}
        self._named = {}
        self._impossible = []
        for key, text in zip(keys, texts, strict=True):
            try:
                literal = packed(text)
            except ValueError:
                self._impossible.append(key)
                continue
            if literal is None:
                self._named[key] = text
            else:
                self._literals[literal[0]].append((key, literal[1]))

    @property
    def names(self) -> set[str]:
        """The host names of the book."""
        return set(self._named.values())

    @property
    def targets(self) -> Targets:
        """Every key with an address, by family."""
        found = {family: list(pairs) for family, pairs in self._literals.items()}
        for key, name in self._named.items():
            address = self._resolver.address(name)
            if address is not None:
                found[address[0]].append((key, address[1]))
        return found

    @property
    def hopeless(self) -> list[int]:
        """Every key that has no address: no such name, or nothing that may be probed."""
        judged, address = self._resolver.judged, self._resolver.address
        named = [key for key, name in self._named.items() if judged(name) and not address(name)]
        return self._impossible + named


def text_of(family: Family, address: bytes) -> str:
    """The canonical text of packed bytes."""
    version = socket.AF_INET if family is Family.IPV4 else socket.AF_INET6
    return socket.inet_ntop(version, address)
