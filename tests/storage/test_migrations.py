"""One migration of each part takes the place of its long chain: for new databases, and for nobody else."""

import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from ronda.storage import schema
from tests.servers import migrated

Key = tuple[str, str]


@pytest.fixture(scope="module")
def chain() -> list[Key]:
    """Every migration one by one, in an order in which an installation may have got them."""
    graph = MigrationLoader(None, replace_migrations=False).graph
    keys: list[Key] = []
    for leaf in graph.leaf_nodes():
        keys += [key for key in graph.forwards_plan(leaf) if key not in keys]
    replacing = {key for key in keys if graph.nodes[key].replaces}
    return [key for key in keys if key not in replacing]


def _say_applied(monkeypatch: pytest.MonkeyPatch, keys: Iterable[Key]) -> None:
    monkeypatch.setattr(MigrationRecorder, "applied_migrations", lambda _self: dict.fromkeys(keys))


def _left(monkeypatch: pytest.MonkeyPatch, applied: Iterable[Key]) -> list[Key]:
    """What is applied, in order, to a database that has `applied`; a replacing migration as those it replaces."""
    monkeypatch.setattr(
        MigrationRecorder, "applied_migrations", lambda _self: dict.fromkeys(applied)
    )
    executor = MigrationExecutor(connection)
    executor.loader.check_consistent_history(connection)
    left: list[Key] = []
    for migration, _backwards in executor.migration_plan(executor.loader.graph.leaf_nodes()):
        left += migration.replaces or [(migration.app_label, migration.name)]
    return left


def test_wherever_an_installation_stopped_it_gets_what_it_lacks_and_nothing_twice(
    monkeypatch: pytest.MonkeyPatch, chain: list[Key]
) -> None:
    for length in range(len(chain) + 1):
        left = _left(monkeypatch, chain[:length])

        assert sorted(left) == sorted(chain[length:])


def test_a_new_database_takes_few_steps(chain: list[Key]) -> None:
    loader = MigrationLoader(None)
    ours = [key for key in chain if loader.disk_migrations[key].__module__.startswith("ronda.")]
    steps = [key for key in loader.graph.nodes if key in ours]

    assert len(ours) > 50
    # More than these make the first start slow: squash again (docs/decisions/squashed-migrations.md).
    assert len(steps) < 20


def test_a_start_knows_by_the_names_of_the_files_what_is_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    disk = set(MigrationLoader(None).disk_migrations)

    assert schema.known_migrations() == {f"{app}.{name}" for app, name in disk}
    for applied, complete in (
        (disk, True),
        (disk | {("shop", "9999_newer")}, True),
        (disk - {("shop", "0001_initial")}, False),
        (set(), False),
    ):
        _say_applied(monkeypatch, applied)
        assert schema.is_complete() is complete


@pytest.mark.slow
def test_an_older_installation_keeps_its_rows_and_becomes_what_a_new_one_is(tmp_path: Path) -> None:
    older, new = tmp_path / "older", tmp_path / "new"
    answer = subprocess.run(
        [sys.executable, "-m", "tests.storage.older_installation"],
        env=migrated.environment(older),
        cwd=migrated.ROOT,
        stdout=subprocess.PIPE,
        check=True,
    )
    migrated.put_sqlite(new)

    assert json.loads(answer.stdout) == {"reach": {"Budi": "shut", "Wati": "open"}, "trail": ""}
    assert _shape(older / "ronda.sqlite3") == _shape(new / "ronda.sqlite3")


def _shape(path: Path) -> dict[str, list[str]]:
    """Tables, indexes and triggers by name, each as its sorted parts: SQLite puts altered columns last."""
    with sqlite3.connect(path) as database:
        rows = database.execute(
            "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"
        ).fetchall()
    database.close()
    return {
        name: sorted(sql.partition("(")[2].removesuffix(")").split(", ")) or [sql]
        for name, sql in rows
    }
