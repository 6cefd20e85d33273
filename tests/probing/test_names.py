"""Host names, on a name server that does as it is told."""

import socket
import threading
import time

from ronda.probing.names import Resolver
from ronda.probing.packets import Family
from ronda.probing.targets import Book


class NameServer:
    """Answers from a table; a missing name does not exist, None means it is sick."""

    def __init__(self, table: dict[str, list[str] | None]) -> None:
        self.table = table
        self.asked: list[str] = []

    def __call__(self, name: str) -> list[str]:
        self.asked.append(name)
        if name not in self.table:
            raise socket.gaierror(socket.EAI_NONAME, "no such name")
        found = self.table[name]
        if found is None:
            raise socket.gaierror(socket.EAI_AGAIN, "try later")
        return found


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def settled(resolver: Resolver, name: str) -> Resolver:
    deadline = time.monotonic() + 60
    while not resolver.judged(name):
        assert time.monotonic() < deadline
        resolver.refresh()
    return resolver


def test_a_name_becomes_its_first_address_that_may_be_probed() -> None:
    server = NameServer({"ont.example": ["224.0.0.1", "127.0.0.1", "10.0.0.7"]})
    resolver = Resolver(lookup=server)
    resolver.want(["ont.example"])
    settled(resolver, "ont.example")
    assert resolver.address("ont.example") == (Family.IPV4, bytes([10, 0, 0, 7]))


def test_a_name_that_means_this_machine_has_no_address_unless_that_is_allowed() -> None:
    server = NameServer({"trap.example": ["127.0.0.1"]})
    for allowed, address in ((False, None), (True, (Family.IPV4, bytes([127, 0, 0, 1])))):
        resolver = Resolver(lookup=server, loopback=allowed)
        resolver.want(["trap.example"])
        assert settled(resolver, "trap.example").address("trap.example") == address


def test_a_sick_name_server_takes_no_address_away_and_a_removed_name_does() -> None:
    clock, server = Clock(), NameServer({"ont.example": ["10.0.0.7"]})
    resolver = Resolver(lookup=server, clock=clock)
    resolver.want(["ont.example"])
    settled(resolver, "ont.example")
    for answer, address in ((None, (Family.IPV4, bytes([10, 0, 0, 7]))), ("gone", None)):
        if answer is None:
            server.table["ont.example"] = None
        else:
            del server.table["ont.example"]
        asked = len(server.asked)
        clock.now += 301
        while len(server.asked) == asked:
            resolver.refresh()
        time_out = time.monotonic() + 0.2
        while time.monotonic() < time_out:
            resolver.refresh()
        assert resolver.address("ont.example") == address


def test_our_patience_with_a_name_is_bounded() -> None:
    clock, stuck = Clock(), threading.Event()

    def hang(_: str) -> list[str]:
        stuck.wait(10)
        return []

    resolver = Resolver(lookup=hang, clock=clock)
    resolver.want(["slow.example"])
    assert not resolver.refresh()
    assert not resolver.judged("slow.example")
    clock.now += 5.1
    assert resolver.refresh()
    assert resolver.judged("slow.example")
    stuck.set()


def test_a_book_sorts_literals_names_and_what_cannot_be_probed() -> None:
    resolver = Resolver(lookup=NameServer({"a.example": ["2001:db8::7"]}))
    book = Book(resolver)
    addresses = ["10.0.0.1", "2001:db8::1", "a.example", "b.example", "255.255.255.255", "ff02::1"]
    book.write(range(1, 8), [*addresses, "010.0.0.1"])
    resolver.want(book.names)
    assert book.hopeless == [5, 6, 7]
    for name in ("a.example", "b.example"):
        settled(resolver, name)
    wide = socket.inet_pton(socket.AF_INET6, "2001:db8::1")
    named = socket.inet_pton(socket.AF_INET6, "2001:db8::7")
    assert book.targets == {
        Family.IPV4: [(1, bytes([10, 0, 0, 1]))],
        Family.IPV6: [(2, wide), (3, named)],
    }
    assert sorted(book.hopeless) == [4, 5, 6, 7]
