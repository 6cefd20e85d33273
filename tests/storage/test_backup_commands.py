"""`ronda backup`, `restore` and `backups` on a real installation, as a person types them."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.servers import migrated

# Each command is a process of its own that sets Django up.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


class Terminal:
    """Runs commands on one data folder."""

    def __init__(self, data: Path, **settings: str) -> None:
        self.data = data
        self.environment = migrated.environment(data, **settings)

    def run(self, *words: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, *words],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )

    def ronda(self, *words: str) -> "subprocess.CompletedProcess[str]":
        return self.run("-m", "ronda", *words)


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    migrated.put_sqlite(tmp_path / "data")
    return Terminal(tmp_path / "data")


def sites(data: Path) -> list[str]:
    database = sqlite3.connect(data / "ronda.sqlite3")
    try:
        return [row[0] for row in database.execute("SELECT name FROM devices_site ORDER BY id")]
    finally:
        database.close()


def add_site(data: Path, name: str) -> None:
    database = sqlite3.connect(data / "ronda.sqlite3")
    with database:
        database.execute("INSERT INTO devices_site (name) VALUES (?)", (name,))
    database.close()


def test_a_backup_is_listed_restored_and_taken_back(terminal: Terminal) -> None:
    assert terminal.ronda("backups").stderr == "There are none yet.\n"
    add_site(terminal.data, "Sleman")
    made = terminal.ronda("backup")
    assert made.returncode == 0, made.stderr
    assert "sqlite, 0 ONTs" in made.stdout
    assert "secret key" in made.stdout
    add_site(terminal.data, "Bantul")
    name = terminal.ronda("backups").stdout.split()[0]

    refused = terminal.ronda("restore", name)
    assert (refused.returncode, sites(terminal.data)) == (1, ["Sleman", "Bantul"])
    assert "say --yes" in refused.stderr

    done = terminal.ronda("restore", name, "--yes")
    assert done.returncode == 0, done.stderr
    assert "Restored and proven" in done.stdout
    assert sites(terminal.data) == ["Sleman"]

    back = done.stdout.rsplit("ronda restore ", 1)[1].strip()
    assert terminal.ronda("restore", back, "--yes").returncode == 0
    assert sites(terminal.data) == ["Sleman", "Bantul"]


def test_faults_are_one_line_and_status_1(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "rubbish").write_text("x")
    for words in (
        ("restore", "nothing-here", "--yes"),
        ("restore", str(tmp_path / "rubbish"), "--yes"),
        ("backup", "-o", "/proc/no/such/place.tar.gz"),
    ):
        ended = terminal.ronda(*words)
        assert (ended.returncode, ended.stderr[:7], ended.stderr.count("\n")) == (1, "Error: ", 1)


@pytest.fixture
def postgres() -> Any:
    from tests.servers.postgres import MissingServer

    try:
        server = migrated.postgres()
    except MissingServer as missing:
        if os.environ.get("CI") == "true":
            pytest.fail(str(missing))
        pytest.skip(str(missing))
    yield server
    server.stop()


def test_postgresql_is_dumped_and_restored_in_one_transaction(
    postgres: Any, tmp_path: Path
) -> None:
    import psycopg

    terminal = Terminal(tmp_path / "data", RONDA_DATABASE_URL=postgres.url)

    def sites_there() -> list[str]:
        with psycopg.connect(postgres.url) as connection:
            rows = connection.execute("SELECT name FROM devices_site ORDER BY id").fetchall()
            return [row[0] for row in rows]

    def execute(statement: Any) -> None:
        with psycopg.connect(postgres.url) as connection:
            connection.execute(statement)

    execute("INSERT INTO devices_site (name) VALUES ('Sleman')")
    made = terminal.ronda("backup")
    assert made.returncode == 0, made.stderr
    execute("INSERT INTO devices_site (name) VALUES ('Bantul')")
    execute("CREATE TABLE later (id int)")
    path = made.stdout.split()[0]

    with psycopg.connect(postgres.url):
        refused = terminal.ronda("restore", path, "--yes")
    assert (refused.returncode, "Ronda is running" in refused.stderr) == (1, True)

    done = terminal.ronda("restore", path, "--yes")
    assert done.returncode == 0, done.stderr
    assert sites_there() == ["Sleman"]
    execute("INSERT INTO devices_site (name) VALUES ('Godean')")
    assert sites_there() == ["Sleman", "Godean"]

    back = done.stdout.rsplit("ronda restore ", 1)[1].strip()
    assert terminal.ronda("restore", back, "--yes").returncode == 0
    assert sites_there() == ["Sleman", "Bantul"]
