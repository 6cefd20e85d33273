"""Whoever keeps hotspot users on one router, and knows at any time what it must hold.

After an error whose outcome is unknown the one user in question is read again: the router must hold
what was before or what was asked for, and nothing else.
"""

import asyncio
import random  # noqa: TID251 -- seeded work
from collections import Counter
from collections.abc import Callable
from contextlib import suppress

from ronda.routeros.errors import AlreadyThere, Outcome, RouterError
from ronda.routeros.links import open_link
from ronda.routeros.port import Link, Query, Target, Transport, Trust
from ronda.simulator.routers.control import Handle

USERS = "/ip/hotspot/user"
TIMEOUT_S = 0.5
MOST_USERS = 60
PAUSE_S = 0.03


def way(router: Handle) -> tuple[Transport, str]:
    """Every third router is spoken to by TLS, and every third of version 7 by REST."""
    if router.place % 3 == 1:
        return Transport.API_TLS, "api-ssl"
    if router.place % 3 == 2 and not router.profile.startswith("v6"):
        return Transport.REST, "www"
    return Transport.API, "api"


class Disagreement(AssertionError):
    """The router holds what nobody asked it for."""


class Customer:
    """One router's users as they must be: name to comment."""

    def __init__(self, router: Handle, seed: int, counts: Counter[str]) -> None:
        self.router = router
        self.truth: dict[str, str] = {}
        self._dice = random.Random(seed)
        self._counts = counts
        self._link: Link | None = None
        self._number = 0
        transport, service = way(router)
        self._target = Target(
            router.host,
            router.user,
            router.password,
            transport=transport,
            port=router.ports[service],
            trust=Trust.OFF,
            timeout=TIMEOUT_S,
        )

    async def work(self, until: Callable[[], bool]) -> None:
        """Add, change, remove and read until the time is over, whatever happens."""
        while not until():
            name, before, after = self._next()
            try:
                await self._do(await self._open(), name, before, after)
                self._keep(name, after)
                self._counts["done"] += 1
            except RouterError as error:
                self._counts[type(error).__name__] += 1
                if error.outcome is Outcome.UNKNOWN:
                    self._counts["unknown"] += 1
                    await self._settle(name, before, after)
                await self._close_if_dead()
            await asyncio.sleep(PAUSE_S)

    async def settle_up(self) -> None:
        """Compare everything with the router, which is well again; then leave."""
        held = await self._read(None)
        if held != self.truth:
            raise Disagreement(
                f"{self.router.place}: {set(held.items()) ^ set(self.truth.items())}"
            )
        await self.leave()

    async def leave(self) -> None:
        """End the connection."""
        if self._link is not None:
            await self._link.close()
            self._link = None

    def _next(self) -> tuple[str, str | None, str | None]:
        """A user, his comment now (None: he is not there) and what it shall be."""
        self._number += 1
        if not self.truth or (len(self.truth) < MOST_USERS and self._dice.random() < 0.5):
            return f"soak-{self._number}", None, f"made {self._number}"
        name = self._dice.choice(list(self.truth))
        after = None if self._dice.random() < 0.4 else f"changed {self._number}"
        return name, self.truth[name], after

    async def _do(self, link: Link, name: str, before: str | None, after: str | None) -> None:
        if before is None and after is not None:
            with suppress(AlreadyThere):
                await link.add(USERS, {"name": name, "comment": after})
                return
            raise Disagreement(f"{name} is there before he was made")
        (row,) = await link.print(USERS, query=Query.equal(name=name), properties=(".id",))
        if after is None:
            await link.remove(USERS, [row[".id"]])
        else:
            await link.set(USERS, {"comment": after}, id=row[".id"])

    async def _settle(self, name: str, before: str | None, after: str | None) -> None:
        held = (await self._read(name)).get(name)
        if held not in (before, after):
            raise Disagreement(f"{name}: {held!r} is neither {before!r} nor {after!r}")
        self._keep(name, held)

    async def _read(self, name: str | None) -> dict[str, str]:
        """What the router holds, asked until it answers; a user twice is a disagreement."""
        query = None if name is None else Query.equal(name=name)
        while True:
            try:
                link = await self._open()
                rows = await link.print(USERS, query=query, properties=("name", "comment"))
            except RouterError as error:
                self._counts[type(error).__name__] += 1
                await self._close_if_dead(anyway=True)
                continue
            ours = [row for row in rows if row["name"].startswith("soak-")]
            if len({row["name"] for row in ours}) != len(ours):
                raise Disagreement("a user is there twice")
            return {row["name"]: row.get("comment", "") for row in ours}

    async def _open(self) -> Link:
        if self._link is None or not self._link.alive:
            await self.leave()
            self._link = await open_link(self._target)
            self._counts["connections"] += 1
        return self._link

    async def _close_if_dead(self, *, anyway: bool = False) -> None:
        if anyway or (self._link is not None and not self._link.alive):
            await self.leave()
        await asyncio.sleep(0.01)

    def _keep(self, name: str, comment: str | None) -> None:
        if comment is None:
            self.truth.pop(name, None)
        else:
            self.truth[name] = comment
