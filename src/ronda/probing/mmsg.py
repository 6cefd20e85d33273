"""A wire of `sendmmsg` and `recvmmsg`: one system call for up to 64 requests or 512 replies.

The arrays that the calls need are laid out once. A batch is two slices copied in front of them;
replies come back in records of a fixed stride, which `struct` takes apart without a look at each.
Measured on 2 vCPU, Linux 6.18: 6.6 us of CPU per echo where C needs 6.1 and one call each 9.6.
"""

import ctypes
import errno
import os
import struct
from collections.abc import Iterable

from ronda.probing import linux
from ronda.probing.packets import REQUEST_BYTES, TOKEN_BYTES, Family, mark, request
from ronda.probing.sockets import IcmpSocket
from ronda.probing.wire import PASSING, Negative, Record, read_errors

SEND_AT_ONCE = 64
RECEIVE_AT_ONCE = 512
_DONTWAIT = 0x40
# A record of the receive buffer: the sender's sockaddr, the control message, the packet.
_NAMES = {Family.IPV4: 16, Family.IPV6: 32}
_CONTROL = 32
_PAYLOAD = 56

# struct cmsghdr (16 bytes) and the timespec of SO_TIMESTAMPNS behind it.
_STAMP = "16xqq"
# All that come through the socket are echo replies: a datagram socket is given nothing else, and
# the filter of a raw one lets nothing else pass. A packet with IP options stands elsewhere than
# expected here, so its mark does not fit and it counts as lost; nobody pings with options.
_FORMATS = {
    (Family.IPV4, "icmp-datagram"): struct.Struct(f"=4xI8x{_STAMP}4x12sII32x"),
    (Family.IPV4, "icmp-raw"): struct.Struct(f"=4xI8x{_STAMP}24x12sII12x"),
    (Family.IPV6, "icmp-datagram"): struct.Struct(f"=8x16s8x{_STAMP}4x12sII32x"),
    (Family.IPV6, "icmp-raw"): struct.Struct(f"=8x16s8x{_STAMP}4x12sII32x"),
}


class _Iovec(ctypes.Structure):
    _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))


class _Mmsghdr(ctypes.Structure):
    """struct mmsghdr of recvmmsg(2) with the msghdr inside, on 64 bits."""

    _fields_ = (
        ("name", ctypes.c_void_p),
        ("name_length", ctypes.c_uint32),
        ("iov", ctypes.c_void_p),
        ("iov_count", ctypes.c_size_t),
        ("control", ctypes.c_void_p),
        ("control_length", ctypes.c_size_t),
        ("flags", ctypes.c_int),
        ("padding", ctypes.c_int),
        ("length", ctypes.c_uint32),
    )


_HEADER_BYTES = ctypes.sizeof(_Mmsghdr)


