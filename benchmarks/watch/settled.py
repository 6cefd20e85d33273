"""CPU of `ronda watch` (keeper and prober) over a fleet that answers, on loopback addresses."""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

TICKS = os.sysconf("SC_CLK_TCK")


class Cost(NamedTuple):
    """CPU seconds per 30 s of each process, and the resident megabytes of each."""

    keeper: float
    prober: float
    keeper_mb: float
    prober_mb: float
    rounds: int


def measure(environment: dict[str, str], *, rounds: int, interval: float) -> Cost:
    """Run `ronda watch`, let two rounds pass, then measure so many more."""
    watch = subprocess.Popen(
        [sys.executable, "-m", "ronda", "watch"],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    try:
        time.sleep(2.5 * interval + 6)
        prober = _children(watch.pid)[-1]
        before = _cpu(watch.pid), _cpu(prober)
        began = time.monotonic()
        time.sleep(rounds * interval)
        took = time.monotonic() - began
        after = _cpu(watch.pid), _cpu(prober)
        return Cost(
            (after[0] - before[0]) / took * 30,
            (after[1] - before[1]) / took * 30,
            _memory(watch.pid),
            _memory(prober),
            rounds,
        )
    finally:
        watch.terminate()
        watch.wait(15)


def _cpu(pid: int) -> float:
    """CPU seconds of a process, its threads included."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def _memory(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


def _children(pid: int) -> list[int]:
    """Children by start, the multiprocessing tracker among them; the prober is the busiest."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    found = [int(child) for task in tasks for child in (task / "children").read_text().split()]
    return sorted(found, key=_cpu)
