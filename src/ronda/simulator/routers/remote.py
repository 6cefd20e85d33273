"""Simulated routers in a process of their own, and the socket through which they are driven.

The socket speaks HTTP with JSON on loopback: `POST /` with an operation of `fleet.OPERATIONS` gives
`{"result": ...}`, or `{"error": ...}` with status 400. It wants the token that the process printed.
"""

import asyncio
import contextlib
import hmac
import json
import os
import subprocess
import sys
import urllib.request
from typing import Any

from ronda.simulator.routers.control import PATIENCE_S, Handle, Opened
from ronda.simulator.routers.fleet import Fleet

LARGEST_REQUEST = 0x400_0000
GOOD, BAD, STRANGER = "200 OK", "400 Bad Request", "401 Unauthorized"


class ControlSocket:
    """Performs operations of a fleet for whoever has the token."""

    def __init__(self, fleet: Fleet, token: str) -> None:
        self._fleet = fleet
        self._token = token
        self._server: asyncio.Server | None = None
        self.port = 0

    async def open(self, port: int = 0) -> None:
        """Listen on 127.0.0.1."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Listen no more."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, ValueError):
            status, answer = await self._answer(reader)
            body = json.dumps(answer).encode()
            head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\n"
            head += f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
            writer.write(head.encode() + body)
            await writer.drain()
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader) -> tuple[str, dict[str, Any]]:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        headers = {
            name.lower(): value.strip()
            for name, _, value in (line.partition(":") for line in head.split("\r\n")[1:])
        }
        if not hmac.compare_digest(headers.get("authorization", ""), f"Bearer {self._token}"):
            return STRANGER, {"error": "the token is missing or wrong"}
        length = int(headers.get("content-length", "0"))
        if length > LARGEST_REQUEST:
            return BAD, {"error": f"a request of {length} bytes is too long"}
        try:
            request = json.loads(await reader.readexactly(length))
            return GOOD, {"result": await self._fleet.perform(request)}
        except (LookupError, ValueError, TypeError) as wrong:
            return BAD, {"error": f"{type(wrong).__name__}: {wrong}"}


class RoutersProcess(Opened):
    """`ronda simulate routers` as a child process: the same handles, another interpreter.

    For benchmarks and for whatever must not share a process with its peer.
    """

    def __init__(self, *profiles: str, seed: int = 1, options: tuple[str, ...] = ()) -> None:
        self._arguments = [*(f"--profile={name}" for name in profiles), f"--seed={seed}", *options]
        self._child: subprocess.Popen[str] | None = None
        self._control = ""
        self._token = ""

    def start(self) -> None:
        """Start the process and wait until every router is open.

        Raises:
            RuntimeError: it did not start.
        """
        command = [sys.executable, "-m", "ronda", "simulate", "routers", "--json"]
        self._child = subprocess.Popen(  # noqa: S603 -- our own command
            [*command, *self._arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
        assert self._child.stdout is not None  # noqa: S101 -- it was asked for
        line = self._child.stdout.readline()
        if not line:
            self.stop()
            raise RuntimeError("the simulated routers did not start")
        described = json.loads(line)
        self._control, self._token = described["control"], described["token"]
        self._handles = [
            Handle(self.perform, place, one) for place, one in enumerate(described["routers"])
        ]

    def stop(self) -> None:
        """End it; closing its input is the sign."""
        child, self._child = self._child, None
        if child is None:
            return
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                pipe.close()
        try:
            child.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()

    def perform(self, request: dict[str, Any]) -> Any:
        """One operation of `fleet.OPERATIONS`.

        Raises:
            ValueError: it cannot be done.
        """
        asked = urllib.request.Request(  # noqa: S310 -- our own child on loopback
            self._control,
            data=json.dumps(request).encode(),
            headers={"Authorization": f"Bearer {self._token}"},
        )
        try:
            with urllib.request.urlopen(asked, timeout=PATIENCE_S) as reply:  # noqa: S310 -- as above
                return json.loads(reply.read())["result"]
        except urllib.error.HTTPError as refused:
            with refused:
                raise ValueError(json.loads(refused.read())["error"]) from None
