"""A router that costs nothing itself: rows made beforehand, commands served one by one.

`python -m benchmarks.routeros.far_end ROWS` prints its port. What it is told by `/delay`
(`=trip=`, `=cost=` in ms) counts from then on: every reply comes a round trip later, and commands
that write take their cost one after the other, as on a router.
"""

import asyncio
import sys

from ronda.routeros.words import length_of, length_size, sentence

NAMES = (
    "name", "password", "profile", "server", "limit-uptime", "limit-bytes-total", "uptime",
    "bytes-in", "bytes-out", "packets-in", "packets-out", "comment", "disabled",
)  # fmt: skip


def row(number: int) -> dict[str, str]:
    """A hotspot user of 14 properties; no value changes when it is cast and printed again."""
    values = (
        f"vc-{number:06d}", f"s{number * 7919 % 1000003}x", "1jam", "hotspot1", "1h", "1073741824",
        f"{number % 59 + 1}m{number % 58 + 1}s", str(number * 104729), str(number * 1299709),
        str(number * 31 + 1), str(number * 37 + 1), f"batch {number // 100}", "false",
    )  # fmt: skip
    return {".id": f"*{number + 1:X}", **dict(zip(NAMES, values, strict=True))}


class FarEnd(asyncio.Protocol):
    """One connection."""

    rows: list[bytes] = []
    trip = cost = 0.0  # seconds
    free = 0.0  # when the router has worked off what it was told; one for all connections
    added = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.loop = asyncio.get_running_loop()
        self.buffer = b""
        self.words: list[bytes] = []

    def data_received(self, data: bytes) -> None:
        data = self.buffer + data
        at = 0
        while at < len(data):
            wide = length_size(data[at])
            begins = at + wide
            ends = begins + (length_of(data[at:begins]) if begins <= len(data) else len(data))
            if ends > len(data):
                break
            at = ends
            if ends > begins:
                self.words.append(data[begins:ends])
            elif self.words:
                self.answer(self.words)
                self.words = []
        self.buffer = data[at:]

    def answer(self, words: list[bytes]) -> None:
        tag = [word for word in words if word.startswith(b".tag=")]
        command, cls = words[0], type(self)
        reply = sentence([b"!done", *tag])
        if command == b"/delay":
            told = dict(word[1:].split(b"=", 1) for word in words[1:] if word[:1] == b"=")
            cls.trip, cls.cost = float(told[b"trip"]) / 1000, float(told[b"cost"]) / 1000
            cls.free = 0.0
        elif command.endswith(b"/add"):
            cls.added += 1
            reply = sentence([b"!done", *tag, b"=ret=*%X" % cls.added])
            cls.free = max(cls.free, self.loop.time()) + cls.cost
        elif command == b"/system/resource/print":
            facts = [b"=version=7.16 (stable)", b"=board-name=CHR"]
            reply = sentence([b"!re", *tag, *facts]) + reply
        elif command == b"/ip/hotspot/user/print":
            reply = self.table(tag, self.rows) + reply
        elif command == b"/ip/hotspot/active/print":
            reply = self.table(tag, self.rows[:200]) + reply
        later = max(cls.free - self.loop.time(), 0.0) + cls.trip
        if later:
            self.loop.call_later(later, self.transport.write, reply)
        else:
            self.transport.write(reply)

    @staticmethod
    def table(tag: list[bytes], rows: list[bytes]) -> bytes:
        head = sentence([b"!re", *tag])[:-1]
        return b"".join(head + one for one in rows)


async def serve(rows: int) -> None:
    FarEnd.rows = [
        sentence(f"={name}={value}".encode() for name, value in row(n).items()) for n in range(rows)
    ]
    server = await asyncio.get_running_loop().create_server(FarEnd, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
