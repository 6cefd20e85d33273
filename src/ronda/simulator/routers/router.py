"""One virtual router: its version, its menus, its clock, and `execute` for one command.

What it does by itself over time is added from outside: a hook in `hooks` is called with the router
and the simulated seconds before every command and once a second while it is served; a handler in
`handlers` takes over a command; a function in a menu's `on_read` brings rows up to date.
"""

import random  # noqa: TID251 -- seeded simulation
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any, Protocol

from ronda.simulator.routers import commands
from ronda.simulator.routers.actions import HANDLERS
from ronda.simulator.routers.clock import Clock
from ronda.simulator.routers.commands import Handler, Outcome
from ronda.simulator.routers.faults import Faults
from ronda.simulator.routers.schema import PROFILES, menus_of
from ronda.simulator.routers.sessions import NOBODY, Session
from ronda.simulator.routers.store import Menu
from ronda.simulator.routers.values import duration

LOCAL = timezone(timedelta(hours=7))
NO_TIME = datetime(1970, 1, 2, tzinfo=LOCAL)
LOG_LINES = 1_000
MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]

Hook = Callable[["VirtualRouter", float], None]


class Behaviour(Protocol):
    """What keeps state of its own beside the menus: snapshots take it along."""

    def state(self) -> Any:
        """Plain data that `restore` takes."""
        ...

    def restore(self, state: Any) -> None:
        """Go back to it."""
        ...


