"""Calls to gateways: bounded in time and size, JSON in and out, no redirects, failures by whose fault.

Nothing here writes a log: addresses and headers carry credentials.
"""

import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

import httpx
from django.conf import settings

from ronda.kernel.outside import is_listed
from ronda.shop.payments.errors import GatewayRefused, GatewaySpokeNonsense, GatewayUnreachable

#: Connecting, and then each read; gateways answer within two seconds on good days.
CONNECT_S = 5.0
READ_S = 15.0
MOST_BYTES = 256 * 1024


class Http:
    """One client for a few calls; `async with opened() as http`."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def call(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        json: Mapping[str, Any] | None = None,
        none_at: tuple[int, ...] = (),
    ) -> Any:
        """The JSON of the answer; None for a status of `none_at`.

        Raises:
            GatewayRefused: a status of 4xx.
            GatewayUnreachable: no answer in time, or 5xx.
            GatewaySpokeNonsense: the answer is too long or no JSON object or list.
        """
        host = httpx.URL(url).host
        if not is_listed(host, settings.RONDA.outside_places):
            raise GatewayUnreachable(f"{host} is not in RONDA_OUTSIDE_PLACES", outcome="failed")
        try:
            async with self._client.stream(
                method, url, headers=dict(headers or {}), params=query, json=json
            ) as answer:
                raw = await _body(answer)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise GatewayUnreachable(
                f"no connection ({type(error).__name__})", outcome="failed"
            ) from None
        except httpx.HTTPError as error:
            raise GatewayUnreachable(f"no answer ({type(error).__name__})") from None
        if answer.status_code in none_at:
            return None
        if answer.status_code >= 500:
            raise GatewayUnreachable(f"the gateway answered {answer.status_code}")
        if raw is None:
            raise GatewaySpokeNonsense("the answer is too long")
        try:
            told = httpx.Response(200, content=raw).json()
        except ValueError:
            told = None
        if answer.status_code >= 300:
            raise GatewayRefused(f"{answer.status_code}: {_reason(told)}")
        if not isinstance(told, dict | list):
            raise GatewaySpokeNonsense("the answer is no JSON")
        return told


async def _body(answer: httpx.Response) -> bytes | None:
    parts: list[bytes] = []
    size = 0
    async for part in answer.aiter_bytes():
        size += len(part)
        if size > MOST_BYTES:
            return None
        parts.append(part)
    return b"".join(parts)


def _reason(told: Any) -> str:
    """Why it said no, in the gateway's words; their names for it differ."""
    if isinstance(told, dict):
        for name in ("message", "Message", "status_message", "statusMessage", "error_code"):
            if isinstance(told.get(name), str):
                return str(told[name])[:200]
    return "refused without a reason"


@asynccontextmanager
async def opened() -> AsyncIterator[Http]:
    """A client that keeps its connections until the end of the block."""
    limits = httpx.Timeout(READ_S, connect=CONNECT_S)
    async with httpx.AsyncClient(
        timeout=limits, follow_redirects=False, trust_env=False, verify=_trusted()
    ) as client:
        yield Http(client)


@cache
def _trusted() -> ssl.SSLContext:
    """The world's certificates; reading them takes 30 ms, once a process is enough."""
    return httpx.create_ssl_context(trust_env=False)
