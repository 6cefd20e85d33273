"""The sweep against its peers, on the same addresses in the same run.

    python benchmarks/sweep [--rounds 7] [--only NAME ...] [--write docs/benchmarks/sweep.md]

Needs root (a network namespace and TUN devices of its own), gcc for the baseline and the delaying
responder, and fping; icmplib is installed into a temporary folder. Only addresses inside the
namespace are probed. Contenders are interleaved and medians compared.
"""

import argparse
import datetime as dt
import ipaddress
import os
import platform
import statistics
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import peers
import steady
import world

COUNT = 10_000
LOOPBACK = "127.1.0.0"


@dataclass(frozen=True)
class Row:
    """One line of the result."""

    what: str
    measured: str
    target: str
    met: bool | None

    def __str__(self) -> str:
        verdict = {True: "met", False: "**missed**", None: "not run"}[self.met]
        return f"| {self.what} | {self.measured} | {self.target} | {verdict} |"


class Bench:
    """What the parts share: scratch folder, programs, rounds, and the rows so far."""

    def __init__(self, folder: Path, rounds: int) -> None:
        self.folder = folder
        self.rounds = rounds
        self.built = world.build(folder)
        self.peers = peers.install_icmplib(folder)
        self.rows: list[Row] = []
        self.notes: list[str] = []

    def row(self, what: str, measured: str, target: str, met: bool | None) -> None:
        """Add a line, and show it at once."""
        self.rows.append(Row(what, measured, target, met))
        print(self.rows[-1], flush=True)

    def listed(self, first: str, count: int) -> tuple[list[str], Path]:
        """Addresses from `first` on, and a file of them."""
        start = ipaddress.IPv4Address(first)
        addresses = [str(start + at) for at in range(count)]
        path = self.folder / f"list-{first}-{count}"
        path.write_text("\n".join(addresses) + "\n")
        return addresses, path


def median(results: list[peers.Result], field: str) -> float:
    return statistics.median(getattr(result, field) for result in results)


