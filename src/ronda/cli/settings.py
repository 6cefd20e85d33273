"""`ronda settings`: what can be set, and what is set here."""

import json
import os
import types
import typing
from pathlib import Path
from typing import Any, Literal

import click
from pydantic.fields import FieldInfo

from ronda.app.configuration import PREFIX, SECRETS, Configuration, WrongSettings, configuration
from ronda.storage.sealing import new_key

INTRODUCTION = """\
# Settings

Every setting is a variable of the environment, or a line of a `.env` file in the folder where `ronda`
is started. A wrong value, or a name that does not exist, stops the start and is named. Each secret
can also come from a file: `RONDA_SECRET_KEY_FILE=/run/secrets/key` instead of `RONDA_SECRET_KEY`.

`ronda settings` prints what is in force. This page is made by `ronda settings --markdown`.

| Variable | What it is | Values | If left out |
|---|---|---|---|
"""


@click.command()
@click.option("--markdown", is_flag=True, help="The page docs/settings.md.")
@click.option("--json", "as_json", is_flag=True, help="What is in force, as one JSON document.")
@click.option("--new-seal-key", is_flag=True, help="A new random key for RONDA_SEAL_KEYS.")
def settings(markdown: bool, as_json: bool, new_seal_key: bool) -> None:
    """Show the settings in force (secrets masked), or the page that explains them all."""
    if new_seal_key:
        click.echo(new_key())
        return
    if markdown:
        click.echo(page(), nl=False)
        return
    try:
        values = shown(configuration())
    except WrongSettings as wrong:
        click.echo(str(wrong), err=True)
        raise SystemExit(2) from None
    if as_json:
        click.echo(json.dumps(values, indent=2))
        return
    for name, value in values.items():
        mark = "" if name in os.environ else "  (default or .env)"
        click.echo(f"{name}={value}{mark}")


def page() -> str:
    """The documentation of every setting, as Markdown."""
    rows = [_row(name, field) for name, field in Configuration.model_fields.items()]
    return INTRODUCTION + "\n".join(rows) + "\n"


def shown(current: Configuration) -> dict[str, Any]:
    """Every variable with its value in force; secrets read `***`."""
    values: dict[str, Any] = {}
    for name in Configuration.model_fields:
        value = getattr(current, name)
        if name.upper() in SECRETS:
            value = None if value is None else "***"
        elif isinstance(value, Path):
            value = str(value)
        values[f"{PREFIX}{name.upper()}"] = value
    return values


def _row(name: str, field: FieldInfo) -> str:
    variable = f"`{PREFIX}{name.upper()}`"
    if name.upper() in SECRETS:
        variable += f", `{PREFIX}{name.upper()}_FILE`"
    text = (field.description or "").replace("|", "\\|")
    return f"| {variable} | {text} | {_values(field)} | {_default(field)} |"


def _values(field: FieldInfo) -> str:
    kind: Any = field.annotation
    if isinstance(kind, types.UnionType):
        kind = next(part for part in typing.get_args(kind) if part is not types.NoneType)
    if typing.get_origin(kind) is Literal:
        return " or ".join(f"`{value}`" for value in typing.get_args(kind))
    if kind is bool:
        return "`true` or `false`"
    low = next((rule.ge for rule in field.metadata if hasattr(rule, "ge")), None)
    high = next((rule.le for rule in field.metadata if hasattr(rule, "le")), None)
    if low is not None and high is not None:
        return f"{low} to {high}"
    if typing.get_origin(kind) is list:
        return "list, commas between"
    return {Path: "path"}.get(kind, "text")


def _default(field: FieldInfo) -> str:
    value = field.default
    if value is None or value in ("", []):
        return "nothing"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value}`"
