"""Finding out how a router can be spoken to, with every step on record for the Test page.

The order is api-ssl, then api. The first transport that
logs in is taken. A refused user ends the search: asking on, each try would be one more failed
login in the router's log, and the same answer.
"""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum

from ronda.routeros.api import begin, sign_in
from ronda.routeros.connection import Connection
from ronda.routeros.dial import open_socket, resolve, talk
from ronda.routeros.errors import (
    RouterError,
    RouterHasNoCertificate,
    RouterRefused,
    RouterUnreachable,
    RouterUntrusted,
)
from ronda.routeros.port import Link, Target, Transport
from ronda.routeros.trust import judge

PORTS = {Transport.API_TLS: 8729, Transport.API: 8728}
"""The usual ports of RouterOS."""

ORDER = (Transport.API_TLS, Transport.API)
_TLS = frozenset({Transport.API_TLS})


class Stage(StrEnum):
    """The steps of a connection in their order."""

    NAME = "name"  # the name has an address
    PORT = "port"  # the port takes connections
    TLS = "tls"
    GREETING = "greeting"  # what answers is RouterOS
    LOGIN = "login"
    FACTS = "facts"  # version and board could be read


@dataclass(frozen=True, slots=True)
class Step:
    """What one step did: `error` is None where it went well."""

    transport: Transport
    port: int
    stage: Stage
    seconds: float
    error: RouterError | None = None


@dataclass(slots=True)
class Found:
    """The steps in order, and the link they led to; without one `error` says why."""

    steps: list[Step] = field(default_factory=list)
    link: Link | None = None
    error: RouterError = field(default_factory=lambda: RouterUnreachable("nothing was tried"))


@asynccontextmanager
async def _step(found: Found, transport: Transport, port: int, stage: Stage) -> AsyncIterator[None]:
    began = time.monotonic()
    error: RouterError | None = None
    try:
        yield
    except RouterError as failed:
        error = failed
        raise
    finally:
        found.steps.append(Step(transport, port, stage, time.monotonic() - began, error))


async def find(target: Target) -> Found:
    """Try the transports in order until one logs in; whoever gets a link closes it."""
    found = Found()
    for transport in (target.transport,) if target.transport else ORDER:
        try:
            found.link = await _attempt(target, transport, found)
        except RouterError as failed:
            found.error = failed
            if _final(failed, target):
                break
        else:
            break
    return found


def _final(error: RouterError, target: Target) -> bool:
    """Whether another transport must not be tried.

    A router that never had a certificate may be spoken to without TLS; one whose certificate is
    wrong, or that showed one before, may not: whoever sits between could ask for the password so.
    """
    if isinstance(error, RouterHasNoCertificate):
        return target.pin is not None
    return isinstance(error, RouterRefused | RouterUntrusted)


def _raise(refused: RouterRefused | None) -> None:
    if refused is not None:
        raise refused


async def _attempt(target: Target, transport: Transport, found: Found) -> Link:
    if transport not in PORTS:
        raise RouterUnreachable("REST is not spoken")
    port = target.port or PORTS[transport]
    async with _step(found, transport, port, Stage.NAME):
        addresses = await resolve(target.host, port, target.timeout)
    async with _step(found, transport, port, Stage.PORT):
        plug = await open_socket(addresses, target.timeout)

    def make() -> Connection:
        return Connection(target.timeout, name=target.host)

    certificate: str | None = None
    if transport in _TLS:
        async with _step(found, transport, port, Stage.TLS):
            connection = await talk(plug, make, target, tls=True)
            try:
                certificate = judge(target.trust, target.pin, connection.certificate)
            except RouterError:
                await connection.close()
                raise
    else:
        connection = await talk(plug, make, target, tls=False)
    try:
        async with _step(found, transport, port, Stage.GREETING):
            refused = await sign_in(connection, target.user, target.password)
        async with _step(found, transport, port, Stage.LOGIN):
            _raise(refused)
        async with _step(found, transport, port, Stage.FACTS):
            return await begin(connection, transport, certificate)
    except BaseException:
        await connection.close()
        raise
