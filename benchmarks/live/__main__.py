"""What the live list and stream cost: `python -m benchmarks.live [--quick] [--write]`.

A real `ronda web` on SQLite with 10,000 ONTs, beside the older way (Flask reading two JSON files)
and nginx with the same list compressed beforehand; then a stream with many listeners. Needs `wrk`
and `nginx`; everything stays on 127.0.0.1. `--write` renews docs/benchmarks/live.md.
"""

import argparse
import json
import os
import platform
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.live import servers

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
PAGE = ROOT / "docs/benchmarks/live.md"
ONTS = 10_000
SESSIONS = 20
CHANGES = 37
UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}


@dataclass(frozen=True)
class Door:
    """One URL to ask, and with what."""

    name: str
    url: str
    headers: tuple[str, ...]


@dataclass(frozen=True)
class Speed:
    """One run of wrk, or the medians of several; times in ms."""

    rate: float
    p50: float
    p99: float


@dataclass(frozen=True)
class Stream:
    """One audience; times in ms, memory in KB, processor in percent of a core."""

    clients: int
    complete: bool
    whole: tuple[float, float]
    fan_out: tuple[float, float]
    memory: float
    cpu: float


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.live")
    parser.add_argument("--quick", action="store_true", help="one short round, for a look")
    parser.add_argument("--write", action="store_true", help=f"renew {PAGE.relative_to(ROOT)}")
    options = parser.parse_args()
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    text = report(rounds=1 if options.quick else 3, seconds=2 if options.quick else 3)
    print(text)
    if options.write:
        PAGE.write_text(text, encoding="utf-8")


def report(rounds: int, seconds: int) -> str:
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="ronda-bench-") as name:
        folder = Path(name)
        values = environment(folder / "data")
        subprocess.run(
            [sys.executable, "-m", "django", "migrate", "--verbosity", "0"], env=values, check=True
        )
        tokens = json.loads(inside(values, "fleet", str(ONTS), str(SESSIONS)).splitlines()[-1])
        ports = [servers.free_port() for _ in range(3)]
        children = [servers.ronda(values, ports[0])]
        try:
            whole = settled(ports[0], tokens[0])
            children.append(servers.older(folder, json.loads(whole), ports[1]))
            children.append(servers.nginx(folder, whole, ports[2]))
            speeds, sizes = lists(values, ports, tokens[0], rounds, seconds)
            streams = [
                stream(values, children[0].pid, ports[0], clients, tokens, 6 if rounds == 1 else 15)
                for clients in (500, 2_000)
            ]
        finally:
            for child in children:
                child.terminate()
            for child in children:
                child.wait(20)
    return page(speeds, sizes | {"list": len(whole)}, streams, rounds, seconds, load)


def environment(data: Path) -> dict[str, str]:
    data.mkdir()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RONDA_")}
    return kept | {
        "RONDA_DATA": str(data),
        "RONDA_LOG_LEVEL": "error",
        "DJANGO_SETTINGS_MODULE": "ronda.app.settings",
        "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
    }


def inside(values: Mapping[str, str], *words: str) -> str:
    command = [sys.executable, str(HERE / "inside.py"), *words]
    return subprocess.run(
        command, env=dict(values), check=True, stdout=subprocess.PIPE, text=True
    ).stdout


