"""kill -9 at random instants of a real keeper on a real database: nothing lost, nothing doubled."""

import json
import os
import random  # noqa: TID251 -- the instants of the kills, seeded
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import pytest

from tests.rounds import ROUNDS
from tests.servers import migrated
from tests.servers.postgres import MissingServer

PROGRAM = [sys.executable, str(Path(__file__).with_name("mortal.py"))]
FOLDER = Path(__file__).parents[2]


HERE = os.environ.get("RONDA_TEST_DATABASE") or "sqlite"


@pytest.fixture
def environment(database: str, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of an installation of its own, with its tables made."""
    values = {name: value for name, value in os.environ.items() if not name.startswith("RONDA_")}
    values |= {
        "RONDA_DATA": str(tmp_path),
        "RONDA_LOG_LEVEL": "error",
        "DJANGO_SETTINGS_MODULE": "ronda.app.settings",
        "PYTHONPATH": f"{FOLDER / 'src'}{os.pathsep}{FOLDER}",
    }
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
        migrated.put_sqlite(tmp_path)
    yield values
    if server is not None:
        server.stop()


class Zygote:
    """Forks keepers on demand (tests/monitoring/mortal.py)."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment
        self.process = subprocess.Popen(
            [*PROGRAM, "zygote"],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout.readline().strip() == "ready"

    def live(self) -> int:
        """Start a keeper; its pid."""
        return int(self._ask("live"))

    def kill(self, pid: int) -> None:
        """kill -9, and wait until it is gone."""
        os.kill(pid, signal.SIGKILL)
        assert self._ask(f"bury {pid}") == str(int(signal.SIGKILL))

    def check(self) -> dict[str, Any]:
        """What is wrong in the database, and how much is in it."""
        done = subprocess.run(
            [*PROGRAM, "check"],
            env=self.environment,
            capture_output=True,
            check=False,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()

    def _ask(self, line: str) -> str:
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()


def sweepers(environment: dict[str, str]) -> set[int]:
    """The keepers that have finished a round until now."""
    log = Path(environment["RONDA_DATA"], "sweeps.log").read_text()
    return {int(line.split()[0]) for line in log.splitlines()}


needs_fork = pytest.mark.skipif(
    not hasattr(os, "fork"), reason="the keepers of this test are forked"
)


@needs_fork
@pytest.mark.timeout(400)
@pytest.mark.parametrize(
    ("database", "kills"),
    [
        (HERE, 4),
        pytest.param("sqlite", ROUNDS, marks=pytest.mark.slow),
        pytest.param("postgres", ROUNDS, marks=pytest.mark.slow),
    ],
)
def test_a_keeper_killed_at_random_instants_loses_nothing_and_doubles_nothing(environment, kills):
    chance = random.Random(kills)
    with Zygote(environment) as zygote:
        for number in range(kills):
            pid = zygote.live()
            # Most kills in the full run of the watch, some while it is still beginning.
            time.sleep(chance.uniform(0.4, 1.0) if number % 4 else chance.uniform(0.0, 0.3))
            zygote.kill(pid)
        found = zygote.check()
        # How much a life gets done is the machine's affair: a busy one is given longer lives.
        for length in range(1, 20):
            if min(found["outages"], found["sweeps"]) >= kills // 4:
                break
            pid = zygote.live()
            time.sleep(length)
            zygote.kill(pid)
            found = zygote.check()

    assert found["wrong"] == []
    assert found["outages"] >= kills // 4
    assert found["sweeps"] >= kills // 4


@needs_fork
@pytest.mark.slow
@pytest.mark.timeout(200)
@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_of_two_keepers_one_waits_and_takes_over_when_the_other_dies(environment):
    with Zygote(environment) as zygote:
        pids = {zygote.live(), zygote.live()}
        time.sleep(3)
        watching = sweepers(environment)
        waiting = pids - watching
        zygote.kill(*watching)
        time.sleep(3)
        both = sweepers(environment)
        zygote.kill(*waiting)
        found = zygote.check()

    assert len(watching) == 1
    assert both == pids
    assert found["wrong"] == []


@needs_fork
@pytest.mark.slow
@pytest.mark.timeout(200)
@pytest.mark.parametrize("database", ["postgres"])
def test_a_postgresql_that_drops_its_connections_costs_nothing(environment):
    import psycopg

    chance = random.Random(5)
    with Zygote(environment) as zygote:
        pid = zygote.live()
        time.sleep(1)
        with psycopg.connect(environment["RONDA_DATABASE_URL"], autocommit=True) as server:
            for _ in range(12):
                time.sleep(chance.uniform(0.2, 1.0))
                server.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
                )
        time.sleep(2)
        zygote.kill(pid)
        found = zygote.check()

    assert found["wrong"] == []
    assert sweepers(environment) == {pid}
