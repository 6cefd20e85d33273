"""What search, check and export of a long audit trail cost: `python -m benchmarks.trail [--rows N] [--write]`.

Of 30 people, 40 actions and 400 addresses; on SQLite and on PostgreSQL. The oldest 100,000 rows are linked as Ronda
links them, and checked and exported; a walk takes 1,000 rows at a time, however many there are.
Milliseconds of processor time for one first page, in this process and in the database's together, mean of five
runs after a first.
`--write` puts the table into docs/benchmarks/trail.md.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random  # noqa: TID251 -- seeded
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

RUNS = 5
WANTED_MS = 200
LINKED = 100_000
PAGE = Path(__file__).parents[2] / "docs" / "benchmarks" / "trail.md"
BEGIN = datetime(2024, 11, 21, tzinfo=UTC)
#: A million of them are two years.
BETWEEN = timedelta(seconds=63)
PEOPLE, NOUNS, ADDRESSES = (
    30,
    ("ont", "person", "voucher", "order", "router", "sale", "payment", "site"),
    400,
)
VERBS = ("add", "edit", "delete", "take", "restore")
SEARCHES: dict[str, dict[str, Any]] = {
    "the newest": {},
    "one person's": {"actor": "p7"},
    "a noun (five actions)": {"action": "voucher"},
    "an action that happened once": {"action": "audit.trim"},
    "a door seldom used": {"door": "terminal"},
    "an address": {"source": "10.0.0.77"},
    "one day a year ago": {
        "since": BEGIN + timedelta(days=365),
        "until": BEGIN + timedelta(days=366),
    },
    "before a day two years ago": {"until": BEGIN + timedelta(days=2)},
    "text in many rows": {"text": "dusun 7"},
    "text in one old row (140,000 rows at a time)": {"text": "jarum di jerami"},
    "a person and an action that never met": {"actor": "p7", "action": "audit.trim"},
}


def main() -> None:
    """Run both databases, each in a process of its own, and print."""
    arguments = argparse.ArgumentParser(prog="python -m benchmarks.trail")
    arguments.add_argument("--rows", type=int, default=1_000_000)
    arguments.add_argument("--write", action="store_true")
    arguments.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    chosen = arguments.parse_args()
    if chosen.one:
        print(json.dumps(measured(chosen.rows)))
        return
    from tests.servers import migrated

    found = {"SQLite": apart(chosen.rows, "")}
    server = migrated.postgres()
    try:
        found["PostgreSQL"] = apart(chosen.rows, server.url)
    finally:
        server.stop()
    text = page(chosen.rows, found)
    print(text)
    if chosen.write:
        PAGE.write_text(text, encoding="utf-8")


def apart(count: int, url: str) -> dict[str, float]:
    """The figures of one database."""
    from tests.servers import migrated

    with tempfile.TemporaryDirectory(prefix="ronda-bench-") as folder:
        migrated.put_sqlite(Path(folder))
        environment = os.environ | {"RONDA_DATA": folder, "RONDA_DATABASE_URL": url}
        if not url:
            del environment["RONDA_DATABASE_URL"]
        command = [sys.executable, "-m", "benchmarks.trail", "--one", "--rows", str(count)]
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True)
    told: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return told


def measured(count: int) -> dict[str, float]:
    """Milliseconds of processor time of each search; rows a second and MB of check and export."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "ronda.app.settings"
    import django

    django.setup()
    from django.db import connection
    from django.test import Client
    from django.utils import timezone

    from ronda.accounts.models import Person
    from ronda.accounts.service import audit, proving, searching, trail_files

    furnish(min(count, LINKED))
    found: dict[str, float] = {}
    before = peak_mb()
    begun = time.process_time()
    report = proving.check(timezone.now())
    if not report.whole:
        raise SystemExit(report.trouble)
    found["check_s"] = time.process_time() - begun
    found["check_mb"] = peak_mb() - before
    begun = time.process_time()
    sum(map(len, trail_files.written(audit.rows(), "csv")))
    found["export_s"] = time.process_time() - begun
    found["export_mb"] = peak_mb() - before
    lengthen(count)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    for name, criteria in SEARCHES.items():
        found[name] = spent(lambda criteria=criteria: searching.page(50, **criteria))
    owner = Person.objects.get(username="p0")
    client = Client(HTTP_HOST="localhost")
    client.force_login(owner)
    found["page"] = spent(lambda: client.get("/audit/", {"text": "jarum di jerami"}))
    return found


def spent(act: Callable[[], Any]) -> float:
    """Milliseconds of processor time of one run, the database's included."""
    act()
    begun = processor()
    for _ in range(RUNS):
        act()
    return (processor() - begun) * 1000 / RUNS


def processor() -> float:
    """Seconds of processor time of this process and of its process of the database."""
    from django.db import connection

    if connection.vendor == "sqlite":
        return time.process_time()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = cursor.fetchone()[0]
    ticks = Path(f"/proc/{backend}/stat").read_text().rpartition(")")[2].split()[11:13]
    return time.process_time() + sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


