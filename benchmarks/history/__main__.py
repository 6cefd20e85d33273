"""Measures the long memory beside rows in SQLite: `python -m benchmarks.history [--write]`.

One run, one fleet, the same sweeps for every peer. Ratios are what counts; the absolute figures are
the machine's. VictoriaMetrics is not run here: its 1.85 bytes per sample were measured elsewhere, on
the same kind of fleet.
"""

import argparse
import os
import platform
import shutil
import statistics
import sys
import tempfile
import time
from array import array
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from benchmarks.history import peers
from benchmarks.history.fleet import INTERVAL_S, SWEEPS_A_DAY, Fleet

ZERO = 1_790_035_200  # a midnight
VICTORIA_B = 1.85
PAGE = Path(__file__).parents[2] / "docs" / "benchmarks" / "history.md"


class Column(NamedTuple):
    """One sweep as the keeper has it."""

    started_at: float
    finished_at: float
    rtts: "array[int]"


class Line(NamedTuple):
    """One target: what was measured, beside whom, and whether it is met."""

    what: str
    ours: str
    peer: str
    ratio: str
    target: str
    met: bool


def median_ms(work: Callable[[], object], times: int) -> float:
    """Median milliseconds of processor time, which other programs do not stretch."""
    taken = []
    for _ in range(times):
        begin = time.process_time()
        work()
        taken.append((time.process_time() - begin) * 1000)
    return statistics.median(taken)


def keep_a_day(columns: list["array[int]"]) -> dict[str, float]:
    """Our own way, a whole day: append, seal each hour, pack the day."""
    from django.db import connection, transaction

    from ronda.monitoring.events import moment
    from ronda.monitoring.history import store

    connection.ensure_connection()
    base, wrote = peers.used_bytes(connection.connection), peers.written_bytes()
    spent: dict[str, float] = {"append": 0.0, "seal": 0.0, "compact": 0.0}
    taken = []
    for number, column in enumerate(columns):
        at = ZERO + number * INTERVAL_S
        begin, wall = time.process_time(), time.perf_counter()
        with transaction.atomic():
            store.append([Column(at, at + 29.0, column)])
        spent["append"] += time.process_time() - begin
        taken.append(time.perf_counter() - wall)
        if at % 3600 == 600 and number > 120:
            begin = time.process_time()
            store.seal(moment(at))
            spent["seal"] += time.process_time() - begin
    end = ZERO + len(columns) * INTERVAL_S
    begin = time.process_time()
    store.seal(moment(end + 600))
    spent["seal"] += time.process_time() - begin
    found = {"hours_bytes": peers.used_bytes(connection.connection) - base}
    begin = time.process_time()
    store.compact(moment(end + 10_000))
    spent["compact"] += time.process_time() - begin
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return found | {
        "days_bytes": peers.used_bytes(connection.connection) - base,
        "written": peers.written_bytes() - wrote,
        "append_wall_ms": statistics.median(taken) * 1000,
        **spent,
    }


def keep_rows(
    folder: Path, name: str, schema: str, columns: list["array[int]"]
) -> dict[str, float]:
    """A peer: rows, one transaction per sweep."""
    connection = peers.opened(folder / f"{name}.sqlite3", schema)
    base, wrote = peers.used_bytes(connection), peers.written_bytes()
    begin = time.process_time()
    for number, column in enumerate(columns):
        peers.keep(connection, number, column)
    spent = time.process_time() - begin
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    found = {
        "cpu": spent,
        "bytes": peers.used_bytes(connection) - base,
        "written": peers.written_bytes() - wrote,
    }
    connection.close()
    return found


def charts_beside_rows(folder: Path, columns: list["array[int]"], ont: int) -> dict[str, float]:
    """One ONT's day, read from our chunks and from keyed rows (1,000 ONTs of the same sweeps)."""
    from ronda.monitoring.events import moment
    from ronda.monitoring.history import charts, reading

    connection = peers.opened(folder / "keyed-day.sqlite3", peers.KEYED)
    for number, column in enumerate(columns):
        peers.keep(connection, number, column[:1001])
    start, end = moment(ZERO), moment(ZERO + 86400)
    start_ms, end_ms = ZERO * 1000.0, (ZERO + 86400) * 1000.0

    def rows() -> object:
        return connection.execute(
            "SELECT at, rtt_us FROM sample WHERE ont = ? AND at >= 0 AND at < 86400", [ont]
        ).fetchall()

    found = {
        "rows": median_ms(rows, 200),
        "read": median_ms(lambda: list(reading.pieces(ont, start_ms, end_ms, [])), 200),
        "chart": median_ms(lambda: charts.chart(ont, start, end, 400, end), 100),
    }
    connection.close()
    return found