class MmsgWire:
    """The fast wire; Linux on 64 bits."""

    def __init__(self, icmp: IcmpSocket, cookie: bytes) -> None:
        self.family = icmp.family
        self.capacity = icmp.capacity
        self._icmp = icmp
        self._fd = icmp.socket.fileno()
        self._cookie = cookie
        self._format = _FORMATS[icmp.family, icmp.method]
        libc = ctypes.CDLL(None, use_errno=True)
        self._sendmmsg = libc.sendmmsg
        self._sendmmsg.argtypes = (ctypes.c_int, ctypes.c_void_p, ctypes.c_uint, ctypes.c_int)
        self._recvmmsg = libc.recvmmsg
        self._recvmmsg.argtypes = (
            ctypes.c_int,
            ctypes.c_void_p,
            ctypes.c_uint,
            ctypes.c_int,
            ctypes.c_void_p,
        )
        # The error queue is worth a look only after a call was told of an error in it.
        self._told_of_errors = True
        self._lay_out_requests()
        self._lay_out_replies()

    def _lay_out_requests(self) -> None:
        self._name_bytes = 16 if self.family is Family.IPV4 else 28
        self._header = ctypes.create_string_buffer(REQUEST_BYTES)
        self._names = ctypes.create_string_buffer(self._name_bytes * SEND_AT_ONCE)
        self._tokens = ctypes.create_string_buffer(TOKEN_BYTES * SEND_AT_ONCE)
        self._names_view = memoryview(self._names).cast("B")
        self._tokens_view = memoryview(self._tokens).cast("B")
        self._out_parts = (_Iovec * (2 * SEND_AT_ONCE))()
        self._out = (_Mmsghdr * SEND_AT_ONCE)()
        for number, message in enumerate(self._out):
            shared, own = self._out_parts[2 * number], self._out_parts[2 * number + 1]
            shared.base, shared.length = ctypes.addressof(self._header), REQUEST_BYTES
            own.base = ctypes.addressof(self._tokens) + number * TOKEN_BYTES
            own.length = TOKEN_BYTES
            message.name = ctypes.addressof(self._names) + number * self._name_bytes
            message.name_length = self._name_bytes
            message.iov, message.iov_count = ctypes.addressof(shared), 2
        self._out_at = ctypes.addressof(self._out)

    def _lay_out_replies(self) -> None:
        name = _NAMES[self.family]
        self._stride = self._format.size
        self._records = ctypes.create_string_buffer(self._stride * RECEIVE_AT_ONCE)
        self._records_view = memoryview(self._records).cast("B")
        self._in_parts = (_Iovec * RECEIVE_AT_ONCE)()
        self._in = (_Mmsghdr * RECEIVE_AT_ONCE)()
        start = ctypes.addressof(self._records)
        for number, message in enumerate(self._in):
            part = self._in_parts[number]
            at = start + number * self._stride
            message.name, message.name_length = at, name
            message.control, message.control_length = at + name, _CONTROL
            part.base, part.length = at + name + _CONTROL, _PAYLOAD
            message.iov, message.iov_count = ctypes.addressof(part), 1
        self._in_at = ctypes.addressof(self._in)
        self._fresh = bytes(self._in)
        self._used = 0

    def fileno(self) -> int:
        return self._fd

    def mark(self, sequence: int) -> bytes:
        return mark(self._icmp.ident, sequence, self._cookie)

    def head(self, sequence: int) -> None:
        self._header.raw = request(self.family, self._icmp.ident, sequence, self._cookie)

    def send(self, names: bytes, tokens: bytes, count: int) -> tuple[int, int]:
        size = self._name_bytes
        self._names_view[: count * size] = names
        self._tokens_view[: count * TOKEN_BYTES] = tokens
        sent = failures = 0
        while sent < count:
            left = self._sendmmsg(
                self._fd, self._out_at + sent * _HEADER_BYTES, count - sent, _DONTWAIT
            )
            if left > 0:
                sent, failures = sent + left, 0
                continue
            error = ctypes.get_errno()
            failures += 1
            self._told_of_errors = True
            if error != errno.EINTR and (error not in PASSING or failures == 3):
                return sent, error
        return sent, 0

    def receive(self) -> Iterable[Record]:
        used = self._used
        if used:
            # The kernel wrote lengths into the headers. The records may stay: a short packet that is
            # completed by what an earlier one left there repeats an answer that was already taken.
            ctypes.memmove(self._in_at, self._fresh, used * _HEADER_BYTES)
            self._used = 0
        for _ in range(16):
            got = self._recvmmsg(self._fd, self._in_at, RECEIVE_AT_ONCE, _DONTWAIT, None)
            if got > 0:
                self._used = got
                return self._format.iter_unpack(self._records_view[: got * self._stride])
            error = ctypes.get_errno()
            if error in (errno.EAGAIN, errno.EWOULDBLOCK):
                break
            if error not in PASSING and error != errno.EINTR:
                # Going on deaf would make a living fleet look dead.
                raise OSError(error, os.strerror(error))
            self._told_of_errors = True
        return ()

    def errors(self) -> list[Negative]:
        if not self._told_of_errors:
            return []
        self._told_of_errors = False
        return read_errors(self._icmp.socket, self._icmp)

    def drops(self) -> int:
        return linux.drops(self._icmp.socket)

    def close(self) -> None:
        self._icmp.socket.close()
