"""`ronda hotspot`: hotspot users and their records from a terminal."""

from __future__ import annotations

import json
from typing import Any

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


@hotspot.command("online")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def online(as_json: bool) -> None:
    """Who is online, as each router was last read."""
    from ronda.app import boot

    boot.django()
    from ronda.hotspot.models import Part
    from ronda.hotspot.service import ages, lists

    known = ages.ages(Part.ACTIVE)
    rows = list(lists.matching(Part.ACTIVE, lists.Filter()).select_related("router"))
    if as_json:
        click.echo(
            json.dumps(
                {"online": [_session(row) for row in rows], "routers": [_age(age) for age in known]}
            )
        )
        return
    for age in known:
        when = age.read_at.isoformat(timespec="seconds") if age.read_at else "never"
        click.echo(f"{age.router.name}: read {when}{' (old)' if age.stale else ''} {age.trouble}")
    for row in rows:
        click.echo(f"{row.user:<24} {row.address:<16} {row.mac:<18} {row.router.name}")


@hotspot.command("kick")
@click.argument("name")
def kick(name: str) -> None:
    """End the sessions of a user on every router, and remove the cookies."""
    from ronda.app import boot

    boot.django()
    from ronda.hotspot.models import ActiveUser, Verb
    from ronda.hotspot.service import asking, wording

    found = ActiveUser.objects.filter(user=name, router__deleted_at=None, router__active=True)
    routers = {row.router_id: row.router for row in found.select_related("router")}
    if not routers:
        raise click.ClickException(f"{name} was not online when the routers were last read")
    targets = [asking.Target(router, name) for router in routers.values()]
    instruction = asking.ask(Verb.KICK, targets, None, source="terminal")
    asking.wait(instruction, 20)
    failed = False
    for action in asking.actions_of(instruction):
        failed = failed or action.outcome != "done"
        why = "" if action.outcome == "done" else wording.refusal(action)
        click.echo(f"{action.router.name}: {action.outcome} {why}".rstrip())
    if failed:
        raise SystemExit(1)


@hotspot.command("differences")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def differences(as_json: bool) -> None:
    """What routers do not hold as wanted; exit status 1 when there is any."""
    from ronda.app import boot

    boot.django()
    from ronda.hotspot.models import Drift

    found = Drift.objects.filter(router__deleted_at=None, router__active=True)
    rows = [
        {
            "router": row.router.name,
            "kind": row.wanted.kind,
            "name": row.wanted.name,
            "standing": row.standing,
            "since": row.since.isoformat(timespec="seconds"),
            "probably_by": row.likely,
            "fields": row.fields,
        }
        for row in found.select_related("router", "wanted")
    ]
    if as_json:
        click.echo(json.dumps({"differences": rows}, indent=2))
    elif not rows:
        click.echo("Every router that was read holds what is wanted there.")
    for row in [] if as_json else rows:
        what = ", ".join(f"{name}: {pair[0]} -> {pair[1]}" for name, pair in row["fields"].items())
        click.echo(f"{row['router']}  {row['kind']} {row['name']}  {row['standing']}  {what}")
    if rows:
        raise SystemExit(1)


def _session(row: Any) -> dict[str, Any]:
    return {
        "router": row.router.name,
        "user": row.user,
        "address": row.address,
        "mac": row.mac,
        "uptime_s": row.uptime_s,
        "idle_s": row.idle_s,
        "bytes_in": row.bytes_in,
        "bytes_out": row.bytes_out,
    }


def _age(age: Any) -> dict[str, Any]:
    return {
        "router": age.router.name,
        "read_at": age.read_at.isoformat(timespec="seconds") if age.read_at else None,
        "stale": age.stale,
        "trouble": age.trouble,
    }
