"""Real ICMP through real sockets, on loopback and in namespaces of our own."""

import ipaddress
import os
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping

import pytest

from ronda.probing import linux
from ronda.probing.course import Burst
from ronda.probing.engine import Engine
from ronda.probing.methods import SystemClock, diagnose, open_engine, wire_of
from ronda.probing.packets import Family
from ronda.probing.port import Cause, Reading, Readings, SweepDone
from ronda.probing.sockets import IcmpSocket, Method, SocketRefused, open_icmp
from ronda.probing.wire import PlainWire, Wire
from tests.probing.namespaces import Namespace, join, namespace
from tests.probing.network import pairs

COOKIE = b"a cookie"
Factory = Callable[[IcmpSocket, bytes], Wire]


@pytest.fixture
def home() -> Iterator[Namespace]:
    """A network with nothing but a loopback on which unprivileged ICMP is allowed."""
    made = namespace()
    made.sysctl("ipv4/ping_group_range", "0 2147483647")
    yield made
    made.close()


@pytest.fixture
def far() -> Iterator[Namespace]:
    made = namespace()
    yield made
    made.close()


def one_round(
    targets: Mapping[Family, Mapping[int, str]],
    *,
    factory: Factory = wire_of,
    kinds: tuple[Method, ...] = ("icmp-raw",),
    burst: Burst = Burst(rate=0),  # noqa: B008 -- frozen
    timeout: float = 0.5,
    buffer: int = 1 << 22,
) -> tuple[SweepDone, list[Reading]]:
    """One burst over real sockets."""
    sockets = {family: open_icmp(family, kinds=kinds, buffer=buffer) for family in targets}
    wires = {family: factory(icmp, COOKIE) for family, icmp in sockets.items()}
    engine = Engine(wires, SystemClock(), timeout=timeout, burst=burst)
    engine.watch({family: pairs(fleet) for family, fleet in targets.items()})
    while not engine.finished:
        time.sleep(engine.turn())
    reports = engine.collect()
    for wire in wires.values():
        wire.close()
    done = [report for report in reports if isinstance(report, SweepDone)]
    readings = [r for report in reports if isinstance(report, Readings) for r in report.readings]
    return done[0], readings


def loopback(count: int) -> dict[int, str]:
    first = ipaddress.IPv4Address("127.1.0.0")
    return {key: str(first + key) for key in range(count)}


FACTORIES: list[Factory] = [wire_of, PlainWire] if linux.FAST else [PlainWire]


@pytest.mark.parametrize("factory", FACTORIES)
@pytest.mark.parametrize("kind", ["icmp-datagram", "icmp-raw"])
def test_every_loopback_address_answers_on_every_kind_of_socket(
    home: Namespace, kind: Method, factory: Factory
) -> None:
    fleet = {Family.IPV4: loopback(2_000), Family.IPV6: {2_000: "::1"}}
    done, readings = home.call(lambda: one_round(fleet, kinds=(kind,), factory=factory))
    assert (done.answered, done.missed, done.sent) == (2_001, 0, 2_001)
    assert (done.dropped, done.duplicates, done.late) == (0, 0, 0)
    rtts = sorted(reading.rtt_us for reading in readings if reading.rtt_us is not None)
    assert len(rtts) == 2_001
    assert rtts[1_000] < 5_000


def test_the_kernel_refuses_datagram_icmp_to_those_outside_the_group_range(
    home: Namespace,
) -> None:
    home.sysctl("ipv4/ping_group_range", "1 0")
    with pytest.raises(SocketRefused, match="icmp-datagram: Permission denied"):
        home.call(lambda: open_icmp(Family.IPV4, kinds=("icmp-datagram",)))
    choice = home.call(diagnose)
    assert (choice.method, choice.ipv6) == ("icmp-raw", True)
    assert "ping_group_range is '1 0'" in choice.better
    home.sysctl("ipv4/ping_group_range", "0 2147483647")
    assert home.call(diagnose).method == "icmp-datagram"


