"""Where no router is called, whatever its name says: this machine, a cloud's secrets, groups."""

import asyncio
import socket
from typing import Any

import pytest

from ronda.routeros import detect
from ronda.routeros.dial import AddressForbidden, resolve
from ronda.routeros.port import Target


def leads_to(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """Every name has these addresses."""

    async def answer(_loop: Any, _host: str, port: int, **_options: Any) -> list[Any]:
        return [
            (socket.AF_INET6, 1, 6, "", (text, port, 0, 0))
            if ":" in text
            else (socket.AF_INET, 1, 6, "", (text, port))
            for text in addresses
        ]

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", answer)


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", "169.254.169.254", "0.0.0.0", "::",
     "224.0.0.1", "255.255.255.255", "fd00:ec2::254", "::ffff:169.254.169.254"],
)  # fmt: skip
def test_no_address_by_number_and_no_name_that_leads_there(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    with pytest.raises(AddressForbidden):
        asyncio.run(resolve(address, 8728, 1, here=False))
    leads_to(monkeypatch, "192.0.2.1", address)
    with pytest.raises(AddressForbidden):
        asyncio.run(resolve("router.example", 8728, 1, here=False))


def test_a_name_is_called_at_the_addresses_that_were_judged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    leads_to(monkeypatch, "192.0.2.1", "2001:db8::1")
    found = asyncio.run(resolve("router.example", 8728, 1, here=False))
    assert [address[0] for _family, address in found] == ["192.0.2.1", "2001:db8::1"]


def test_this_machine_only_where_it_is_allowed() -> None:
    assert asyncio.run(resolve("127.0.0.1", 8728, 1, here=True))
    with pytest.raises(AddressForbidden, match="RONDA_LOCAL_TARGETS"):
        asyncio.run(resolve("localhost", 8728, 1, here=False))


def test_a_target_on_this_machine_is_not_called_and_says_why() -> None:
    target = Target("127.0.0.1", "ronda", "x", port=1, timeout=1, here=False)
    found = asyncio.run(detect.find(target))
    assert isinstance(found.error, AddressForbidden)
    assert "RONDA_LOCAL_TARGETS" in str(found.error)
