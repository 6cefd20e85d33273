"""Run as a program: calls a server at a fixed rate, whatever it answers, and says how long each call took.

A call is due at its moment and its time counts from then: a server that falls behind is not waited for.
Reads what to ask from standard input as JSON, prints the outcome as JSON.
"""

import asyncio
import json
import random  # noqa: TID251 -- seeded
import sys
import time
from typing import Any
from urllib.parse import urlencode

PATIENCE_S = 30.0
FORM_TOKEN = "c" * 64


class Callers:
    """Connections that are kept open, and what came back over them."""

    def __init__(self, port: int, facts: dict[str, Any], seed: int) -> None:
        self.port, self.facts = port, facts
        self.chance = random.Random(seed)
        self.free: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
        self.took: dict[str, list[float]] = {}
        self.wrong: dict[str, int] = {}
        self.version = 0
        self.etag = ""

    def request(self, kind: str) -> bytes:
        """The bytes of one call of that kind."""
        facts, pick = self.facts, self.chance.choice
        headers, body, method = {"Host": "localhost", "Accept-Encoding": "br"}, b"", "GET"
        headers["X-Forwarded-For"] = f"10.{pick(range(250))}.{pick(range(250))}.9"
        if kind == "page":
            path = pick(facts["pages"]).replace("ONT", str(pick(facts["onts"])))
            headers["Cookie"] = f"ronda_session={pick(facts['sessions'])}"
        elif kind == "api":
            path = "/api/v1" + pick(facts["api"]).replace("ONT", str(pick(facts["onts"])))
            headers["Authorization"] = f"Bearer {pick(facts['tokens'])}"
        elif kind == "live":
            path = pick((f"/live/delta?since={self.version}", "/live/columns"))
            headers["Cookie"] = f"ronda_session={pick(facts['sessions'])}"
            if path == "/live/columns" and self.etag:
                headers["If-None-Match"] = self.etag
        elif kind == "shop":
            path = pick(facts["shop"])
        else:
            method, path = "POST", "/voucher/"
            wanted = pick(facts["codes"]) if self.chance.random() < 0.8 else "nobody's"
            body = urlencode({"code": wanted, "csrfmiddlewaretoken": FORM_TOKEN}).encode()
            headers["Cookie"] = f"csrftoken={FORM_TOKEN}"
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            headers["Content-Length"] = str(len(body))
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode() + body

    async def call(self, kind: str, due: float) -> None:
        """One call, from the moment it was due to the last byte of its answer."""
        try:
            status = await asyncio.wait_for(self.exchange(self.request(kind)), PATIENCE_S)
        except (OSError, EOFError, TimeoutError) as error:
            status = type(error).__name__
        self.took.setdefault(kind, []).append(time.monotonic() - due)
        if status not in {"200", "304"}:
            self.wrong[f"{kind} {status}"] = self.wrong.get(f"{kind} {status}", 0) + 1

    async def exchange(self, request: bytes) -> str:
        """Send it on a free connection, as browsers do on a new one where the server had closed that; the status."""
        while True:
            kept = bool(self.free)
            line = (
                self.free.pop() if kept else await asyncio.open_connection("127.0.0.1", self.port)
            )
            try:
                return await self.over(line, request)
            except (ConnectionError, asyncio.IncompleteReadError) as error:
                if not kept or getattr(error, "partial", b""):
                    raise

    async def over(
        self, line: tuple[asyncio.StreamReader, asyncio.StreamWriter], request: bytes
    ) -> str:
        """Send it on this connection, which is free again afterwards; the status."""
        try:
            line[1].write(request)
            head = (await line[0].readuntil(b"\r\n\r\n")).decode("latin-1")
            status = head.split(" ", 2)[1]
            fields = dict(
                field.lower().split(": ", 1) for field in head.split("\r\n")[1:] if ": " in field
            )
            body = await self.body(line[0], fields, status)
        except BaseException:
            line[1].close()
            raise
        if fields.get("connection") == "close":
            line[1].close()
        else:
            self.free.append(line)
        if "etag" in fields and b"/live/columns" in request:
            self.etag = fields["etag"]
        if b"/live/delta" in request and status == "200":
            self.version = json.loads(body)["version"]
        return status

    async def body(
        self, reader: asyncio.StreamReader, fields: dict[str, str], status: str
    ) -> bytes:
        """All of the answer's body."""
        if status == "304":
            return b""
        if "content-length" in fields:
            return await reader.readexactly(int(fields["content-length"]))
        parts = []
        while size := int(await reader.readline(), 16):
            parts.append(await reader.readexactly(size))
            await reader.readexactly(2)
        await reader.readexactly(2)
        return b"".join(parts)


async def run(port: int, facts: dict[str, Any]) -> dict[str, Any]:
    """So many calls a second for so many seconds."""
    callers = Callers(port, facts, seed=1)
    kinds, weights = zip(*facts["mix"].items(), strict=True)
    began, count = time.monotonic(), facts["rate"] * facts["seconds"]
    late = 0.0
    async with asyncio.TaskGroup() as group:
        for number in range(count):
            due = began + number / facts["rate"]
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            late = max(late, time.monotonic() - due)
            kind = callers.chance.choices(kinds, weights)[0]
            group.create_task(callers.call(kind, due))
    took = time.monotonic() - began
    for _reader, writer in callers.free:
        writer.close()
    return {"took": callers.took, "wrong": callers.wrong, "seconds": took, "late": late}


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    print(json.dumps(asyncio.run(run(int(sys.argv[1]), asked))))