def test_the_silent_are_told_from_the_unreachable(home: Namespace, far: Namespace) -> None:
    join(home, far, "100.64.0.0/16")
    for last in range(10, 20):
        far.ip("route", "add", "blackhole", f"100.64.0.{last}/32", "table", "local")
    far.ip("route", "add", "unreachable", "100.64.0.20/32", "table", "local")
    fleet = {last: f"100.64.0.{last}" for last in range(1, 41)}
    fleet[41] = "198.51.100.1"  # no route at all
    done, readings = home.call(
        lambda: one_round({Family.IPV4: fleet}, burst=Burst(rate=0, retries=1))
    )
    causes = Counter(reading.cause for reading in readings)
    assert causes == {
        Cause.REPLY: 29,
        Cause.SILENT: 10,
        Cause.UNREACHABLE: 1,
        Cause.SEND_FAILED: 1,
    }
    assert [r.key for r in readings if r.cause is Cause.UNREACHABLE] == [20]
    assert [r.key for r in readings if r.cause is Cause.SEND_FAILED] == [41]
    assert (done.answered, done.missed) == (29, 12)


def test_replies_lost_in_a_tiny_buffer_are_noticed_and_nobody_is_called_silent() -> None:
    # The smallest buffer holds two replies; a batch of 64 brings 64 of them at once.
    done, readings = one_round(
        {Family.IPV4: loopback(300)}, buffer=1, burst=Burst(rate=0, window=64)
    )
    assert done.dropped > 0
    assert [reading for reading in readings if reading.rtt_us is None] == []
    assert done.missed == 0
    assert done.answered == 300 or done.uncertain


def test_other_peoples_icmp_is_no_drop_and_no_answer() -> None:
    icmp = open_icmp(Family.IPV4, kinds=("icmp-raw",), buffer=1)
    other = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
    for number in range(200):
        other.sendto(bytes([8, 0, 0, 0, 1, 2, 3, number]), ("127.0.0.1", 0))
    wire = wire_of(icmp, COOKIE)
    assert list(wire.receive()) == []
    assert wire.drops() == 0
    wire.close()
    other.close()


def test_a_round_on_the_method_in_use_needs_no_option() -> None:
    engine, choice = open_engine(timeout=0.5, burst=Burst(rate=0))
    engine.watch({Family.IPV4: pairs(loopback(10))})
    while not engine.finished:
        time.sleep(engine.turn())
    done = next(report for report in engine.collect() if isinstance(report, SweepDone))
    engine.close()
    assert done.answered == 10
    assert choice.method in ("icmp-datagram", "icmp-raw", "ping", "tcp")


@pytest.mark.skipif(not linux.FAST, reason="the fast wire is for 64-bit Linux")
def test_the_layout_given_to_the_kernel_is_that_of_64_bit_linux() -> None:
    from ronda.probing import mmsg

    assert (mmsg._HEADER_BYTES, sys.maxsize > 2**32) == (64, True)


def test_root_gets_a_buffer_for_thousands_of_replies() -> None:
    if os.name == "nt" or os.geteuid() != 0:
        pytest.skip("only CAP_NET_ADMIN may exceed net.core.rmem_max")
    icmp = open_icmp(Family.IPV4)
    icmp.socket.close()
    assert icmp.capacity > 30_000


def test_without_anything_of_linux_the_same_engine_sends_packet_by_packet() -> None:
    code = (
        "import sys, socket, ctypes, selectors, subprocess, ipaddress\n"
        "import ronda.kernel.addresses\n"
        "sys.platform = 'darwin'\n"
        "from ronda.probing import linux\n"
        "from ronda.probing.once import sweep_once\n"
        "assert not linux.HERE\n"
        "found = sweep_once(['127.0.0.1', '::1', '127.0.0.2'], timeout=1.0)\n"
        "print(found.choice.method, found.done.answered)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.stdout.split()[0].startswith("icmp-")
    assert done.stdout.split()[1] == "3"
