"""Adding, reading and polling beside the clients of others: `python -m benchmarks.routeros [--quick] [--write]`.

One far end in a process of its own serves every client in turn; each client runs in a fresh
process. librouteros and RouterOS-api are tools of the developers' environment, never dependencies.
`--write` renews docs/benchmarks/routeros.md.
"""

import argparse
import asyncio
import json
import os
import platform
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.routeros.contenders import delayed
from benchmarks.routeros.cuts import cut_at_random

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/benchmarks/routeros.md"
ROWS = 10_000
COST_MS = 1
CLIENTS = ("ronda", "librouteros", "RouterOS-api")


@dataclass
class Results:
    """What was measured; adds by round trip in ms and client, a second."""

    adds: dict[int, dict[str, dict[str, float]]] = field(default_factory=dict)
    reads: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    poll: dict[str, float] = field(default_factory=dict)
    cuts: int = 0
    wrong: int = 0


@contextmanager
def far_end() -> Iterator[int]:
    """The port of a far end that runs as long as the context."""
    command = [sys.executable, "-m", "benchmarks.routeros.far_end", str(ROWS)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.terminate()


def ask(client: str, job: str, port: int, count: int) -> Any:
    """What a client in a fresh process says it measured."""
    command = [sys.executable, "-m", "benchmarks.routeros.contenders", client, job]
    done = subprocess.run(
        [*command, str(port), str(count)], check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    return json.loads(done.stdout)


def measure(rounds: int, adds: int, seconds: int, cuts: int) -> Results:
    results = Results(reads={client: [] for client in CLIENTS})
    with far_end() as port:
        for _ in range(rounds):
            for client in CLIENTS:
                runs = ask(client, "read", port, 3)
                results.reads[client].append(min(runs, key=lambda run: run["wall"]))
        results.poll = ask("ronda", "poll", port, seconds)
        for trip in (20, 60):
            asyncio.run(delayed(port, trip, COST_MS))
            mine = [ask("ronda", "add", port, adds) for _ in range(rounds)]
            results.adds[trip] = {
                "ronda": {
                    "cold": statistics.median(one["cold"] for one in mine),
                    "warm": statistics.median(one["warm"] for one in mine),
                }
            }
            for client in CLIENTS[1:]:
                results.adds[trip][client] = ask(client, "add", port, adds // 10)
    results.cuts = cuts
    results.wrong = asyncio.run(cut_at_random(cuts))
    return results


def targets(results: Results) -> list[tuple[str, str, bool]]:
    limit = 1000 / COST_MS
    near, far = results.adds[20], results.adds[60]
    read = {client: median(results, client) for client in CLIENTS}
    equal = len({run["digest"] for runs in results.reads.values() for run in runs}) == 1
    core = 100 * results.poll["cpu"] / (results.poll["rows"] / 1000)
    times = read["librouteros"] / read["ronda"]
    rows = [
        ("adds at 20 ms >= 0.95 of 1/C", near["ronda"]["warm"] / limit, 0.95, "{:.2f}"),
        ("adds at 60 ms >= 0.9 of 1/C", far["ronda"]["warm"] / limit, 0.9, "{:.2f}"),
        (
            "adds at 20 ms >= 20 x librouteros",
            near["ronda"]["warm"] / near["librouteros"]["cold"],
            20,
            "{:.1f} x",
        ),
        (
            "adds at 20 ms >= 60 x RouterOS-api",
            near["ronda"]["warm"] / near["RouterOS-api"]["cold"],
            60,
            "{:.1f} x",
        ),
        (f"reading {ROWS:,} rows >= 12 x librouteros", times, 12, "{:.1f} x"),
    ]
    met = [(name, shown.format(value), value >= bar) for name, value, bar, shown in rows]
    met.append(("with equal values", "equal" if equal else "different", equal))
    met.append(("100 routers: <= 1 % of a core per 1,000 rows/s", f"{core:.2f} %", core <= 1))
    met.append(
        (f"0 lost or double users over {results.cuts} cuts", f"{results.wrong}", not results.wrong)
    )
    return met


def median(results: Results, client: str, kind: str = "wall") -> float:
    return statistics.median(run[kind] for run in results.reads[client])


def page(results: Results, options: str, rounds: int, load: float) -> str:
    """The result as a page of the documentation."""
    poll = results.poll
    lines = [
        "# Talking to routers",
        "",
        (
            f"Made by `python -m benchmarks.routeros{options} --write`: a far end with rows made beforehand in a "
            f"process of its own, clients in fresh processes over 127.0.0.1, medians of {rounds} interleaved rounds, "
            f"{os.cpu_count()} cores shared by both, Python {platform.python_version()}, librouteros 4.2.2, "
            f"RouterOS-api 0.21.0. Load average before it began: {load:.1f}; above 0.5 other programs took their "
            "share, and times are rough."
        ),
        "",
        f"Reading {ROWS:,} hotspot users of 14 properties in one command (best of three in each round):",
        "",
        "| Client | wall, ms | processor, ms | rows/s | times as fast |",
        "|---|---|---|---|---|",
    ]
    slow = median(results, "librouteros")
    for client in CLIENTS:
        wall, cpu = median(results, client), median(results, client, "cpu")
        lines.append(
            f"| {client} | {1000 * wall:,.0f} | {1000 * cpu:,.0f} | {ROWS / wall:,.0f} | {slow / wall:.1f} |"
        )
    lines += [
        "",
        (
            f"Adding users, {COST_MS} ms of work each on the router, which does one after the other, so that nobody "
            f"gets past {1000 // COST_MS:,} a second. *Cold* is a connection that has just been opened and does "
            "not know the line; *warm* is the next batch on it. The others send one and wait, so they were given a "
            "tenth of the users."
        ),
        "",
        "| Round trip | Ronda, cold | Ronda, warm | librouteros | RouterOS-api |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| {trip} ms | {by['ronda']['cold']:,.0f}/s | {by['ronda']['warm']:,.0f}/s | "
        f"{by['librouteros']['cold']:,.1f}/s | {by['RouterOS-api']['cold']:,.1f}/s |"
        for trip, by in results.adds.items()
    ]
    lines += [
        "",
        (
            f"100 routers polled by one process, 200 active users each, once a second: "
            f"{poll['rows'] / poll['wall']:,.0f} rows/s for "
            f"{100 * poll['cpu'] / poll['wall']:.0f} % of a core; 99 in 100 answers within "
            f"{1000 * poll['p99']:.0f} ms. One connection per router whatever the load."
        ),
        "",
        (
            f"Cuts: {results.cuts} batches of 20 users to the simulated router, each over a line that is cut once, "
            "after a random byte of either direction; the caller connects again, looks and goes on."
        ),
        "",
        "| Target | measured | |",
        "|---|---|---|",
    ]
    lines += [f"| {t} | {m} | {'met' if ok else '**missed**'} |" for t, m, ok in targets(results)]
    return "\n".join(lines) + "\n"


def main() -> None:
    reader = argparse.ArgumentParser()
    reader.add_argument("--quick", action="store_true")
    reader.add_argument("--write", action="store_true")
    options = reader.parse_args()
    load = os.getloadavg()[0]
    rounds = 1 if options.quick else 3
    results = measure(rounds, 1000, 3 if options.quick else 10, 20 if options.quick else 200)
    text = page(results, " --quick" if options.quick else "", rounds, load)
    print(text)
    if options.write:
        PAGE.write_text(text)


if __name__ == "__main__":
    main()
