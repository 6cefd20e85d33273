"""Where no ICMP socket is allowed: the system's ping, TCP, and the rounds around either."""

import os
import socket
import stat
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ronda.probing import methods
from ronda.probing.course import Burst
from ronda.probing.fallback import Ask, FallbackEngine
from ronda.probing.methods import MethodRefused, SystemClock, open_engine
from ronda.probing.packets import Family
from ronda.probing.port import Cause, Reading, Readings, Report, SweepDone, Trouble
from ronda.probing.system_ping import SystemPing, command, read
from ronda.probing.tcp import TcpConnect
from tests.probing.network import block, pairs

LINUX = b"""PING 127.0.0.1 (127.0.0.1) 56(84) bytes of data.
64 bytes from 127.0.0.1: icmp_seq=1 ttl=64 time=0.045 ms

--- 127.0.0.1 ping statistics ---
1 packets transmitted, 1 received, 0% packet loss, time 0ms
rtt min/avg/max/mdev = 0.045/0.045/0.045/0.000 ms
"""
BUSYBOX = b"64 bytes from 10.0.0.1: seq=0 ttl=64 time=0.129 ms\n"
WINDOWS = b"Reply from 10.0.0.1: bytes=32 time=12ms TTL=63\n"
WINDOWS_FAST = b"Reply from 10.0.0.1: bytes=32 time<1ms TTL=128\n"
WINDOWS_INDONESIAN = b"Balasan dari 10.0.0.1: byte=32 waktu=3ms TTL=63\n"
UNREACHABLE = b"From 10.0.0.254 icmp_seq=1 Destination Host Unreachable\n"
EXPIRED = b"From 10.0.0.254 icmp_seq=1 Time to live exceeded\n"


@pytest.mark.parametrize(
    ("output", "status", "result"),
    [
        (LINUX, 0, (45, Cause.REPLY)),
        (BUSYBOX, 0, (129, Cause.REPLY)),
        (WINDOWS, 0, (12_000, Cause.REPLY)),
        (WINDOWS_FAST, 0, (1_000, Cause.REPLY)),
        (WINDOWS_INDONESIAN, 0, (3_000, Cause.REPLY)),
        (b"time=1500 ms", 0, (None, Cause.SILENT)),
        (b"1 packets transmitted, 0 received", 1, (None, Cause.SILENT)),
        (UNREACHABLE, 1, (None, Cause.UNREACHABLE)),
        (b"Reply from 10.0.0.254: Destination host unreachable.", 0, (None, Cause.UNREACHABLE)),
        (EXPIRED, 1, (None, Cause.TTL_EXCEEDED)),
        (b"ping: socket: Operation not permitted", 2, (None, Cause.SEND_FAILED)),
        (b"", 0, (None, Cause.SILENT)),
    ],
)
def test_what_ping_prints_is_understood(
    output: bytes, status: int, result: tuple[int | None, Cause]
) -> None:
    assert read(output, status, 1.0) == result


def test_the_address_stands_behind_the_end_of_the_options() -> None:
    if sys.platform == "win32":
        pytest.skip("ping of Windows has no --")
    assert command("/bin/ping", "10.0.0.1", 1.0)[-2:] == ["--", "10.0.0.1"]
    assert "-6" in command("/bin/ping", "2001:db8::1", 0.5) or sys.platform == "darwin"


