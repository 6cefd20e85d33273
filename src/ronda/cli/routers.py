"""`ronda routers`: the MikroTiks of this installation, from a terminal on the machine itself.

A password is asked for, or read from a file or a pipe, and never taken from the command line, where
every process of the machine could read it.
"""

import getpass
import json
import sys
from collections.abc import Callable
from dataclasses import asdict, fields, replace
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec

import click

P = ParamSpec("P")
WAYS = ("auto", "rest", "api-ssl", "api", "rest-https", "rest-http")


def _ready() -> None:
    from django.utils import translation

    from ronda.app import boot

    boot.django()
    from ronda.app import database  # imports tables, which need Django ready

    database.prepare()
    translation.activate("en")


def told(command: Callable[P, None]) -> Callable[P, None]:
    """The command on a ready database; a refusal becomes one line for each field and status 1."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        _ready()
        from ronda.routers.service.errors import Refusal, WrongSettings

        try:
            command(*args, **kwargs)
        except WrongSettings as wrong:
            lines = [f"{name}: {text}" for name, texts in wrong.fields.items() for text in texts]
            raise click.ClickException("\n".join(lines)) from None
        except Refusal as refusal:
            raise click.ClickException(str(refusal)) from None

    return run


def source() -> str:
    """Where a change comes from, for the audit trail."""
    try:
        return f"terminal ({getpass.getuser()})"
    except (OSError, KeyError):  # a container's user without a name
        return "terminal"


def named(name: str) -> Any:
    """The router of this name (in any case) or id."""
    from ronda.kernel.ids import id_of
    from ronda.routers.service import routers

    found = routers.routers().filter(name__iexact=name).first()
    if found is None:
        found = routers.routers().filter(pk=id_of(name)).first()
    if found is None:
        raise click.ClickException(f"there is no router {name}; `ronda routers list` lists them")
    return found


def _site(name: str | None) -> Any:
    from ronda.devices.models import Site

    found = Site.objects.filter(name__iexact=name) if name else Site.objects.all()
    sites = list(found[:2])
    if len(sites) == 1:
        return sites[0]
    if not sites:
        raise click.ClickException(
            f"there is no site {name}"
            if name
            else "there is no site yet; make one on the page Sites"
        )
    raise click.ClickException("there are several sites; say which one with --site")


def _password(file: str | None) -> str:
    if file is None:
        answer: str = click.prompt("Password of the user on the router", hide_input=True)
        return answer
    text = sys.stdin.readline() if file == "-" else Path(file).read_text(encoding="utf-8")
    return text.splitlines()[0] if text else ""


def _chosen(given: dict[str, Any]) -> dict[str, Any]:
    """Options that were given, as fields of the settings."""
    values = {name: value for name, value in given.items() if value is not None}
    way = values.pop("way", None)
    if way is not None:
        pinned = way not in {"auto", "rest"}
        values |= {"prefer": "pinned" if pinned else way, "transport": way if pinned else ""}
    if values.get("port") == 0:
        values["port"] = None
    return values


password_file = click.option(
    "--password-file",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True),
    help="Take the password from the first line of FILE; - is standard input.",
)
as_json_option = click.option("--json", "as_json", is_flag=True, help="One JSON document.")


def settings_options(command: Callable[P, None]) -> Callable[P, None]:
    """Everything about a router that may be left out."""
    for option in reversed(
        (
            click.option("--user", help="User on the router."),
            click.option("--port", type=click.IntRange(0, 65_535), help="0 is the usual one."),
            click.option("--way", type=click.Choice(WAYS), help="How to connect."),
            click.option("--trust", type=click.Choice(("pin", "verify", "anonymous", "off"))),
            click.option("--timeout-ms", type=int, help="1000 to 60000."),
            click.option("--poll-s", type=int, help="30 to 3600."),
            click.option("--hotspot-name", help="Hotspot server."),
            click.option("--hotspot-interface"),
            click.option("--default-profile"),
            click.option("--version-hint", type=click.Choice(("", "v6", "v7"))),
        )
    ):
        command = option(command)
    return command


@click.group()
def routers() -> None:
    """Routers: list, add, test, edit, rotate, backup, import and more."""


@routers.command("list")
@as_json_option
@told
def list_routers(as_json: bool) -> None:
    """Every router with how it is."""
    from ronda.routers.service import routers as service

    rows = [_shown(router) for router in service.routers()]
    if as_json:
        click.echo(json.dumps(rows, indent=2))
        return
    for row in rows:
        state = row["connection_status"] if row["active"] else "left alone"
        version = row["facts"].get("version", "")
        click.echo(f"{row['id']:>4} {row['name']:<24} {row['host']:<24} {state:<10} {version}")


def _shown(router: Any) -> dict[str, Any]:
    from ronda.routers.service.routers import settings_of

    return {
        "id": router.pk,
        "site": router.site.name,
        **asdict(settings_of(router)),
        "connection_status": router.connection_status,
        "last_connected_at": router.last_connected_at and router.last_connected_at.isoformat(),
        "error": router.error,
        "facts": router.facts,
    }


@routers.command()
@click.argument("name")
@click.argument("host")
@click.option("--site", help="Name of its site; needed when there are several.")
@settings_options
@password_file
@told
def add(name: str, host: str, site: str | None, password_file: str | None, **given: Any) -> None:
    """Add the router NAME at HOST."""
    from ronda.routers.rules.settings import RouterSettings
    from ronda.routers.service import routers as service

    values = {"user": "ronda"} | _chosen(given)
    made = service.add(
        RouterSettings(name=name, host=host, **values),
        _password(password_file),
        _site(site),
        None,
        source=source(),
    )
    click.echo(f"added {made.name} (id {made.pk}); `ronda routers test {made.pk}` tries it")


@routers.command()
@click.argument("router")
@click.option("--name")
@click.option("--host")
@click.option("--site")
@click.option("--active/--inactive", default=None, help="Connect to it, or leave it alone.")
@click.option("--new-password", is_flag=True, help="Ask for a new password.")
@settings_options
@password_file
@told
def edit(
    router: str,
    site: str | None,
    new_password: bool,
    password_file: str | None,
    **given: Any,
) -> None:
    """Change ROUTER (its name or id); what is not given stays."""
    from ronda.routers.service import routers as service

    found = named(router)
    changed = service.edit(
        found.pk,
        replace(service.settings_of(found), **_chosen(given)),
        _site(site) if site else found.site,
        None,
        password=_password(password_file) if new_password or password_file else "",
        source=source(),
    )
    click.echo(f"{changed.name} is saved")


@routers.command()
@click.argument("router")
@click.option("--yes", is_flag=True, help="Do not ask.")
@told
def remove(router: str, yes: bool) -> None:
    """Delete ROUTER from the lists; `ronda routers restore ID` brings it back for 30 days."""
    from ronda.routers.service import routers as service

    found = named(router)
    if not yes:
        click.confirm(f"Delete {found.name}? Nothing changes on the router itself.", abort=True)
    service.delete(found.pk, None, source=source())
    click.echo(f"{found.name} is deleted; to take it back: ronda routers restore {found.pk}")


@routers.command()
@click.argument("router_id", type=int)
@told
def restore(router_id: int) -> None:
    """Bring a deleted router back."""
    from ronda.routers.service import routers as service

    click.echo(f"{service.restore(router_id, None, source=source()).name} is back")


@routers.command("import")
@click.argument("file", type=click.File(encoding="utf-8"))
@click.option("--site", help="Name of its site; needed when there are several.")
@click.option("--repair", is_flag=True, help="Where settings contradict, take what is proposed.")
@password_file
@told
def import_router(file: Any, site: str | None, repair: bool, password_file: str | None) -> None:
    """Add the router of a settings object of the older system (JSON or JavaScript) in FILE."""
    from ronda.routers.rules.objects import NotAnObject, read_object
    from ronda.routers.rules.older import read_older
    from ronda.routers.service import routers as service
    from ronda.routers.service.wording import text_of

    try:
        read = read_older(read_object(file.read()))
    except NotAnObject as wrong:
        raise click.ClickException(f"{file.name}: line {wrong.line} cannot be read") from None
    for problem in read.problems:
        click.echo(f"{problem.field}: {text_of(problem)}", err=True)
    for name in read.unknown:
        click.echo(f"{name}: not known to Ronda, passed over", err=True)
    if any(not problem.proposal for problem in read.problems):
        raise click.ClickException("nothing was added")
    if read.problems and not repair:
        changed = ", ".join(
            f"{item.name}={getattr(read.repaired, item.name)!r}"
            for item in fields(read.settings)
            if getattr(read.repaired, item.name) != getattr(read.settings, item.name)
        )
        raise click.ClickException(f"nothing was added; with --repair: {changed}")
    password = (
        read.password if password_file is None and read.password else _password(password_file)
    )
    made = service.add(read.repaired, password, _site(site), None, source=source())
    click.echo(f"added {made.name} (id {made.pk})")


@routers.command()
@click.argument("router")
@as_json_option
@click.option("--wait", "seconds", type=click.IntRange(1, 600), default=120, show_default=True)
@told
def test(router: str, as_json: bool, seconds: int) -> None:
    """Test ROUTER and say what works, what is missing and how to repair it.

    Done by the desk of `ronda run` where that runs, else by this command itself. Exit status 0 when
    nothing has to be repaired, 1 when something has, 2 when there is no report.
    """
    from ronda.routers.service import examining, reports, terminal

    found = named(router)
    job = examining.start(found.pk)
    state = terminal.finish(job, examining.run, {"router": found.pk}, seconds)
    found.refresh_from_db()
    report = reports.report_of(found)
    trouble = reports.trouble_of(state) if state is not None and state.finished else "no answer"
    if trouble or report is None:
        click.echo(trouble or "there is no report", err=True)
        sys.exit(2)
    if as_json:
        from ronda.routers.api import report_out

        click.echo(json.dumps(report_out(found, state), indent=2, default=str))
    else:
        click.echo(report.headline)
        for said in report.said:
            click.echo(f"[{said.level}] {said.step}: {said.title}")
            for line in (said.text, said.hint, *said.lines):
                if line:
                    click.echo(f"    {line}")
            for versions, commands in said.repairs:
                click.echo(f"    RouterOS {versions}:")
                click.echo("".join(f"      {line}\n" for line in commands.splitlines()), nl=False)
    sys.exit(1 if report.level == "bad" else 0)


@routers.command()
@click.argument("router")
@click.option("--wait", "seconds", type=click.IntRange(1, 600), default=120, show_default=True)
@told
def rotate(router: str, seconds: int) -> None:
    """Give Ronda's user on ROUTER a new random password: set, proved by a sign-in, stored.

    Needs the policy password in the user's group. The password is shown nowhere.
    """
    from ronda.routers.service import reports, rotation, terminal

    found = named(router)
    job = rotation.start(found.pk, None, source=source())
    state = terminal.finish(job, rotation.run, {"router": found.pk}, seconds)
    if state is None or not state.finished:
        raise click.ClickException("no answer yet; the desk goes on with it")
    if trouble := reports.rotation_trouble_of(state):
        raise click.ClickException(trouble)
    click.echo(f"{found.name} has a new password")


@routers.command()
@told
def reseal() -> None:
    """As `ronda secrets reseal`, which seals every other secret with the new key, too."""
    from ronda.accounts.service import seal_keys

    found = seal_keys.renew(source=source())
    click.echo(f"{found['routers.Router.secret'].count} routers sealed anew")


@routers.command()
@click.argument("router")
@click.option("--with-passwords", is_flag=True, help="The script holds passwords too.")
@click.option("--wait", "seconds", type=click.IntRange(1, 600), default=120, show_default=True)
@told
def backup(router: str, with_passwords: bool, seconds: int) -> None:
    """Copy the configuration of ROUTER into the data folder; the desk of `ronda run` does it.

    Exit status 0 when it was copied, 1 when it was not, 2 when it has not happened yet.
    """
    from ronda.upkeep.service import copying
    from ronda.work import jobs

    found = named(router)
    job = copying.ask(found, None, sensitive=with_passwords, source=source())
    state = jobs.wait(job, seconds)
    if state is None or not state.finished:
        click.echo(
            f"not yet; job {job} goes on when the desk (`ronda run`) has the router", err=True
        )
        sys.exit(2)
    if state.state != jobs.State.DONE:
        click.echo(state.error or state.code, err=True)
        sys.exit(1)
    for made in state.result.values():
        click.echo(f"{made['name']}{'' if made['new'] else '  (unchanged)'}")
