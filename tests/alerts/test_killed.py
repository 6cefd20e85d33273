"""kill -9 of real workers at random instants between a commit and the other side's answer: nothing is lost.

At most one message comes twice, and where the other side knows it again by its key, none does.
"""

import random  # noqa: TID251 -- the instants of the kills, seeded
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.alerts.outside import Outside, outside
from tests.rounds import ROUNDS
from tests.zygote import Zygote, installation, needs_fork

PROGRAM = Path(__file__).with_name("mortal.py")
#: No life waits longer than this for something to happen.
LONGEST_LIFE_S = 20.0


@dataclass
class Dawdling(Outside):
    """Takes its time with some answers, and says when it was asked."""

    chance: random.Random = field(default_factory=random.Random)
    arrived: threading.Event = field(default_factory=threading.Event)

    def next(self) -> tuple[int, dict[str, str], Any]:
        self.arrived.set()
        time.sleep(self.chance.choice((0.0, 0.0, 0.02, 0.05)))
        return 200, {}, {"messages": [{"id": "wamid.1"}]}


def lives(zygote: Zygote, server: Dawdling, deed: str, people: int, chance: random.Random) -> None:
    """One life for each trouble; every second is killed just after a message arrived, the others any time."""
    for number in range(people):
        zygote.ask(f"{deed} {number}")
        server.arrived.clear()
        pid = zygote.live()
        if number % 2:
            server.arrived.wait(LONGEST_LIFE_S)
            time.sleep(chance.uniform(0.0, 0.06))
        else:
            time.sleep(chance.uniform(0.0, 0.6))
        zygote.kill(pid)


def settle(zygote: Zygote) -> None:
    """A life that nobody cuts short before it has nothing left to do."""
    pid = zygote.live()
    deadline = time.monotonic() + 120
    while (left := zygote.ask("left")) != "0":
        assert time.monotonic() < deadline, left
        time.sleep(0.1)
    zygote.kill(pid)


@needs_fork
@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_workers_killed_at_random_instants_lose_nothing_and_double_at_most_one(
    database: str, tmp_path: Path
) -> None:
    people = max(ROUNDS // 2, 1)
    chance = random.Random(people)
    told = Dawdling(chance=random.Random(1))
    with (
        installation(database, tmp_path) as environment,
        outside(told) as server,
        Zygote(PROGRAM, environment, str(people), str(server.port)) as zygote,
    ):
        lives(zygote, told, "begins", people, chance)
        settle(zygote)
        lives(zygote, told, "ends", people, chance)
        settle(zygote)
        found = zygote.check()

    everybody = {f"p{number}" for number in range(people)}
    # Decided once: everybody heard of the beginning and of the end of their own trouble, and of no other.
    assert found["letters"] == {name: ["alarm", "recovery"] for name in everybody}
    assert found["reasons"] == ({"scope": people * (people - 1)} if people > 1 else {})
    assert found["inside"] == dict.fromkeys(everybody, 2)
    # Sent: to a program as often as it likes under one key, to a telephone once, or twice after a kill.
    keys = {key for kind, _to, key, _state, _begun in found["messages"] if kind == "webhook"}
    assert {
        one.headers["idempotency-key"] for one in server.asked if one.path == "/program"
    } == keys
    assert len(keys) == 2 * people
    arrived = Counter(
        (one.json["to"], one.json["text"]["body"]) for one in server.asked if one.path != "/program"
    )
    assert max(arrived.values()) <= 2
    by_phone = [row for row in found["messages"] if row[0] == "cloud"]
    assert len(by_phone) == 2 * people
    # Killed twice over the same message, before it left: then nobody knows, and it says so.
    unknown = [row for row in by_phone if row[3] == "unsure"]
    assert all(begun == 2 for *_row, begun in unknown)
    assert 2 * people - len(unknown) <= len(arrived) <= 2 * people
    assert {row[3] for row in found["messages"]} <= {"sent", "unsure"}
    assert sum(begun > 1 for *_row, begun in found["messages"]) >= people // 10
