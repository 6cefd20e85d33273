"""Several routers on one event loop, and everything that can be asked of them from outside.

`perform` is the whole vocabulary: tests use it through `control`, other processes as JSON.
"""

import random  # noqa: TID251 -- seeded simulation
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from ronda.simulator.routers.api import ApiConnection
from ronda.simulator.routers.clock import Clock
from ronda.simulator.routers.commands import Answer
from ronda.simulator.routers.router import VirtualRouter
from ronda.simulator.routers.serving import Door, Serving, State

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
API = "api"

Furnish = Callable[[Serving], None]
Operation = Callable[["Fleet", Serving, dict[str, Any]], Awaitable[Any]]


@dataclass(frozen=True)
class Spec:
    """One router to be made; a password that is not given is drawn from the seed."""

    profile: str = "v7.16"
    name: str = "MikroTik"
    user: str = "ronda"
    password: str = ""
    port: int = 0
    options: Mapping[str, Any] = field(default_factory=dict)


class Fleet:
    """Routers after their specifications; the same seed makes the same ones.

    `furnish` adds doors and behaviours to each before it opens.
    """

    def __init__(
        self,
        specs: Sequence[Spec],
        *,
        seed: int = 1,
        clock: Clock | None = None,
        furnish: Sequence[Furnish] = (),
    ) -> None:
        self.clock = clock or Clock()
        self.specs = [_complete(spec, seed, place) for place, spec in enumerate(specs)]
        self.servings: list[Serving] = []
        self.snapshots: dict[str, Any] = {}
        for place, spec in enumerate(self.specs):
            router = VirtualRouter(
                spec.profile, name=spec.name, seed=seed * 1_000 + place, clock=self.clock
            )
            router.add_user(spec.user, spec.password)
            serving = Serving(router)
            serving.options = dict(spec.options)
            serving.add(Door(serving, API, ApiConnection, port=spec.port))
            for equip in furnish:
                equip(serving)
            self.servings.append(serving)

    async def open(self) -> None:
        """Every router can be reached."""
        for serving in self.servings:
            await serving.open()

    async def close(self) -> None:
        """None can, and nothing is left running."""
        for serving in self.servings:
            await serving.close()

    async def perform(self, request: Mapping[str, Any]) -> Any:
        """Do one thing: `op` names it, `router` is the number of the router, the rest depends.

        Raises:
            LookupError: there is no such operation, router or menu.
            ValueError: the operation cannot be done like that.
        """
        values = dict(request)
        name, place = values.pop("op", ""), values.pop("router", 0)
        operation = OPERATIONS.get(name)
        if operation is None:
            raise LookupError(f"no operation {name!r}: there are {', '.join(OPERATIONS)}")
        return await operation(self, self.servings[place], values)

    def described(self, place: int) -> dict[str, Any]:
        """What somebody who wants to connect must know."""
        serving, spec = self.servings[place], self.specs[place]
        return {
            "profile": serving.router.profile.name,
            "name": serving.router.name,
            "host": serving.doors[API].host,
            "ports": {name: door.port for name, door in serving.doors.items()},
            "user": spec.user,
            "password": spec.password,
            "serial": serving.router.serial,
        }


def _complete(spec: Spec, seed: int, place: int) -> Spec:
    if spec.password:
        return spec
    dice = random.Random(f"password {seed} {place}")  # noqa: S311 -- seeded simulation
    return Spec(**{**asdict(spec), "password": "".join(dice.choices(LETTERS, k=12))})


async def _describe(fleet: Fleet, serving: Serving, _values: dict[str, Any]) -> Any:
    return fleet.described(fleet.servings.index(serving))


async def _rows(_fleet: Fleet, serving: Serving, values: dict[str, Any]) -> Any:
    serving.router.tick()
    return [dict(row) for row in serving.router.menus[values["menu"]].read()]


async def _insert(_fleet: Fleet, serving: Serving, values: dict[str, Any]) -> Any:
    menu = serving.router.menus[values["menu"]]
    many = values.get("rows") or [values.get("values", {})]
    return [menu.insert(row, hidden=values.get("hidden")).id for row in many]


async def _change(_fleet: Fleet, serving: Serving, values: dict[str, Any]) -> Any:
    menu = serving.router.menus[values["menu"]]
    row = menu.rows[values["id"]] if values.get("id") else next(iter(menu.rows.values()))
    menu.change(row, values["values"])


async def _remove(_fleet: Fleet, serving: Serving, values: dict[str, Any]) -> Any:
    menu = serving.router.menus[values["menu"]]
    menu.remove(menu.rows[values["id"]])


async def _execute(_fleet: Fleet, serving: Serving, values: dict[str, Any]) -> Any:
    outcome = serving.router.execute(values["command"], values.get("words", ()))
    return {"rows": outcome.dicts(), "ret": outcome.ret} if isinstance(outcome, Answer) else None


