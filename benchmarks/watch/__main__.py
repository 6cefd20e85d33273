"""What the watch costs: `python -m benchmarks.watch [--quick] [--write]`.

Needs to probe 127.0.0.0/8 and some minutes; `--write` renews docs/benchmarks/watch.md.
"""

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.watch import settled

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/benchmarks/watch.md"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes, for a look")
    parser.add_argument("--write", action="store_true", help=f"renew {PAGE.relative_to(ROOT)}")
    options = parser.parse_args()
    text = report(quick=options.quick)
    print(text)
    if options.write:
        PAGE.write_text(text, encoding="utf-8")


def environment(folder: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RONDA_")}
    return kept | {
        "RONDA_DATA": folder,
        "RONDA_CANARIES": "127.0.0.1,127.0.0.2",
        "RONDA_LOG_LEVEL": "error",
        "DJANGO_SETTINGS_MODULE": "ronda.app.settings",
        "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
    }


def inside(values: dict[str, str], *words: str) -> list[list[str]]:
    """Run a part of benchmarks/watch/inside.py; the words of the lines it prints."""
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("inside.py")), *words],
        env=values,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return [line.split(maxsplit=2) for line in done.stdout.splitlines() if line[:4] in LINES]


LINES = ("rule", "cut ", "page")


def migrate(values: dict[str, str]) -> None:
    command = [sys.executable, "-m", "django", "migrate", "--verbosity", "0"]
    subprocess.run(command, env=values, check=True)


def report(*, quick: bool) -> str:
    fleet = 1_000 if quick else 10_000
    with tempfile.TemporaryDirectory() as folder:
        values = environment(folder)
        migrate(values)
        inside(values, "onts", str(fleet))
        cost = settled.measure(values, rounds=2 if quick else 6, interval=30.0)
        [[_, _, cut]] = inside(values, "cut", str(fleet))
    with tempfile.TemporaryDirectory() as folder:
        values = environment(folder)
        migrate(values)
        sizes = [10_000, 100_000] if quick else [10_000, 100_000, 1_000_000]
        rules = [(size, float(inside(values, "rules", str(size))[0][2])) for size in sizes]
    with tempfile.TemporaryDirectory() as folder:
        values = environment(folder)
        migrate(values)
        onts, outages = (5_000, 2_000) if quick else (50_000, 25_000)
        inside(values, "onts", str(onts))
        pages = [
            (name, float(ms)) for _, ms, name in inside(values, "pages", str(onts), str(outages))
        ]
    down, back = cut.split()
    lines = [
        "# What the watch costs",
        "",
        (
            f"Made by `python -m benchmarks.watch --write` on SQLite, {os.cpu_count()} cores,"
            f" Python {platform.python_version()}, {time.strftime('%Y-%m-%d')}."
        ),
        "",
        f"## {fleet:,} ONTs every 30 s, all answering",
        "",
        (
            "`ronda watch` over loopback addresses, CPU of both processes from `/proc` over"
            f" {cost.rounds} rounds after the first two; a core has 30 s in 30 s."
        ),
        "",
        "| Process | CPU seconds in 30 s | share of a core | resident |",
        "|---|---|---|---|",
        f"| keeper | {cost.keeper:.3f} | {cost.keeper / 0.3:.2f} % | {cost.keeper_mb:.0f} MB |",
        f"| prober | {cost.prober:.3f} | {cost.prober / 0.3:.2f} % | {cost.prober_mb:.0f} MB |",
        (
            f"| **together** | **{cost.keeper + cost.prober:.3f}** |"
            f" **{(cost.keeper + cost.prober) / 0.3:.2f} %** (target 1 %) |"
            f" {cost.keeper_mb + cost.prober_mb:.0f} MB |"
        ),
        "",
        (
            f"A power cut of all {fleet:,} at once is written (outages, transitions, watch rows, events;"
            f" 1,000 changes to a transaction) with {float(down):.2f} s of CPU, their return with {float(back):.2f} s."
        ),
        "",
        "## The keeper alone, by size of the fleet",
        "",
        (
            "One round with 0.3 % of the probes lost and every confirm probe answered: beliefs, guard,"
            " history and database together."
        ),
        "",
        "| ONTs | CPU seconds a round | share of a core at 30 s |",
        "|---|---|---|",
        *(f"| {size:,} | {cpu:.3f} | {cpu / 0.3:.2f} % |" for size, cpu in rules),
        "",
        f"## Pages and questions at {onts:,} ONTs and {outages:,} outages",
        "",
        "Median CPU time of seven calls in milliseconds, SQLite's included, through Django's test client (target 200).",
        "",
        "| Page | ms |",
        "|---|---|",
        *(f"| {name} | {ms:.0f} |" for name, ms in pages),
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
