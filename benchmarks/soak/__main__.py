"""Ten minutes of trouble: `python -m benchmarks.soak [--seconds S] [--routers N] [--write]`.

Our client keeps hotspot users on simulated routers of every version while faults strike at random;
at the end each router must hold exactly what it was asked for, and the client nothing. `--write`
renews docs/benchmarks/soak.md.
"""

import argparse
import asyncio
import logging
import os
import platform
import sys
from pathlib import Path

import structlog

from benchmarks.soak.running import Outcome, soak

PAGE = Path(__file__).parents[2] / "docs/benchmarks/soak.md"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--routers", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write", action="store_true", help=f"renew {PAGE}")
    options = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    load = os.getloadavg()[0]
    text = page(asyncio.run(soak(options.routers, options.seconds, options.seed)), load)
    print(text)
    if options.write:
        PAGE.write_text(text, encoding="utf-8")


def page(outcome: Outcome, load: float) -> str:
    """What the page says; a disagreement would have ended the run before."""
    done, before, settled, after = outcome.done, outcome.before, outcome.settled, outcome.after
    errors = {name: n for name, n in sorted(done.items()) if name.startswith(("Router", "Wrong"))}
    memory = [f"{seen.memory_kib / 1024:.1f}" for seen in (before, settled, after)]
    return f"""# Soak

`python -m benchmarks.soak --write`: our client keeps hotspot users on {outcome.routers} simulated routers,
6.42 to 7.24, by API, api-ssl and REST in turn, for {outcome.seconds:.0f} s, while at random their connections are cut,
reset, silent or garbled, answers are lost after the work was done or before, and routers reboot.

{platform.machine()}, {os.cpu_count()} cores, Python {sys.version.split()[0]}, load {load:.1f} at the start.

| | |
|---|---|
| changes done | {done["done"]:,} |
| faults, cuts and reboots | {sum(outcome.wrong.values()):,} |
| connections opened | {done["connections"]:,} |
| errors | {", ".join(f"{name} {n:,}" for name, n in errors.items())} |
| of unknown outcome, settled by reading | {done["unknown"]:,} |
| users at the end, on the routers as in our books | {outcome.users:,} |
| **lost, doubled or different** | **0** |
| tasks before, after a fifth, at the end | {before.tasks}, {settled.tasks}, {after.tasks} |
| open files before, after a fifth, at the end | {before.files}, {settled.files}, {after.files} |
| memory before, after a fifth, at the end | {", ".join(memory)} MiB |
"""


if __name__ == "__main__":
    main()
