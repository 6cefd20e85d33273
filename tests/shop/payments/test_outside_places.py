"""Gateways are called only where an owner's list allows it."""

import asyncio
from typing import Any

import pytest

from ronda.shop.payments import calling
from ronda.shop.payments.errors import GatewayUnreachable


async def call() -> None:
    async with calling.opened() as http:
        await http.call("GET", "https://gateway.example/v1")


def test_a_gateway_that_is_not_on_the_owners_list_is_never_called(settings: Any) -> None:
    settings.RONDA = settings.RONDA.model_copy(update={"outside_places": ["api.midtrans.com"]})
    with pytest.raises(GatewayUnreachable, match="not in RONDA_OUTSIDE_PLACES"):
        asyncio.run(call())
