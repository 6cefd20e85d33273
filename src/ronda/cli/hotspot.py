"""`ronda hotspot`: what is done with hotspot records from a terminal."""

from __future__ import annotations

import click


@click.group()
def hotspot() -> None:
    """Hotspot users and what they used."""


@hotspot.command("drop-key")
@click.option("--yes", is_flag=True, help="Do not ask.")
def drop_key(yes: bool) -> None:
    """Make the pseudonyms of old records irreversible.

    Names and MAC addresses older than RONDA_KEEP_NAMES_DAYS are pseudonyms made with a key. Without the
    key nobody can find out whose they were, not even by trying all names. It cannot be undone.
    """
    if not yes:
        click.confirm("Drop the key? This cannot be undone.", abort=True)
    from ronda.app import boot

    boot.django()
    from ronda.accounts.service import audit
    from ronda.hotspot.service.usage import privacy

    if not privacy.drop_key():
        click.echo("There is no key: no name has become a pseudonym since it was dropped.")
        return
    audit.record(None, "hotspot.drop-key", "pseudonyms", source="terminal")
    click.echo("Dropped. Pseudonyms made so far cannot be traced back; new ones get a new key.")
