"""`ronda vouchers`: made, listed, taken out and ended from a terminal on the machine itself."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import click

from ronda.cli.routers import as_json_option, named, source, told

STATES = ("making", "ready", "active", "ended", "void", "trouble")


@click.group()
def vouchers() -> None:
    """Vouchers: create, list, export, void."""


def _package(name: str) -> Any:
    from ronda.kernel.ids import id_of
    from ronda.shop.service import packages

    rows = packages.present()
    found = rows.filter(name__iexact=name).first()
    if found is None:
        found = rows.filter(pk=id_of(name)).first()
    if found is None:
        raise click.ClickException(f"there is no package {name}; `ronda packages list` lists them")
    return found


@vouchers.command("create")
@click.argument("package")
@click.argument("count", type=click.IntRange(1, 20_000))
@click.option("--router", help="Where they are made; else where the package is sold.")
@click.option("--prefix", default="")
@click.option("--length", type=click.IntRange(4, 16), default=7, show_default=True)
@click.option(
    "--alphabet",
    type=click.Choice(("mixed", "lower", "upper", "upper_mixed", "digits")),
    default="mixed",
    show_default=True,
)
@click.option("--passwords", is_flag=True, help="A password of its own for each code.")
@click.option("--note", default="", help="Seen on the router too.")
@click.option("--wait", "wait_s", type=float, default=60.0, show_default=True, metavar="SECONDS")
@as_json_option
@told
def create(
    package: str,
    count: int,
    router: str | None,
    prefix: str,
    length: int,
    alphabet: str,
    passwords: bool,
    note: str,
    wait_s: float,
    as_json: bool,
) -> None:
    """Make exactly COUNT vouchers of PACKAGE, and follow until the router holds them.

    The users are made by the routers' desk (`ronda run` or `ronda desk`); without it, or while the router
    is away, they wait and status 3 says so.
    """
    from ronda.shop.rules.codes import Alphabet, BadCode, Look
    from ronda.shop.service import making, placing

    kind = _package(package)
    try:
        where = named(router) if router else placing.router_for(kind)
        batch = making.make_batch(
            kind,
            where,
            count,
            look=Look(Alphabet(alphabet), length, prefix),
            separate_password=passwords,
            note=note,
            source=source(),
        )
    except placing.NoRouter:
        raise click.ClickException("the package is sold on no router that is in use") from None
    except BadCode as problem:
        words = {"count": f"of such codes only {problem.most} more can be made"}
        raise click.ClickException(words.get(problem.what, f"bad {problem.what}")) from None
    counts = _follow(batch, wait_s, quiet=as_json)
    if as_json:
        click.echo(json.dumps({"batch": batch.pk, "router": where.name, "count": count, **counts}))
    else:
        click.echo(f"batch {batch.pk}: {counts['ready']} of {count} ready on {where.name}")
    if counts["ready"] < count:
        sys.exit(3)


def _follow(batch: Any, within: float, *, quiet: bool) -> dict[str, int]:
    """Show the progress until nothing is being made any more; the counts by state."""
    from ronda.shop.service import listing
    from ronda.work import jobs

    deadline = time.monotonic() + within
    on_terminal = sys.stderr.isatty() and not quiet
    shown = -1
    while True:
        state = jobs.wait(batch.job, min(0.25, max(0.0, deadline - time.monotonic())))
        counts = listing.counts_of(batch)
        done = batch.count - counts["making"]
        if state is not None and not state.finished:
            done = max(done, state.done)
        if on_terminal:
            bar = "#" * (30 * done // batch.count)
            click.echo(f"\r[{bar:<30}] {done}/{batch.count}", nl=False, err=True)
        elif not quiet and done * 10 // batch.count != shown:
            shown = done * 10 // batch.count
            click.echo(f"{done}/{batch.count}", err=True)
        if not counts["making"] or time.monotonic() >= deadline:
            if on_terminal:
                click.echo(err=True)
            return counts


@vouchers.command("list")
@click.option("--state", type=click.Choice(STATES))
@click.option("--batch", type=int)
@click.option("--code", default="", help="How the code begins.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=100, show_default=True)
@as_json_option
@told
def list_vouchers(
    state: str | None, batch: int | None, code: str, limit: int, as_json: bool
) -> None:
    """Vouchers, newest first; no passwords."""
    from ronda.shop.models import Voucher
    from ronda.shop.service import listing

    wanted = listing.Filter(text=code, state=state or "", batch=batch)
    seen = Voucher.objects.select_related("package", "router")
    rows, _total = listing.page_of(seen, wanted, 1, limit)
    if as_json:
        told_rows = [
            {
                "id": row.pk,
                "code": row.code,
                "state": row.state,
                "package": row.package.name,
                "router": row.router.name,
                "batch": row.batch_id,
                "expires_at": row.expires_at.isoformat() if row.expires_at else None,
            }
            for row in rows
        ]
        click.echo(json.dumps(told_rows))
        return
    for row in rows:
        click.echo(f"{row.code:<20} {row.state:<8} {row.package.name:<20} {row.router.name}")


@vouchers.command("export")
@click.argument("batch", type=int)
@click.argument("file", type=click.Path(dir_okay=False, writable=True))
@told
def export(batch: int, file: str) -> None:
    """Write a batch with its passwords to FILE: .csv, .xlsx, or .rsc for a router's /import."""
    from ronda.shop.models import Voucher
    from ronda.shop.service import voucher_files
    from ronda.storage.files import replacing

    kind = Path(file).suffix.lstrip(".").lower()
    if kind not in voucher_files.TYPES:
        raise click.ClickException("the name must end in .csv, .xlsx or .rsc")
    rows = Voucher.objects.filter(batch=batch).exclude(state="void")
    if not rows.exists():
        raise click.ClickException(f"there is no batch {batch}, or nothing is left of it")
    content = voucher_files.export(rows, kind, None, source())
    with replacing(
        Path(file)
    ) as output:  # for this account alone, also where others could read a former one
        output.write(content)
    click.echo(f"{rows.count()} vouchers written to {file}; it holds passwords")


@vouchers.command("void")
@click.argument("code")
@click.option("--reason", default="")
@told
def void(code: str, reason: str) -> None:
    """End the voucher CODE: its user is removed from the router, its sessions end."""
    from ronda.shop.models import Voucher
    from ronda.shop.service import life

    row = Voucher.objects.filter(code=code).first()
    if row is None:
        raise click.ClickException(f"there is no voucher {code}")
    try:
        life.void(row, None, reason=reason, source=source())
    except life.CannotVoid:
        raise click.ClickException("it has ended already") from None
    click.echo(f"{code} has ended; its router is told")
