#!/usr/bin/env python3
"""Measures the map layer in a real browser beside Leaflet.markercluster and the older way.

    python benchmarks/map/run.py            # about 4 minutes; writes docs/benchmarks/map.md

Needs Node (npm ci in this folder, done by itself), Chromium, and playwright from the development
requirements. Rounds are interleaved: every round measures every way once, in a fresh page of the
same browser; the table shows medians.
"""

from __future__ import annotations

import argparse
import functools
import http.server
import json
import os
import platform
import statistics
import subprocess
import threading
import time
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
REPORT = ROOT / "docs" / "benchmarks" / "map.md"
PATHS = {
    "/modules/": HERE / "node_modules",
    "/static/": ROOT / "src" / "ronda",
    "/bench/": HERE,
}
CASES = [
    ("ronda", 10_000),
    ("ronda", 50_000),
    ("markercluster", 10_000),
    ("markercluster", 50_000),
    ("divicons", 10_000),
]
LABELS = {
    "ronda": "Ronda: one canvas, grid",
    "markercluster": "Leaflet.markercluster 1.5.3",
    "divicons": "Leaflet DivIcons, clear and add again",
}
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--enable-precise-memory-info",
]
LIMIT_S = 120


class Files(http.server.SimpleHTTPRequestHandler):
    """Serves the three folders of the benchmark, and nothing else."""

    def translate_path(self, path: str) -> str:
        """The file behind an address."""
        clean = path.split("?", 1)[0]
        for prefix, folder in PATHS.items():
            if clean.startswith(prefix) and ".." not in clean:
                return str(folder / clean.removeprefix(prefix))
        return str(HERE / "missing")

    def log_message(self, *_args: object) -> None:
        """Say nothing: the terminal shows the figures."""


