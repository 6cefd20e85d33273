"""The contenders: each gives wall and CPU seconds, answers, and times by position if it tells."""

import json
import os
import resource
import shutil
import subprocess
import sys
import time
from array import array
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent


@dataclass
class Result:
    """One sweep by one contender."""

    wall: float
    cpu: float
    answered: int
    rtts_us: dict[int, float] = field(default_factory=dict)


class Warm:
    """A contender that stays and sweeps once per line: our engine, or the C baseline."""

    def __init__(self, words: list[str], scratch: Path) -> None:
        self._process = subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._scratch = scratch / f"rtts-{id(self)}"
        self.method = ""

    def _ask(self, line: str) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        return self._process.stdout.readline()

    def sweep(self, *, times: bool = False) -> Result:
        """One sweep now."""
        answer = self._ask(str(self._scratch) if times else "")
        if not answer.startswith("{"):
            wall, cpu, answered = answer.split()
            return Result(float(wall), float(cpu), int(answered))
        told = json.loads(answer)
        self.method = told["method"]
        rtts = {}
        if times:
            column = array("I", self._scratch.read_bytes())
            rtts = {at: float(value) for at, value in enumerate(column) if value > 1}
        return Result(told["wall"], told["cpu"], told["answered"], rtts)

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


def ours(base: str, count: int, scratch: Path, **options: float) -> Warm:
    """The engine of the product, warm."""
    words = [sys.executable, str(HERE / "warm.py"), base, str(count), json.dumps(options)]
    return Warm(words, scratch)


def timed(words: list[str], **options: object) -> tuple[float, float, str, str]:
    """Wall and CPU seconds of one command with all it starts, and what it printed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    wall = time.perf_counter()
    done = subprocess.run(words, capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload]
    wall = time.perf_counter() - wall
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, cpu, done.stdout, done.stderr


def fping(addresses: list[str], listed: Path, *options: str) -> Result:
    """fping with these options over the list; times come from its own words."""
    wall, cpu, out, _ = timed(["fping", *options, "-e", "-f", str(listed)])
    place = {address: at for at, address in enumerate(addresses)}
    rtts = {}
    for line in out.splitlines():
        address, _, rest = line.partition(" is alive (")
        if rest:
            rtts[place[address]] = float(rest.split()[0]) * 1000
    return Result(wall, cpu, len(rtts), rtts)


def fping_quiet(listed: Path, *options: str) -> Result:
    """fping printing nothing but a summary, for its best speed."""
    wall, cpu, _, err = timed(["fping", *options, "-q", "-s", "-f", str(listed)])
    alive = next((int(line.split()[0]) for line in err.splitlines() if line.endswith(" alive")), 0)
    return Result(wall, cpu, alive)


def icmplib(listed: Path, peers: Path, method: str) -> Result:
    """icmplib.async_multiping in a process of its own; start-up is not counted."""
    words = [sys.executable, str(HERE / "icmplib_sweep.py"), str(listed), method[5:]]
    done = subprocess.run(
        words,
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(peers)},
    )
    return Result(**json.loads(done.stdout))


def one_ping_each(addresses: list[str], program: str) -> Result:
    """The older system's way: a shell and a ping for each address, one after the other."""
    wall, cpu, answered = 0.0, -time.process_time(), 0
    for address in addresses:
        words = ["sh", "-c", f"{program} -c 1 -W 1 {address}"]
        took, spent, out, _ = timed(words)
        wall, cpu, answered = wall + took, cpu + spent, answered + (" 0% packet loss" in out)
    return Result(wall, cpu + time.process_time(), answered)


def find_ping() -> str | None:
    """The system's ping, or the one that RONDA_BENCH_PING names."""
    return os.environ.get("RONDA_BENCH_PING") or shutil.which("ping")


def install_icmplib(folder: Path) -> Path | None:
    """Install the Python peer into a folder of its own; None if that is not possible."""
    target = folder / "peers"
    requirements = str(HERE / "requirements.txt")
    uv = shutil.which("uv")
    if uv is not None:
        words = [uv, "pip", "install", "-q", "--target", str(target), "-r", requirements]
    else:
        words = [sys.executable, "-m", "pip", "install", "-q"]
        words += ["--target", str(target), "-r", requirements]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return target if done.returncode == 0 else None
