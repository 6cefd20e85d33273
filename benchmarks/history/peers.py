"""The ways most people would keep the same samples: rows in SQLite."""

import sqlite3
from array import array
from pathlib import Path

PRAGMAS = "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-32000;"

RAW = """
CREATE TABLE sample (ont INTEGER, at INTEGER, rtt_us INTEGER);
CREATE INDEX sample_by_ont ON sample (ont, at);
"""
KEYED = """
CREATE TABLE sample (ont INTEGER, at INTEGER, rtt_us INTEGER, PRIMARY KEY (ont, at)) WITHOUT ROWID;
"""
HOURLY = """
CREATE TABLE hourly (hour INTEGER, ont INTEGER, probes INTEGER, answered INTEGER,
                     PRIMARY KEY (hour, ont)) WITHOUT ROWID;
"""


def opened(path: Path, schema: str) -> sqlite3.Connection:
    """A database of its own, set as Ronda sets its own."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.executescript(PRAGMAS + schema)
    return connection


def keep(connection: sqlite3.Connection, number: int, column: "array[int]") -> None:
    """One row per sample, one transaction per sweep."""
    at = number * 30
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany(
        "INSERT INTO sample VALUES (?, ?, ?)",
        [(ont, at, rtt if rtt > 1 else None) for ont, rtt in enumerate(column) if rtt],
    )
    connection.execute("COMMIT")


def used_bytes(connection: sqlite3.Connection) -> int:
    """Bytes of the pages that hold something."""
    value = {
        name: connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("page_count", "freelist_count", "page_size")
    }
    return int((value["page_count"] - value["freelist_count"]) * value["page_size"])


def fill_hourly(connection: sqlite3.Connection, onts: int, hours: int) -> None:
    """A month of hourly rows, as a roll-up would have left them."""
    connection.execute("BEGIN")
    for hour in range(hours):
        connection.executemany(
            "INSERT INTO hourly VALUES (?, ?, 120, ?)",
            ((hour, ont, 119 + (hour * ont % 7 > 0)) for ont in range(1, onts + 1)),
        )
    connection.execute("COMMIT")


def written_bytes() -> int:
    """What this process made the kernel write to disk so far (Linux)."""
    for line in Path("/proc/self/io").read_text().splitlines():
        if line.startswith("write_bytes"):
            return int(line.split()[1])
    return 0
