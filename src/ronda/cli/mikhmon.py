"""`ronda mikhmon`: moving a router from Mikhmon, from a terminal."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

import click

from ronda.cli.routers import as_json_option, named, told

ROUTER = click.argument("router")
WAIT = click.option(
    "--wait", "seconds", type=click.IntRange(1, 3600), default=600, show_default=True
)
DRY = click.option("--dry-run", is_flag=True, help="Only show what would be done.")


@click.group()
def mikhmon() -> None:
    """Move a router from Mikhmon: look, take, cut over; nothing is ever deleted on it.

    Exit status 2 when the router could not be read or changed.
    """


@mikhmon.command()
@ROUTER
@as_json_option
@WAIT
@told
def look(router: str, as_json: bool, seconds: int) -> None:
    """Show what Mikhmon keeps on ROUTER and what would be taken; nothing is changed anywhere."""
    _look(router, seconds, as_json)


@mikhmon.command()
@ROUTER
@click.option("--without", type=click.Choice(["vouchers", "sales"]), help="Leave these out.")
@click.option("--on-sale", is_flag=True, help="Offer the new packages in the shop at once.")
@DRY
@as_json_option
@WAIT
@told
def take(
    router: str, without: str | None, on_sale: bool, dry_run: bool, as_json: bool, seconds: int
) -> None:
    """Take packages, vouchers and sales of ROUTER over; doing it again doubles nothing."""
    from ronda.shop.service.moving import taking

    if dry_run:
        _look(router, seconds, as_json)
        return
    parts = [part for part in taking.PARTS if part != without]
    payload = taking.payload_of(named(router).pk, None, parts=parts, on_sale=on_sale)
    _say(_finish(taking.ask(payload), taking.run, payload, seconds), as_json, _taken)


@mikhmon.command("cut-over")
@ROUTER
@DRY
@as_json_option
@WAIT
@told
def cut_over(router: str, dry_run: bool, as_json: bool, seconds: int) -> None:
    """Let Ronda end the vouchers of ROUTER: Mikhmon's scripts are kept here, its monitors disabled there."""
    from ronda.shop.service.moving import cutting

    if dry_run:
        _look(router, seconds, as_json, _planned)
        return
    pk = named(router).pk
    try:
        job = cutting.ask_cut(pk, None)
    except cutting.NothingTaken:
        raise click.ClickException(
            f"nothing of {router} was taken yet: without Mikhmon nobody would end its vouchers; "
            f"`ronda mikhmon take` first"
        ) from None
    payload = {"router": pk, "person": None}
    _say(_finish(job, cutting.cut, payload, seconds), as_json, _changed)


@mikhmon.command("put-back")
@ROUTER
@as_json_option
@WAIT
@told
def put_back(router: str, as_json: bool, seconds: int) -> None:
    """Put back on ROUTER exactly what was there before the cut-over."""
    from ronda.shop.service.moving import cutting

    pk = named(router).pk
    try:
        job = cutting.ask_back(pk, None)
    except cutting.NothingToPutBack:
        raise click.ClickException(f"nothing on {router} was changed by a cut-over") from None
    payload = {"router": pk, "person": None}
    _say(_finish(job, cutting.put_back, payload, seconds), as_json, _changed)


def _look(
    router: str,
    seconds: int,
    as_json: bool,
    say: Callable[[dict[str, Any]], None] | None = None,
) -> None:
    from ronda.shop.service.moving import looking

    pk = named(router).pk
    found = _finish(looking.ask(pk), looking.run, {"router": pk}, seconds)
    _say(found, as_json, say or _found)


def _finish(job: int, run: Any, payload: dict[str, Any], seconds: int) -> dict[str, Any]:
    from ronda.routers.service import terminal
    from ronda.shop.service.moving.work import over_own_link

    state = terminal.finish(job, over_own_link(run), payload, float(seconds))
    if state is None or state.result is None:
        click.echo(state.error if state and state.error else "no answer in time", err=True)
        sys.exit(2)
    return dict(state.result)


def _say(found: dict[str, Any], as_json: bool, say: Callable[[dict[str, Any]], None]) -> None:
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        say(found)


def _found(found: dict[str, Any]) -> None:
    for plan in found["packages"]:
        click.echo(
            f"package  {plan['profile']:<20} {plan['valid_for'] or '-':<6} "
            f"Rp {plan['selling_price_idr']:>9,}  cost Rp {plan['price_idr']:>9,}  at the end {plan['at_end']}"
        )
    take_ = found["take"]
    click.echo(
        f"vouchers {take_['vouchers']:,} ({take_['ready']:,} not used yet, {take_['active']:,} in use, "
        f"{take_['ended']:,} over) in {take_['batches']:,} batches; {found['left']:,} other users stay"
    )
    for month in found["sales"]:
        click.echo(
            f"sales    {month['month']}  {month['count']:>6,}  Rp {month['price']:>12,}  "
            f"cost Rp {month['cost']:>12,}"
        )
    for odd in found["oddities"]:
        click.echo(f"look at  {odd['code']}: {odd['count']:,} ({', '.join(odd['names'][:5])})")


def _planned(found: dict[str, Any]) -> None:
    for change in found["cut_over"]:
        click.echo(f"change   {change['menu']} {change['name']}: {change['field']}")
    if not found["cut_over"]:
        click.echo("nothing to change: Mikhmon does not run there")


def _taken(counts: dict[str, Any]) -> None:
    click.echo(
        f"taken    {counts['packages']:,} packages, {counts['batches']:,} batches, "
        f"{counts['vouchers']:,} vouchers, {counts['sales']:,} sales"
    )
    click.echo(
        f"before   {counts['same']:,} vouchers as they were, {counts['updated']:,} brought on"
    )
    if counts["refused"]:
        click.echo(f"refused  {counts['refused']:,}: another router's voucher has the code")


def _changed(found: dict[str, Any]) -> None:
    click.echo(f"done     {found.get('done', 0):,}")
    for name in found.get("left_alone", []):
        click.echo(f"left     {name}: changed by somebody else meanwhile, or gone")
