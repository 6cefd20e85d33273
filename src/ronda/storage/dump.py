"""Dump and restore of a PostgreSQL database, by PostgreSQL's own programs."""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, LiteralString

# Dropping table by table, not the schema: an installation's account often does not own the schema.
# Functions of ours have names that begin with ronda_.
_EMPTY: LiteralString = """
DO $$ DECLARE t record; BEGIN
  FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
    EXECUTE format('DROP TABLE IF EXISTS public.%I CASCADE', t.tablename);
  END LOOP;
  FOR t IN SELECT oid::regprocedure AS signature FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace AND proname LIKE 'ronda\\_%' LOOP
    EXECUTE format('DROP FUNCTION IF EXISTS %s CASCADE', t.signature);
  END LOOP;
END $$;
"""


# The schema is there; and pg_dump from 17 on sets what a server before 17 does not know, to what is usual.
_LEFT_OUT = frozenset({b"CREATE SCHEMA public;\n", b"SET transaction_timeout = 0;\n"})


class ProgramMissing(Exception):
    """PostgreSQL's client programs are not on this machine; the text says how to get them."""


class DumpFailed(Exception):
    """pg_dump or psql ended with an error; the text is what it said, without the password."""


def program(name: str) -> str:
    """The path of pg_dump or psql: on PATH, else the newest of Debian's folders.

    Raises:
        ProgramMissing: there is none.
    """
    if found := shutil.which(name):
        return found
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_major, reverse=True)
    for folder in folders:
        if (folder / name).exists():
            return str(folder / name)
    raise ProgramMissing(
        f"{name} is needed to back up PostgreSQL and is not on this machine; "
        "install it with: apt-get install postgresql-client (Debian, Ubuntu)"
    )


def _major(folder: Path) -> int:
    return int("".join(c for c in folder.parent.name if c.isdigit()) or 0)


def save(database: Mapping[str, Any], target: Path) -> tuple[dict[str, int], list[str]]:
    """Write the database as SQL to `target`; rows of every table and migrations, of the same moment.

    Writers go on: all is read from one exported snapshot.
    """
    pg_dump = program("pg_dump")
    with _connected(database) as connection:
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        snapshot = connection.execute("SELECT pg_export_snapshot()").fetchone()[0]
        _run(
            [
                pg_dump,
                *("--format=plain", "--no-owner", "--no-privileges", "--schema=public"),
                *(f"--snapshot={snapshot}", f"--file={target}"),
            ],
            database,
        )
        return _rows(connection), _migrations(connection)


def load(database: Mapping[str, Any], source: Path) -> None:
    """Replace what the database holds by what `source` holds, in one transaction."""
    cleaned = source.with_suffix(".load.sql")
    with source.open("rb") as text, cleaned.open("wb") as output:
        output.writelines(line for line in text if line not in _LEFT_OUT)
    source.unlink()  # one copy of a large database is enough
    _run(
        [
            program("psql"),
            *("--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1"),
            *("--output", os.devnull, "--command", _EMPTY, "--file", str(cleaned)),
        ],
        database,
    )


def rows_in(database: Mapping[str, Any]) -> dict[str, int]:
    """Number of rows of every table."""
    with _connected(database) as connection:
        return _rows(connection)


def others(database: Mapping[str, Any]) -> int:
    """How many other connections the database has."""
    with _connected(database) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        ).fetchone()
        return int(row[0])


def _rows(connection: Any) -> dict[str, int]:
    from psycopg import sql

    names = connection.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
    ).fetchall()
    return {
        name: connection.execute(
            sql.SQL("SELECT count(*) FROM public.{}").format(sql.Identifier(name))
        ).fetchone()[0]
        for (name,) in names
    }


def _migrations(connection: Any) -> list[str]:
    rows = connection.execute("SELECT app, name FROM django_migrations ORDER BY id").fetchall()
    return [f"{app}.{name}" for app, name in rows]


def _connected(database: Mapping[str, Any]) -> Any:
    import psycopg

    return psycopg.connect(
        dbname=database["NAME"],
        user=database["USER"] or None,
        password=database["PASSWORD"] or None,
        host=database["HOST"] or None,
        port=database["PORT"] or None,
        autocommit=True,
        **database.get("OPTIONS", {}),
    )


def _run(command: Sequence[str], database: Mapping[str, Any]) -> None:
    """Run a client program; the password goes by the environment, which other accounts cannot read."""
    names = {"NAME": "PGDATABASE", "USER": "PGUSER", "HOST": "PGHOST", "PORT": "PGPORT"}
    environment = os.environ | {
        variable: str(database[key]) for key, variable in names.items() if database[key]
    }
    if database["PASSWORD"]:
        environment["PGPASSWORD"] = str(database["PASSWORD"])
    for key, value in database.get("OPTIONS", {}).items():
        if key in {"sslmode", "sslrootcert", "sslcert", "sslkey"}:
            environment[f"PG{key.upper()}"] = str(value)
    ended = subprocess.run(command, env=environment, capture_output=True, check=False)  # noqa: S603 -- our own arguments
    if ended.returncode:
        text = ended.stderr.decode(errors="replace").strip()
        raise DumpFailed(f"{Path(command[0]).name}: {text[-600:]}")
