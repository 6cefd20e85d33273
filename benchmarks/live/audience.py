"""Run as a child: so many listeners of the stream in one process, and when each change came."""

import asyncio
import json
import re
import sys
import time

CHANGE = re.compile(rb'"rows":\[\[\d+,\d,\d,\d+,(\d+)\.0\]\]')
AT_ONCE = 50


class Client(asyncio.Protocol):
    """One listener."""

    def __init__(self, request: bytes, arrivals: dict[int, list[float]]) -> None:
        self.request = request
        self.arrivals = arrivals
        self.greeted = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.write(self.request)  # type: ignore[attr-defined] # TCP transports write

    def data_received(self, data: bytes) -> None:
        moment = time.monotonic()
        if not self.greeted.done() and b"event: hello" in data:
            self.greeted.set_result(None)
        for found in CHANGE.finditer(data):
            self.arrivals.setdefault(int(found[1]), []).append(moment)


async def listen(port: int, count: int, tokens: list[str]) -> dict[int, list[float]]:
    """Open all streams, say so, and listen until standard input ends."""
    loop = asyncio.get_running_loop()
    arrivals: dict[int, list[float]] = {}
    clients = []
    for first in range(0, count, AT_ONCE):
        some = []
        for n in range(first, min(first + AT_ONCE, count)):
            token = tokens[n % len(tokens)]
            request = (
                f"GET /live/stream HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n"
                "Accept: text/event-stream\r\n\r\n"
            ).encode()
            some.append(
                await loop.create_connection(
                    lambda request=request: Client(request, arrivals), "127.0.0.1", port
                )
            )
        await asyncio.wait_for(asyncio.gather(*(client.greeted for _, client in some)), 60)
        clients += some
    print("ready", flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    return arrivals


if __name__ == "__main__":
    print(json.dumps(asyncio.run(listen(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]))))