async def _fault(_fleet: Fleet, serving: Serving, values: dict[str, Any]) -> Any:
    serving.router.faults.put(**values)


async def _clear(_fleet: Fleet, serving: Serving, values: dict[str, Any]) -> Any:
    serving.router.faults.clear(values.get("kind"))


async def _port(_fleet: Fleet, serving: Serving, values: dict[str, Any]) -> Any:
    service = values.get("service")
    for name, door in serving.doors.items():
        if service in {None, name}:
            await door.set(State(values["state"]))


async def _disconnect(_fleet: Fleet, serving: Serving, values: dict[str, Any]) -> Any:
    for door in serving.doors.values():
        door.end_all(reason=values.get("reason"), reset=values.get("reset", False))


async def _reboot(_fleet: Fleet, serving: Serving, values: dict[str, Any]) -> Any:
    serving.reboot(**values)


async def _upgrade(_fleet: Fleet, serving: Serving, values: dict[str, Any]) -> Any:
    for door in serving.doors.values():
        door.end_all()
    serving.router.upgrade(values["profile"])


async def _advance(fleet: Fleet, _serving: Serving, values: dict[str, Any]) -> Any:
    fleet.clock.advance(values["seconds"])
    for each in fleet.servings:
        each.router.tick()


async def _clock(_fleet: Fleet, serving: Serving, values: dict[str, Any]) -> Any:
    """`offset` seconds of error, or `lost`."""
    if values.get("lost"):
        serving.router.lose_clock()
    else:
        serving.router.learn_time(values.get("offset", 0.0))


async def _identity(_fleet: Fleet, serving: Serving, values: dict[str, Any]) -> Any:
    """Another `name`, another `serial`: another router behind the same address."""
    router = serving.router
    router.serial = values.get("serial", router.serial)
    identity = router.menus["/system/identity"]
    identity.change(identity.one, {"name": values.get("name", router.name)})


async def _device_mode(_fleet: Fleet, serving: Serving, values: dict[str, Any]) -> Any:
    """Features such as `hotspot` or `scheduler`, "yes" or "no"; what is there becomes invalid."""
    router = serving.router
    router.menus["/system/device-mode"].one.update(values)
    for path, menu in router.menus.items():
        if values.get(menu.schema.device_mode) == "no":
            for row in list(menu.rows.values()):
                told = {"comment": "inactivated, not allowed by device-mode"}
                router.menus[path].change(row, {"invalid": "true", **told})


async def _limit(_fleet: Fleet, serving: Serving, values: dict[str, Any]) -> Any:
    """At most `rows` in a `menu`; one more is `action failed (6)`."""
    serving.router.limits[values["menu"]] = values["rows"]


async def _user(_fleet: Fleet, serving: Serving, values: dict[str, Any]) -> Any:
    """One more user; with `policy` in a group of his own."""
    router = serving.router
    if "policy" in values:
        group = values.setdefault("group", f"only-{values['name']}")
        router.execute("/user/group/add", [f"=name={group}", f"=policy={values.pop('policy')}"])
    router.add_user(**values)


async def _style(_fleet: Fleet, serving: Serving, values: dict[str, Any]) -> Any:
    """`tag_last` and `fatal_as_attribute`: what real routers do in either way."""
    router = serving.router
    router.tag_last = bool(values.get("tag_last", router.tag_last))
    router.fatal_as_attribute = bool(values.get("fatal_as_attribute", router.fatal_as_attribute))


async def _snapshot(fleet: Fleet, serving: Serving, _values: dict[str, Any]) -> Any:
    """The name of what is kept here until the fleet ends."""
    name = f"snapshot-{len(fleet.snapshots) + 1}"
    fleet.snapshots[name] = serving.router.snapshot()
    return name


async def _restore(fleet: Fleet, serving: Serving, values: dict[str, Any]) -> Any:
    serving.router.restore(fleet.snapshots[values["snapshot"]])


async def _counts(_fleet: Fleet, serving: Serving, _values: dict[str, Any]) -> Any:
    return {
        "connections": {name: len(door.connections) for name, door in serving.doors.items()},
        "rows": {path: len(menu.rows) for path, menu in serving.router.menus.items()},
    }


OPERATIONS: dict[str, Operation] = {
    "describe": _describe,
    "rows": _rows,
    "insert": _insert,
    "change": _change,
    "remove": _remove,
    "execute": _execute,
    "fault": _fault,
    "clear": _clear,
    "port": _port,
    "disconnect": _disconnect,
    "reboot": _reboot,
    "upgrade": _upgrade,
    "advance": _advance,
    "clock": _clock,
    "identity": _identity,
    "device-mode": _device_mode,
    "limit": _limit,
    "user": _user,
    "style": _style,
    "snapshot": _snapshot,
    "restore": _restore,
    "counts": _counts,
}
