"""A router in memory that keeps what `routeros.port.Link` promises, as far as the hotspot asks.

The simulator is the real counterpart; this one answers at once, and can be told to break at any call.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from ronda.routeros.errors import (
    AlreadyThere,
    NoSuchItem,
    NoSuchReference,
    Outcome,
    RouterError,
    RouterTimedOut,
    UnknownToVersion,
)
from ronda.routeros.port import Capabilities, Facts, Query, Reply, Row, Transport

USER = "/ip/hotspot/user"
PROFILE = "/ip/hotspot/user/profile"
ACTIVE = "/ip/hotspot/active"
COOKIE = "/ip/hotspot/cookie"
SCHEDULER = "/system/scheduler"


class ScriptedLink:
    """Menus of rows; `fail_at(n, …)` makes the n-th call from now raise, done or not."""

    def __init__(self, *, iso_dates: bool = True) -> None:
        self.menus: dict[str, list[Row]] = {PROFILE: [{".id": "*0", "name": "default"}]}
        self.asked: list[str] = []
        self.alive = True
        self._next = 1
        self._failures: dict[int, tuple[RouterError, bool]] = {}
        self.facts = Facts(
            "r1",
            "7.16.2 (stable)" if iso_dates else "6.49.10 (long-term)",
            "hAP",
            "X",
            Capabilities((7, 16, 2), iso_dates, False, False),
            Transport.API,
            None,
        )

    def fail_at(self, calls: int, error: RouterError | None = None, *, done: bool = False) -> None:
        """The call that comes after `calls` others raises `error`; with `done` it has its effect."""
        reason = error or RouterTimedOut("no answer", outcome=Outcome.UNKNOWN)
        self._failures[len(self.asked) + calls] = (reason, done)

    def spare(self) -> None:
        """Nothing more fails."""
        self._failures = {}

    def put(self, menu: str, **values: str) -> Row:
        """A row that is simply there; `_` in a name stands for `-`."""
        row = {".id": f"*{self._next:X}"} | {
            name.replace("_", "-"): text for name, text in values.items()
        }
        self._next += 1
        self.menus.setdefault(menu, []).append(row)
        return row

    def names(self, menu: str) -> list[str]:
        return sorted(row.get("name") or row.get("user", "") for row in self.menus.get(menu, []))

    def _begin(self, what: str) -> tuple[RouterError, bool] | None:
        failure = self._failures.pop(len(self.asked), None)
        self.asked.append(what)
        if not self.alive:
            raise RouterTimedOut("the connection is gone")
        if failure is not None and not failure[1]:
            self._break(failure[0])
        return failure

    def _end(self, failure: tuple[RouterError, bool] | None) -> None:
        if failure is not None:
            self._break(failure[0])

    def _break(self, error: RouterError) -> None:
        if error.outcome is Outcome.UNKNOWN:
            self.alive = False
        raise error

    async def print(
        self,
        menu: str,
        *,
        query: Query | None = None,
        properties: Sequence[str] = (),
        within: float | None = None,
    ) -> list[Row]:
        self._end(self._begin(f"print {menu}"))
        rows = self.menus.get(menu, [])
        for word in query.words if query else ():
            name, _equals, text = word.partition("=")
            rows = [row for row in rows if row.get(name, "") == text]
        return [
            {name: text for name, text in row.items() if not properties or name in properties}
            for row in rows
        ]

    async def count(self, menu: str, *, query: Query | None = None) -> int:
        return len(await self.print(menu, query=query))

    async def add(self, menu: str, values: Mapping[str, str]) -> str | None:
        failure = self._begin(f"add {menu}")
        self._check(menu, values)
        if menu in {USER, PROFILE, SCHEDULER}:
            key = (values["name"], values.get("server", "all"))
            for row in self.menus.get(menu, []):
                if (row["name"], row.get("server", "all")) == key:
                    raise AlreadyThere("failure: already have user with this name for this server")
        row = self.put(menu, **dict(values))
        self._end(failure)
        return row[".id"]

    def _check(self, menu: str, values: Mapping[str, str]) -> None:
        if menu == USER and values.get("profile", "default") not in self.names(PROFILE):
            raise NoSuchReference("input does not match any value of profile", category=1)

    async def set(self, menu: str, values: Mapping[str, str], *, id: str | None = None) -> None:  # noqa: A002 -- the word of the port
        failure = self._begin(f"set {menu}")
        self._check(menu, values)
        self._row(menu, id).update(values)
        self._end(failure)

    async def remove(self, menu: str, ids: Sequence[str]) -> None:
        failure = self._begin(f"remove {menu}")
        for one in ids:
            self.menus[menu].remove(self._row(menu, one))
        self._end(failure)

    async def call(
        self, command: str, values: Mapping[str, str] | None = None, *, within: float | None = None
    ) -> Reply:
        failure = self._begin(command)
        if command == f"{USER}/reset-counters":
            row = self._row(USER, (values or {})[".id"])
            row.update({"bytes-in": "0", "bytes-out": "0", "uptime": "0s"})
        self._end(failure)
        return Reply([])

    def _row(self, menu: str, ros_id: str | None) -> Row:
        for row in self.menus.get(menu, []):
            if row[".id"] == ros_id:
                return row
        raise NoSuchItem("no such item (4)")

    def stream(self, command: str, values: Mapping[str, str] | None = None) -> AsyncIterator[Any]:
        raise UnknownToVersion("this link cannot push, like REST")

    async def close(self) -> None:
        self.alive = False
