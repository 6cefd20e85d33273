"""Network namespaces of our own, each the home of one thread, so that nothing outside is probed."""

import ctypes
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import pytest

_CLONE_NEWNET = 0x40000000
T = TypeVar("T")


class Namespace:
    """A thread in a network namespace; what is called through `call` sees only that network."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1)
        try:
            self.thread_id = self.call(self._move)
        except OSError:
            self.close()
            raise

    @staticmethod
    def _move() -> int:
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.unshare(_CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "unshare")
        return threading.get_native_id()

    def call(self, work: Callable[[], T]) -> T:
        return self._thread.submit(work).result()

    def ip(self, *words: str) -> None:
        """Run one `ip` command in here."""

        def run() -> None:
            done = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
            assert done.returncode == 0, (words, done.stderr)

        self.call(run)

    def sysctl(self, name: str, value: str) -> None:
        self.call(lambda: Path(f"/proc/sys/net/{name}").write_text(value))

    def close(self) -> None:
        self._thread.shutdown()


def namespace() -> Namespace:
    """A fresh namespace with its loopback up; skips where that is not possible."""
    if not sys.platform.startswith("linux"):
        pytest.skip("network namespaces are a Linux thing")
    try:
        made = Namespace()
    except OSError as refused:
        if os.environ.get("CI") == "true" and os.geteuid() == 0:
            pytest.fail(f"root may not make a network namespace: {refused}")
        pytest.skip(f"no network namespace: {refused} (run as root)")
    made.ip("link", "set", "lo", "up")
    return made


def join(near: Namespace, far: Namespace, prefix: str) -> None:
    """Lay a cable; behind it the far kernel answers for every address of the IPv4 prefix."""
    near.ip("link", "add", "near", "type", "veth", "peer", "far", "netns", str(far.thread_id))
    near.ip("address", "add", "192.0.2.1/30", "dev", "near")
    far.ip("address", "add", "192.0.2.2/30", "dev", "far")
    near.ip("link", "set", "near", "up")
    far.ip("link", "set", "far", "up")
    far.sysctl("ipv4/ip_forward", "1")
    far.sysctl("ipv4/icmp_ratelimit", "0")
    far.ip("route", "add", "local", prefix, "dev", "lo")
    near.ip("route", "add", prefix, "via", "192.0.2.2")
