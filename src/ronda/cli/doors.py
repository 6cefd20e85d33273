"""`ronda doors`: who may pass which address and run which command, as the table of docs/doors.md."""

import re
from collections.abc import Iterator

import click

from ronda.app import boot

HEAD = """# Doors: every address and command, and who may use it

Made by `ronda doors` from the code; a test keeps it current, and tries every row as every role and as a
stranger.

- **r** looks, **w** changes something, a dot is refused: people get the page that says whom to ask (403),
  programs 403, strangers the sign-in page or 401.
- *Sites*: what people see who are narrowed to some sites ([why](decisions/scope.md)): **theirs** and 404 for
  anything else, **as everybody**, or **no**.
- The roles' rights include each other: owner, administrator, and below them NOC operator, technician, viewer
  on one side, cashier and reseller on the other.
"""
COMMANDS = """
## Commands

Whoever may run programs as the system user of the installation may run all of them. They ask for no role and
see every site; what they change is in the audit trail as `system`. Nobody else can run them: the data folder
with its database and keys belongs to that user alone.

| Command | What it does |
|---|---|
"""


@click.command(name="doors")
def doors() -> None:
    """Print every address and command with the roles that may use it, as Markdown."""
    boot.django()
    click.echo(document(), nl=False)


def document() -> str:
    """The whole of docs/doors.md; Django must be set up."""
    from ronda.app.doors import VISITORS, rows

    lines = [HEAD]
    section = ""
    for row in rows():
        if row.section != section:
            section = row.section
            lines.append(f"\n## {section}\n\n| | Address | {' | '.join(VISITORS)} | sites |\n")
            lines.append("|---|---|" + "---|" * (len(VISITORS) + 1) + "\n")
        letter = "r" if row.method == "GET" else "w"
        cells = [letter if row.lets_in(visitor) else "·" for visitor in VISITORS]
        address = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", row.route)
        lines.append(f"| {row.method} | {address} | {' | '.join(cells)} | {row.sites} |\n")
    lines.append(COMMANDS)
    lines += [f"| `{name}` | {about} |\n" for name, about in commands()]
    return "".join(lines)


def commands() -> Iterator[tuple[str, str]]:
    """Every command with the first sentence of its help, groups taken apart."""
    from ronda.cli import main

    yield from _below(main, click.Context(main, info_name="ronda"))


def _below(group: click.Group, context: click.Context) -> Iterator[tuple[str, str]]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is None or command.hidden:
            continue
        inner = click.Context(command, info_name=name, parent=context)
        if isinstance(command, click.Group):
            yield from _below(command, inner)
        else:
            yield inner.command_path, command.get_short_help_str(120).replace("|", "/")
