"""`ronda export WHAT`: each kind of list is a command of its own."""

import importlib

import click

#: What can be exported: name to "module:attribute", imported when asked for.
EXPORTS: dict[str, str] = {
    "onts": "ronda.cli.imports:export_onts",
    "outages": "ronda.cli.report:export_outages",
    "report": "ronda.cli.report:export_report",
}


class Exports(click.Group):
    """The commands in `EXPORTS`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(EXPORTS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in EXPORTS:
            return None
        module, _, attribute = EXPORTS[cmd_name].partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command


@click.group(cls=Exports)
def export() -> None:
    """Write a list to a file: `ronda export onts --format csv -o onts.csv`."""
