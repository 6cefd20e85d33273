"""`ronda packages`: what the shop sells, from a terminal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click


@click.group()
def packages() -> None:
    """What the shop sells."""


@packages.command("list")
@click.option(
    "--json", "as_json", is_flag=True, help="One JSON document, as /api/v1/packages has it."
)
def list_(as_json: bool) -> None:
    """The packages, in the order of the shop."""
    _begin()
    from ronda.kernel.money import rupiah
    from ronda.shop import forms_entered
    from ronda.shop.service import packages as service
    from ronda.shop.service import wording

    found = list(service.present())
    if as_json:
        rows = [{"id": one.pk, **forms_entered.entered(one)} for one in found]
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    for one in found:
        state = "" if one.active else "  (not sold)"
        click.echo(
            f"{one.name:<24} {rupiah(one.selling_price_idr):>12}  {wording.brief(service.terms_of(one))}{state}"
        )


@packages.command("add")
@click.argument("name")
@click.argument("price", type=int)
@click.option("--profile", help="Profile on the routers; made from the name when left out.")
@click.option("--valid-for", default="", help="From the first login: 5h, 30d, 1mo, 5 jam.")
@click.option("--online-time", default="", help="Counts only while connected: 10h.")
@click.option("--data", default="", help="Both ways together: 500MB, 1GB.")
@click.option("--rate-limit", default="", help="RouterOS's line, upload/download: 1M/4M.")
@click.option("--devices", default=1, show_default=True, help="Devices at once.")
@click.option("--sync/--no-sync", default=True, help="Keep the profile on the routers in step.")
def add(name: str, price: int, profile: str | None, **given: Any) -> None:
    """Make a package NAME that sells for PRICE rupiah."""
    _begin()
    from ronda.shop.rules.defaults import profile_of

    values = {
        "name": name,
        "selling_price": price,
        "reseller_price": price,
        "profile": profile or profile_of(name),
        **given,
    }
    _make([values])


@packages.command("defaults")
def defaults() -> None:
    """Make the five packages that a new shop is offered; those whose name is there are passed over."""
    _begin()
    from ronda.shop.rules.defaults import OFFERS
    from ronda.shop.service import packages as service

    _make(
        [
            {
                "name": offer.name,
                "valid_for": offer.valid_for,
                "selling_price": offer.price_idr,
                "reseller_price": offer.price_idr,
                "popular": offer.popular,
                "profile": offer.profile,
            }
            for offer in OFFERS
            if not service.name_taken(offer.name)
        ]
    )


@packages.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_(file: Path) -> None:
    """Make the packages of a JSON FILE: one object or a list, in the words of `list --json` or of the older
    voucher system (`mikrotikProfile`, `timeLimit`, `dataLimit`). All of them are made, or none."""
    _begin()
    try:
        told = json.loads(file.read_text("utf-8"))
    except ValueError as problem:
        raise click.ClickException(f"{file} is no JSON: {problem}") from None
    rows = told if isinstance(told, list) else [told]
    if not all(isinstance(row, dict) for row in rows):
        raise click.ClickException(f"{file} holds no object, nor a list of objects.")
    _make(rows)


def _make(rows: list[dict[str, Any]]) -> None:
    from django.db import transaction

    from ronda.shop.forms_entered import Unfit, new_values
    from ronda.shop.service import keeping
    from ronda.shop.service import packages as service

    place = 0
    try:
        with transaction.atomic():
            for row in rows:
                place += 1
                values, notes = new_values(row)
                made = service.create(values, None, "terminal")
                keeping.keep(made, None, "terminal")
                click.echo(f"Made {made.name}.")
                for note in notes:
                    click.echo(f"  {note}")
    except Unfit as unfit:
        lines = [f"Package {place} does not fit; nothing was made."]
        lines += [f"  {name}: {' '.join(said)}" for name, said in unfit.fields.items()]
        raise click.ClickException("\n".join(lines)) from None
    if not rows:
        click.echo("They are all there.")


def _begin() -> None:
    from ronda.app import boot

    boot.django()
