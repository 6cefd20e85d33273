"""The prober process as it is used: what it costs when nothing happens."""

import ipaddress
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "src"))

from ronda.probing.port import SweepDone
from ronda.probing.process import start_prober


@dataclass(frozen=True)
class Usage:
    """Shares are of one core; `missed` and `dropped` add up over the measured rounds."""

    share: float
    own_share: float
    missed: int
    dropped: int
    peak_mb: float


def measure(first: str, count: int, interval: float, *, rounds: int) -> Usage:
    """Watch `count` addresses that all answer; the first round, the start, is not measured."""
    base = int(ipaddress.IPv4Address(first))
    with start_prober(interval=interval) as prober:
        assert prober.pid is not None
        prober.watch({key: str(ipaddress.IPv4Address(base + key)) for key in range(count)})
        prober.steady(range(count))
        done: list[SweepDone] = []
        started = own = spent = 0.0
        while len(done) <= rounds:
            for report in prober.reports(1.0):
                if not isinstance(report, SweepDone):
                    continue
                done.append(report)
                if len(done) == 1:
                    started, own, spent = time.monotonic(), time.process_time(), _cpu(prober.pid)
        passed = time.monotonic() - started
        return Usage(
            share=(_cpu(prober.pid) - spent) / passed,
            own_share=(time.process_time() - own) / passed,
            missed=sum(sweep.missed for sweep in done[1:]),
            dropped=sum(sweep.dropped for sweep in done[1:]),
            peak_mb=_peak_mb(prober.pid),
        )


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _peak_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0
