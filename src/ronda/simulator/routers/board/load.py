"""How busy, full and warm a box is at a moment: pure, from what it carries and a seed."""

import random  # noqa: TID251 -- seeded simulation
from dataclasses import dataclass

from ronda.simulator.routers.board.models import Model, Sensor

# A value is steady for so long, as a router's own averages are.
STEADY_S = 10.0


@dataclass(frozen=True, slots=True)
class Work:
    """What the router carries: people logged in, hosts seen, bits per second through it."""

    online: int = 0
    hosts: int = 0
    bits: float = 0.0


def noise(seed: str, moment: float) -> float:
    """A number between -1 and 1 that stays for some seconds and is the same for the same seed."""
    dice = random.Random(f"{seed} {int(moment // STEADY_S)}")  # noqa: S311 -- seeded simulation
    return dice.uniform(-1, 1)


def cpu_percent(model: Model, work: Work, seed: str, moment: float) -> int:
    """CPU load in percent."""
    strength = model.cores * model.mhz / 100
    busy = 2 + work.bits / 1e6 * 6 / strength + work.online * 2.5 / strength
    return max(1, min(100, round(busy + 1.5 * noise(f"cpu {seed}", moment) * (1 + busy / 20))))


def free_memory(model: Model, work: Work, seed: str, moment: float) -> int:
    """Free memory in bytes, in steps of 4 KiB."""
    used = 0.18 * model.memory + 90_000 * work.hosts + 160_000 * work.online
    used += 0.001 * model.memory * noise(f"memory {seed}", moment)
    return max(4 << 20, int(model.memory - used)) // 4096 * 4096


def reading(sensor: Sensor, busy: int, warmth: float, seed: str, moment: float) -> float:
    """What a sensor shows; `warmth` is 0 before dawn and 1 in the early afternoon."""
    moves = 0.4 * noise(f"{sensor.name} {seed}", moment)
    if sensor.unit == "C":
        moves += 0.7 * (warmth - 0.5) + busy / 100
    return sensor.usual + sensor.swing * moves


def warmth(hour: float) -> float:
    """How warm the day is at this local hour: 0 at 3:00, 1 at 14:00, in between along straight lines."""
    since = (hour - 3) % 24
    return since / 11 if since <= 11 else (24 - since) / 13
