"""Linux socket options that Python does not name, with the few calls around them.

Numbers are those of include/uapi/asm-generic/socket.h and include/uapi/linux/{in,in6,filter}.h;
the architectures that differ (alpha, mips, parisc, sparc) are not supported by the fast path.
"""

import contextlib
import ctypes
import platform
import socket
import struct
import sys

SO_ATTACH_FILTER = 26
SO_RCVBUFFORCE = 33
SO_TIMESTAMPNS = 35
SO_MEMINFO = 55
IP_RECVERR = 11
IPV6_RECVERR = 25
ICMPV6_FILTER = 1
ORIGIN_ICMP = 2
ORIGIN_ICMP6 = 3
_MEMINFO = struct.Struct("9I")
_MEMINFO_DROPS = 8

HERE = sys.platform.startswith("linux")
# mmsghdr and timespec are laid out for 64 bits here.
FAST = (
    HERE
    and sys.maxsize > 2**32
    and platform.machine().lower() in {"x86_64", "amd64", "aarch64", "arm64", "riscv64", "ppc64le"}
)


def stamp_replies(sock: socket.socket) -> None:
    """Ask the kernel for the arrival time of each packet, where it can."""
    if HERE:
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)


def report_errors(sock: socket.socket, version: int) -> None:
    """Have ICMP errors about our probes queued (ip(7), IP_RECVERR)."""
    if not HERE:
        return
    if version == 4:
        sock.setsockopt(socket.IPPROTO_IP, IP_RECVERR, 1)
    else:
        sock.setsockopt(socket.IPPROTO_IPV6, IPV6_RECVERR, 1)


def widen(sock: socket.socket, wanted: int) -> int:
    """Make the receive buffer as large as allowed; give the size in bytes the kernel counts to.

    CAP_NET_ADMIN may exceed net.core.rmem_max; others get what that allows.
    """
    if HERE:
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, wanted)
            return sock.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)
    while wanted >= 65_536:
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, wanted)
            break
        except OSError:  # BSD kernels refuse instead of giving less.
            wanted //= 2
    return sock.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)


def drops(sock: socket.socket) -> int:
    """Packets thrown away for this socket since it was opened; 0 where the kernel does not tell."""
    if not HERE:
        return 0
    try:
        info = sock.getsockopt(socket.SOL_SOCKET, SO_MEMINFO, _MEMINFO.size)
    except OSError:  # before Linux 4.12
        return 0
    return int(_MEMINFO.unpack(info)[_MEMINFO_DROPS]) if len(info) == _MEMINFO.size else 0


def only_our_replies(sock: socket.socket, version: int, ident: int) -> None:
    """Let the kernel drop, before it copies, all ICMP that is not an echo reply with our ident.

    A classic BPF program (Documentation/networking/filter.rst): raw IPv4 sockets see the IP header,
    raw ICMPv6 sockets do not.
    """
    if not HERE:
        return
    if version == 4:
        load = [(0xB1, 0, 0, 0), (0x50, 0, 0, 0)]  # x = 4 * ([0] & 15); a = [x]
        ident_at = (0x48, 0, 0, 4)  # a = half word [x + 4]
        reply = 0
    else:
        load = [(0x30, 0, 0, 0)]  # a = [0]
        ident_at = (0x28, 0, 0, 4)  # a = half word [4]
        reply = 129
    program = [
        *load,
        (0x15, 0, 3, reply),
        ident_at,
        (0x15, 0, 1, ident),
        (0x06, 0, 0, 0x40000),
        (0x06, 0, 0, 0),
    ]
    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *step) for step in program))
    sock.setsockopt(
        socket.SOL_SOCKET,
        SO_ATTACH_FILTER,
        struct.pack(
            "HxxxxxxP" if sys.maxsize > 2**32 else "HxxP", len(program), ctypes.addressof(code)
        ),
    )
    if version == 6:
        blocked = bytearray(b"\xff" * 32)
        blocked[129 // 8] &= ~(1 << 129 % 8) & 0xFF
        sock.setsockopt(socket.IPPROTO_ICMPV6, ICMPV6_FILTER, bytes(blocked))
