"""`ronda secrets`: what is sealed, and sealing it with a new key."""

import click

from ronda.cli.user import _ready, _source


@click.group()
def secrets() -> None:
    """Passwords and keys that Ronda has to read back, sealed in the database."""


@secrets.command()
@click.option("--no-new-key", is_flag=True, help="Only seal with the newest key there is.")
def reseal(no_new_key: bool) -> None:
    """Make a new key and seal every secret with it; the former key still opens.

    It may be interrupted and run again at any time, and Ronda goes on meanwhile. With keys in
    RONDA_SEAL_KEYS put a new one in front, restart, and run this. Exit status 1 where there are
    secrets that no key opens.
    """
    _ready()
    from ronda.accounts.service import seal_keys

    found = seal_keys.renew(new_key=not no_new_key, source=_source())
    for place, result in found.items():
        lost = f", {result.unreadable} that no key opens" if result.unreadable else ""
        click.echo(f"{place:<40} {result.count:>7} sealed anew{lost}")
    if any(result.unreadable for result in found.values()):
        raise SystemExit(1)
