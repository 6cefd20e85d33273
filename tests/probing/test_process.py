"""The prober process: rounds on loopback, its death, and the death of its parent."""

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from ronda.probing import child as inside
from ronda.probing.port import Cause, Prober, Reading, Readings, Report, SweepDone, Trouble
from ronda.probing.process import ProcessProber, start_prober


@pytest.fixture
def prober() -> Iterator[ProcessProber]:
    with start_prober(interval=1.0, timeout=0.3) as started:
        yield started


def until(
    prober: Prober, enough: Callable[[list[Report]], bool], patience: float = 60.0
) -> list[Report]:
    """Reports until there are enough of them."""
    seen: list[Report] = []
    deadline = time.monotonic() + patience
    while not enough(seen):
        assert time.monotonic() < deadline, seen[-5:]
        seen += prober.reports(0.2)
    return seen


def sweeps(reports: list[Report]) -> list[SweepDone]:
    return [report for report in reports if isinstance(report, SweepDone)]


def readings(reports: list[Report]) -> list[Reading]:
    return [
        reading for report in reports if isinstance(report, Readings) for reading in report.readings
    ]


def test_a_fleet_is_swept_and_a_name_that_does_not_exist_is_told(prober: ProcessProber) -> None:
    prober.watch({0: "127.0.0.1", 2: "127.0.0.2", 5: "no-such-name.invalid", 6: "224.0.0.1"})
    seen = until(prober, lambda reports: any(sweep.missed == 2 for sweep in sweeps(reports)))
    last = sweeps(seen)[-1]
    assert (last.answered, last.missed, last.uncertain, len(last.rtts)) == (2, 2, False, 7)
    assert [min(value, 2) for value in last.rtts] == [2, 0, 2, 0, 0, 1, 1]
    assert {r.cause for r in readings(seen) if r.key in (5, 6)} == {Cause.SEND_FAILED}


def test_a_steady_key_is_told_in_the_column_only_and_again_is_always_told(
    prober: ProcessProber,
) -> None:
    prober.watch({1: "127.0.0.1"})
    until(prober, lambda reports: bool(readings(reports)))
    prober.steady([1])
    until(prober, lambda reports: len(sweeps(reports)) >= 1)
    quiet = until(prober, lambda reports: len(sweeps(reports)) >= 2)
    assert readings(quiet) == []
    prober.again([1], 0.0)
    asked = until(prober, lambda reports: bool(readings(reports)))
    assert [(r.key, r.cause, r.confirm) for r in readings(asked)] == [(1, Cause.REPLY, True)]


def test_canaries_are_told_between_the_sweeps(prober: ProcessProber) -> None:
    prober.canaries({-1: "127.0.0.1", -2: "::1"}, 0.2)
    seen = until(prober, lambda reports: len(readings(reports)) >= 6)
    assert {reading.key for reading in readings(seen)} == {-1, -2}


def test_a_prober_whose_parent_reads_nothing_ends_instead_of_growing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Busy:
        def turn(self) -> float:
            return 0.0

        def collect(self) -> list[Trouble]:
            return [Trouble(0.0, "x" * 10_000, fatal=False)]

    monkeypatch.setattr(inside, "MOST_UNREAD", 100)
    ours, theirs = multiprocessing.Pipe()
    child = inside.Child(Busy(), theirs, inside.Settings(), os.getppid())
    child.run()
    assert child._outbox.qsize() == 101
    # The writer is inside `send`, and ends when its pipe does.
    ours.close()
    child._outbox.put(None)
    theirs.close()


def test_a_dead_prober_is_told_and_comes_back_with_its_fleet(prober: ProcessProber) -> None:
    prober.watch({1: "127.0.0.1"})
    first = sweeps(until(prober, lambda reports: bool(sweeps(reports))))[-1]
    assert prober.pid is not None
    os.kill(prober.pid, signal.SIGKILL)
    seen = until(prober, lambda reports: bool(sweeps(reports)))
    troubles = [report for report in seen if isinstance(report, Trouble)]
    assert [trouble.fatal for trouble in troubles] == [True, False]
    writers = [one for one in threading.enumerate() if one.name == "ronda-prober-requests"]
    for thread in writers[:-1]:
        thread.join(60)
        assert not thread.is_alive(), "the writer of the dead child stays"
    assert sweeps(seen)[0].number > first.number
    assert sweeps(seen)[0].answered == 1


def test_the_prober_ends_when_its_parent_is_killed() -> None:
    code = (
        "import time\n"
        "from ronda.probing.process import start_prober\n"
        "if __name__ == '__main__':\n"
        "    prober = start_prober()\n"
        "    print(prober.pid, flush=True)\n"
        "    time.sleep(60)\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 60
    while is_running(child):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def is_running(pid: int) -> bool:
    """Whether the process lives; one that waits to be buried does not."""
    try:
        with open(f"/proc/{pid}/stat") as stat:  # noqa: PTH123 -- as short as it gets
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_keys_that_no_column_can_hold_are_refused(prober: ProcessProber) -> None:
    with pytest.raises(ValueError, match="keys of a fleet"):
        prober.watch({-1: "127.0.0.1"})


def test_closing_twice_is_fine(prober: ProcessProber) -> None:
    prober.close()
    prober.close()
    assert prober.reports(0.0) == []
