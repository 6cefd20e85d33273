"""`ronda import`, `ronda export onts` and `ronda duplicates`: lists of ONTs in and out.

Exit status of import: 0 all rows are in or were already; 1 the file was refused and nothing
changed; 3 imported, but some rows were refused or held and stayed out.
"""

from __future__ import annotations

import json
import sys
import time
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from ronda.app import boot

if TYPE_CHECKING:
    from ronda.devices.formats import FormatError, Kind
    from ronda.devices.models import Change
    from ronda.devices.rules.findings import Finding
    from ronda.devices.service.duplicates import Duplicates
    from ronda.devices.service.imports import ImportPreview

SHOWN = 40
STEPS = {"read": "rows read", "compared": "rows compared", "written": "ONTs written"}


def _start() -> None:
    boot.django()
    from ronda.app import database

    database.prepare()


def _in_english() -> AbstractContextManager[None]:
    """Commands speak English, as their help does; what is stored has the installation's language."""
    from django.utils import translation

    return translation.override("en")


def _fail(code: str, message: str, as_json: bool, **where: object) -> NoReturn:
    if as_json:
        error = {"code": code, "message": message, **where}
        click.echo(json.dumps({"error": error}, ensure_ascii=False, indent=2))
    else:
        click.echo(message, err=True)
    sys.exit(1)


def _fail_file(error: FormatError, file: Path, as_json: bool) -> NoReturn:
    from ronda.devices.service import wording

    with _in_english():
        message = f"{file.name}: {wording.problem(error)} Nothing was changed."
    _fail(error.code, message, as_json, row=error.row, column=error.column)


@click.command(name="import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--site", required=True, metavar="NAME", help="Site of the ONTs; made if new.")
@click.option("--dry-run", is_flag=True, help="Show what would change, and change nothing.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document with stable keys.")
@click.option(
    "--accept-repairs", is_flag=True, help="Take over all proposed repairs and proposed areas."
)
@click.option("--areas", is_flag=True, help="Sort the ONTs into the areas their names speak of.")
@click.option(
    "--accept-held", is_flag=True, help="Also take rows with formulas or HTML, as plain text."
)
@click.option(
    "--delete-missing", is_flag=True, help="Delete the site's ONTs that are not in the file."
)
def import_(
    file: Path,
    site: str,
    dry_run: bool,
    as_json: bool,
    accept_repairs: bool,
    areas: bool,
    accept_held: bool,
    delete_missing: bool,
) -> None:
    """Import a list of ONTs: JSON of the older systems, CSV, XLSX, KML, KMZ or GeoJSON.

    All rows go in together or none does, and the import can be undone. Doubtful values are shown
    and left out unless their repair is accepted.
    """
    _start()
    from ronda.devices.formats import FormatError
    from ronda.devices.service import import_at_once, imports
    from ronda.devices.service.errors import ChangeRefused

    began = time.monotonic()

    def progress(step: str, count: int) -> None:
        if not as_json:
            click.echo(f"{count:,} {STEPS[step]} ({time.monotonic() - began:.1f} s)", err=True)

    repairs = [*(["*"] if accept_repairs else []), *(["held:*"] if accept_held else [])]
    choices = imports.Choices(
        tuple(repairs), ("*",) if areas or accept_repairs else (), delete_missing
    )
    try:
        content = imports.read_path(file)
        other = import_at_once.import_other(
            content, file_name=file.name, site_name=site, dry_run=dry_run
        )
        if other is not None:
            _tell_other(*other, file, dry_run, as_json)
            return
        preview, change = import_at_once.import_file(
            content,
            file_name=file.name,
            site_name=site,
            choices=choices,
            actor="ronda import",
            dry_run=dry_run,
            progress=progress,
        )
    except FormatError as error:
        _fail_file(error, file, as_json)
    except ChangeRefused as refused:
        _fail(refused.code, f"{file.name}: {refused}", as_json)
    except OSError as error:
        _fail("unreadable", f"{file}: {error.strerror or error}", as_json)
    with _in_english():
        if as_json:
            document = _document(preview, change, file, dry_run)
            click.echo(json.dumps(document, ensure_ascii=False, indent=2))
        else:
            _print(preview, change, dry_run)
    counts = preview.comparison.counts
    sys.exit(3 if counts["refused"] or counts["held"] else 0)


