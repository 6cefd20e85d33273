"""A router's web server, as small as a test needs it."""

import asyncio
import base64
import contextlib
import json
from collections.abc import Callable
from typing import Any

Told = tuple[int, Any] | bytes | None
"""Status and JSON; bytes are sent as they are and the connection is cut; None answers nothing."""

Answer = Callable[[str, str, Any], Told]


class Web:
    """RouterOS 7.16 with REST; `answer` is asked about what is not the facts of the router."""

    def __init__(self, answer: Answer, *, password: str = "rahasia") -> None:
        self.answer = answer
        self.port = 0
        self.heard: list[tuple[str, str, Any]] = []
        self.open_now = self.most_open = self.connections = 0
        self.basic = base64.b64encode(f"ronda:{password}".encode()).decode()
        self.hold = asyncio.Event()
        self.hold.set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while await self._one(reader, writer):
                pass
        writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        method, path, _ = head[0].split(" ")
        headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        assert not body or headers["content-type"] == "application/json"
        self.open_now += 1
        self.most_open = max(self.open_now, self.most_open)
        await self.hold.wait()
        self.open_now -= 1
        told = self._told(method, path, headers, json.loads(body) if body else None)
        if isinstance(told, bytes):
            writer.write(told)
            return False
        if told is None:
            await reader.read()
            return False
        status, answer = told
        data = b"" if answer is None else json.dumps(answer).encode()
        writer.write(b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n" % (status, len(data)) + data)
        return True

    def _told(self, method: str, path: str, headers: dict[str, str], body: Any) -> Told:
        if headers.get("authorization", "") != f"basic {self.basic}".lower():
            return 401, {"error": 401, "message": "Unauthorized"}
        menu = path.removeprefix("/rest").removesuffix("/print")
        facts = {
            "/system/resource": {"version": "7.16 (stable)", "board-name": "hAP ax2"},
            "/system/identity": {"name": "desa-02"},
            "/system/routerboard": {"serial-number": "HF1"},
        }
        if menu in facts:
            return 200, facts[menu] if method == "GET" else [facts[menu]]
        self.heard.append((method, path, body))
        return self.answer(method, path, body)