class VirtualRouter:
    """A router of one RouterOS version.

    `menus` maps a path to its `Menu`; what is written there directly is not checked, what goes
    through `execute` is. `limits` bounds the rows of a menu; `serial` and `software_id` are what
    tells routers of the same name apart. `tag_last` puts `.tag` behind the attributes of a reply,
    `fatal_as_attribute` the reason of `!fatal` into `=message=`: real routers do both.
    """

    def __init__(
        self,
        profile: str = "v7.16",
        *,
        name: str = "MikroTik",
        seed: int = 1,
        clock: Clock | None = None,
    ) -> None:
        self.clock = clock or Clock()
        self.seed = seed
        self.random = random.Random(f"{seed} {name}")  # noqa: S311 -- seeded simulation
        self.faults = Faults(f"{seed} {name}")
        self.hooks: list[Hook] = []
        self.behaviours: dict[str, Behaviour] = {}
        self.handlers: dict[str, Handler] = dict(HANDLERS)
        self.guards: dict[str, list[Callable[[commands.Call], None]]] = {}
        self.on_reboot: list[Callable[[VirtualRouter], None]] = []
        self.limits: dict[str, int] = {}
        self.booted = self.clock.seconds()
        self.up_before = 0.0
        self.clock_offset = 0.0
        self.wants_reboot = False
        self.tag_last = False
        self.fatal_as_attribute = False
        self.profile = PROFILES[profile]
        seed_text = f"{seed} {name}"
        self.menus = {
            path: Menu(schema, seed_text) for path, schema in menus_of(self.profile).items()
        }
        self.menus["/system/identity"].one["name"] = name
        self.serial = "".join(self.random.choices("0123456789ABCDEF", k=12))
        self._describe()

    @property
    def name(self) -> str:
        """Its identity."""
        return self.menus["/system/identity"].one["name"]

    @property
    def serial(self) -> str:
        """Serial number of the board."""
        return self.menus["/system/routerboard"].one["serial-number"]

    @serial.setter
    def serial(self, serial: str) -> None:
        self.menus["/system/routerboard"].one["serial-number"] = serial
        software_id = f"{serial[:4]}-{serial[4:8]}"
        self.menus["/system/license"].one["software-id"] = software_id

    def execute(
        self, command: str, words: Sequence[str] = (), session: Session = NOBODY
    ) -> Outcome:
        """Do one command: `/ip/hotspot/user/add` with words such as `=name=siti` or `?name=siti`.

        Raises:
            Trap: the router refuses; nothing has changed.
        """
        self.tick()
        return commands.execute(self, command, words, session)

    def tick(self) -> None:
        """Let what happens by itself happen, up to now."""
        now = self.clock.seconds()
        for hook in self.hooks:
            hook(self, now)

    def add_user(self, name: str, password: str, *, group: str = "full", address: str = "") -> None:
        """A user who may log in to the router."""
        values = {"name": name, "group": group, "address": address}
        self.menus["/user"].insert(values, hidden={"password": password})

    def uptime(self) -> float:
        """Seconds since the router started."""
        return self.clock.seconds() - self.booted + self.up_before

    def now(self) -> datetime:
        """What the router takes for the time, in its own zone."""
        return (self.clock.now() + timedelta(seconds=self.clock_offset)).astimezone(LOCAL)

    def date_text(self, moment: datetime | None = None) -> str:
        """A moment as this version prints it: ISO from 7.10 on."""
        at = moment or self.now()
        if self.profile.since(7, 10):
            return f"{at:%Y-%m-%d %H:%M:%S}"
        return f"{MONTHS[at.month - 1]}/{at:%d/%Y %H:%M:%S}"

    def log(self, topics: str, message: str) -> None:
        """A line in `/log`; the oldest make room."""
        menu = self.menus["/log"]
        at = self.now()
        text = self.date_text(at) if self.profile.since(7, 10) else f"{at:%H:%M:%S}"
        menu.insert({"time": text, "topics": topics, "message": message})
        while len(menu.rows) > LOG_LINES:
            menu.remove(next(iter(menu.rows.values())))

    def reboot(self, *, clock_lost: bool = True) -> None:
        """Uptime starts again, who was on is off; `clock_lost`: it is 1970 until NTP answers."""
        self.booted = self.clock.seconds()
        self.up_before = 0.0
        for path in ("/ip/hotspot/active", "/ip/hotspot/host", "/user/active", "/log"):
            self.menus[path].clear()
        for row in list(self.menus["/queue/simple"].where(dynamic="true")):
            self.menus["/queue/simple"].remove(row)
        if clock_lost:
            self.lose_clock()
        for react in self.on_reboot:
            react(self)

    def lose_clock(self) -> None:
        """The router takes now for the first moments of 1970."""
        self.clock_offset = (NO_TIME - self.clock.now()).total_seconds()

    def learn_time(self, error: float = 0.0) -> None:
        """NTP answers: the time is right again, but for so many seconds."""
        self.clock_offset = error

    def upgrade(self, profile: str) -> None:
        """Another version with the same rows; properties it does not know are gone."""
        self.profile = PROFILES[profile]
        kept = {path: menu.state() for path, menu in self.menus.items()}
        readers = {path: menu.on_read for path, menu in self.menus.items()}
        seed_text = f"{self.seed} {self.name}"
        self.menus = {}
        for path, schema in menus_of(self.profile).items():
            menu = self.menus[path] = Menu(schema, seed_text)
            if path in kept:
                menu.restore(_known(kept[path], set(schema.properties), schema.rows))
                menu.on_read = readers[path]
        self._describe()

    def snapshot(self) -> dict[str, Any]:
        """Everything about this router; nothing that happens later changes it."""
        return {
            "profile": self.profile.name,
            "menus": {path: menu.state() for path, menu in self.menus.items()},
            "uptime": self.uptime(),
            "clock_offset": self.clock_offset,
            "limits": dict(self.limits),
            "random": self.random.getstate(),
            "faults": self.faults.state(),
            "behaviours": {name: one.state() for name, one in self.behaviours.items()},
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go back to a snapshot; the world's clock runs on and who is connected stays so."""
        if state["profile"] != self.profile.name:
            self.upgrade(state["profile"])
        for path, menu in self.menus.items():
            menu.restore(state["menus"][path], keeping=_is_connection)
        self.booted, self.up_before = self.clock.seconds(), state["uptime"]
        self.clock_offset = state["clock_offset"]
        self.limits = dict(state["limits"])
        self.random.setstate(state["random"])
        self.faults.restore(state["faults"])
        for name, one in self.behaviours.items():
            one.restore(state["behaviours"][name])

    def _describe(self) -> None:
        """Put the version where it is printed."""
        resource = self.menus["/system/resource"]
        resource.one["version"] = self.profile.printed
        resource.one["build-time"] = self.profile.build_time
        resource.on_read = [
            reader for reader in resource.on_read if reader != self._refresh_resource
        ]
        resource.on_read.insert(0, self._refresh_resource)
        board = self.menus["/system/routerboard"].one
        number = self.profile.printed.split()[0]
        for name in ("factory-firmware", "current-firmware", "upgrade-firmware"):
            board[name] = number
        clock = self.menus["/system/clock"]
        if self._refresh_clock not in clock.on_read:
            clock.on_read.insert(0, self._refresh_clock)

    def _refresh_resource(self, menu: Menu) -> None:
        menu.one["uptime"] = duration(int(self.uptime()))

    def _refresh_clock(self, menu: Menu) -> None:
        date, time = self.date_text().split(" ")
        menu.one["date"], menu.one["time"] = date, time


def _is_connection(row: Mapping[str, str]) -> bool:
    """A row of `/ip/service` or `/user/active` that stands for an open connection."""
    return row.get("connection") == "true" or row.get("via") == "api"


def _known(
    state: dict[str, Any], names: set[str], fresh: Sequence[dict[str, str]]
) -> dict[str, Any]:
    """A menu's state without the properties another version does not have."""
    names = names | {".id"} | {name for row in fresh for name in row}
    rows = [
        (row_id, {name: values[name] for name in values if name in names}, hidden)
        for row_id, values, hidden in state["rows"]
    ]
    return {**state, "rows": rows}
