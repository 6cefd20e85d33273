"""`/system/scheduler`: entries that really run, at the time the router believes it is.

An entry runs what its `on-event` says: the name of a script, or a script itself (`script.parsed`
says which part of the language). A script that is not understood is counted as run and leaves an
error in the log, as on a router.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ronda.simulator.routers import commands
from ronda.simulator.routers.hotspot import dates, script
from ronda.simulator.routers.sessions import NOBODY
from ronda.simulator.routers.store import Menu, Row
from ronda.simulator.routers.traps import Trap, no_such_item
from ronda.simulator.routers.values import seconds_of

if TYPE_CHECKING:
    from ronda.simulator.routers.router import VirtualRouter

PATH = "/system/scheduler"
SCRIPTS = "/system/script"
AFTER_BOOT_S = 3.0
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DECIDES = ("start-date", "start-time", "interval", "days", "disabled")


@dataclass(slots=True)
class _Plan:
    """When an entry runs next, by the router's clock, and what that was worked out from."""

    basis: tuple[str, ...]
    next: datetime | None


class Scheduler:
    """The scheduler of one router; `due` and `fire` in turn make time pass."""

    def __init__(self, router: "VirtualRouter") -> None:
        self._router = router
        self._plans: dict[str, _Plan] = {}
        self._offset = router.clock_offset

    def due(self) -> float | None:
        """In how many seconds the next entry runs; None when none is planned."""
        now = self._router.now()
        if self._router.clock_offset != self._offset:
            # The clock was set: what was planned by the old time is worked out again.
            self._offset = self._router.clock_offset
            self._plans.clear()
        menu = self._router.menus[PATH]
        for gone in self._plans.keys() - menu.rows.keys():
            del self._plans[gone]
        moments = [self._plan(row, now).next for row in menu.rows.values()]
        ahead = [(moment - now).total_seconds() for moment in moments if moment is not None]
        return min(ahead, default=None)

    def fire(self, at: datetime) -> None:
        """Run what is due at that moment of the router's clock, and plan it anew."""
        menu = self._router.menus[PATH]
        for row in tuple(menu.rows.values()):
            plan = self._plans.get(row.id)
            if plan is None or plan.next is None or plan.next > at or row.id not in menu.rows:
                continue
            interval = seconds_of(row.get("interval", "")) or 0.0
            plan.next = _stepped(plan.next, interval, at, row.get("days", ""))
            row["run-count"] = str(int(row.get("run-count", "0")) + 1)
            self._run(row)

    def booted(self) -> None:
        """Everything is planned anew, from this moment on."""
        self._plans.clear()
        self.due()

    def show(self, menu: Menu) -> None:
        """Write `next-run` down."""
        now = self._router.now()
        iso = self._router.profile.since(7, 10)
        for row in menu.rows.values():
            moment = self._plan(row, now).next
            if moment is not None:
                row["next-run"] = dates.short_text(moment, now, iso=iso)
            elif "next-run" in row:
                del row["next-run"]

    def changed(self, row: Row, dead: bool) -> None:
        """A client made or changed an entry: it is planned from this moment on."""
        if not dead:
            self._plan(row, self._router.now())

    def _plan(self, row: Row, now: datetime) -> _Plan:
        if "start-time" not in row:
            iso = self._router.profile.since(7, 10)
            row["start-date"] = row.get("start-date") or dates.date_text(now, iso=iso)
            row["start-time"] = f"{now:%H:%M:%S}"
        basis = tuple(row.get(name, "") for name in DECIDES)
        plan = self._plans.get(row.id)
        if plan is None or plan.basis != basis:
            plan = self._plans[row.id] = _Plan(basis, self._first(row, now))
        return plan

    def _first(self, row: Row, now: datetime) -> datetime | None:
        if row.get("disabled") == "true":
            return None
        interval = seconds_of(row.get("interval", "")) or 0.0
        if row["start-time"] == "startup":
            booted = now - timedelta(seconds=self._router.uptime() - AFTER_BOOT_S)
            return booted if booted >= now else _stepped(booted, interval, now, "")
        start = dates.taken(row.get("start-date", ""), row["start-time"], now)
        if start is None:
            return None
        days = row.get("days", "")
        return start if start > now and _on(start, days) else _stepped(start, interval, now, days)

    def _run(self, row: Row) -> None:
        event = row.get("on-event", "")
        named = self._router.menus[SCRIPTS].find(name=event)
        try:
            script.run(script.parsed(named["source"] if named else event), _Hands(self._router))
        except script.SyntaxTrouble as trouble:
            self._complain(row, f"syntax error near {trouble}")
        except Trap as refusal:
            self._complain(row, refusal.message)

    def _complain(self, row: Row, text: str) -> None:
        self._router.log("script,error", f"executing script {row['name']} failed: {text}")


class _Hands:
    """A script's hands on the router: the router's own commands, with every permission."""

    def __init__(self, router: "VirtualRouter") -> None:
        self._router = router

    def find(self, menu: str, test: script.Test) -> list[str]:
        """Ids of the rows that pass; none where there is no such menu."""
        found = self._router.menus.get(menu)
        return [row.id for row in found.read() if test(row)] if found is not None else []

    def get(self, menu: str, item: str, name: str) -> str:
        """A property of one row; nothing where it has none.

        Raises:
            Trap: there is no such row.
        """
        found = self._router.menus.get(menu)
        row = found.rows.get(item) or found.find(name=item) if found is not None else None
        if row is None:
            raise no_such_item(self._router.profile.version)
        return str(row.get(name, ""))

    def do(self, command: str, values: Mapping[str, str]) -> None:
        """One command.

        Raises:
            Trap: the router refuses.
        """
        words = [f"={name}={value}" for name, value in values.items()]
        commands.execute(self._router, command, words, NOBODY)


def _stepped(start: datetime, interval: float, after: datetime, days: str) -> datetime | None:
    """The first of `start`, `start + interval`, … that is later, on one of these days."""
    if not interval:
        return start if start > after else None
    steps = max(0, int((after - start).total_seconds() // interval) + 1)
    moment = start + timedelta(seconds=interval * steps)
    while not _on(moment, days):
        moment += timedelta(seconds=interval)
    return moment


def _on(moment: datetime, days: str) -> bool:
    wanted = [day[:3] for day in days.lower().split(",") if day[:3] in DAYS]
    return not wanted or DAYS[moment.weekday()] in wanted
