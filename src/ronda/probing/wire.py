"""The line between the engine and the kernel: what any socket of one family must be able to do.

`PlainWire` needs nothing but Python's own sockets (one call per packet, for systems without
sendmmsg); `mmsg.MmsgWire` is the same for Linux at a tenth of the cost. Tests give the engine a
wire of their own.
"""

import errno
import socket
import struct
import sys
import time
from collections.abc import Iterable
from typing import NamedTuple, Protocol

from ronda.probing import linux
from ronda.probing.packets import (
    FULL,
    TOKEN_BYTES,
    Family,
    mark,
    parse_quoted,
    parse_reply,
    request,
)
from ronda.probing.port import Cause
from ronda.probing.sockets import IcmpSocket

# An echo reply: source, seconds, nanoseconds, mark, index, inverse. The source is a u32 in memory
# order for IPv4 and 16 bytes for IPv6; the time is the kernel's stamp on the wall clock; the mark is
# the 12 bytes of ident, sequence and cookie, which every reply to one wave has in common.
Record = tuple[int | bytes, int, int, bytes, int, int]

# Errors that an ICMP message about an earlier probe leaves on the socket: they belong to that one,
# and whatever call comes next is told (ip(7), IP_RECVERR).
PASSING = frozenset(
    {
        errno.EHOSTUNREACH,
        errno.ENETUNREACH,
        errno.ECONNREFUSED,
        errno.EHOSTDOWN,
        errno.ENOPROTOOPT,
        errno.EOPNOTSUPP,
        errno.EPROTO,
        errno.EACCES,
        errno.EMSGSIZE,
        getattr(errno, "ENONET", errno.EHOSTDOWN),
    }
)


class Negative(NamedTuple):
    """An ICMP error about one of our probes, `source` being the target's address as in Record."""

    source: int | bytes
    sequence: int
    cause: Cause


class Wire(Protocol):
    """Sends echo requests of one family and hands over what came back; nothing here blocks."""

    family: Family
    # Replies that fit into the receive buffer.
    capacity: int

    def fileno(self) -> int:
        """The socket, to wait on."""

    def mark(self, sequence: int) -> bytes:
        """What the replies to this sequence will carry."""

    def head(self, sequence: int) -> None:
        """Make this the sequence of what is sent next."""

    def send(self, names: bytes, tokens: bytes, count: int) -> tuple[int, int]:
        """Send up to `count` requests: how many left, and the error of the first that did not.

        The error is 0 when all left. Which of several passing errors is the probe's own is found
        out here.
        """

    def receive(self) -> Iterable[Record]:
        """At most a few hundred replies; empty when there are none. Valid until the next call."""

    def errors(self) -> list[Negative]:
        """The ICMP errors that came since the last call."""

    def drops(self) -> int:
        """How many replies the kernel has thrown away so far because the buffer was full."""

    def close(self) -> None:
        """Close the socket."""