def years(ont: int, number: int) -> dict[str, float]:
    """Charts of long periods: the measured day again and again, for one ONT."""
    from ronda.monitoring.events import moment
    from ronda.monitoring.history import charts, store
    from ronda.monitoring.models import DayChunk, HourColumn

    day = ZERO // 86400
    chunk = DayChunk.objects.get(id=day << store.PLACE | ont).codes
    hours = list(HourColumn.objects.filter(id__gte=day * 24, id__lt=day * 24 + 24).order_by("id"))
    days = number * 365
    DayChunk.objects.bulk_create(
        [DayChunk(id=(day - n) << store.PLACE | ont, codes=chunk) for n in range(1, days)],
        batch_size=500,
    )
    for n in range(1, days):
        HourColumn.objects.bulk_create(
            [
                HourColumn(
                    id=hour.id - 24 * n, starts=hour.starts, shares=hour.shares, rtts=hour.rtts
                )
                for hour in hours
            ]
        )
    end = moment(ZERO + 86400)
    found = {}
    for name, length in (("30 days", 30), ("1 year", 365), (f"{number} years", days)):
        start = end - timedelta(days=length)
        found[name] = median_ms(lambda start=start: charts.chart(ont, start, end, 600, end), 5)
    start = end - timedelta(days=30)
    found["averages"] = median_ms(lambda: charts.averages(start, end), 3)
    return found


def uptime_beside_rollup(folder: Path, onts: int) -> dict[str, float]:
    """30 days of the whole fleet: exact from 20,000 outages, and from hourly rows."""
    from django.db import connection as own

    from ronda.devices.models import Ont, Site
    from ronda.monitoring.events import moment
    from ronda.monitoring.history import outage_days
    from ronda.monitoring.models import Outage, Unobserved
    from ronda.monitoring.rules.intervals import Span
    from ronda.monitoring.service.uptime import uptimes

    hourly = peers.opened(folder / "hourly.sqlite3", peers.HOURLY)
    peers.fill_hourly(hourly, onts, 720)

    def rollup() -> object:
        return hourly.execute(
            "SELECT ont, 100.0 * sum(answered) / sum(probes) FROM hourly"
            " WHERE hour >= 0 AND hour < 720 GROUP BY ont"
        ).fetchall()

    site = Site.objects.create(name="Bench")
    start = moment(ZERO)
    Ont.objects.bulk_create(
        [
            Ont(id=n, site=site, customer_id=f"XM{n:06}", name=f"ONT {n}")
            for n in range(1, onts + 1)
        ],
        batch_size=500,
    )
    Ont.objects.update(created_at=start - timedelta(days=1))
    # Evenly over the 30 days until now: those of the last day are not sealed yet.
    apart = (30 * 86400 - 2400) // (2 * onts)
    Outage.objects.bulk_create(
        [
            Outage(
                ont_id=1 + n % onts,
                started_at=start + timedelta(seconds=apart * n, microseconds=n),
                confirmed_at=start + timedelta(seconds=apart * n + 30),
                ended_at=start + timedelta(seconds=apart * n + 2400),
            )
            for n in range(2 * onts)
        ],
        batch_size=500,
    )
    for n in range(5):
        at = start + timedelta(days=5 * n)
        Unobserved.objects.create(
            poller="main", started_at=at, ended_at=at + timedelta(minutes=2), reason="blind"
        )
    own.ensure_connection()
    now = start + timedelta(days=30)
    period = Span(start, now)
    ids = range(1, onts + 1)
    unsealed = uptimes(period, now=now)
    begin = time.process_time()
    days = outage_days.seal(now)
    found = {
        "seal": (time.process_time() - begin) * 1000 / days,
        "rollup": median_ms(rollup, 3),
        "uptimes": median_ms(lambda: uptimes(period, now=now), 20),
    }
    sealed = uptimes(period, now=now)
    if any(sealed.of(ont) != unsealed.of(ont) for ont in ids):
        raise SystemExit("the sealed days do not hold what the outages say")
    hourly.close()
    return found


