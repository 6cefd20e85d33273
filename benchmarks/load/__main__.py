"""A minute of everything at once: `python -m benchmarks.load [--quick] [--rate N] [--write]`.

A real `ronda run` on SQLite watches 5,000 ONTs on loopback addresses while people, programs and buyers
ask 200 times a second. `--write` renews docs/benchmarks/load.md.
"""

import argparse
import itertools
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from contextlib import closing
from pathlib import Path
from typing import Any

from benchmarks.live.servers import free_port
from benchmarks.watch.__main__ import environment, inside
from tests.servers import migrated

HERE = Path(__file__).parent
PAGE = Path(__file__).parents[2] / "docs/benchmarks/load.md"
TICKS = os.sysconf("SC_CLK_TCK")
ONTS = 5_000
INTERVAL_S = 10
#: Requests a second that are wanted.
WANTED = 200
MIX = {"live": 40, "api": 25, "page": 15, "shop": 15, "voucher": 5}
PAGES = ["/", "/onts/", "/onts/ONT/", "/outages/", "/map/", "/notices/", "/shop/vouchers/"]
API = ["/onts?per_page=50", "/onts/ONT", "/notices", "/me", "/vouchers?per_page=50"]
WHAT = {
    "live": "live: deltas and the whole list",
    "api": "JSON API: lists and single things",
    "page": "pages: " + ", ".join(f"`{page.replace('ONT', 'N')}`" for page in PAGES),
    "shop": "public shop: packages, one package, an order",
    "voucher": "vouchers looked up by their code, a fifth of them nobody's",
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load")
    parser.add_argument("--quick", action="store_true", help="ten seconds, for a look")
    parser.add_argument("--rate", type=int, default=WANTED, help="requests a second")
    parser.add_argument("--write", action="store_true", help="renew docs/benchmarks/load.md")
    parser.add_argument("--processes", type=int, default=2, help="web processes")
    options = parser.parse_args()
    text = report(options.rate, 10 if options.quick else 60, options.processes)
    print(text)
    if options.write:
        PAGE.write_text(text, encoding="utf-8")


class Run:
    """A running installation and what its parts use."""

    def __init__(self, values: dict[str, str], port: int) -> None:
        self.address = f"http://127.0.0.1:{port}"
        bind = f"127.0.0.1:{port}"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "ronda", "run", "--bind", bind],
            env=values,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(30)

    def parts(self) -> dict[str, int]:
        """Process ids by name: web (or web 1, web 2, …), watch, work, desk, and the prober of the watch."""
        found = {}
        webs = []
        for child in _children(self.process.pid):
            words = Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")
            name = words[words.index(b"ronda") + 1].decode()
            found[name] = child
            if name == "web":
                webs.append(child)
        if len(webs) > 1:
            del found["web"]
            found |= {f"web {number}": child for number, child in enumerate(sorted(webs), 1)}
        for child in _children(found["watch"]):
            found["prober"] = child
        return found

    def swept(self, token: str) -> int:
        """When the last round of the watch ended, by the live feed; 0 before the first."""
        request = urllib.request.Request(
            f"{self.address}/live/columns", headers={"Authorization": f"Bearer {token}"}
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return int(json.load(answer)["watch"]["swept_at"] or 0)
        except OSError:
            return 0


def _children(pid: int) -> list[int]:
    return [
        int(child)
        for task in Path(f"/proc/{pid}/task").iterdir()
        for child in (task / "children").read_text().split()
    ]


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def _megabytes(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


class Calls(threading.Thread):
    """The callers as a program of their own; what they say is in `output` once they are done."""

    def __init__(self, port: int, asked: dict[str, Any]) -> None:
        super().__init__()
        self._command = [sys.executable, str(HERE / "callers.py"), str(port)]
        self._asked = json.dumps(asked)
        self.output = ""
        self.start()

    def run(self) -> None:
        done = subprocess.run(
            self._command, input=self._asked, stdout=subprocess.PIPE, text=True, check=True
        )
        self.output = done.stdout


def report(rate: int, seconds: int, processes: int) -> str:
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        values = environment(folder) | {
            "RONDA_INTERVAL_S": str(INTERVAL_S),
            "RONDA_TRUSTED_PROXIES": "1",
            "RONDA_HOSTS": "localhost",
            "RONDA_WEB_PROCESSES": str(processes),
        }
        migrated.put_sqlite(Path(folder))
        inside(values, "onts", str(ONTS))
        made = subprocess.run(
            [sys.executable, "-m", "benchmarks.load.furnish"],
            env=values, check=True, stdout=subprocess.PIPE, text=True, cwd=HERE.parents[1],
        )  # fmt: skip
        facts = json.loads(made.stdout)
        facts |= {"pages": PAGES, "api": API, "mix": MIX, "rate": rate}
        facts["shop"] = ["/buy/", f"/buy/{facts['package']}/", f"/buy/o/{facts['order']}/"]
        port = free_port()
        with closing(Run(values, port)) as installation:
            return measured(installation, port, facts, seconds, load)


def measured(run: Run, port: int, facts: dict[str, Any], seconds: int, load: float) -> str:
    token = facts["tokens"][0]
    while not run.swept(token):
        time.sleep(0.5)
    # Every page once before it counts, and the fleet's first word is past.
    Calls(port, facts | {"rate": 20, "seconds": 5}).join()
    parts = run.parts()
    before = {name: _cpu(pid) for name, pid in parts.items()}
    memory = {name: [_megabytes(pid)] for name, pid in parts.items()}
    rounds = {run.swept(token)}
    callers = Calls(port, facts | {"seconds": seconds})
    began = time.monotonic()
    while callers.is_alive():
        callers.join(1)
        rounds.add(run.swept(token))
        for name, pid in parts.items():
            memory[name].append(_megabytes(pid))
    took = time.monotonic() - began
    used = {name: _cpu(pid) - before[name] for name, pid in parts.items()}
    return page(json.loads(callers.output), rate=facts["rate"], seconds=seconds, load=load, used=used,
                took=took, memory=memory, rounds=sorted(rounds - {0}))  # fmt: skip


def page(
    done: dict[str, Any], *, rate: int, seconds: int, load: float, used: dict[str, float],
    took: float, memory: dict[str, list[float]], rounds: list[int],
) -> str:  # fmt: skip
    """The text of docs/benchmarks/load.md."""
    count = sum(len(times) for times in done["took"].values())
    reached = count / done["seconds"]
    gaps = [after - before for before, after in itertools.pairwise(rounds)]
    webs = [name for name in memory if name.startswith("web")]
    web_cpu = sum(used[name] for name in webs)
    grown = max(
        memory[name][-1] - statistics.median(memory[name][: max(1, len(memory[name]) // 4)])
        for name in webs
    )
    lines = [
        "# A minute of everything at once",
        "",
        (
            f"Made by `python -m benchmarks.load --write`: `ronda run` on SQLite with {ONTS:,} ONTs on loopback"
            f" addresses, a round every {INTERVAL_S} s; {rate} requests a second for {seconds} s from one more process,"
            f" each timed from the moment it was due. {os.cpu_count()} cores for all of them,"
            f" Python {platform.python_version()}, {time.strftime('%Y-%m-%d')}. Load average before it began:"
            f" {load:.1f}; above 0.5 other programs took their share, and times are rough. CPU seconds are not."
        ),
        "",
        "| What | share | calls | p50, ms | p95, ms | p99, ms | slowest, ms |",
        "|---|---|---|---|---|---|---|",
    ]
    for kind, share in MIX.items():
        times = sorted(1000 * one for one in done["took"].get(kind, [0.0]))
        picked = (times[int(part * (len(times) - 1))] for part in (0.5, 0.95, 0.99, 1.0))
        cells = " | ".join(f"{one:,.0f}" for one in picked)
        lines.append(f"| {WHAT[kind]} | {share} % | {len(times):,} | {cells} |")
    lines += [
        "",
        "| Process | CPU, % of a core | resident before, MB | after | most |",
        "|---|---|---|---|---|",
        *(
            f"| {name} | {100 * used[name] / took:.0f} | {seen[0]:.0f} | {seen[-1]:.0f} | {max(seen):.0f} |"
            for name, seen in memory.items()
        ),
        "",
        (
            f"CPU of the web processes ({len(webs)}) for one request, all kinds together:"
            f" {1000 * web_cpu / max(1, count):.1f} ms."
        ),
        "",
        "| Target | measured | |",
        "|---|---|---|",
        target(
            f"{WANTED} requests a second",
            f"{reached:.0f} of {rate} asked; by its CPU one web process could do {count / web_cpu:.0f}",
            reached >= 0.98 * WANTED,
        ),
        target("no error", told(done["wrong"]), not done["wrong"]),
        target(
            f"the watch keeps its interval of {INTERVAL_S} s",
            f"{len(rounds)} rounds, longest gap {max(gaps, default=0)} s",
            bool(gaps) and max(gaps) <= INTERVAL_S + 2,
        ),
        target("memory flat (no web process grows by 10 MB)", f"{grown:+.1f} MB", grown < 10),
        "",
    ]
    return "\n".join(lines)


def target(wanted: str, measured: str, met: bool) -> str:
    return f"| {wanted} | {measured} | {'met' if met else '**missed**'} |"


def told(wrong: dict[str, int]) -> str:
    return ", ".join(f"{count} x {what}" for what, count in sorted(wrong.items())) or "none"


if __name__ == "__main__":
    main()
