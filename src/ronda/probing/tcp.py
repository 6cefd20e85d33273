"""One probe by TCP: where nothing else is allowed, a device that takes or refuses a connection lives.

A refusal (RST) is as good an answer as an open port. A device behind a filter that drops looks
silent, so this is the last choice.
"""

import errno
import selectors
import socket
import time
from contextlib import ExitStack

from ronda.probing.port import Cause

# Web, TLS, telnet and TR-069: what ONTs and routers most often answer or refuse on.
PORTS = (80, 443, 23, 7547)
_UNREACHABLE = frozenset({errno.EHOSTUNREACH, errno.ENETUNREACH})
_UNDER_WAY = frozenset(
    {errno.EINPROGRESS, errno.EWOULDBLOCK, errno.EALREADY, getattr(errno, "WSAEWOULDBLOCK", 0)}
)


class TcpConnect:
    """Tries a few ports at once; the first answer counts."""

    def __init__(self, ports: tuple[int, ...] = PORTS) -> None:
        self._ports = ports

    def __call__(self, address: str, timeout: float) -> tuple[int | None, Cause]:
        """Probe one literal address; blocks at most the time-out."""
        version = socket.AF_INET6 if ":" in address else socket.AF_INET
        started = time.monotonic()
        worst = Cause.SILENT
        with ExitStack() as stack:
            waiting = stack.enter_context(selectors.DefaultSelector())
            for port in self._ports:
                sock = stack.enter_context(socket.socket(version, socket.SOCK_STREAM))
                sock.setblocking(False)
                error = sock.connect_ex((address, port))
                if error in (0, errno.ECONNREFUSED):
                    return _us_since(started), Cause.REPLY
                if error in _UNDER_WAY:
                    waiting.register(sock, selectors.EVENT_WRITE)
                else:
                    worst = Cause.SEND_FAILED
            while waiting.get_map() and (left := started + timeout - time.monotonic()) > 0:
                for ready, _ in waiting.select(left):
                    error = ready.fileobj.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)  # type: ignore[union-attr]
                    if error in (0, errno.ECONNREFUSED):
                        return _us_since(started), Cause.REPLY
                    waiting.unregister(ready.fileobj)
                    worst = Cause.UNREACHABLE if error in _UNREACHABLE else worst
        return None, worst


def _us_since(started: float) -> int:
    return int((time.monotonic() - started) * 1_000_000)
