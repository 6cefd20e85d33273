"""A line between client and router that is cut after so many bytes of one direction."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass


@dataclass
class Cut:
    """After `up` bytes to the router or `down` bytes from it, the line is gone for both."""

    up: int | None = None
    down: int | None = None
    reset: bool = False


class Proxy:
    """Carries every connection to one address; `cut` counts for the next connection only."""

    def __init__(self, host: str, port: int) -> None:
        self._far = (host, port)
        self.port = 0
        self.cut = Cut()
        self.carried = (0, 0)  # bytes up and down of the newest connection that ended
        self.ended = asyncio.Event()
        self.carriers: set[asyncio.Task[None]] = set()

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        carrier = asyncio.current_task()
        assert carrier is not None
        self.carriers.add(carrier)
        carrier.add_done_callback(self.carriers.discard)
        cut, self.cut = self.cut, Cut()
        far_reader, far_writer = await asyncio.open_connection(*self._far)
        done = asyncio.Event()
        counts = [0, 0]

        async def pump(
            source: asyncio.StreamReader, sink: asyncio.StreamWriter, way: int, limit: int | None
        ) -> None:
            try:
                while limit is None or counts[way] < limit:
                    room = 65536 if limit is None else min(65536, limit - counts[way])
                    data = await source.read(room)
                    if not data:
                        break
                    counts[way] += len(data)
                    sink.write(data)
                    await sink.drain()
            except ConnectionError:
                pass
            finally:
                done.set()

        async with asyncio.TaskGroup() as pumps:
            tasks = [
                pumps.create_task(pump(reader, far_writer, 0, cut.up)),
                pumps.create_task(pump(far_reader, writer, 1, cut.down)),
            ]
            await done.wait()
            for task in tasks:
                task.cancel()
        self.carried = (counts[0], counts[1])
        self.ended.set()
        for end in (writer, far_writer):
            if cut.reset:
                plug: socket.socket = end.get_extra_info("socket")
                plug.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            end.close()


@asynccontextmanager
async def proxied(host: str, port: int) -> AsyncIterator[Proxy]:
    """A proxy to this address on a free port of loopback."""
    proxy = Proxy(host, port)
    server = await asyncio.start_server(proxy.carry, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        server.close()
        await server.wait_closed()
        if proxy.carriers:
            await asyncio.wait(proxy.carriers, timeout=5)