@pytest.fixture
def fake_ping(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A ping on the PATH that writes down its words and answers for 10.0.0.1 only."""
    log = tmp_path / "words"
    program = tmp_path / "ping"
    program.write_text(
        "#!/bin/sh\n"
        f'words=$(printf "%s|" "$@"); echo "$words" >> {log}\n'
        "for last; do :; done\n"
        'case "$last" in 10.0.0.1) echo "time=0.5 ms";; 10.0.0.9) sleep 30;; *) exit 1;; esac\n'
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    return log


def drive(engine: methods.Rounds, patience: float = 60.0) -> list[Report]:
    reports: list[Report] = []
    deadline = time.monotonic() + patience
    while not any(isinstance(report, SweepDone) for report in reports):
        assert time.monotonic() < deadline
        time.sleep(engine.turn())
        reports += engine.collect()
    return reports


def test_a_round_by_the_systems_ping_reaches_no_shell(fake_ping: Path) -> None:
    engine, choice = open_engine(method="ping", timeout=0.5, burst=Burst())
    engine.watch({Family.IPV4: pairs({0: "10.0.0.1", 1: "10.0.0.2", 3: "10.0.0.9"})})
    reports = drive(engine)
    engine.close()
    done = reports[-1]
    assert isinstance(done, SweepDone)
    assert (choice.method, list(done.rtts), done.missed) == ("ping", [500, 1, 0, 1], 2)
    # Two pings may write at the same moment, so lines are told apart by their ends alone.
    asked = {tuple(line.split("|")[-3:-1]) for line in fake_ping.read_text().split()}
    assert sorted(asked) == [
        ("--", "10.0.0.1"),
        ("--", "10.0.0.2"),
        ("--", "10.0.0.9"),
    ]


def test_a_hanging_ping_is_ended(fake_ping: Path) -> None:
    started = time.monotonic()
    assert SystemPing(str(fake_ping.parent / "ping"))("10.0.0.9", 0.2) == (None, Cause.SILENT)
    assert time.monotonic() - started < 25


@pytest.fixture
def listener() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_an_open_port_and_a_refused_one_are_both_life(listener: int) -> None:
    for port in (listener, 1):
        rtt, cause = TcpConnect((port,))("127.0.0.1", 1.0)
        assert (cause, rtt is not None) == (Cause.REPLY, True)


def test_no_route_is_a_send_failure_and_not_silence() -> None:
    rtt, cause = TcpConnect((80,))("255.255.255.255", 0.2)
    assert (rtt, cause) == (None, Cause.SEND_FAILED)


class Village:
    """Answers at once for all but the silent, and keeps what was asked."""

    def __init__(self, silent: set[str]) -> None:
        self.silent = silent
        self.asked: list[str] = []
        self._lock = threading.Lock()

    def __call__(self, address: str, timeout: float) -> tuple[int | None, Cause]:
        with self._lock:
            self.asked.append(address)
        return (None, Cause.SILENT) if address in self.silent else (700, Cause.REPLY)


def engine_of(ask: Ask, interval: float = 0.2) -> FallbackEngine:
    return FallbackEngine(ask, SystemClock(), interval=interval, timeout=0.1, threads=4)


def told(reports: list[Report]) -> list[Reading]:
    return [r for report in reports if isinstance(report, Readings) for r in report.readings]


def test_rounds_follow_each_other_and_report_as_the_engine_does() -> None:
    village = Village({"10.0.0.2"})
    engine = engine_of(village)
    engine.watch({Family.IPV4: pairs(block(3))}, hopeless=[4])
    first = drive(engine)
    engine.steady([0, 2])
    second = drive(engine)
    engine.close()
    done = next(report for report in second if isinstance(report, SweepDone))
    assert (done.number, list(done.rtts)) == (2, [700, 1, 700, 0, 1])
    assert {(r.key, r.cause) for r in told(first)} >= {
        (0, Cause.REPLY),
        (1, Cause.SILENT),
        (2, Cause.REPLY),
        (4, Cause.SEND_FAILED),
    }
    assert {r.key for r in told(second)} == {1, 4}, told(second)


def test_confirmations_and_canaries_are_asked_beside_the_round() -> None:
    engine = engine_of(Village(set()), interval=60.0)
    engine.watch({Family.IPV4: pairs({7: "10.0.0.7"})})
    engine.canaries({Family.IPV4: pairs({-1: "10.0.0.8"})}, 0.05)
    engine.again([7, 99], 0.02)
    reports: list[Report] = []
    deadline = time.monotonic() + 60
    while len([r for r in told(reports) if r.key == -1]) < 3 or not any(
        r.confirm for r in told(reports)
    ):
        assert time.monotonic() < deadline
        time.sleep(engine.turn())
        reports += engine.collect()
    engine.close()
    assert {(r.key, r.confirm) for r in told(reports)} >= {(-1, False), (7, True)}


def test_too_many_targets_for_one_at_a_time_are_told_as_trouble() -> None:
    engine = engine_of(Village(set()))
    engine.watch({Family.IPV4: pairs(block(100))})
    reports = drive(engine)
    engine.close()
    (trouble,) = [report for report in reports if isinstance(report, Trouble)]
    assert not trouble.fatal
    assert "100 targets are too many" in trouble.text


def test_a_fleet_replaced_in_mid_round_is_asked_for_what_is_new_only() -> None:
    village = Village(set())
    engine = engine_of(village, interval=0.6)
    engine.watch({Family.IPV4: pairs(block(4))})
    while len(village.asked) < 2:
        time.sleep(engine.turn())
    engine.watch({Family.IPV4: pairs({**block(4), 9: "10.0.0.99"})})
    done = drive(engine)[-1]
    engine.close()
    assert isinstance(done, SweepDone)
    assert list(done.rtts) == [700] * 4 + [0] * 5 + [700]
    assert sorted(village.asked)[:5] == sorted([*block(4).values(), "10.0.0.99"])


def test_the_chain_ends_at_tcp_where_there_is_no_ping(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(methods, "_open_sockets", lambda *_: ({}, "icmp-raw: not permitted"))
    monkeypatch.setattr(methods, "find_ping", lambda: None)
    engine, choice = open_engine(burst=Burst())
    engine.close()
    assert choice.method == "tcp"
    assert "not permitted" in choice.why
    assert methods.diagnose().method == "tcp"
    with pytest.raises(MethodRefused, match="no ping program"):
        open_engine(method="ping")
    with pytest.raises(MethodRefused, match="not permitted"):
        open_engine(method="icmp-raw")
