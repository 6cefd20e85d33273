"""kill -9 at random instants of a real keeper on a real database: nothing lost, nothing doubled."""

import random  # noqa: TID251 -- the instants of the kills, seeded
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.rounds import ROUNDS
from tests.zygote import HERE, Zygote, installation, needs_fork

PROGRAM = Path(__file__).with_name("mortal.py")
PATIENCE_S = 60


@pytest.fixture
def environment(database: str, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of an installation of its own, with its tables made."""
    with installation(database, tmp_path) as values:
        yield values


def sweepers(environment: dict[str, str]) -> set[int]:
    """The keepers that have finished a round until now."""
    log = Path(environment["RONDA_DATA"], "sweeps.log")
    return (
        {int(line.split()[0]) for line in log.read_text().splitlines()} if log.exists() else set()
    )


def wait_for_sweepers(environment: dict[str, str], number: int) -> set[int]:
    """Those until now, once there are so many or patience ends."""
    ends = time.monotonic() + PATIENCE_S
    while len(found := sweepers(environment)) < number and time.monotonic() < ends:
        time.sleep(0.1)
    return found


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
    with Zygote(PROGRAM, environment) as zygote:
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
    with Zygote(PROGRAM, environment) as zygote:
        pids = {zygote.live(), zygote.live()}
        wait_for_sweepers(environment, 1)
        time.sleep(1)  # in which the other must not begin
        watching = sweepers(environment)
        waiting = pids - watching
        zygote.kill(*watching)
        both = wait_for_sweepers(environment, 2)
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
    chance = random.Random(5)
    with Zygote(PROGRAM, environment) as zygote:
        pid = zygote.live()
        time.sleep(1)
        with psycopg.connect(environment["RONDA_DATABASE_URL"], autocommit=True) as server:
            for _ in range(12):
                time.sleep(chance.uniform(0.2, 1.0))
                server.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
                )
            # What was to be written waits in the keeper: a kill before then may lose all of it.
            before = kept_sweeps(server)
            ends = time.monotonic() + PATIENCE_S
            while kept_sweeps(server) < before + 2 and time.monotonic() < ends:
                time.sleep(0.1)
        zygote.kill(pid)
        found = zygote.check()

    assert found["wrong"] == []
    assert sweepers(environment) == {pid}


def kept_sweeps(server: psycopg.Connection) -> int:
    row = server.execute("SELECT count(*) FROM monitoring_sweep").fetchone()
    assert row
    return row[0]
