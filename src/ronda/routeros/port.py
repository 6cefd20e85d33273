"""What a connection to a router can do, whatever the transport; the API and REST both keep it.

Values are text, exactly as the router keeps them; `ronda.routeros.menus` gives them types. A row
holds only what the router sent: a property that is not set is not there. `.id` is opaque text.
Every call raises `ronda.routeros.errors.RouterError` and nothing else, and ends in bounded time.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

Row = dict[str, str]


class Transport(StrEnum):
    """How the router is spoken to."""

    API_TLS = "api-ssl"
    API = "api"
    REST_TLS = "rest-https"
    REST = "rest-http"


class Trust(StrEnum):
    """What makes a TLS connection trusted."""

    VERIFY = "verify"  # a certificate of a known authority with the right host name
    PIN = "pin"  # the certificate of the first connection, by SHA-256
    ANONYMOUS = "anonymous"  # api-ssl without a certificate: encrypted, whoever it is
    OFF = "off"  # any certificate


@dataclass(frozen=True, slots=True)
class Target:
    """Where a router is and how to speak to it.

    `transport` None means: find out, in the order of `ronda.routeros.detect`. `port` None means the
    transport's usual one. `pin` is the SHA-256 of the certificate as lower-case hex, None before
    the first connection. `timeout` bounds each single wait, in seconds.
    """

    host: str
    user: str
    password: str = field(repr=False)
    transport: Transport | None = None
    port: int | None = None
    trust: Trust = Trust.PIN
    pin: str | None = None
    timeout: float = 10.0
    plain_rest: bool = False  # whether REST over plain http may be tried while finding out
    here: bool = True  # whether it may lie on the machine that asks
    rest_first: bool = False  # whether REST is tried before the API while finding out


@dataclass(frozen=True, slots=True)
class Query:
    """Which rows: the words of a query in order, without their leading `?` (routeros.md 1.1).

    `Query.equal(profile="1jam")` is the common case; several are joined by and.
    """

    words: tuple[str, ...]

    @classmethod
    def equal(cls, **properties: str) -> "Query":
        """Rows whose properties have these values; `_` in a name stands for `-`."""
        return cls(tuple(f"{name.replace('_', '-')}={value}" for name, value in properties.items()))


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What this RouterOS can do; computed once from its version."""

    version: tuple[int, int, int]
    iso_dates: bool  # 7.10
    device_mode: bool  # 7.17 forbids hotspot on new boards until allowed
    show_sensitive: bool  # 7.21


@dataclass(frozen=True, slots=True)
class Facts:
    """What a router says of itself at the start of a connection; "" where it has no such thing."""

    identity: str
    version: str  # as printed: "6.49.10 (long-term)"
    board: str
    serial: str  # routerboard serial number, or the system id of a CHR
    capabilities: Capabilities
    transport: Transport
    certificate: str | None  # SHA-256 of the peer's certificate, None without one


@dataclass(frozen=True, slots=True)
class Reply:
    """All rows of one command, and what `!done` carried (`ret`)."""

    rows: list[Row]
    ret: str | None = None


class Link(Protocol):
    """One open, logged-in connection to one router; safe to use from many tasks of one loop."""

    @property
    def facts(self) -> Facts:
        """What the router said of itself when the connection was made."""
        ...

    @property
    def alive(self) -> bool:
        """False from the moment the connection is known to be gone; it never comes back."""
        ...

    async def print(
        self,
        menu: str,
        *,
        query: Query | None = None,
        properties: Sequence[str] = (),
        within: float | None = None,
    ) -> list[Row]:
        """Rows of a menu such as `/ip/hotspot/user`; only these properties, all if none named.

        `within` is how many seconds it may take, where that is not the target's usual.
        """
        ...

    async def count(self, menu: str, *, query: Query | None = None) -> int:
        """How many rows, counted by the router."""
        ...

    async def add(self, menu: str, values: Mapping[str, str]) -> str | None:
        """Make an item; its id, None where an old menu returns none (then look it up)."""
        ...

    async def set(self, menu: str, values: Mapping[str, str], *, id: str | None = None) -> None:  # noqa: A002 -- RouterOS's own word
        """Change an item, or a singleton when no id is given; "" unsets where the menu allows."""
        ...

    async def remove(self, menu: str, ids: Sequence[str]) -> None:
        """Remove items by id."""
        ...

    async def call(
        self, command: str, values: Mapping[str, str] | None = None, *, within: float | None = None
    ) -> Reply:
        """Any command with its full path, such as `/ip/hotspot/user/reset-counters`."""
        ...

    def stream(self, command: str, values: Mapping[str, str] | None = None) -> AsyncIterator[Row]:
        """Rows as they come (`listen`, `monitor-traffic`); leaving the loop cancels the command.

        Over REST, which cannot push, it raises `UnknownToVersion`.
        """
        ...

    async def close(self) -> None:
        """End the session; calling it twice is fine, and it never raises."""
        ...
