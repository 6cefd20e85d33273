"""`ronda user`: people, their passwords, links and tokens, from a terminal on the machine itself.

Whoever can run this can read the database anyway, so nobody's role is asked; the audit trail notes
"terminal" and the operating system's user. A password is never taken from the command line, where
every process of the machine could read it.
"""

import getpass
import json
import sys
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec

import click

from ronda.kernel.roles import INCLUDES

ROLES = tuple(INCLUDES)
P = ParamSpec("P")


def _ready() -> None:
    from django.utils import translation

    from ronda.app import boot

    boot.django()
    from ronda.app import database  # imports tables, which need Django ready

    database.prepare()
    translation.activate("en")


def _told(command: Callable[P, None]) -> Callable[P, None]:
    """The command on a ready database; a refusal becomes one line and status 1."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        _ready()
        from ronda.accounts.errors import Refused

        try:
            command(*args, **kwargs)
        except Refused as refused:
            raise click.ClickException(str(refused)) from None

    return run


def _source() -> str:
    try:
        return f"terminal ({getpass.getuser()})"
    except (OSError, KeyError):  # a container's user without a name
        return "terminal"


def _address(path: str) -> str:
    from django.conf import settings

    from ronda.app.configuration import split_bind

    conf = settings.RONDA
    host, port = split_bind(conf.bind)
    if conf.hosts:
        host = conf.hosts[0]
    elif ":" in host:
        host = f"[{host}]"
    # Behind HTTPS there is a proxy, which people reach at the usual port.
    return f"https://{host}{path}" if conf.https else f"http://{host}:{port}{path}"


def _password(file: str | None) -> str:
    """From a file, from what is piped in (`-`), or asked for twice without showing it."""
    if file is None:
        answer: str = click.prompt("New password", hide_input=True, confirmation_prompt=True)
        return answer
    text = sys.stdin.readline() if file == "-" else Path(file).read_text(encoding="utf-8")
    return text.splitlines()[0] if text else ""


password_file = click.option(
    "--password-file",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True),
    help="Take the password from the first line of FILE; - is standard input.",
)


@click.group()
def user() -> None:
    """People who may sign in: add, list, password, link, token, role, disable, enable."""


@user.command()
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), default="viewer", show_default=True)
@click.option("--email", default="", help="Lets them sign in by this address too.")
@password_file
@click.option("--ask", is_flag=True, help="Ask for a password here instead of making a link.")
@_told
def add(name: str, role: str, email: str, password_file: str | None, ask: bool) -> None:
    """Add NAME. Without a password, prints a one-time link on which they choose their own."""
    from ronda.accounts.service import people, setup

    password = _password(password_file) if ask or password_file else None
    # A password that somebody else typed is for the first sign-in only; a file is an installer's
    # own doing, and unattended installations must not end at a question.
    person = people.add(
        name,
        role,
        email=email,
        password=password,
        must_change=password is not None and password_file is None,
        source=_source(),
    )
    click.echo(f"added {person.username} ({person.role})")
    if password is None:
        click.echo(_address(setup.link_for(person, source=_source())))


@user.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@_told
def list_people(as_json: bool) -> None:
    """Everybody, with role and last sign-in."""
    from ronda.accounts.service import people

    rows: list[dict[str, Any]] = [
        {
            "name": person.username,
            "role": person.role,
            "email": person.email,
            "active": person.is_active,
            "must_change_password": person.must_change_password,
            "last_login": person.last_login.isoformat() if person.last_login else None,
        }
        for person in people.all_people()
    ]
    if as_json:
        click.echo(json.dumps(rows, indent=2))
        return
    for row in rows:
        state = "" if row["active"] else "  disabled"
        click.echo(f"{row['name']:<20} {row['role']:<8} {row['last_login'] or 'never'}{state}")


@user.command()
@click.argument("name")
@password_file
@click.option("--keep", is_flag=True, help="They need not choose another one at the next sign-in.")
@_told
def password(name: str, password_file: str | None, keep: bool) -> None:
    """Give NAME a new password; their sessions end, and they choose their own when they sign in."""
    from ronda.accounts.service import people

    person = people.named(name)
    people.set_password(person, _password(password_file), must_change=not keep, source=_source())
    click.echo(f"{person.username} has a new password")


@user.command()
@click.argument("name")
@_told
def link(name: str) -> None:
    """Print a one-time link on which NAME chooses a new password; good for 24 hours."""
    from ronda.accounts.service import people, setup

    click.echo(_address(setup.link_for(people.named(name), source=_source())))


@user.command("setup")
@_told
def setup_link() -> None:
    """Print a new one-time link on which the first owner is made; refused once there is one."""
    from ronda.accounts.service import setup

    click.echo(_address(setup.one_time_link()))


@user.command()
@click.argument("name")
@click.option("--label", default="made in a terminal", help="What the token is for.")
@click.option("--role", type=click.Choice(ROLES), help="Less than the person's own role.")
@click.option("--days", type=click.IntRange(1, 3650), help="Ends after so many days.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@_told
def token(name: str, label: str, role: str | None, days: int | None, as_json: bool) -> None:
    """Make an API token with which a program acts as NAME; it is shown only now."""
    from django.utils import timezone

    from ronda.accounts.service import people, tokens

    person = people.named(name)
    end = timezone.now() + timedelta(days=days) if days else None
    made, text = tokens.make(person, label, role or person.role, expires_at=end, source=_source())
    if as_json:
        click.echo(json.dumps({"token": text, "role": made.role, "person": person.username}))
    else:
        click.echo(text)


@user.command()
@click.argument("name")
@click.argument("role", type=click.Choice(ROLES))
@_told
def role(name: str, role: str) -> None:
    """Give NAME another role; the last owner stays owner."""
    from ronda.accounts.service import people

    person = people.named(name)
    people.change_role(person, role, source=_source())
    click.echo(f"{person.username} is {role}")


@user.command("second-step-off")
@click.argument("name")
@click.option("--why", required=True, help="The reason; it goes on record, and to the person.")
@_told
def second_step_off(name: str, why: str) -> None:
    """Take off every second step of NAME, for somebody who lost the telephone."""
    from ronda.accounts.service import people, second_step

    person = people.named(name)
    gone = second_step.take_off(person, why, source=_source())
    click.echo(f"{person.username}: {', '.join(gone)} taken off")


@user.command()
@click.argument("name")
@_told
def disable(name: str) -> None:
    """Let NAME in no more: sessions end, tokens stop at once."""
    from ronda.accounts.service import people

    person = people.named(name)
    people.disable(person, source=_source())
    click.echo(f"{person.username} is disabled")


@user.command()
@click.argument("name")
@_told
def enable(name: str) -> None:
    """Let NAME in again."""
    from ronda.accounts.service import people

    person = people.named(name)
    people.enable(person, source=_source())
    click.echo(f"{person.username} is enabled")