def measure(browser: Browser, address: str, way: str, count: int) -> dict[str, float] | None:
    """One way with so many ONTs in a fresh page; None when it took longer than the limit."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.set_default_timeout(LIMIT_S * 1000)
    try:
        page.goto(f"{address}/bench/bench.html")
        page.wait_for_function("globalThis.ready")
        session = context.new_cdp_session(page)
        page.evaluate(f"globalThis.result = measure({json.dumps(way)}, {count}); 0")
        deadline = time.monotonic() + LIMIT_S
        page.evaluate("globalThis.result.then(r => { globalThis.done = r; }); 0")
        while time.monotonic() < deadline:
            done: dict[str, float] | None = page.evaluate("globalThis.done ?? null")
            if done:
                session.send("HeapProfiler.collectGarbage")
                heap = session.send("Runtime.getHeapUsage")["usedSize"]
                return done | {"heap": heap / 1e6}
            time.sleep(0.2)
    except Exception as error:  # noqa: BLE001 -- a way that kills its page has lost, not the run
        print(f"  {way} {count}: {type(error).__name__}")
    finally:
        context.close()
    return None


def table(results: dict[tuple[str, int], list[dict[str, float]]]) -> list[str]:
    """The figures as Markdown lines."""
    lines = [
        "| Way | ONTs | first picture | 1,000 changed | all changed | frame p50 / p95 | zoom | nodes | heap |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for (way, count), runs in results.items():
        if not runs:
            lines.append(f"| {LABELS[way]} | {count:,} | > {LIMIT_S} s | | | | | | |")
            continue
        m = medians(runs)
        refresh = f"{m['refresh']:.0f}" if "refresh" in m else "= changed"
        lines.append(
            f"| {LABELS[way]} | {count:,} | {m['first']:.0f} | {m['update']:.0f} | {refresh} | "
            f"{m['frame']:.0f} / {m['frame95']:.0f} | {m['zoom']:.0f} | {m['nodes']:.0f} | {m['heap']:.1f} MB |"
        )
    return lines


def medians(runs: list[dict[str, float]]) -> dict[str, float]:
    """The median of every figure."""
    return {key: statistics.median(run[key] for run in runs) for key in runs[0]}


def verdicts(results: dict[tuple[str, int], list[dict[str, float]]]) -> list[str]:
    """The targets, each with what was measured and whether it is met."""
    m = {case: medians(runs) for case, runs in results.items() if runs}
    ours, many = m[("ronda", 10_000)], m[("ronda", 50_000)]
    rows: list[tuple[str, float, str, bool]] = []

    def at_least(name: str, value: float, target: float) -> None:
        rows.append((f"{name} >= {target:g}x", value, "x", value >= target))

    def at_most(name: str, value: float, target: float, unit: str) -> None:
        rows.append((f"{name} <= {target:g} {unit}", value, f" {unit}", value <= target))

    peer, peer_many = m.get(("markercluster", 10_000)), m.get(("markercluster", 50_000))
    older = m.get(("divicons", 10_000))
    if peer:
        at_least("first picture of 10,000, against markercluster", peer["first"] / ours["first"], 8)
    if older:
        at_least(
            "first picture of 10,000, against the older way", older["first"] / ours["first"], 20
        )
        at_least("1,000 changed, against the older way", older["update"] / ours["update"], 300)
    at_most("1,000 changed of 10,000", ours["update"], 20, "ms")
    at_most("first picture of 50,000", many["first"], 60, "ms")
    if peer_many:
        at_least(
            "first picture of 50,000, against markercluster", peer_many["first"] / many["first"], 15
        )
    at_most("frame while panning 50,000 (p50)", many["frame"], 17, "ms")
    at_most("heap at 10,000", ours["heap"], 10, "MB")
    lines = ["| Target | Measured | |", "|---|---|---|"]
    for name, value, unit, met in rows:
        lines.append(f"| {name} | {value:.1f}{unit} | {'met' if met else '**not met**'} |")
    return lines


def main() -> None:
    """Measure, print, and write the report."""
    parser = argparse.ArgumentParser(description="Map layer in a real browser, against its peers.")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", help="measure this way only, and write no report")
    options = parser.parse_args()
    if not (HERE / "node_modules").is_dir():
        subprocess.run(["npm", "ci", "--ignore-scripts"], cwd=HERE, check=True)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Files))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    cases = [case for case in CASES if options.only in {None, case[0]}]
    results: dict[tuple[str, int], list[dict[str, float]]] = {case: [] for case in cases}
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium(), args=FLAGS)
        version = browser.version
        for number in range(options.rounds):
            for way, count in cases:
                run = measure(browser, address, way, count)
                print(number + 1, way, count, shown(run))
                if run:
                    results[way, count].append(run)
        browser.close()
    server.shutdown()
    lines = [*table(results)]
    if options.only is None:
        lines += ["", *verdicts(results)]
        write(lines, version, options.rounds)
    print("\n".join(lines))


def write(lines: list[str], version: str, rounds: int) -> None:
    """The report in docs/benchmarks/."""
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    method = f"""\
Made by `python benchmarks/map/run.py`. Times in milliseconds; medians of {rounds} interleaved rounds,
each in a fresh page of headless Chromium {version} with software rendering ({os.cpu_count()} cores,
{platform.system()}, {time.strftime("%Y-%m-%d")}, load at the end {load}), 1280 x 800, no tiles, no animation.
A time ends when the frame that shows the change is handed on (animation frame and the task after it), so
nothing is below one frame's wait (0 to 17 ms). *First picture*: from data in memory, the empty layer already
on the map. *1,000 changed*: the state of 1,000 ONTs at random. *Frame*: interval of animation frames over
40 pan steps. Heap after a collection, the benchmark's own data (0.3 MB per 10,000) included."""
    REPORT.write_text("# The map layer\n\n" + method + "\n\n" + "\n".join(lines) + "\n")


def shown(run: dict[str, float] | None) -> str:
    """One run on one line."""
    if run is None:
        return "took too long"
    return " ".join(f"{key}={value:.1f}" for key, value in run.items())


def chromium() -> str:
    """The browser: an environment variable first, then where Debian puts it."""
    return os.environ.get("RONDA_TEST_CHROMIUM", "/usr/bin/chromium")


if __name__ == "__main__":
    main()
