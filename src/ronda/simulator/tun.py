"""A TUN interface by ioctl alone: no `ip` program is needed, and nothing stays behind.

The interface lives as long as the descriptor that made it. Numbers are of linux/if_tun.h and
linux/sockios.h on every architecture Ronda is packaged for (x86, ARM, RISC-V).
"""

import ctypes
import errno
import os
import socket
import struct
import sys
from ipaddress import IPv4Network
from pathlib import Path

from ronda.simulator.network import Layout

DEVICE = Path("/dev/net/tun")

TUNSETIFF = 0x400454CA
IFF_TUN = 0x0001
IFF_NO_PI = 0x1000
IFF_UP = 0x1
SIOCGIFFLAGS = 0x8913
SIOCSIFFLAGS = 0x8914
SIOCSIFADDR = 0x8916
SIOCSIFNETMASK = 0x891C
SIOCGIFINDEX = 0x8933
SIOCSIFTXQLEN = 0x8943

CLONE_NEWNET = 0x40000000
PR_SET_TIMERSLACK = 29

LONGEST_NAME = 15


class FibreUnavailable(Exception):
    """This machine does not give us a TUN interface; the text says why and what helps."""


def why_not() -> str | None:
    """Why a TUN interface cannot be opened here, with the fix; None when it can.

    It is really tried: containers lie about capabilities.
    """
    try:
        descriptor, _ = open_device("rondatest%d")
    except FibreUnavailable as refusal:
        return str(refusal)
    os.close(descriptor)
    return None


def open_device(name: str) -> tuple[int, str]:
    """A non-blocking descriptor of a new interface, and its name ("%d" is numbered by the kernel).

    Raises:
        FibreUnavailable: no Linux, no device file, no permission, or the name is taken.
    """
    if sys.platform != "linux":
        raise FibreUnavailable("A simulated fibre needs Linux: other systems have no /dev/net/tun.")
    if not DEVICE.exists():
        raise FibreUnavailable(
            f"{DEVICE} is missing. Load it with: sudo modprobe tun"
            " (a container needs: --device /dev/net/tun --cap-add NET_ADMIN)."
        )
    import fcntl

    if len(name.encode()) > LONGEST_NAME:
        raise FibreUnavailable(f"The interface name {name} is longer than {LONGEST_NAME} letters.")
    try:
        descriptor = os.open(DEVICE, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise _refusal(error, name) from error
    try:
        request = struct.pack("16sH22x", name.encode(), IFF_TUN | IFF_NO_PI)
        given = fcntl.ioctl(descriptor, TUNSETIFF, request)
    except OSError as error:
        os.close(descriptor)
        raise _refusal(error, name) from error
    return descriptor, given[:16].rstrip(b"\0").decode()


def _refusal(error: OSError, name: str) -> FibreUnavailable:
    if error.errno in (errno.EPERM, errno.EACCES):
        return FibreUnavailable(
            "Opening a network interface needs root or the capability CAP_NET_ADMIN."
            " Start it with sudo, or allow this Python once with:"
            f" sudo setcap cap_net_admin,cap_net_raw+ep {Path(sys.executable).resolve()}"
            " (a container needs: --device /dev/net/tun --cap-add NET_ADMIN)."
        )
    if error.errno == errno.EBUSY:
        return FibreUnavailable(f"The interface {name} is in use by another program.")
    if error.errno in (errno.ENODEV, errno.ENXIO):
        return FibreUnavailable("The kernel has no TUN driver. Load it with: sudo modprobe tun")
    return FibreUnavailable(f"The interface {name} cannot be opened: {error.strerror}.")


def bring_up(name: str, layout: Layout, *, queue: int, ipv6: bool) -> bool:
    """Give the interface its addresses and a queue of so many packets, and bring it up.

    Returns whether it has IPv6 too, which a kernel may have switched off.

    Raises:
        FibreUnavailable: the prefix is already routed on this machine, or the kernel refuses.
    """
    taken = in_use(layout.ipv4)
    if taken:
        raise FibreUnavailable(
            f"{layout.prefix} is already reached through the interface {taken} of this machine."
            " Choose another prefix."
        )
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
            _set(control, SIOCSIFTXQLEN, struct.pack("16si20x", name.encode(), queue))
            _set(control, SIOCSIFADDR, _with_address(name, layout.address(layout.own)))
            _set(control, SIOCSIFNETMASK, _with_address(name, str(layout.ipv4.netmask)))
            flags = _set(control, SIOCGIFFLAGS, struct.pack("16sH22x", name.encode(), 0))
            up = struct.unpack_from("H", flags, 16)[0] | IFF_UP
            _set(control, SIOCSIFFLAGS, struct.pack("16sH22x", name.encode(), up))
            number = _set(control, SIOCGIFINDEX, struct.pack("16si20x", name.encode(), 0))
    except OSError as error:
        raise FibreUnavailable(f"{name} cannot be set up: {error.strerror}.") from error
    return ipv6 and _add_ipv6(layout, struct.unpack_from("i", number, 16)[0])


def _add_ipv6(layout: Layout, number: int) -> bool:
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as control:
            own = socket.inet_pton(socket.AF_INET6, layout.address6(layout.own))
            _set(control, SIOCSIFADDR, struct.pack("16sIi", own, layout.ipv6.prefixlen, number))
    except OSError:
        return False
    return True


def in_use(network: IPv4Network) -> str | None:
    """The interface through which part of this network is already reached; None when none is.

    The default route does not count: it leads away from everything that is nobody's.
    """
    lines = Path("/proc/self/net/route").read_text(encoding="ascii").splitlines()[1:]
    for line in lines:
        name, destination, *_rest = line.split()
        mask = line.split()[7]
        start, length = (
            int.from_bytes(int(part, 16).to_bytes(4, sys.byteorder)) for part in (destination, mask)
        )
        bits = length.bit_count()
        if bits and IPv4Network((start, bits)).overlaps(network):
            return name
    return None


def enter_namespace(path: str) -> None:
    """Move this process into a network namespace, such as /run/netns/NAME or /proc/PID/ns/net.

    Raises:
        FibreUnavailable: there is none at that path, or it is not ours to enter.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise FibreUnavailable(f"{path} is no network namespace: {error.strerror}.") from error
    try:
        if libc.setns(descriptor, CLONE_NEWNET) != 0:
            reason = os.strerror(ctypes.get_errno())
            raise FibreUnavailable(f"The network namespace {path} cannot be entered: {reason}.")
    finally:
        os.close(descriptor)


def wake_punctually() -> None:
    """Let this thread's timers fire within 1 us: the kernel's default is up to 50 us late."""
    ctypes.CDLL(None).prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0)


def _with_address(name: str, address: str) -> bytes:
    packed = socket.inet_aton(address)
    return struct.pack("16sHH4s16x", name.encode(), socket.AF_INET, 0, packed)


def _set(control: socket.socket, request: int, value: bytes) -> bytes:
    import fcntl

    return fcntl.ioctl(control, request, value)