class PlainWire:
    """A wire of one `sendto` and one `recvmsg` per packet."""

    def __init__(self, icmp: IcmpSocket, cookie: bytes) -> None:
        self.family = icmp.family
        self.capacity = icmp.capacity
        self._icmp = icmp
        self._socket = icmp.socket
        self._cookie = cookie
        self._header = b""
        self._version = socket.AF_INET if icmp.family is Family.IPV4 else socket.AF_INET6

    def fileno(self) -> int:
        return self._socket.fileno()

    def mark(self, sequence: int) -> bytes:
        return mark(self._icmp.ident, sequence, self._cookie)

    def head(self, sequence: int) -> None:
        self._header = request(self.family, self._icmp.ident, sequence, self._cookie)

    def send(self, names: bytes, tokens: bytes, count: int) -> tuple[int, int]:
        size = len(names) // count
        at, end = (4, 8) if self.family is Family.IPV4 else (8, 24)
        for number in range(count):
            name = names[number * size : number * size + size]
            address = (socket.inet_ntop(self._version, name[at:end]), 0)
            token = tokens[number * TOKEN_BYTES : number * TOKEN_BYTES + TOKEN_BYTES]
            error = self._send_one(self._header + token, address)
            if error:
                return number, error
        return count, 0

    def _send_one(self, packet: bytes, address: tuple[str, int]) -> int:
        error = 0
        for _ in range(3):
            try:
                self._socket.sendto(packet, address)
            except OSError as refused:
                error = refused.errno or errno.EIO
                if error not in PASSING:
                    return error
            else:
                return 0
        return error

    def receive(self) -> Iterable[Record]:
        records: list[Record] = []
        for _ in range(512):
            try:
                data, stamp, sender = self._read()
            except BlockingIOError:
                break
            except OSError as passing:
                if passing.errno in PASSING:
                    continue
                raise
            echo = parse_reply(self.family, data)
            if echo is None:
                continue
            source: int | bytes = socket.inet_pton(self._version, sender)
            if isinstance(source, bytes) and self.family is Family.IPV4:
                source = int.from_bytes(source, sys.byteorder)
            seconds, nanoseconds = divmod(stamp, 1_000_000_000)
            found = mark(echo.ident, echo.sequence, echo.cookie)
            inverse = echo.target ^ FULL
            records.append((source, seconds, nanoseconds, found, echo.target, inverse))
        return records

    def _read(self) -> tuple[bytes, int, str]:
        if not hasattr(self._socket, "recvmsg"):
            data, sender = self._socket.recvfrom(256)
            return data, time.time_ns(), sender[0].partition("%")[0]
        data, extra, _, sender = self._socket.recvmsg(256, 128)
        for level, kind, value in extra:
            if level == socket.SOL_SOCKET and kind == linux.SO_TIMESTAMPNS and len(value) == 16:
                seconds, nanoseconds = struct.unpack("qq", value)
                return data, seconds * 1_000_000_000 + nanoseconds, sender[0].partition("%")[0]
        return data, time.time_ns(), sender[0].partition("%")[0]

    def errors(self) -> list[Negative]:
        return read_errors(self._socket, self._icmp)

    def drops(self) -> int:
        return linux.drops(self._socket)

    def close(self) -> None:
        self._socket.close()


def read_errors(sock: socket.socket, icmp: IcmpSocket) -> list[Negative]:
    """Empty the socket's error queue; what is not about our own probes is left out."""
    if not sys.platform.startswith("linux"):
        return []
    negatives: list[Negative] = []
    for _ in range(1024):
        try:
            data, extra, _, name = sock.recvmsg(256, 512, socket.MSG_ERRQUEUE)
        except OSError:
            break
        quoted = parse_quoted(icmp.family, data)
        cause = next(
            (cause for level, kind, value in extra if (cause := _cause(kind, value))), None
        )
        if quoted is None or quoted.ident != icmp.ident or cause is None:
            continue
        negatives.append(Negative(_source(name), quoted.sequence, cause))
    return negatives


def _source(name: tuple[str, int]) -> int | bytes:
    if ":" in name[0]:
        return socket.inet_pton(socket.AF_INET6, name[0].partition("%")[0])
    return int.from_bytes(socket.inet_pton(socket.AF_INET, name[0]), sys.byteorder)


def _cause(kind: int, value: bytes) -> Cause | None:
    """Read struct sock_extended_err (linux/errqueue.h); None for what is no verdict."""
    if kind not in (linux.IP_RECVERR, linux.IPV6_RECVERR) or len(value) < 16:
        return None
    _, origin, what, code = struct.unpack_from("=IBBB", value)
    if origin == linux.ORIGIN_ICMP:
        # Type 3 code 4, "fragmentation needed", is about the packet and not about the target.
        return {3: None if code == 4 else Cause.UNREACHABLE, 11: Cause.TTL_EXCEEDED}.get(what)
    if origin == linux.ORIGIN_ICMP6:
        return {1: Cause.UNREACHABLE, 3: Cause.TTL_EXCEEDED}.get(what)
    return None
