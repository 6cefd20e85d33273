"""CPU of the web process for one request of each kind: `python -m benchmarks.load.each [KIND …] [--calls N]`.

One caller after the other, so that nothing waits; CPU seconds, which a busy machine leaves alone.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.live import servers
from benchmarks.load.__main__ import API, HERE, INTERVAL_S, ONTS, PAGES, _cpu, _megabytes
from benchmarks.load.callers import Callers
from benchmarks.watch.__main__ import environment, inside
from tests.servers import migrated


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load.each")
    parser.add_argument("kinds", nargs="*", help="parts of their names; all where none is given")
    parser.add_argument("--calls", type=int, default=100)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        values = environment(folder) | {
            "RONDA_INTERVAL_S": str(INTERVAL_S),
            "RONDA_TRUSTED_PROXIES": "1",
            "RONDA_HOSTS": "localhost",
        }
        migrated.put_sqlite(Path(folder))
        inside(values, "onts", str(ONTS))
        made = subprocess.run(
            [sys.executable, "-m", "benchmarks.load.furnish"],
            env=values, check=True, stdout=subprocess.PIPE, text=True, cwd=HERE.parents[1],
        )  # fmt: skip
        facts = json.loads(made.stdout)
        port = servers.free_port()
        child = servers.ronda(values, port)
        try:
            asyncio.run(measured(child.pid, port, facts, options.kinds, options.calls))
        finally:
            child.terminate()
            child.wait(20)


def kinds(facts: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Each kind alone, as facts for `Callers`."""
    shop = {
        "shop packages": "/buy/",
        "shop package": f"/buy/{facts['package']}/",
        "shop order": f"/buy/o/{facts['order']}/",
    }
    return {
        **{f"page {page}": {"kind": "page", "pages": [page]} for page in PAGES},
        **{f"api {path}": {"kind": "api", "api": [path]} for path in API},
        **{name: {"kind": "shop", "shop": [path]} for name, path in shop.items()},
        "voucher": {"kind": "voucher"},
        "live": {"kind": "live"},
        "page sign-in": {"kind": "shop", "shop": ["/accounts/login/"]},
    }


async def measured(
    pid: int, port: int, facts: dict[str, Any], wanted: list[str], calls: int
) -> None:
    for name, asked in kinds(facts).items():
        if wanted and not any(one in name for one in wanted):
            continue
        callers = Callers(port, facts | asked, seed=1)
        for _ in range(10):
            await callers.call(asked["kind"], time.monotonic())
        before = _cpu(pid)
        for _ in range(calls):
            await callers.call(asked["kind"], time.monotonic())
        spent = _cpu(pid) - before
        print(
            f"{name:32} {1000 * spent / calls:6.2f} ms  {_megabytes(pid):4.0f} MB  {callers.wrong or ''}",
            flush=True,
        )


if __name__ == "__main__":
    main()
