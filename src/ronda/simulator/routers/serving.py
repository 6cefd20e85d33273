"""A router that can be reached: its doors (ports), who is connected, and reboots.

Everything here runs on one event loop. Another transport adds a `Door` with a protocol of its own.
"""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Callable, Coroutine
from enum import StrEnum
from typing import Any, Protocol

from ronda.simulator.routers.router import VirtualRouter
from ronda.simulator.routers.store import Row

TICK_S = 1.0
BURST_ENDS_S = 1.0
GOODBYE_S = 0.05
BACKLOG = 1_024
FILLERS = 3


class Connected(Protocol):
    """A connection of any transport."""

    def end(self, *, reason: str | None, reset: bool = False) -> None:
        """Close it; with a last word where the transport has one and a reason is given."""
        ...


class State(StrEnum):
    """How a port meets whoever connects."""

    OPEN = "open"
    REFUSE = "refuse"  # nobody listens
    DROP = "drop"  # packets vanish; connecting takes until the client gives up


class Door:
    """One port of a router on 127.0.0.1; it keeps its number while it is closed."""

    def __init__(
        self,
        serving: "Serving",
        service: str,
        factory: Callable[["Door"], asyncio.BaseProtocol],
        *,
        port: int = 0,
        context: ssl.SSLContext | None = None,
        host: str = "127.0.0.1",
    ) -> None:
        self.serving = serving
        self.service = service
        self.context = context
        self.host = host
        self.port = port
        self.connections: set[Connected] = set()
        self._factory = factory
        self._open: tuple[asyncio.Server, socket.socket] | None = None
        self._held: list[socket.socket] = []

    @property
    def router(self) -> VirtualRouter:
        """Whose door it is."""
        return self.serving.router

    async def set(self, state: State) -> None:
        """Open, refuse or drop from now on; open connections stay."""
        self._release()
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setblocking(False)
        try:
            listener.bind((self.host, self.port))
        except OSError:
            listener.close()
            raise
        self.port = listener.getsockname()[1]
        if state is State.OPEN:
            loop = asyncio.get_running_loop()
            server = await loop.create_server(
                lambda: self._factory(self), sock=listener, ssl=self.context, backlog=BACKLOG
            )
            self._open = (server, listener)
            return
        self._held = [listener]
        if state is State.DROP:
            self._fill(listener)

    def listed(self, address: str, port: int) -> Row | None:
        """The row of a connection in `/ip/service`, which 7.21 and later show; the caller removes it."""
        if not self.router.profile.since(7, 21):
            return None
        values = {"name": self.service, "port": str(self.port), "proto": "tcp", "dynamic": "true"}
        values |= {"connection": "true", "local": f"{self.host}:{self.port}"}
        values["remote"] = f"{address}:{port}"
        return self.router.menus["/ip/service"].insert(values)

    def unlist(self, row: Row | None) -> None:
        """The connection is gone."""
        services = self.router.menus["/ip/service"]
        if row is not None and row.id in services.rows:
            services.remove(row)

    def shut(self) -> None:
        """Nobody listens any more, at once; the number is kept for `set`."""
        self._release()

    def end_all(self, *, reason: str | None = None, reset: bool = False) -> None:
        """Close every open connection."""
        for connection in list(self.connections):
            connection.end(reason=reason, reset=reset)

    async def close(self) -> None:
        """Nobody listens and nobody is connected."""
        self._release()
        self.end_all()
        await asyncio.sleep(0)
        # Who does not read keeps an orderly end waiting.
        if self.connections:
            await asyncio.sleep(GOODBYE_S)
            self.end_all(reset=True)
            await asyncio.sleep(0)

    def _fill(self, listener: socket.socket) -> None:
        """A full queue of a listener that takes nobody: Linux then ignores who else knocks."""
        listener.listen(0)
        for _ in range(FILLERS):
            filler = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            filler.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                filler.connect((self.host, self.port))
            self._held.append(filler)

    def _release(self) -> None:
        if self._open is not None:
            self._stop_listening(*self._open)
            self._open = None
        for held in self._held:
            held.close()
        self._held = []

    def _stop_listening(self, server: asyncio.Server, listener: socket.socket) -> None:
        """Nobody is let in any more.

        `Server.close` would break whoever was accepted in this turn of the loop: his transport asks
        the closed server in vain (CPython's Server._attach) and is left open. So only the listening
        socket goes.
        """
        loop = asyncio.get_running_loop()
        try:
            loop.remove_reader(listener.fileno())
            listener.close()
        except NotImplementedError:  # Windows, where accepting is another thing
            server.close()


class Serving:
    """One router with its doors, on the running event loop."""

    def __init__(self, router: VirtualRouter) -> None:
        self.router = router
        self.doors: dict[str, Door] = {}
        self.options: dict[str, Any] = {}
        self.busy_until = 0.0
        self.restarting = False
        self._burst = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._tick: asyncio.TimerHandle | None = None

    def add(self, door: Door) -> Door:
        """One more door, by the name of its service; `open` opens it."""
        self.doors[door.service] = door
        return door

    async def open(self) -> None:
        """Open every door and let time act on the router."""
        for door in self.doors.values():
            await door.set(State.OPEN)
        self._beat()

    async def close(self) -> None:
        """Close everything; nothing of it runs afterwards."""
        if self._tick is not None:
            self._tick.cancel()
            self._tick = None
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for door in self.doors.values():
            await door.close()

    def in_burst(self, now: float) -> int:
        """One more command, over all connections: which of its burst it is."""
        self._burst = 1 if now - self.busy_until > BURST_ENDS_S else self._burst + 1
        return self._burst

    def connections(self) -> list[Connected]:
        """Who is connected, on any door."""
        return [connection for door in self.doors.values() for connection in door.connections]

    def reboot(
        self,
        *,
        seconds: float = 0.2,
        reason: str | None = None,
        clock_lost: bool = True,
        ntp_after: float | None = 1.0,
    ) -> None:
        """Every connection ends, the ports are closed for so many real seconds.

        `reason` is said in a `!fatal` first; without one the connections just end. The clock
        stands at 1970 until NTP answers `ntp_after` real seconds after the start; None: never.
        """
        for door in self.doors.values():
            door.shut()
            door.end_all(reason=reason)
        self.router.reboot(clock_lost=clock_lost)
        self.restarting = True
        self._spawn(self._come_back(seconds, ntp_after if clock_lost else None))

    async def _come_back(self, seconds: float, ntp_after: float | None) -> None:
        await asyncio.sleep(seconds)
        for door in self.doors.values():
            await door.set(State.OPEN)
        self.restarting = False
        if ntp_after is not None:
            await asyncio.sleep(ntp_after)
            self.router.learn_time()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _beat(self) -> None:
        self.router.tick()
        self._tick = asyncio.get_running_loop().call_later(TICK_S, self._beat)
