"""One probe by the system's own ping program, which has the permission that we lack.

Never through a shell; the address is a canonical literal made from bytes, and stands behind `--`
where ping knows it, so that it can be nothing but an address.
"""

import os
import re
import shutil
import subprocess
import sys
import time

from ronda.probing.port import Cause

# "time=0.045 ms", "time<1ms", "Zeit=12ms", "waktu=3 ms": only the number and its unit are stable.
_TIME = re.compile(rb"[=<]\s*([0-9]+(?:[.,][0-9]+)?)\s*ms", re.IGNORECASE)
_REFUSED = re.compile(rb"unreachable|prohibited|filtered", re.IGNORECASE)
_EXPIRED = re.compile(rb"time to live exceeded|ttl expired", re.IGNORECASE)


def find_ping() -> str | None:
    """The path of the system's ping; None if it has none."""
    return shutil.which("ping")


def command(program: str, address: str, timeout: float) -> list[str]:
    """The words of one ping on this system."""
    if sys.platform == "win32":
        return [program, "-n", "1", "-w", str(max(1, int(timeout * 1000))), address]
    version = ["-6"] if ":" in address and sys.platform != "darwin" else []
    if sys.platform == "darwin":
        return [program, "-n", "-c", "1", "-W", str(max(1, int(timeout * 1000))), "--", address]
    return [program, *version, "-n", "-c", "1", "-W", f"{max(1, round(timeout))}", "--", address]


def read(output: bytes, status: int, timeout: float) -> tuple[int | None, Cause]:
    """What ping printed: the round-trip time in us, or the cause of its absence."""
    found = _TIME.search(output)
    if status == 0 and found:
        rtt = int(float(found[1].replace(b",", b".")) * 1000)
        return (rtt, Cause.REPLY) if rtt <= timeout * 1_000_000 else (None, Cause.SILENT)
    if _EXPIRED.search(output):
        return None, Cause.TTL_EXCEEDED
    if _REFUSED.search(output):
        return None, Cause.UNREACHABLE
    return None, Cause.SILENT if status in (0, 1) else Cause.SEND_FAILED


class SystemPing:
    """Asks with one process per probe, ended after the time-out whatever it does."""

    def __init__(self, program: str) -> None:
        self._program = program

    def __call__(self, address: str, timeout: float) -> tuple[int | None, Cause]:
        """Probe one literal address; blocks at most about the time-out and one second."""
        environment = {**os.environ, "LC_ALL": "C"}
        started = time.monotonic()
        try:
            done = subprocess.run(  # noqa: S603 -- no shell, and the words are ours
                command(self._program, address, timeout),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=timeout + 1.0,
                env=environment,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return None, Cause.SILENT
        rtt, cause = read(done.stdout, done.returncode, timeout)
        if rtt is not None and rtt > (time.monotonic() - started) * 1_000_000:
            rtt = int((time.monotonic() - started) * 1_000_000)
        return rtt, cause
