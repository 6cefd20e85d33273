"""A network and a clock for the engine, both in memory: it answers, is late, loses, refuses."""

import errno
import heapq
import ipaddress
import math
import struct
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ronda.probing.course import Burst
from ronda.probing.engine import Engine
from ronda.probing.packets import Family, mark
from ronda.probing.port import Cause, Reading, Readings, Report, SweepDone, Trouble
from ronda.probing.wire import Negative, Record

SECOND = 1_000_000_000
COOKIE = b"a cookie"


@dataclass
class Clock:
    """Time that passes only when told to; `step` moves the wall clock."""

    now: int = 1_000 * SECOND
    wall: int = 1_795_000_000 * SECOND

    def monotonic_ns(self) -> int:
        return self.now

    def time_ns(self) -> int:
        return self.wall + self.now

    def step(self, seconds: float) -> None:
        self.wall += int(seconds * SECOND)


@dataclass
class Host:
    """How one address behaves towards an echo."""

    delay: float | None = 0.005  # None: silent
    copies: int = 1
    refusal: Cause | None = None
    error: int = 0


@dataclass
class Network:
    """Behind every wire: the behaviour per address, and a log of (time, address text)."""

    clock: Clock
    hosts: dict[str, Host] = field(default_factory=dict)
    capacity: int = 10_000
    room: int = 1 << 30  # packets that may leave before ENOBUFS
    log: list[tuple[int, str]] = field(default_factory=list)
    dropped: int = 0
    _flying: list[tuple[int, int, Record]] = field(default_factory=list)
    _arrived: list[Record] = field(default_factory=list)
    negatives: list[Negative] = field(default_factory=list)
    _count: int = 0

    def host(self, address: str) -> Host:
        return self.hosts.get(address, Host())

    def arrive(self) -> None:
        """Move what has arrived by now into the receive buffer, or drop it."""
        while self._flying and self._flying[0][0] <= self.clock.now:
            record = heapq.heappop(self._flying)[2]
            if len(self._arrived) < self.capacity:
                self._arrived.append(record)
            else:
                self.dropped += 1

    def fly(self, delay: float, record: Record) -> None:
        """Let this record arrive after `delay` seconds, stamped on arrival."""
        at = self.clock.now + int(delay * SECOND) + 500  # in the middle of a microsecond
        stamp = at + self.clock.wall
        source, _, _, mark, index, inverse = record
        stamped = (source, stamp // SECOND, stamp % SECOND, mark, index, inverse)
        self._count += 1
        heapq.heappush(self._flying, (at, self._count, stamped))

    def read(self) -> list[Record]:
        self.arrive()
        got, self._arrived = self._arrived[:512], self._arrived[512:]
        return got


class FakeWire:
    """A wire into the network."""

    def __init__(self, network: Network) -> None:
        self.family = Family.IPV4
        self.network = network
        self.capacity = network.capacity
        self._sequence = 0

    def fileno(self) -> int:
        return -1

    def mark(self, sequence: int) -> bytes:
        return mark(7, sequence, COOKIE)

    def head(self, sequence: int) -> None:
        self._sequence = sequence

    def send(self, names: bytes, tokens: bytes, count: int) -> tuple[int, int]:
        network = self.network
        network.arrive()
        for number in range(count):
            packed = names[number * 16 + 4 : number * 16 + 8]
            address = str(ipaddress.ip_address(packed))
            host = network.host(address)
            if network.room <= 0:
                return number, errno.ENOBUFS
            if host.error:
                return number, host.error
            network.room -= 1
            network.log.append((network.clock.now, address))
            source = int.from_bytes(packed, sys.byteorder)
            index, inverse = struct.unpack_from("=II", tokens, number * 8)
            if host.refusal is not None:
                network.negatives.append(Negative(source, self._sequence, host.refusal))
            elif host.delay is not None:
                record = (source, 0, 0, self.mark(self._sequence), index, inverse)
                for copy in range(host.copies):
                    network.fly(host.delay + copy * 0.001, record)
        return count, 0

    def receive(self) -> list[Record]:
        return self.network.read()

    def errors(self) -> list[Negative]:
        found, self.network.negatives = self.network.negatives, []
        return found

    def drops(self) -> int:
        self.network.arrive()
        return self.network.dropped

    def close(self) -> None:
        pass


class Bench:
    """An engine on a network, driven by hand."""

    def __init__(
        self,
        hosts: Mapping[str, Host] | None = None,
        *,
        interval: float = 30.0,
        timeout: float = 1.0,
        capacity: int = 10_000,
        ceiling: float = math.inf,
        burst: Burst | None = None,
    ) -> None:
        self.clock = Clock()
        self.network = Network(self.clock, dict(hosts or {}), capacity)
        self.engine = Engine(
            {Family.IPV4: FakeWire(self.network)},
            self.clock,
            interval=interval,
            timeout=timeout,
            ceiling=ceiling,
            burst=burst,
        )
        self.reports: list[Report] = []
        # Round number to how often each address was probed in it.
        self.sent_in: defaultdict[int, Counter[str]] = defaultdict(Counter)

    def watch(self, targets: Mapping[int, str]) -> None:
        self.engine.watch({Family.IPV4: pairs(targets)})

    def run(self, seconds: float, *, each: Callable[[], None] | None = None) -> None:
        """Turn the engine for this long, as its own process would."""
        end = self.clock.now + int(seconds * SECOND)
        while self.clock.now < end:
            before = len(self.network.log)
            wait = self.engine.turn()
            if self.engine.course.round is not None:
                sent = [address for _, address in self.network.log[before:]]
                self.sent_in[self.engine.course.round.number].update(sent)
            self.reports += self.engine.collect()
            if each:
                each()
            self.clock.now += max(int(wait * SECOND), 1_000_000)

    @property
    def number(self) -> int:
        """The round under way."""
        assert self.engine.course.round is not None
        return self.engine.course.round.number

    def run_into_round(self, number: int) -> None:
        """Turn the engine until this round has begun."""
        while self.engine.course.round is None or self.number < number:
            self.run(0.001)

    @property
    def sweeps(self) -> list[SweepDone]:
        return [report for report in self.reports if isinstance(report, SweepDone)]

    @property
    def troubles(self) -> list[Trouble]:
        return [report for report in self.reports if isinstance(report, Trouble)]

    @property
    def readings(self) -> list[Reading]:
        return [
            reading
            for report in self.reports
            if isinstance(report, Readings)
            for reading in report.readings
        ]

    @property
    def misses(self) -> list[tuple[int, Cause]]:
        return [(reading.key, reading.cause) for reading in self.readings if reading.rtt_us is None]


def pairs(targets: Mapping[int, str]) -> list[tuple[int, bytes]]:
    return [(key, ipaddress.ip_address(text).packed) for key, text in targets.items()]


def block(count: int, first: str = "10.0.0.1") -> dict[int, str]:
    """Neighbouring addresses, keys from 0."""
    start = ipaddress.IPv4Address(first)
    return {key: str(start + key) for key in range(count)}
