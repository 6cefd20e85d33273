"""Simulated routers for tests and programs: started, driven and stopped from ordinary code.

    with SimulatedRouters("v6.49.10", "v7.16") as routers:
        one = routers[1]
        connect(one.host, one.port, one.user, one.password)
        one.fault("no-reply", command="/ip/hotspot/user/add", count=1)
        assert one.rows("/ip/hotspot/user") == [...]

They run on an event loop of their own in a thread; `remote.RoutersProcess` has the same handles
for routers in a process of their own.
"""

import asyncio
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Self, TypeVar

from ronda.simulator.routers.clock import Clock
from ronda.simulator.routers.fleet import API, Fleet, Furnish, Spec
from ronda.simulator.routers.router import VirtualRouter

T = TypeVar("T")
PATIENCE_S = 30.0
# A socket that was accepted gets its protocol, and is closed, over some turns of the loop.
TURNS_TO_CLOSE = 5
Perform = Callable[[dict[str, Any]], Any]


class Handle:
    """One router as a test holds it; every method may be called from any thread."""

    def __init__(self, perform: Perform, place: int, described: dict[str, Any]) -> None:
        self._perform = perform
        self.place = place
        self.host: str = described["host"]
        self.ports: dict[str, int] = described["ports"]
        self.user: str = described["user"]
        self.password: str = described["password"]
        self.profile: str = described["profile"]

    @property
    def port(self) -> int:
        """The port of the plain API."""
        return self.ports[API]

    def ask(self, op: str, **values: Any) -> Any:
        """Any operation of `fleet.OPERATIONS`."""
        return self._perform({"op": op, "router": self.place, **values})

    def rows(self, menu: str) -> list[dict[str, str]]:
        """What the router really holds."""
        found: list[dict[str, str]] = self.ask("rows", menu=menu)
        return found

    def insert(self, menu: str, **values: str) -> str:
        """A row, unchecked, and its id; `_` in a name stands for `-`."""
        named = {name.replace("_", "-"): value for name, value in values.items()}
        ids: list[str] = self.ask("insert", menu=menu, values=named)
        return ids[0]

    def insert_many(self, menu: str, rows: Sequence[dict[str, str]]) -> list[str]:
        """Many rows at once, unchecked; their ids."""
        ids: list[str] = self.ask("insert", menu=menu, rows=list(rows))
        return ids

    def fault(self, kind: str, **how: Any) -> None:
        """Something goes wrong from now on: see `faults.Kind`."""
        self.ask("fault", kind=kind, **how)

    def clear(self, kind: str | None = None) -> None:
        """It does no longer; all faults when none is named."""
        self.ask("clear", kind=kind)

    def set_port(self, state: str, service: str | None = None) -> None:
        """ "open", "refuse" or "drop", for one service or all."""
        self.ask("port", state=state, service=service)

    def reboot(self, **how: Any) -> None:
        """See `serving.Serving.reboot`."""
        self.ask("reboot", **how)

    def advance(self, seconds: float) -> None:
        """Simulated time passes, for every router."""
        self.ask("advance", seconds=seconds)

    def snapshot(self) -> str:
        """Everything, for `restore`."""
        taken: str = self.ask("snapshot")
        return taken

    def restore(self, snapshot: str) -> None:
        """Go back."""
        self.ask("restore", snapshot=snapshot)


class Opened(ABC):
    """Several routers, open inside a `with`, and their handles in order."""

    _handles: Sequence[Handle] = ()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop()

    def __getitem__(self, place: int) -> Handle:
        return self._handles[place]

    def __iter__(self) -> Iterator[Handle]:
        return iter(self._handles)

    def __len__(self) -> int:
        return len(self._handles)

    @abstractmethod
    def start(self) -> None:
        """Open every router and take its handle."""

    @abstractmethod
    def stop(self) -> None:
        """Close them."""


class SimulatedRouters(Opened):
    """Routers of these profiles (or specifications), open while the context lasts."""

    def __init__(
        self,
        *profiles: str | Spec,
        seed: int = 1,
        clock: Clock | None = None,
        furnish: Sequence[Furnish] = (),
    ) -> None:
        wanted = profiles or ("v7.16",)
        self._specs = [one if isinstance(one, Spec) else Spec(one) for one in wanted]
        self.fleet = Fleet(self._specs, seed=seed, clock=clock, furnish=furnish)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="simulated-routers", daemon=True)

    def start(self) -> None:
        """Open every router."""
        self._thread.start()
        self._wait(self.fleet.open())
        self._handles = [
            Handle(self.perform, place, self.fleet.described(place))
            for place in range(len(self._specs))
        ]

    def stop(self) -> None:
        """Close them; the thread is gone afterwards."""
        self._wait(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE_S)
        self._loop.close()

    def perform(self, request: dict[str, Any]) -> Any:
        """One operation of `fleet.OPERATIONS`."""
        return self._wait(self.fleet.perform(request))

    def call(self, place: int, work: Callable[[VirtualRouter], T]) -> T:
        """Run a function on a router, in the thread it lives in."""

        async def inside() -> T:
            return work(self.fleet.servings[place].router)

        done: T = self._wait(inside())
        return done

    async def _close(self) -> None:
        """Close the routers; whoever was just being let in is put out too, with what served him."""
        await self.fleet.close()
        await asyncio.sleep(0)  # a task that never ran would not close its socket
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        for _ in range(TURNS_TO_CLOSE):
            for serving in self.fleet.servings:
                for connection in serving.connections():
                    connection.end(reason=None, reset=True)
            await asyncio.sleep(0)

    def _wait(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE_S)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()
