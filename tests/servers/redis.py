"""A throwaway Redis (or Valkey) for a test run."""

import shutil
import socket
import subprocess
import time

from tests.servers.postgres import MissingServer, free_port


class Redis:
    """A running server without persistence; `url` opens it, `stop` ends it."""

    def __init__(self) -> None:
        program = shutil.which("redis-server") or shutil.which("valkey-server")
        if program is None:
            raise MissingServer(
                "Redis is not installed; install it with: apt-get install redis-server"
            )
        self._program = program
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.start()

    def start(self) -> None:
        """Start it, empty; also again, at the same address, once its process has ended."""
        options = ("--bind", "127.0.0.1", "--save", "", "--appendonly", "no")
        self.process = subprocess.Popen(
            [self._program, "--port", str(self.port), *options],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until = time.monotonic() + 90
        while time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", self.port), 5).close()
            except OSError:
                time.sleep(0.05)
            else:
                return
        self.stop()
        raise TimeoutError("Redis did not answer within 90 s")

    def stop(self) -> None:
        """End the server at once."""
        self.process.kill()
        self.process.wait()
