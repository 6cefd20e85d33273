"""The place where it is measured: a network namespace of our own with a loopback and TUN fleets."""

import ctypes
import ipaddress
import os
import shutil
import signal
import subprocess
import sys
from array import array
from pathlib import Path

HERE = Path(__file__).resolve().parent
_CLONE_NEWNET = 0x40000000


def enter() -> None:
    """Move into a fresh network namespace; unprivileged ICMP is allowed there, as usual."""
    if os.geteuid() != 0:
        sys.exit("run as root: the benchmark makes a network namespace and TUN devices of its own")
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWNET):
        sys.exit(f"no network namespace: {os.strerror(ctypes.get_errno())}")
    # Every contender inherits it: other work on this machine is no part of the comparison.
    os.nice(-15)
    run("ip", "link", "set", "lo", "up")
    Path("/proc/sys/net/ipv4/ping_group_range").write_text("0 2147483647")


def run(*words: str) -> None:
    """Run one command that must succeed."""
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)


def build(folder: Path) -> dict[str, Path]:
    """Compile the C baseline and the responder; empty where there is no compiler."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        return {}
    built = {}
    for name in ("cping", "fleetsim"):
        built[name] = folder / name
        run(compiler, "-O2", "-o", str(built[name]), str(HERE / f"{name}.c"))
    return built


class Fleet:
    """A TUN device behind which `fleetsim` answers for a prefix."""

    def __init__(
        self,
        program: Path,
        folder: Path,
        *,
        delay_us: int = 5_000,
        jitter_us: int = 0,
        loss_ppm: int = 0,
        dead_per_mille: int = 0,
        queue: int = 500,
    ) -> None:
        self.base = ipaddress.IPv4Address("100.64.0.0")
        self._dead = dead_per_mille
        self._log = folder / "dwell"
        words = [delay_us, jitter_us, loss_ppm, dead_per_mille]
        self._process = subprocess.Popen(
            [str(program), "fleet0", *map(str, words), str(self._log)],
            stdout=subprocess.PIPE,
            text=True,
        )
        self._wait_for("ready")
        # A network does not wait for a turn on our processor, nor take one from the contenders.
        os.sched_setscheduler(self._process.pid, os.SCHED_FIFO, os.sched_param(10))
        cpus = sorted(os.sched_getaffinity(0))
        if len(cpus) > 1:
            os.sched_setaffinity(self._process.pid, cpus[-1:])
            os.sched_setaffinity(0, cpus[:-1])
        self._cpus = cpus
        run("ip", "link", "set", "fleet0", "txqueuelen", str(queue))
        run("ip", "address", "add", "192.0.2.1/32", "dev", "fleet0")
        run("ip", "link", "set", "fleet0", "up")
        run("ip", "route", "add", "100.64.0.0/10", "dev", "fleet0")

    def _wait_for(self, word: str) -> None:
        assert self._process.stdout is not None
        if self._process.stdout.readline().strip() != word:
            sys.exit("the TUN responder did not start")

    def is_dead(self, position: int) -> bool:
        """The truth, as fleetsim.c decides it."""
        address = int(self.base) + position
        return ((address * 2654435761 & 0xFFFFFFFF) >> 7) % 1000 < self._dead

    def dwell(self) -> dict[int, int]:
        """True time in us that each reply was kept, by position, since the last call."""
        self._process.send_signal(signal.SIGUSR1)
        self._wait_for("flushed")
        pairs = array("I", self._log.read_bytes())
        return {pairs[at] - int(self.base): pairs[at + 1] for at in range(0, len(pairs), 2)}

    def close(self) -> None:
        """End the responder; its device goes with it."""
        os.sched_setaffinity(0, self._cpus)
        self._process.terminate()
        self._process.communicate()
