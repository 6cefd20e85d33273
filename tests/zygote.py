"""Processes that are killed at random instants, of an installation of their own: forked, so that a life costs little.

A test's program (`mortal.py`) calls `serve` with what lives; the test holds its `Zygote`.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import pytest

from tests.servers import migrated
from tests.servers.postgres import MissingServer

SOURCE = Path(__file__).parents[1]
#: The database of the run, where a test takes just one.
HERE = os.environ.get("RONDA_TEST_DATABASE") or "sqlite"

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="its processes are forked")


@contextmanager
def installation(database: str, folder: Path) -> Iterator[dict[str, str]]:
    """The environment of an installation of its own in this folder, with its tables made."""
    values = migrated.environment(folder, RONDA_LOG_LEVEL="error")
    values["DJANGO_SETTINGS_MODULE"] = "ronda.app.settings"
    values["PYTHONPATH"] = os.pathsep.join([str(SOURCE / "src"), str(SOURCE)])
    server = None
    if database == "postgres":
        try:
            server = migrated.postgres()
        except MissingServer as missing:
            if os.environ.get("CI") == "true":
                pytest.fail(str(missing))
            pytest.skip(str(missing))
        values["RONDA_DATABASE_URL"] = server.url
    else:
        migrated.put_sqlite(folder)
    try:
        yield values
    finally:
        if server is not None:
            server.stop()


class Zygote:
    """Forks processes of a program on demand."""

    def __init__(self, program: Path, environment: Mapping[str, str], *values: str) -> None:
        self.command = [sys.executable, str(program)]
        self.environment = dict(environment)
        self.process = subprocess.Popen(
            [*self.command, "zygote", *values],
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.ask() == "ready"

    def live(self) -> int:
        """Start a process; its pid."""
        return int(self.ask("live"))

    def kill(self, pid: int) -> None:
        """kill -9, and wait until it is gone."""
        os.kill(pid, signal.SIGKILL)
        assert self.ask(f"bury {pid}") == str(int(signal.SIGKILL))

    def check(self) -> dict[str, Any]:
        """What the program finds in the database."""
        command = [*self.command, "check"]
        done = subprocess.run(
            command, env=self.environment, capture_output=True, check=False, text=True
        )
        assert done.returncode == 0, done.stderr
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    def ask(self, line: str = "") -> str:
        """The program's answer to one line."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        if line:
            self.process.stdin.write(f"{line}\n")
            self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


def serve(live: Callable[[], None], deeds: Mapping[str, Callable[[str], object]]) -> None:
    """Read lines: `live` forks a process, `bury PID` waits for one, others are `deeds` by their first word.

    No connection to the database may be open: children would share it.
    """
    _say("ready")
    for line in sys.stdin:
        word, _space, rest = line.strip().partition(" ")
        if word == "live":
            child = os.fork()
            if child == 0:
                sys.stdin.close()
                os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # log lines are not the protocol
                try:
                    live()
                finally:
                    os._exit(3)
            _say(child)
        elif word == "bury":
            _, status = os.waitpid(int(rest), 0)
            _say(os.WTERMSIG(status) if os.WIFSIGNALED(status) else -1)
        else:
            _say(deeds[word](rest))


def _say(found: object) -> None:
    print(found, flush=True)  # noqa: T201 -- the protocol