def measured(folder: Path, onts: int, peer_sweeps: int) -> list[Line]:
    """Everything, in an order that lets the peers see the very same sweeps."""
    print(f"{onts:,} ONTs, one day of sweeps: making them", file=sys.stderr)
    columns = list(Fleet(onts).sweeps(SWEEPS_A_DAY))
    samples = onts * len(columns)
    few = columns[:peer_sweeps]
    print("raw rows with an index", file=sys.stderr)
    raw = keep_rows(folder, "raw", peers.RAW, few)
    print("keyed rows", file=sys.stderr)
    keyed = keep_rows(folder, "keyed", peers.KEYED, few)
    print("our way", file=sys.stderr)
    own = keep_a_day(columns)
    print("charts", file=sys.stderr)
    day = charts_beside_rows(folder, columns, 500)
    up = uptime_beside_rollup(folder, onts)
    long = years(500, 3)

    ingest = (own["append"] + own["seal"]) / len(columns) * 1000
    packed = own["compact"] / len(columns) * 1000
    raw_ms = raw["cpu"] / len(few) * 1000
    raw_written = raw["written"] / onts / len(few)
    keyed_b = keyed["bytes"] / onts / len(few)
    day_b = own["days_bytes"] / samples
    written = own["written"] / samples
    return [
        Line(
            "processor time per sweep (append, and sealing shared out)",
            f"{ingest:.2f} ms (and {packed:.2f} ms for packing the day)",
            f"raw rows + index: {raw_ms:.0f} ms",
            f"{raw_ms / ingest:.0f}x",
            ">= 100x",
            raw_ms / ingest >= 100,
        ),
        Line(
            "one sweep into the journal, wall, median",
            f"{own['append_wall_ms']:.2f} ms",
            "",
            "",
            "",
            True,
        ),
        Line(
            "bytes written to disk per sample, packing included",
            f"{written:.1f} B",
            f"raw rows + index: {raw_written:,.0f} B",
            f"{raw_written / max(written, 0.01):.0f}x fewer",
            ">= 300x",
            raw_written / max(written, 0.01) >= 300,
        ),
        Line(
            "disk per sample after packing the day",
            f"{day_b:.3f} B ({day_b * samples / 1e6:.1f} MB a day;"
            f" {own['hours_bytes'] / samples:.2f} B while in hours)",
            f"keyed rows: {keyed_b:.1f} B",
            f"{keyed_b / day_b:.0f}x",
            ">= 40x",
            keyed_b / day_b >= 40,
        ),
        Line(
            "the same beside VictoriaMetrics (its stated 1.85 B, not run here)",
            f"{day_b:.3f} B",
            f"{VICTORIA_B} B",
            f"{VICTORIA_B / day_b:.1f}x",
            ">= 4x",
            VICTORIA_B / day_b >= 4,
        ),
        Line(
            "24 h of one ONT read from storage (2,880 samples, packed day)",
            f"{day['read']:.2f} ms (drawn as 400 points: {day['chart']:.2f} ms)",
            f"keyed rows: {day['rows']:.2f} ms",
            f"{day['rows'] / day['read']:.1f}x",
            ">= 5x, <= 0.2 ms",
            day["rows"] / day["read"] >= 5 and day["read"] <= 0.2,
        ),
        Line(
            "uptime of all ONTs over 30 days, exact, 20,000 outages",
            f"{up['uptimes']:.1f} ms (and {up['seal']:.1f} ms once for sealing a day)",
            f"hourly rows, GROUP BY: {up['rollup']:.0f} ms",
            f"{up['rollup'] / up['uptimes']:.0f}x",
            ">= 50x, <= 10 ms",
            up["rollup"] / up["uptimes"] >= 50 and up["uptimes"] <= 10,
        ),
        *(
            Line(
                f"chart of one ONT over {name}, 600 points",
                f"{taken:.0f} ms",
                "",
                "",
                "<= 200 ms",
                taken <= 200,
            )
            for name, taken in long.items()
            if name != "averages"
        ),
        Line(
            "share answered and round trip of all ONTs over 30 days",
            f"{long['averages']:.0f} ms",
            "",
            "",
            "",
            True,
        ),
    ]


def page(lines: list[Line], onts: int, peer_sweeps: int) -> str:
    """The document."""
    rows = "\n".join(
        f"| {line.what} | {line.ours} | {line.peer} | {line.ratio} | {line.target} |"
        f" {('met' if line.met else '**missed**') if line.target else ''} |"
        for line in lines
    )
    million = onts * SWEEPS_A_DAY / 1e6
    return f"""# Keeping every sweep

Made by `python -m benchmarks.history --write` on {os.cpu_count()} shared cores, Python {platform.python_version()},
SQLite in WAL mode with synchronous=NORMAL for everybody. {onts:,} ONTs, a sweep every {INTERVAL_S} s, one day
({million:.1f} million samples): lognormal round trips (median 6 ms), 0.18 ms of noise, 1 % spikes, 0.3 %
loss, two outages per ONT and month. The row peers get the first {peer_sweeps} sweeps of the same day (their
cost per sample only grows with the table); the 24 h chart compares with keyed rows of the first
1,000 ONTs for the whole day. The long charts repeat the measured day. "Disk" counts the pages that
hold something; times are processor time, which other programs on the machine do not stretch, unless
they say wall.

| What | Ronda | Peer | Ratio | Target | |
|---|---|---|---|---|---|
{rows}
"""


def main() -> None:
    """Measure, print, and write the page when asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--onts", type=int, default=10_000)
    parser.add_argument("--peer-sweeps", type=int, default=360)
    parser.add_argument("--write", action="store_true")
    wanted = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="ronda-history-"))
    os.environ.update(RONDA_DATA=str(folder), DJANGO_SETTINGS_MODULE="ronda.app.settings")
    try:
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        text = page(
            measured(folder, wanted.onts, wanted.peer_sweeps), wanted.onts, wanted.peer_sweeps
        )
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(text)
    if wanted.write:
        PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
