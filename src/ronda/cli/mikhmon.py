"""`ronda hotspot mikhmon`: what Mikhmon keeps on a router."""

from __future__ import annotations

import json
import sys
from typing import Any

import click

from ronda.cli.routers import as_json_option, named, told


@click.command()
@click.argument("router")
@as_json_option
@click.option("--wait", "seconds", type=click.IntRange(1, 600), default=300, show_default=True)
@told
def mikhmon(router: str, as_json: bool, seconds: int) -> None:
    """Show what Mikhmon keeps on ROUTER and what would be taken over; nothing is changed.

    Plans, quick print packages, vouchers by state, unused batches, sales by month, and what is odd.
    Exit status 2 when the router could not be read.
    """
    from ronda.hotspot.service import mikhmon as service
    from ronda.routers.service import terminal

    found = named(router)
    state = terminal.finish(
        service.ask(found.pk), service.run, {"router": found.pk}, float(seconds)
    )
    if state is None or state.result is None:
        why = state.error if state is not None and state.error else "no answer in time"
        click.echo(why, err=True)
        sys.exit(2)
    if as_json:
        click.echo(json.dumps(state.result, ensure_ascii=False, indent=2))
    else:
        _print(dict(state.result))


def _print(found: dict[str, Any]) -> None:
    for plan in found["plans"]:
        price = plan["selling_price"] or plan["price"] or 0
        unused = plan["vouchers"]["unused"]
        click.echo(
            f"plan     {plan['name']:<20} {plan['validity'] or '-':<6} Rp {price:>9,} "
            f"mode {plan['mode'] or 'none':<5} {unused:,} unused of {sum(plan['vouchers'].values()):,}"
        )
    for package in found["packages"]:
        click.echo(f"package  {package['name']:<20} profile {package['profile']}")
    states = ", ".join(f"{count:,} {state}" for state, count in found["vouchers"].items() if count)
    click.echo(f"vouchers {states or 'none'}")
    for batch in found["batches"]:
        click.echo(f"batch    {batch['comment']:<32} {batch['profile']:<16} {batch['count']:,}")
    for month in found["sales"]:
        click.echo(f"sales    {month['month']}  {month['count']:>6,}  Rp {month['price']:>12,}")
    for odd in found["oddities"]:
        click.echo(f"look at  {odd['code']}: {odd['count']:,} ({', '.join(odd['names'][:5])})")
