"""Finding out how a router can be spoken to, with every step on record for the Test page.

The order is api-ssl, api, REST over https, and REST over http where the target allows it: the API
is on v6 and v7, pushes and pipelines (docs/decisions/own-router-client.md). The first transport that
logs in is taken. A refused user ends the search: asking on, each try would be one more failed
login in the router's log, and the same answer.
"""

import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TypeVar

from ronda.routeros import api, rest
from ronda.routeros.connection import Connection
from ronda.routeros.dial import (
    Address,
    HandshakeCut,
    no_common_cipher,
    open_socket,
    resolve,
    talk,
)
from ronda.routeros.errors import (
    RouterError,
    RouterHasNoCertificate,
    RouterRefused,
    RouterUnreachable,
    RouterUntrusted,
)
from ronda.routeros.exchange import Exchange
from ronda.routeros.http import HttpConnection
from ronda.routeros.port import Link, Target, Transport, Trust
from ronda.routeros.trust import judge

P = TypeVar("P", Connection, HttpConnection)

PORTS = {Transport.API_TLS: 8729, Transport.API: 8728, Transport.REST_TLS: 443, Transport.REST: 80}
"""The usual ports of RouterOS."""

ORDER = (Transport.API_TLS, Transport.API, Transport.REST_TLS, Transport.REST)
_TLS = frozenset({Transport.API_TLS, Transport.REST_TLS})
_REST = frozenset({Transport.REST_TLS, Transport.REST})


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


async def find(
    target: Target, order: Sequence[Transport] = ORDER, *, found: Found | None = None
) -> Found:
    """Try the transports in order until one logs in; whoever gets a link closes it.

    A transport the target names is the only one tried. A port it names without a transport says
    which transport is meant, where it is a usual one. Nothing is raised but cancellation. Whoever
    gives `found` can watch the steps while they are made.
    """
    found = found or Found()
    for transport in _candidates(target, order):
        try:
            found.link = await _attempt(target, transport, found)
        except RouterError as failed:
            found.error = failed
            if _final(failed, target):
                break
        else:
            break
    return found


def _candidates(target: Target, order: Sequence[Transport]) -> Sequence[Transport]:
    if target.transport is not None:
        return (target.transport,)
    allowed = [one for one in order if one is not Transport.REST or target.plain_rest]
    if target.rest_first:
        allowed.sort(key=lambda one: one not in _REST)
    usual = [one for one in allowed if PORTS[one] == target.port]
    return usual or allowed


def _final(error: RouterError, target: Target) -> bool:
    """Whether another transport must not be tried.

    A router that never had a certificate may be spoken to without TLS; one whose certificate is
    wrong, or that showed one before, may not: whoever sits between could ask for the password so.
    """
    if isinstance(error, RouterHasNoCertificate):
        return target.pin is not None
    return isinstance(error, RouterRefused | RouterUntrusted)


async def _attempt(target: Target, transport: Transport, found: Found) -> Link:
    if transport in _REST:
        return await _attempt_rest(target, transport, found)
    port = target.port or PORTS[transport]

    def make() -> Connection:
        return Connection(target.timeout, name=target.host)

    connection, certificate = await _reach(target, transport, found, make)
    try:
        async with _step(found, transport, port, Stage.GREETING):
            refused = await api.sign_in(connection, target.user, target.password)
        async with _step(found, transport, port, Stage.LOGIN):
            _raise(refused)
        async with _step(found, transport, port, Stage.FACTS):
            return await api.begin(connection, transport, certificate)
    except BaseException:
        await connection.close()
        raise


async def _attempt_rest(target: Target, transport: Transport, found: Found) -> Link:
    port = target.port or PORTS[transport]
    first, certificate = await _reach(target, transport, found, HttpConnection)
    # Later connections have to be to the same router.
    known = replace(target, pin=certificate)

    async def connect() -> HttpConnection:
        return (await _reach(known, transport, Found(), HttpConnection))[0]

    exchange = Exchange(connect, target)
    exchange.use(first)
    try:
        async with _step(found, transport, port, Stage.GREETING):
            refused = await rest.recognise(exchange, target.timeout)
        async with _step(found, transport, port, Stage.LOGIN):
            _raise(refused)
        async with _step(found, transport, port, Stage.FACTS):
            return await rest.begin(exchange, transport, certificate)
    except BaseException:
        exchange.close()
        raise


async def _reach(
    target: Target, transport: Transport, found: Found, make: Callable[[], P]
) -> tuple[P, str | None]:
    """A connection whose peer may be told the password, and its certificate's fingerprint."""
    port = target.port or PORTS[transport]
    async with _step(found, transport, port, Stage.NAME):
        addresses = await resolve(target.host, port, target.timeout, here=target.here)
    async with _step(found, transport, port, Stage.PORT):
        plug = await open_socket(addresses, target.timeout)
    if transport not in _TLS:
        return await talk(plug, make, target, tls=False), None
    async with _step(found, transport, port, Stage.TLS):
        try:
            connection = await talk(plug, make, target, tls=True)
        except HandshakeCut as cut:
            await _explain(addresses, target)
            raise RouterUnreachable(cut.text) from cut
        try:
            return connection, judge(target.trust, target.pin, connection.certificate)
        except RouterError:
            connection.drop()
            raise


async def _explain(addresses: list[Address], target: Target) -> None:
    """Raise why a handshake was cut, where the other kind of TLS gets through; says no secret."""
    kind = Trust.OFF if target.trust is Trust.ANONYMOUS else Trust.ANONYMOUS
    try:
        plug = await open_socket(addresses, target.timeout)
        other = await talk(plug, HttpConnection, replace(target, trust=kind), tls=True)
    except RouterError:
        return
    other.drop()
    raise no_common_cipher(target.trust)


def _raise(refused: RouterRefused | None) -> None:
    if refused is not None:
        raise refused
