"""A process killed at any moment while it appends, seals and packs loses at most one sweep."""

import os
import random  # noqa: TID251 -- seeded simulation
import signal
import sqlite3
import subprocess
import sys
import threading
from itertools import count
from pathlib import Path

import pytest

from tests.rounds import ROUNDS

SOURCE = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork (not on Windows)")


def rounds(number: int, folder: Path, seed: int) -> None:
    """Kill a writer `number` times, each after a random time, and look at what is left.

    A machine that is slow that day gets as many more kills as it needs to have packed a day, each
    after a longer time.
    """
    draw = random.Random(seed)
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("RONDA_")
    } | {
        "RONDA_DATA": str(folder),
        "DJANGO_SETTINGS_MODULE": "ronda.app.settings",
        "PYTHONPATH": os.pathsep.join([str(SOURCE / "src"), str(SOURCE)]),
    }
    nursery = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("victim.py"))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )
    assert nursery.stdin
    assert nursery.stdout

    def order(what: str, sweep: int) -> str:
        print(what, sweep, file=nursery.stdin, flush=True)
        return nursery.stdout.readline().strip()

    committed = folder / "committed"
    last = -1
    try:
        for turn in count(1):
            if turn > number and packed_days(folder):
                break
            longest = 0.3 * max(1, turn - number)
            victim = int(order("write", last + 1))
            killer = threading.Timer(draw.uniform(0.02, longest), os.kill, [victim, signal.SIGKILL])
            killer.start()
            assert nursery.stdout.readline().strip() == "ended"
            killer.join()
            if committed.exists():
                last = int(committed.read_text().splitlines()[-1])
            assert order("check", last) == "0"
    finally:
        nursery.stdin.close()
        nursery.wait()
        nursery.stdout.close()
    (database,) = folder.glob("*.sqlite3")
    connection = sqlite3.connect(database)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


def packed_days(folder: Path) -> int:
    """How many chunks of whole days there are."""
    (database,) = folder.glob("*.sqlite3")
    connection = sqlite3.connect(database)
    try:
        return int(connection.execute("SELECT count(*) FROM monitoring_daychunk").fetchone()[0])
    finally:
        connection.close()


def test_five_kills_lose_at_most_one_sweep_each(tmp_path: Path) -> None:
    rounds(5, tmp_path, seed=1)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_many_kills_lose_at_most_one_sweep_each(tmp_path: Path) -> None:
    rounds(ROUNDS, tmp_path, seed=2)
