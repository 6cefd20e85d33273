"""The one console script, `ronda`: each command family is a file of this folder."""

import importlib

import click

import ronda

# Command name to "module:attribute", imported only when asked for: `ronda sweep` must start fast.
COMMANDS: dict[str, str] = {
    "openapi": "ronda.cli.openapi:openapi",
    "import": "ronda.cli.imports:import_",
    "export": "ronda.cli.exports:export",
    "duplicates": "ronda.cli.imports:duplicates",
    "simulate": "ronda.cli.simulate:simulate",
    "sweep": "ronda.cli.sweep:sweep",
    "backup": "ronda.cli.backup:backup",
    "backups": "ronda.cli.backup:backups",
    "restore": "ronda.cli.backup:restore",
    "settings": "ronda.cli.settings:settings",
    "audit": "ronda.cli.audit:audit",
    "user": "ronda.cli.user:user",
    "secrets": "ronda.cli.secrets:secrets",
    "routers": "ronda.cli.routers:routers",
    "mikhmon": "ronda.cli.mikhmon:mikhmon",
    "hotspot": "ronda.cli.hotspot:hotspot",
    "packages": "ronda.cli.packages:packages",
    "vouchers": "ronda.cli.vouchers:vouchers",
    "sales": "ronda.cli.sales:sales",
    "ledger": "ronda.cli.sales:ledger",
    "run": "ronda.cli.run:run",
    "desk": "ronda.cli.run:desk",
    "watch": "ronda.cli.run:watch",
    "web": "ronda.cli.run:web",
    "work": "ronda.cli.run:work",
    "jobs": "ronda.cli.jobs:jobs",
    "doctor": "ronda.cli.doctor:doctor",
    "doors": "ronda.cli.doors:doors",
}


class LazyGroup(click.Group):
    """A click group that imports a command's module when the command is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(ronda.__version__, prog_name="ronda")
def main() -> None:
    """Watch a fibre and hotspot network, and tell the right person once."""
