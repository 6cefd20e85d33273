"""`ronda backup`, `ronda restore` and `ronda backups`: the whole installation in one file."""

import contextlib
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import click

from ronda.storage import archive, snapshot
from ronda.storage.archive import ArchiveDamaged, Manifest
from ronda.storage.dump import DumpFailed, ProgramMissing
from ronda.storage.snapshot import Installation, RestoreRefused


@click.command()
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The file to write; default: ronda-YYYYmmdd-HHMMSS.tar.gz in the backups folder.",
)
def backup(output: Path | None) -> None:
    """Back up the whole installation while it runs.

    One file holds the database as it is at this moment, the secret key, uploads and the newest
    lists of ONTs, with a check sum for each. Whoever has the file can sign in as anybody: keep it
    as safe as the server.
    """
    installation = _installation()
    from django.utils import timezone

    with _explained():
        path, manifest = snapshot.make(installation, timezone.localtime(), output)
    click.echo(f"{path}  {_megabytes(path)}  {_summary(manifest)}")
    if manifest.holds_secret_key:
        click.echo("It holds the secret key; only this account can read it (mode 0600).")
    if Path(".env").exists():
        click.echo("Settings in .env are not part of it; keep a copy of that file too.")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--yes", is_flag=True, help="Do not ask.")
def restore(file: Path, yes: bool) -> None:
    """Put the installation back to a backup made by `ronda backup`.

    Everything in the file is verified first. The present data is backed up beside the others, so
    that this, too, can be taken back. Ronda must be stopped.
    """
    installation = _installation()
    from django.db import connection
    from django.utils import timezone

    from ronda.storage.schema import known_migrations
    from ronda.work import feed

    found = file if file.exists() else installation.backups / file.name
    if not found.is_file():
        _fail(f"there is no file {file}; `ronda backups` lists those in the backups folder")
    known = known_migrations()
    with _explained():
        manifest = archive.read_manifest(found)
        snapshot.refuse_unfit(installation, manifest, known)
    click.echo(f"{found}: made {manifest.made_at}, {_summary(manifest)}")
    if not yes and not sys.stdin.isatty():
        _fail("this replaces the present data; say --yes to do it without being asked")
    if not yes:
        click.confirm("Replace the present data by this backup?", abort=True)
    with _explained():
        connection.close()  # it would still show the former database
        done = snapshot.restore(installation, found, timezone.localtime(), known=known)
        feed.leap()
    rows = sum(done.manifest.rows.values())
    click.echo(f"Restored and proven: {rows} rows in {len(done.manifest.rows)} tables agree.")
    if done.former is not None:
        click.echo(
            f"The former data: {done.former}\nTo take this back: ronda restore {done.former}"
        )
    for path in done.set_aside:
        click.echo(f"What could not be used of the former database was set aside as {path}")


@click.command()
def backups() -> None:
    """List the backups: whole installations, and the automatic lists of ONTs."""
    folder = _installation().backups
    for path in snapshot.listing(folder):
        try:
            text = _summary(archive.read_manifest(path))
        except ArchiveDamaged as damage:
            text = f"DAMAGED: {damage}"
        click.echo(f"{path.name}  {_megabytes(path)}  {text}")
    for path in sorted(folder.glob("*-*.json"), reverse=True):
        click.echo(f"{path.name}  {_megabytes(path)}")
    if not folder.is_dir() or not any(folder.iterdir()):
        click.echo("There are none yet.", err=True)


def _installation() -> Installation:
    from ronda.app import boot

    boot.django()
    from ronda.devices.service import whole

    return whole.installation()


def _summary(manifest: Manifest) -> str:
    onts = manifest.rows.get("devices_ont", 0)
    outages = manifest.rows.get("monitoring_outage", 0)
    return f"{manifest.database}, {onts} ONTs, {outages} outages, version {manifest.version}"


def _megabytes(path: Path) -> str:
    return f"{path.stat().st_size / 1e6:.1f} MB"


@contextlib.contextmanager
def _explained() -> Iterator[None]:
    """Say what a person can act on; faults of the program show themselves."""
    try:
        yield
    except (
        *(ArchiveDamaged, RestoreRefused, DumpFailed, ProgramMissing),
        *(OSError, sqlite3.DatabaseError),
    ) as error:
        _fail(str(error))


def _fail(text: str) -> NoReturn:
    click.echo(f"Error: {text}", err=True)
    sys.exit(1)
