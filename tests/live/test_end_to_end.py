"""From a keeper's transaction in one process to the stream of a browser at another.

What the map does with a delta is tests/web/test_browser.py; how many milliseconds all of it takes
is benchmarks/live.
"""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from tests.servers import migrated

ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]
# A second is promised; a machine on which everything else is busy too may take several.
PATIENCE_S = 20


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    migrated.put_sqlite(tmp_path)
    return migrated.environment(tmp_path) | {
        "RONDA_BIND": f"127.0.0.1:{port}",
        "RONDA_LOG_LEVEL": "error",
        "DJANGO_SETTINGS_MODULE": "ronda.app.settings",
        "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
    }


@pytest.fixture
def writer(environment: dict[str, str]) -> Iterator[Any]:
    program = str(Path(__file__).with_name("writer.py"))
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, program], env=environment, text=True, **pipes) as made:
        yield made
        made.stdin.close()


@pytest.fixture
def web(environment: dict[str, str], writer: Any) -> Iterator[str]:
    token = writer.stdout.readline().strip()
    with subprocess.Popen([sys.executable, "-m", "ronda", "web"], env=environment) as made:
        yield token
        made.terminate()


def opened(environment: dict[str, str], token: str) -> Any:
    address = f"http://{environment['RONDA_BIND']}/live/stream"
    request = Request(address, headers={"Authorization": f"Bearer {token}"})
    until = time.monotonic() + 90
    while True:
        try:
            return urlopen(request, timeout=PATIENCE_S)
        except OSError:  # nobody there yet, or somebody who is not ready
            assert time.monotonic() < until
            time.sleep(0.2)


def events(stream: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    kind = ""
    for line in stream:
        name, _, value = line.decode().rstrip("\n").partition(": ")
        if name == "event":
            kind = value
        elif name == "data":
            yield kind, json.loads(value)


def test_a_transaction_of_the_watch_is_at_the_browser_at_once(environment, writer, web):
    with opened(environment, web) as stream:
        told = events(stream)
        assert next(told)[0] == "hello"
        for state, number in (("down", 3), ("up", 1)):
            writer.stdin.write(f"{state}\n")
            writer.stdin.flush()
            ont = int(writer.stdout.readline())
            began = time.monotonic()
            seen = next(
                delta
                for kind, delta in told
                if kind == "delta" and [ont, number] in [row[:2] for row in delta["rows"]]
            )
            assert time.monotonic() - began < PATIENCE_S
            assert seen["version"]
        # A third process takes the person's access away, and the stream ends.
        command = [sys.executable, "-m", "ronda", "user", "disable", "tini"]
        subprocess.run(command, env=environment, check=True, capture_output=True)
        assert all(kind in {"delta", "beat", "resync"} for kind, _payload in told)
