"""What `ronda run` says before anything serves."""

import click

from ronda.accounts.service import setup
from ronda.app.configuration import Configuration


def welcome(conf: Configuration) -> None:
    """Print the address and, where one is needed, the one-time link."""
    base = f"http://{conf.bind}"
    click.echo(f"\n  Ronda keeps watch at  {base}/\n")
    if conf.demo:
        click.secho(f"  Your way in, once:    {base}{setup.demo_link()}\n", bold=True)
        click.echo("  This is a demo: the far end is simulated, no real ONT is probed.\n")
    elif not setup.has_owner():
        click.secho(f"  First visit, once:    {base}{setup.one_time_link()}\n", bold=True)
