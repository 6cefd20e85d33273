"""`ronda audit`: whether the audit trail is whole, the trail as a file, and the few doors to shorten it."""

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from ronda.cli.user import _ready, _source

#: What was recorded within these days cannot be deleted.
KEPT_DAYS = 90


@click.group()
def audit() -> None:
    """The audit trail: check, export, trim."""


@audit.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def check(as_json: bool) -> None:
    """Walk the whole trail; exit status 1 names the first row that is missing or not as written."""
    _ready()
    from ronda.accounts.service import proving

    report = proving.prove(_progress)
    if as_json:
        values = {
            "whole": report.whole,
            "rows": report.rows,
            "position": report.head.position,
            "fingerprint": report.head.fingerprint,
            "trouble": report.trouble,
        }
        click.echo(json.dumps(values, indent=2))
    elif report.whole:
        click.echo(f"The audit trail is whole: {report.rows} rows.")
        click.echo(
            f"It ends at place {report.head.position} with {report.head.fingerprint or '-'}."
        )
    else:
        click.echo(f"The audit trail is NOT whole. {report.trouble}")
    sys.exit(0 if report.whole else 1)


def _progress(rows: int) -> None:
    # Where nobody looks on, a log would fill with it.
    if sys.stderr.isatty() and rows % 20_000 == 0:
        click.echo(f"\r{rows:,} rows", err=True, nl=False)


@audit.command("export")
@click.option("--format", "kind", type=click.Choice(["csv", "xlsx", "jsonl"]), default="csv")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), required=True)
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="From this day on.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Before this day.")
def export_(kind: Any, output: Path, since: datetime | None, until: datetime | None) -> None:
    """Write the trail to a file, newest row first; days are the installation's."""
    _ready()
    from django.utils import timezone

    from ronda.accounts.service import audit as trail
    from ronda.accounts.service import trail_files
    from ronda.storage.files import replacing

    rows = trail.rows(
        since=timezone.make_aware(since) if since else None,
        until=timezone.make_aware(until) if until else None,
    )
    with replacing(output) as file:
        for part in trail_files.written(rows, kind):
            file.write(part)
    click.echo(f"{output}")


@audit.command()
@click.option(
    "--before", type=click.DateTime(["%Y-%m-%d"]), required=True, help="Delete older rows."
)
@click.option("--yes", is_flag=True, help="Do not ask.")
def trim(before: datetime, yes: bool) -> None:
    """Delete old rows for good. A sealed mark stays, so that the rest can still be proved whole.

    Export them first. Rows of the last 90 days always stay.
    """
    _ready()
    from django.db import transaction
    from django.utils import timezone

    from ronda.accounts.service import audit as trail
    from ronda.accounts.service import chain

    moment = timezone.make_aware(before)
    if (timezone.now() - moment).days < KEPT_DAYS:
        raise click.ClickException(f"rows of the last {KEPT_DAYS} days stay; choose an older day")
    if not yes:
        click.confirm(f"Delete what was recorded before {before:%Y-%m-%d}?", abort=True)
    with transaction.atomic():
        count = chain.trim(moment)
        told = {"rows": count, "before": moment}
        trail.record(None, "audit.trim", "audit trail", None, told, _source())
    click.echo(f"{count} rows deleted.")


@audit.command("begin-anew")
@click.option("--why", required=True, help="What happened; it is kept in the trail.")
def begin_anew(why: str) -> None:
    """Prove the trail from now on only, after its rows or its key were lost for good.

    What there is stays readable. The trail tells that this was done.
    """
    _ready()
    from django.db import transaction

    from ronda.accounts.service import anchors, chain
    from ronda.accounts.service import audit as trail

    with transaction.atomic():
        through = chain.begin_anew()
        told = {"after_place": through, "why": why}
        trail.record(None, "audit.begin_anew", "audit trail", None, told, _source())
    anchors.set_aside()
    click.echo(f"The chain begins anew after place {through}.")


@audit.command()
def guard() -> None:
    """Put the database's guard against changes of the trail in place (again)."""
    _ready()
    from django.db import connection

    from ronda.accounts import guard as triggers
    from ronda.accounts.service import audit as trail

    there = triggers.stands(connection)
    triggers.put(connection)
    if not there:
        trail.record(None, "audit.guard", "audit trail", source=_source())
    click.echo("The guard stands." if there else "The guard was missing and stands again.")