def _tell_other(
    kind: Kind, count: int, told: list[str], file: Path, dry_run: bool, as_json: bool
) -> None:
    if as_json:
        done = {"file": file.name, "kind": kind.value, "dry_run": dry_run, "written": count}
        click.echo(json.dumps(done, ensure_ascii=False, indent=2))
    else:
        what = f"{count:,} records of {kind.value}"
        click.echo(f"Dry run: {what} were found." if dry_run else f"{what} were taken over.")
        for line in told:
            click.echo(f"  {line}")


def _document(
    preview: ImportPreview, change: Change | None, file: Path, dry_run: bool
) -> dict[str, Any]:
    from ronda.devices.service import wording

    comparison = preview.comparison
    return {
        "file": file.name,
        "format": preview.listing.format,
        "site": preview.site.name,
        "dry_run": dry_run,
        "counts": comparison.counts,
        "written": change.count if change else 0,
        "change": change.pk if change else None,
        "remarks": [
            {"code": code, "value": value, "message": wording.remark(code, value)}
            for code, value in preview.remarks
        ],
        "findings": [
            _finding(f, f.key in line.accepted) for line in comparison.lines for f in line.findings
        ],
        "changes": [
            {
                "row": line.row,
                "customer_id": line.candidate.customer_id,
                "ont": line.ont_id,
                "fields": {c.field: [c.before, c.after] for c in line.changes},
            }
            for line in comparison.lines
            if line.changes and line.candidate is not None
        ],
        "areas": [
            {"name": a.name, "rows": len(a.rows), "spellings": list(a.spellings), "exists": a.known}
            for a in comparison.areas
        ],
        "missing": [ont.customer_id for ont in comparison.missing],
    }


def _finding(found: Finding, accepted: bool) -> dict[str, Any]:
    from ronda.devices.service import wording

    return {
        "row": found.row,
        "column": found.column,
        "code": found.code,
        "severity": found.severity.value,
        "value": found.value,
        "message": wording.finding(found),
        "repair": dict(found.repair) if found.repair is not None else None,
        "accepted": accepted,
    }


def _print(preview: ImportPreview, change: Change | None, dry_run: bool) -> None:
    from ronda.devices.rules.findings import RANK
    from ronda.devices.service import wording

    counts = preview.comparison.counts
    click.echo(
        f"{preview.site.name}: {counts['rows']:,} rows, {counts['new']:,} new, "
        f"{counts['changed']:,} changed, {counts['same']:,} same, "
        f"{counts['suspicious']:,} suspicious, {counts['held']:,} held, "
        f"{counts['refused']:,} refused; {counts['missing']:,} of the site are not in the file"
    )
    for code, value in preview.remarks:
        click.echo(f"  {wording.remark(code, value)}")
    found = sorted(
        (
            (RANK[f.severity], f.row, f, f.key in line.accepted)
            for line in preview.comparison.lines
            for f in line.findings
        ),
        key=lambda item: item[:2],
    )
    for _, _, finding, accepted in found[:SHOWN]:
        mark = "repaired" if accepted else finding.severity.value
        click.echo(f"  {mark:<10} {wording.finding_at(finding)}")
    if len(found) > SHOWN:
        click.echo(f"  … and {len(found) - SHOWN:,} more; --json lists them all")
    waiting = sum(f.repair is not None and not accepted for _, _, f, accepted in found)
    if waiting:
        click.echo(f"{waiting} repairs are proposed; --accept-repairs takes them over.")
    if counts["areas"] and not preview.comparison.accepted_areas:
        click.echo(f"The names speak of {counts['areas']} areas; --areas makes them.")
    if counts["held"]:
        click.echo(f"{counts['held']} rows stay out; --accept-held takes them as plain text.")
    if change is not None:
        click.echo(f"{change.count:,} ONTs written as change {change.pk}; it can be undone.")
    else:
        click.echo("Dry run: nothing was changed." if dry_run else "Nothing to change.")