def peak_mb() -> float:
    """The most memory that this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def furnish(count: int) -> None:
    """Rows of two years, stamped and linked as `accounts.service.chain` does."""
    from django.db import transaction

    from ronda.accounts.fingerprints import COVERED, STAMPED, fingerprint
    from ronda.accounts.models import AuditRow, Person
    from ronda.accounts.service import chain

    chance = random.Random(5)
    people = [Person(username=f"p{number}", role="owner") for number in range(PEOPLE)]
    Person.objects.bulk_create(people)
    key, former = chain.new_key(1), ""
    between = BETWEEN
    for first in range(1, count + 1, 5_000):
        rows = []
        for number in range(first, min(first + 5_000, count + 1)):
            who = people[min(int(chance.expovariate(0.3)), PEOPLE - 1)]
            row = AuditRow(
                id=number,
                at=BEGIN + number * between,
                person=who,
                actor=who.username,
                action=f"{NOUNS[min(int(chance.expovariate(0.7)), 7)]}.{chance.choice(VERBS)}",
                subject=f"Pelanggan {chance.randrange(20_000)}, dusun {chance.randrange(40)}",
                before={"name": "lama", "price_idr": chance.randrange(9_000)},
                after={"name": "baru", "price_idr": chance.randrange(9_000)},
                source=f"10.0.0.{chance.randrange(ADDRESSES)}",
                door="terminal" if number % 100_003 == 0 else chance.choice(("page", "api")),
                position=number,
            )
            if number == 77:
                row.action, row.subject = "audit.trim", "jarum di jerami"
            row.stamp = chain._stamp([getattr(row, name) for name in STAMPED])  # noqa: SLF001 -- many at once
            former = row.fingerprint = fingerprint(
                key, number, former, [getattr(row, name) for name in COVERED]
            )
            rows.append(row)
        with transaction.atomic():
            AuditRow.objects.bulk_create(rows)


def lengthen(count: int) -> None:
    """Rows of every later time up to so many, made by the database and not linked."""
    from django.db import connection, transaction

    is_sqlite = connection.vendor == "sqlite"
    step = int(BETWEEN.total_seconds())
    at = (
        f"strftime('%%Y-%%m-%%d %%H:%%M:%%S', {int(BEGIN.timestamp())} + n.i * {step}, 'unixepoch')"
        if is_sqlite
        else f"to_timestamp({int(BEGIN.timestamp())} + n.i * {step})"
    )
    kind = "" if is_sqlite else "::jsonb"
    noun = " ".join(f"WHEN {place} THEN '{name}'" for place, name in enumerate(NOUNS))
    verb = " ".join(f"WHEN {place} THEN '{name}'" for place, name in enumerate(VERBS))
    values = (
        f"n.i, {at}, 'p' || (n.i * 31 %% {PEOPLE}),"
        f" (CASE n.i * 17 %% {len(NOUNS)} {noun} END) || '.' || (CASE n.i * 13 %% {len(VERBS)} {verb} END),"
        " 'Pelanggan ' || (n.i * 7919 %% 20000) || ', dusun ' || (n.i * 29 %% 40),"
        f' \'{{"name": "lama", "price_idr": 2000}}\'{kind}, \'{{"name": "baru", "price_idr": 3000}}\'{kind},'
        f" '10.0.0.' || (n.i * 37 %% {ADDRESSES}),"
        " CASE WHEN n.i %% 100003 = 0 THEN 'terminal' WHEN n.i %% 3 = 0 THEN 'api' ELSE 'page' END,"
        " '', ''"
    )
    columns = "id, at, actor, action, subject, before, after, source, door, stamp, fingerprint"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "WITH RECURSIVE n(i) AS (SELECT CAST(%s AS bigint) UNION ALL SELECT i + 1 FROM n WHERE i < %s)"
            f" INSERT INTO accounts_auditrow ({columns}) SELECT {values} FROM n",
            [LINKED + 1, count],
        )
        if not is_sqlite:
            cursor.execute(
                "SELECT setval(pg_get_serial_sequence('accounts_auditrow', 'id'), %s)", [count]
            )


def page(count: int, found: dict[str, dict[str, float]]) -> str:
    """The page as Markdown."""
    lines = [
        "# A long audit trail",
        "",
        (
            f"`python -m benchmarks.trail --rows {count} --write`: {count:,} rows of two years, {PEOPLE} people,"
            f" {len(NOUNS) * len(VERBS)} actions, {ADDRESSES} addresses. Milliseconds of processor time for the first"
            f" 50 rows, the database's included, mean of {RUNS} runs."
        ),
        "",
        f"| Search | {' | '.join(found)} |",
        f"|---|{'---:|' * len(found)}",
    ]
    for name in [*SEARCHES, "page"]:
        words = "the whole page of the search before the last" if name == "page" else name
        cells = " | ".join(f"{figures[name]:,.1f}" for figures in found.values())
        lines.append(f"| {words} | {cells} |")
    worst = max(figures[name] for figures in found.values() for name in [*SEARCHES, "page"])
    met = "met" if worst <= WANTED_MS else "missed"
    lines += [
        "",
        f"Wanted: the first page of a search in {WANTED_MS} ms or less: {met} (worst {worst:.0f} ms).",
        "",
        f"| {LINKED:,} linked rows | {' | '.join(found)} |",
        f"|---|{'---:|' * len(found)}",
    ]
    for words, second, memory in (
        (
            "`ronda audit check`: rows a second of processor time, MB more than before",
            "check_s",
            "check_mb",
        ),
        ("export as CSV: the same", "export_s", "export_mb"),
    ):
        cells = " | ".join(
            f"{LINKED / figures[second]:,.0f}, {figures[memory]:,.0f} MB"
            for figures in found.values()
        )
        lines.append(f"| {words} | {cells} |")
    lines += [
        "",
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}.",
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