def p99(values: list[float]) -> float:
    return sorted(values)[len(values) * 99 // 100]


def live(bench: Bench) -> None:
    """10,000 hosts that all answer: wall and CPU against fping, C and icmplib."""
    _, listed = bench.listed(LOOPBACK, COUNT)
    engine = peers.ours(LOOPBACK, COUNT, bench.folder)
    engine.sweep()
    contenders: dict[str, Callable[[], peers.Result]] = {
        "ours": engine.sweep,
        "fping": lambda: peers.fping_quiet(listed, "-i0", "-r0"),
    }
    if "cping" in bench.built:
        baseline = peers.Warm([str(bench.built["cping"]), LOOPBACK, str(COUNT)], bench.folder)
        baseline.sweep()
        contenders["c"] = baseline.sweep
    results: dict[str, list[peers.Result]] = {name: [] for name in contenders}
    for _ in range(3 * bench.rounds):
        for name, sweep in contenders.items():
            results[name].append(sweep())
    libraries = []
    if bench.peers is not None:
        libraries = [peers.icmplib(listed, bench.peers, engine.method) for _ in range(2)]
    engine.close()
    missed = max(COUNT - result.answered for result in results["ours"])
    wall, cpu = median(results["ours"], "wall"), median(results["ours"], "cpu")
    fping_wall, fping_cpu = median(results["fping"], "wall"), median(results["fping"], "cpu")
    bench.notes.append(f"10,000 live hosts, method {engine.method}: {missed} missed by ours")
    bench.row(
        "Warm sweep of 10,000 live hosts, wall, against fping -i0 -r0",
        f"{wall * 1e3:.0f} against {fping_wall * 1e3:.0f} ms: {fping_wall / wall:.2f}x",
        ">= 2.0x",
        fping_wall / wall >= 2.0 and missed == 0,
    )
    if "c" in results:
        c_wall, c_cpu = median(results["c"], "wall"), median(results["c"], "cpu")
        bench.row(
            "the same, against C with the same system calls",
            f"{wall * 1e3:.0f} against {c_wall * 1e3:.0f} ms: {c_wall / wall:.2f} of its speed "
            f"(CPU {cpu / COUNT * 1e6:.1f} against {c_cpu / COUNT * 1e6:.1f} us)",
            ">= 0.90",
            c_wall / wall >= 0.90,
        )
    bench.row(
        "CPU per probe, warm, against fping -i0 -r0",
        f"{cpu / COUNT * 1e6:.1f} against {fping_cpu / COUNT * 1e6:.1f} us: {cpu / fping_cpu:.2f}x",
        "<= 0.6x",
        cpu / fping_cpu <= 0.6,
    )
    if libraries:
        lib_wall, lib_cpu = median(libraries, "wall"), median(libraries, "cpu")
        bench.row(
            "against icmplib async_multiping",
            f"{lib_wall:.2f} s: {lib_wall / wall:.0f}x wall, {lib_cpu / cpu:.0f}x CPU",
            ">= 15x",
            lib_wall / wall >= 15,
        )


def older(bench: Bench) -> None:
    """10 % dead: the older system's loop of one ping per host, measured on some and scaled."""
    program = peers.find_ping()
    if program is None or "fleetsim" not in bench.built:
        bench.row("against one ping per host, 10 % dead", "no ping here", ">= 500x, 200x CPU", None)
        return
    fleet = world.Fleet(bench.built["fleetsim"], bench.folder, delay_us=200, dead_per_mille=100)
    some = 200
    addresses, _ = bench.listed(str(fleet.base), some)
    dead_share = sum(map(fleet.is_dead, range(some))) / some
    result = peers.one_ping_each(addresses, program)
    engine = peers.ours(str(fleet.base), COUNT, bench.folder, timeout=1.0)
    sweeps = [engine.sweep() for _ in range(3)]
    engine.close()
    fleet.close()
    wall, cpu = result.wall * COUNT / some, result.cpu * COUNT / some
    ratio, cpu_ratio = wall / median(sweeps, "wall"), cpu / median(sweeps, "cpu")
    bench.row(
        f"against one `ping -c 1 -W 1` per host, 10,000 hosts, {dead_share:.0%} dead "
        f"(measured on {some}, scaled)",
        f"{wall:,.0f} s against {median(sweeps, 'wall'):.2f} s: {ratio:,.0f}x wall, "
        f"{cpu_ratio:,.0f}x CPU",
        ">= 500x wall, >= 200x CPU",
        ratio >= 500 and cpu_ratio >= 200,
    )


def truth(bench: Bench) -> None:
    """Behind a TUN that answers 5 ms late: false downs, and times against the true ones."""
    if "fleetsim" not in bench.built:
        bench.row("False downs and RTT error", "no compiler here", "0 in 20", None)
        return
    fleet = world.Fleet(bench.built["fleetsim"], bench.folder, delay_us=5_000, queue=500)
    addresses, listed = bench.listed(str(fleet.base), COUNT)
    # 106,496 asked for is the usual default of 212,992 bytes counted: 256 replies.
    small = peers.ours(str(fleet.base), COUNT, bench.folder, buffer=106_496)
    ours_down, fping_down = [], []
    for _ in range(20):
        ours_down.append(COUNT - small.sweep().answered)
        fping_down.append(COUNT - peers.fping(addresses, listed, "-i0", "-r0").answered)
    small.close()
    bench.row(
        "False downs, 5 ms, all alive, default receive buffer and 500-packet send queue, 20 sweeps",
        f"{sum(ours_down)} in {sum(map(bool, ours_down))} of 20 sweeps; fping -i0 -r0 "
        f"{sum(fping_down):,} in {sum(map(bool, fping_down))} of 20",
        "0 in 20 (fping more)",
        not any(ours_down) and any(fping_down),
    )
    engine = peers.ours(str(fleet.base), COUNT, bench.folder)
    errors: dict[str, list[float]] = {"ours": [], "fping": []}
    for _ in range(bench.rounds):
        for name, found in errors.items():
            fleet.dwell()
            if name == "ours":
                result = engine.sweep(times=True)
            else:
                result = peers.fping(addresses, listed, "-i0", "-r0")
            true = fleet.dwell()
            off = [abs(rtt - true[at]) for at, rtt in result.rtts_us.items() if at in true]
            found.append(p99(off))
    engine.close()
    fleet.close()
    mine, theirs = statistics.median(errors["ours"]), statistics.median(errors["fping"])
    bench.notes.append(
        "RTT error p99 per sweep, us: ours "
        + ", ".join(f"{value:.0f}" for value in errors["ours"])
        + "; fping "
        + ", ".join(f"{value:.0f}" for value in errors["fping"])
    )
    bench.row(
        "RTT error p99 in a burst against the true delay of 5 ms (median of the sweeps)",
        f"{mine:.0f} us against {theirs:,.0f} us of fping -i0 -r0: {mine / theirs:.2f}x",
        "<= 100 us and <= 0.1x",
        mine <= 100 and mine <= 0.1 * theirs,
    )


def lossy(bench: Bench) -> None:
    """2 % loss and 5 % dead: the right verdict on every host, and how long it takes."""
    if "fleetsim" not in bench.built:
        bench.row("2 % loss, 5 % dead", "no compiler here", "exact", None)
        return
    fleet = world.Fleet(
        bench.built["fleetsim"],
        bench.folder,
        jitter_us=5_000,
        loss_ppm=20_000,
        dead_per_mille=50,
    )
    addresses, listed = bench.listed(str(fleet.base), COUNT)
    alive = {at for at in range(COUNT) if not fleet.is_dead(at)}
    engine = peers.ours(str(fleet.base), COUNT, bench.folder, retries=2, timeout=0.5)
    ours, theirs, wrong, wrong_fping = [], [], 0, 0
    for _ in range(bench.rounds):
        ours.append(engine.sweep(times=True))
        theirs.append(peers.fping(addresses, listed, "-i0", "-r2"))
        wrong += len(alive ^ set(ours[-1].rtts_us))
        wrong_fping += len(alive ^ set(theirs[-1].rtts_us))
    engine.close()
    fleet.close()
    # Three losses in a row, 0.02 ** 3 of 9,500 hosts, is 0.08 per sweep: the network's, not ours.
    chance = len(alive) * 0.02**3 * bench.rounds
    wall, fping_wall = median(ours, "wall"), median(theirs, "wall")
    bench.row(
        f"2 % loss, 5 % dead, two retries: wrong verdicts in {bench.rounds} sweeps of "
        f"{COUNT:,} ({chance:.1f} expected by chance)",
        f"{wrong}, fping -i0 -r2 {wrong_fping}; wall {wall:.2f} against {fping_wall:.2f} s: "
        f"{wall / fping_wall:.2f}x",
        "exact, <= 2.2 s, <= 0.9x",
        wrong <= max(2, 4 * chance) and wall <= 2.2 and wall / fping_wall <= 0.9,
    )


def watching(bench: Bench) -> None:
    """The prober process in steady state: 10,000 in 30 s, and memory at 50,000."""
    usage = steady.measure(LOOPBACK, 10_000, 30.0, rounds=2)
    bench.row(
        "Watching 10,000 in 30 s: CPU of the prober process",
        f"{usage.share:.2%} of a core (and {usage.own_share:.2%} in the process that listens)",
        "<= 1 %",
        usage.share <= 0.01 and usage.missed == 0,
    )
    usage = steady.measure(LOOPBACK, 50_000, 10.0, rounds=1)
    bench.row(
        "Memory of the prober process at 50,000 addresses",
        f"{usage.peak_mb:.0f} MB at most",
        "< 150 MB",
        usage.peak_mb < 150,
    )


def million(bench: Bench) -> None:
    """1,000,000 addresses in rounds of 30 s."""
    usage = steady.measure(LOOPBACK, 1_000_000, 30.0, rounds=2)
    total = usage.share + usage.own_share
    bench.row(
        "Watching 1,000,000 in 30 s: CPU with the reporting",
        f"{total:.1%} of a core, {usage.missed} missed, {usage.dropped} dropped, "
        f"{usage.peak_mb:.0f} MB",
        "<= 30 %",
        total <= 0.30 and usage.missed == 0,
    )


PARTS = {
    "live": live,
    "truth": truth,
    "lossy": lossy,
    "older": older,
    "watching": watching,
    "million": million,
}


def page(bench: Bench, command: str) -> str:
    """The result as a page."""
    now = dt.datetime.now(dt.UTC)  # noqa: TID251 -- a benchmark has no service
    load = os.getloadavg()[0]
    made = (
        f"Made by `{command}` on {now:%Y-%m-%d}: {platform.system()} {platform.release()}, "
        f"{os.cpu_count()} CPUs shared with other work (load {load:.1f} at the end), CPython "
        f"{platform.python_version()}. Ratios are inside one run, medians of interleaved sweeps."
    )
    lines = [
        "# Sweep: measured against its peers",
        "",
        made,
        "",
        "| What | Measured | Target | |",
        "|---|---|---|---|",
        *map(str, bench.rows),
        "",
        *(f"- {note}" for note in bench.notes),
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--only", nargs="*", choices=sorted(PARTS), default=sorted(PARTS))
    parser.add_argument("--write", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ronda-bench-") as folder:
        # Before the namespace, which has no way to a package registry.
        bench = Bench(Path(folder), options.rounds)
        world.enter()
        for name, part in PARTS.items():
            if name in options.only:
                part(bench)
    command = "python benchmarks/sweep " + " ".join(sys.argv[1:])
    if options.write:
        options.write.parent.mkdir(parents=True, exist_ok=True)
        options.write.write_text(page(bench, command.strip()))
    if any(row.met is False for row in bench.rows):
        sys.exit(1)


if __name__ == "__main__":
    main()
