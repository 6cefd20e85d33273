"""From a name to an open socket, and from a socket to a TLS or plain connection, step by step."""

import asyncio
import errno
import ipaddress
import socket
import ssl
from collections.abc import Callable
from typing import TypeVar

from ronda.kernel.addresses import AddressProblem, problem_of
from ronda.routeros.errors import (
    RouterError,
    RouterHasNoCertificate,
    RouterSpokeNonsense,
    RouterTimedOut,
    RouterUnreachable,
    RouterUntrusted,
)
from ronda.routeros.port import Target, Trust
from ronda.routeros.trust import context_for

P = TypeVar("P", bound=asyncio.Protocol)
Address = tuple[int, tuple[str, int] | tuple[str, int, int, int]]

_MOST_ADDRESSES = 4
_NOT_TLS = frozenset({"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST"})


class HandshakeCut(RouterUnreachable):
    """The line was cut within the handshake: RouterOS does so where no cipher is shared."""


class AddressForbidden(RouterUnreachable):
    """The name leads where no router may be: to this machine, a cloud's secrets, a group."""


async def resolve(host: str, port: int, within: float, *, here: bool = True) -> list[Address]:
    """The addresses of a name, in the system's order, at most four; they are what is then called.

    Args:
        here: whether they may be this machine's own (loopback).

    Raises:
        RouterUnreachable: there is no such name, or the name servers do not answer.
        AddressForbidden: one of them is no address of a router.
    """
    # A written-out address needs no thread and no patience.
    found = _written(host, port) or await _asked(host, port, within)
    for _family, address in found:
        number = ipaddress.ip_address(address[0].partition("%")[0])
        problem = problem_of(number, loopback=here)
        if problem is AddressProblem.LOOPBACK:
            raise AddressForbidden(
                f"{host} is the machine that Ronda runs on; RONDA_LOCAL_TARGETS allows that"
            )
        # A router next door may well be called by its link-local address.
        if problem is not None and problem is not AddressProblem.LINK_LOCAL:
            raise AddressForbidden(f"{host} leads to {address[0]}, which is no router's address")
    return found


def _written(host: str, port: int) -> list[Address]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        return []
    return [(family, address) for family, _, _, _, address in found]  # type: ignore[misc] # of these families an address is one of the two tuples


async def _asked(host: str, port: int, within: float) -> list[Address]:
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(within):
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except TimeoutError as late:
        raise RouterUnreachable(f"the name {host} was not resolved in {within:g} s") from late
    except (OSError, UnicodeError) as unknown:
        raise RouterUnreachable(f"there is no address for the name {host}") from unknown
    return [(family, address) for family, _, _, _, address in found[:_MOST_ADDRESSES]]  # type: ignore[misc] # as above


async def open_socket(addresses: list[Address], within: float) -> socket.socket:
    """A connected socket to the first address that takes the connection.

    Raises:
        RouterTimedOut: no answer.
        RouterUnreachable: refused, or no way there.
    """
    last: RouterUnreachable = RouterUnreachable("the name has no address")
    for family, address in addresses:
        try:
            return await _connect(family, address, within / len(addresses))
        except RouterUnreachable as failed:
            last = failed
    raise last


async def _connect(family: int, address: tuple[object, ...], within: float) -> socket.socket:
    where = f"{address[0]} port {address[1]}"
    plug = socket.socket(family, socket.SOCK_STREAM)
    plug.setblocking(False)
    try:
        async with asyncio.timeout(within):
            await asyncio.get_running_loop().sock_connect(plug, address)
    except TimeoutError as silent:
        plug.close()
        raise RouterTimedOut(f"{where} did not answer in {within:g} s") from silent
    except OSError as refused:
        plug.close()
        raise RouterUnreachable(f"{where}: {_why(refused)}") from refused
    except BaseException:
        plug.close()
        raise
    return plug


def _why(error: OSError) -> str:
    if isinstance(error, ConnectionRefusedError):
        return "the connection was refused; the service is off, or a firewall rejects it"
    if error.errno in {errno.EHOSTUNREACH, errno.ENETUNREACH}:
        return "there is no route to it"
    return error.strerror or "no connection"


async def talk(plug: socket.socket, make: Callable[[], P], target: Target, *, tls: bool) -> P:
    """Put a protocol on a connected socket, behind a TLS handshake where asked; owns the socket.

    Raises:
        RouterUntrusted: the certificate cannot be verified, or no cipher is shared.
        RouterSpokeNonsense: the port does not speak TLS.
        RouterUnreachable: the line was cut, or there was no answer.
    """
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(target.timeout):
            if tls:
                _, protocol = await loop.create_connection(
                    make,
                    sock=plug,
                    ssl=context_for(target.trust),
                    server_hostname=target.host,
                    ssl_handshake_timeout=target.timeout,
                    ssl_shutdown_timeout=1.0,
                )
            else:
                _, protocol = await loop.create_connection(make, sock=plug)
    except TimeoutError as silent:
        raise RouterTimedOut(f"no TLS handshake within {target.timeout:g} s") from silent
    except ssl.SSLCertVerificationError as wrong:
        raise RouterUntrusted(f"the certificate is not trusted: {wrong.verify_message}") from wrong
    except ssl.SSLError as failed:
        raise _handshake(failed, target.trust) from failed
    except OSError as cut:
        plug.close()
        if tls:
            raise HandshakeCut("the router ended the connection in the TLS handshake") from cut
        raise RouterUnreachable(f"no connection: {_why(cut)}") from cut
    except BaseException:
        plug.close()
        raise
    return protocol


def _handshake(error: ssl.SSLError, trust: Trust) -> RouterError:
    reason = error.reason or "TLS failed"
    if reason in _NOT_TLS:
        return RouterSpokeNonsense("the port does not speak TLS")
    if "HANDSHAKE_FAILURE" in reason or "NO_SHARED" in reason or "NO_CIPHERS" in reason:
        return no_common_cipher(trust)
    return RouterUntrusted(f"the TLS handshake failed: {reason.replace('_', ' ').lower()}")


def no_common_cipher(trust: Trust) -> RouterUntrusted:
    """What it means that a TLS service takes none of our ciphers."""
    if trust is Trust.ANONYMOUS:
        return RouterUntrusted("the router has a certificate, and takes no anonymous TLS")
    return RouterHasNoCertificate("the router has no certificate for this service")