@click.command(name="onts")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["json", "onts-json", "csv", "xlsx", "geojson", "kml"]),
    default="json",
    show_default=True,
    help="json and onts-json have the older system's shape.",
)
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--site", metavar="NAME", help="Only the ONTs of this site.")
def export_onts(format_: str, output: Path | None, site: str | None) -> None:
    """Write the list of ONTs to a file, or to standard output."""
    _start()
    from ronda.devices.models import Site
    from ronda.devices.service import exports
    from ronda.storage.files import replacing

    site_id = None
    if site is not None:
        found = Site.objects.filter(name__iexact=site).first()
        if found is None:
            names = ", ".join(Site.objects.values_list("name", flat=True)) or "none yet"
            raise click.UsageError(f"there is no site {site!r}; sites: {names}")
        site_id = found.pk
    made = exports.export(format_, site_id)
    if output is None:
        click.echo(made.content, nl=False)
        return
    try:
        with replacing(output) as file:
            file.write(made.content)
    except OSError as error:
        _fail("unwritable", f"{output}: {error.strerror or error}", as_json=False)
    click.echo(f"{made.count:,} ONTs in {output}", err=True)


@click.command()
@click.argument(
    "file", required=False, type=click.Path(path_type=Path, exists=True, dir_okay=False)
)
@click.option("--site", metavar="NAME", help="Only the ONTs of this site (without FILE).")
@click.option("--json", "as_json", is_flag=True, help="One JSON document with stable keys.")
def duplicates(file: Path | None, site: str | None, as_json: bool) -> None:
    """Find ONTs that may be the same one twice, in FILE or among those present.

    Compared are customer id, address, name with location, coordinates, and distance below 10 m.
    """
    _start()
    from ronda.devices.formats import FormatError
    from ronda.devices.models import Site
    from ronda.devices.service import duplicates as service
    from ronda.devices.service import imports
    from ronda.devices.service.errors import ChangeRefused

    try:
        if file is not None:
            result = service.in_file(imports.read_path(file))
        else:
            found = Site.objects.filter(name__iexact=site).first() if site else None
            if site and found is None:
                raise click.UsageError(f"there is no site {site!r}")
            result = service.among_present(found.pk if found else None)
    except FormatError as error:
        _fail_file(error, file or Path(), as_json)
    except ChangeRefused as refused:
        _fail(refused.code, f"{file}: {refused}", as_json)
    except OSError as error:
        _fail("unreadable", f"{file}: {error.strerror or error}", as_json)
    if as_json:
        click.echo(
            json.dumps(_groups(result, in_file=file is not None), ensure_ascii=False, indent=2)
        )
        return
    with _in_english():
        _print_groups(result, "row" if file is not None else "ONT")


def _print_groups(result: Duplicates, word: str) -> None:
    from ronda.devices.service.duplicates import KIND_NAMES

    for group in result.groups:
        click.echo(f"{KIND_NAMES[group.kind]}: {group.value}")
        for ref in group.members:
            ont = result.onts[ref]
            place = f" ({ont.location})" if ont.location else ""
            click.echo(
                f"  {word} {ref}: {ont.customer_id} {ont.name}{place} {ont.address}".rstrip()
            )
    kinds = len(result.groups)
    click.echo(
        f"{result.checked:,} compared, {kinds:,} groups found" if kinds else "No duplicates."
    )


def _groups(result: Duplicates, *, in_file: bool) -> dict[str, Any]:
    name = "row" if in_file else "ont"
    return {
        "checked": result.checked,
        "groups": [
            {
                "kind": group.kind.value,
                "value": group.value,
                "metres": group.metres,
                "members": [
                    {
                        name: ref,
                        "customer_id": result.onts[ref].customer_id,
                        "name": result.onts[ref].name,
                        "location": result.onts[ref].location,
                        "address": result.onts[ref].address,
                    }
                    for ref in group.members
                ],
            }
            for group in result.groups
        ],
    }