def ask(port: int, path: str, headers: Mapping[str, str]) -> tuple[bytes, str]:
    """Body as on the wire, and ETag."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=dict(headers))
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.read(), answer.headers.get("etag", "")


def settled(port: int, token: str) -> bytes:
    """The whole list, once the snapshot is there."""
    for attempt in range(30):
        try:
            return ask(port, "/api/onts", {"Authorization": f"Bearer {token}"})[0]
        except urllib.error.HTTPError:
            if attempt == 29:
                raise
            time.sleep(0.5)
    raise AssertionError


def lists(
    values: Mapping[str, str], ports: list[int], token: str, rounds: int, seconds: int
) -> tuple[dict[str, Speed], dict[str, int]]:
    """Medians by door, interleaved, and sizes on the wire."""
    signed = {"Authorization": f"Bearer {token}"}
    packed = signed | {"Accept-Encoding": "br"}
    plain = json.loads(ask(ports[0], "/live/columns", signed)[0])
    inside(values, "change", str(CHANGES))
    delta = f"/live/delta?since={plain['version']}"
    for _ in range(40):
        changes, _ = ask(ports[0], delta, signed)
        if len(json.loads(changes)["rows"]) == CHANGES:
            break
        time.sleep(0.1)
    listed, etag = ask(ports[0], "/api/onts", packed)
    columns, _ = ask(ports[0], "/live/columns", packed)
    zipped = {"Accept-Encoding": "gzip"}
    still, nginx_etag = ask(ports[2], "/onts", zipped)
    sizes = {
        "br": len(listed),
        "columns": len(columns),
        "delta": len(changes),
        "nginx": len(still),
    }
    doors = [
        door("older", ports[1], "/api/onts", {}),
        door("list", ports[0], "/api/onts", packed),
        door("nginx list", ports[2], "/onts", zipped),
        door("304", ports[0], "/api/onts", packed | {"If-None-Match": etag}),
        door("nginx 304", ports[2], "/onts", zipped | {"If-None-Match": nginx_etag}),
        door("delta", ports[0], delta, signed),
        door("columns", ports[0], "/live/columns", packed),
    ]
    runs: dict[str, list[Speed]] = {one.name: [] for one in doors}
    for _ in range(rounds):
        for one in doors:
            runs[one.name].append(wrk(one, seconds))
    return {name: median(of) for name, of in runs.items()}, sizes


def door(name: str, port: int, path: str, headers: Mapping[str, str]) -> Door:
    lines = tuple(f"{key}: {value}" for key, value in headers.items())
    return Door(name, f"http://127.0.0.1:{port}{path}", lines)


def median(runs: list[Speed]) -> Speed:
    return Speed(
        statistics.median(run.rate for run in runs),
        statistics.median(run.p50 for run in runs),
        statistics.median(run.p99 for run in runs),
    )


def wrk(one: Door, seconds: int) -> Speed:
    command = ["wrk", "-t1", "-c32", f"-d{seconds}s", "--timeout", "10s", "--latency"]
    for line in one.headers:
        command += ["-H", line]
    said = subprocess.run([*command, one.url], check=True, stdout=subprocess.PIPE, text=True).stdout
    if "Non-2xx" in said:
        raise RuntimeError(f"{one.name}: {said}")
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    shares = {share: float(n) * UNITS[unit] for share, n, unit in SHARE.findall(said)}
    if rate is None:
        raise RuntimeError(said)
    return Speed(float(rate[1]), shares["50"], shares["99"])


SHARE = re.compile(r"(\d+)%\s+([\d.]+)(us|ms|s|m)\b")


def stream(
    values: Mapping[str, str], server: int, port: int, clients: int, tokens: list[str], changes: int
) -> Stream:
    """One change a second to so many listeners; the first two are warm-up."""
    before = resident(server)
    with subprocess.Popen(
        [sys.executable, str(HERE / "audience.py"), str(port), str(clients), *tokens],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as audience:
        assert audience.stdout is not None
        if audience.stdout.readline() != "ready\n":
            raise RuntimeError("the listeners did not all connect")
        memory = (resident(server) - before) / clients
        spent = processor(server)
        lines = inside(values, "publish", str(changes)).splitlines()
        time.sleep(2)
        used = processor(server) - spent
        said, _ = audience.communicate("", timeout=60)
    commits = {int(number): float(moment) for number, moment in map(str.split, lines)}
    arrivals = {int(number): moments for number, moments in json.loads(said).items()}
    counted = [number for number in commits if number > 2]
    heard = {number: arrivals.get(number, []) for number in counted}
    whole = [moment - commits[number] for number in counted for moment in heard[number]]
    spread = [moment - min(moments) for moments in heard.values() for moment in moments]
    return Stream(
        clients,
        all(len(moments) == clients for moments in heard.values()),
        shares_of(whole),
        shares_of(spread),
        memory,
        100 * used / (changes * 1.03 + 2),
    )


def shares_of(seconds: list[float]) -> tuple[float, float]:
    """p50 and p99 in ms."""
    cuts = statistics.quantiles(seconds, n=100)
    return cuts[49] * 1000, cuts[98] * 1000


def resident(pid: int) -> int:
    """KB of memory."""
    found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) if found else 0


def processor(pid: int) -> float:
    """Seconds of processor time so far."""
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def page(
    speeds: Mapping[str, Speed],
    sizes: Mapping[str, int],
    streams: list[Stream],
    rounds: int,
    seconds: int,
    load: float,
) -> str:
    """The result as a page of the documentation."""
    older = speeds["older"].rate
    rows = [
        ("older", "Older way: Flask, two JSON files", sizes["list"]),
        ("list", "Ronda `/api/onts`, brotli", sizes["br"]),
        ("nginx list", "nginx, the same list, static gzip", sizes["nginx"]),
        ("304", "Ronda `/api/onts`, 304 by ETag", 0),
        ("nginx 304", "nginx, 304 by ETag", 0),
        ("delta", f"Ronda `/live/delta`, {CHANGES} changes", sizes["delta"]),
        ("columns", "Ronda `/live/columns`, brotli", sizes["columns"]),
    ]
    lines = [
        "# The live list and stream",
        "",
        (
            f"Made by `python -m benchmarks.live{'' if rounds > 1 else ' --quick'} --write`: one "
            f"`ronda web` on SQLite with {ONTS:,} ONTs, `wrk -t1 -c32 -d{seconds}s` over 127.0.0.1, "
            f"medians of {rounds} interleaved rounds, {os.cpu_count()} cores shared by server and "
            f"wrk, Python {platform.python_version()}. Load average before it began: {load:.1f}; above "
            "0.5 other programs took their share, and ratios and times are rough."
        ),
        "",
        "| What | body, bytes | req/s | p50, ms | p99, ms | times the older way |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {name} | {size:,} | {speeds[key].rate:,.0f} | {speeds[key].p50:,.1f} | "
        f"{speeds[key].p99:,.1f} | {speeds[key].rate / older:,.0f} |"
        for key, name, size in rows
    ]
    lines += [
        "",
        (
            "The stream: a second process commits one change about every second; all listeners sit in "
            f"one Python process and share {SESSIONS} tokens. *Commit to arrival* includes the "
            "wait until the feed is read, every quarter of a second; *fan-out* counts from the first "
            "listener's arrival to each one's, and includes the reading of all sockets by that one "
            "process. Memory is what the server grew by while they connected."
        ),
        "",
        (
            "| Listeners | all complete | commit to arrival p50 / p99, ms | fan-out p50 / p99, ms | "
            "KB a listener | server, % of a core |"
        ),
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {one.clients:,} | {'yes' if one.complete else '**no**'} | {one.whole[0]:.0f} / "
        f"{one.whole[1]:.0f} | {one.fan_out[0]:.0f} / {one.fan_out[1]:.0f} | {one.memory:.1f} | "
        f"{one.cpu:.1f} |"
        for one in streams
    ]
    lines += ["", "| Target | measured | |", "|---|---|---|"]
    lines += [
        f"| {t} | {m} | {'met' if ok else '**missed**'} |"
        for t, m, ok in goals(speeds, sizes, streams)
    ]
    return "\n".join(lines) + "\n"


def goals(
    speeds: Mapping[str, Speed], sizes: Mapping[str, int], streams: list[Stream]
) -> list[tuple[str, str, bool]]:
    """Target, figure, whether it is met."""
    times = {name: speed.rate / speeds["older"].rate for name, speed in speeds.items()}
    beside = speeds["list"].rate / speeds["nginx list"].rate
    small, large = streams
    p99 = speeds["list"].p99
    return [
        ("full list >= 500 x the older way", f"{times['list']:,.0f} x", times["list"] >= 500),
        ("full list >= 0.9 x nginx static gzip", f"{beside:.2f} x", beside >= 0.9),
        ("full list p99 <= 6 ms", f"{p99:.1f} ms", p99 <= 6),
        ("304 >= 1,000 x the older way", f"{times['304']:,.0f} x", times["304"] >= 1000),
        ("delta >= 1,000 x the older way", f"{times['delta']:,.0f} x", times["delta"] >= 1000),
        (
            "first load <= 90 KB (`/live/columns`, brotli)",
            f"{sizes['columns'] / 1000:.1f} KB",
            sizes["columns"] <= 90_000,
        ),
        (
            "commit to 500 listeners p99 <= 1 s",
            f"{small.whole[1]:.0f} ms",
            small.complete and small.whole[1] <= 1000,
        ),
        (
            "fan-out to 2,000 listeners p99 <= 50 ms",
            f"{large.fan_out[1]:.0f} ms",
            large.complete and large.fan_out[1] <= 50,
        ),
        ("<= 20 KB a listener", f"{large.memory:.1f} KB", large.memory <= 20),
    ]


if __name__ == "__main__":
    main()
