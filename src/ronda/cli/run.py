"""`ronda run` and its parts `web`, `watch`, `work`, `desk`."""

import os
import threading
from typing import Any

import click

parent_option = click.option(
    "--with-parent", is_flag=True, hidden=True, help="End when standard input closes."
)


def _bind_option(command: Any) -> Any:
    return click.option(
        "--bind", metavar="HOST:PORT", help="Address of the web server (RONDA_BIND)."
    )(command)


def _use_bind(bind: str | None) -> None:
    if bind:
        os.environ["RONDA_BIND"] = bind


@click.command()
@click.option(
    "--demo", is_flag=True, help="With an invented neighbourhood, simulated at the far end."
)
@_bind_option
def run(demo: bool, bind: str | None) -> None:
    """Run everything: web pages, watch, background work and routers' desk, until Ctrl-C."""
    from ronda.app import boot

    _use_bind(bind)
    if demo:
        from ronda.app import demo as neighbourhood

        neighbourhood.choose()
    boot.django(as_part=True)
    from ronda.app import start

    start.everything(demo=demo)


@click.command()
@_bind_option
@parent_option
@click.option("--listening", type=int, hidden=True, help="A socket that is shared with others.")
def web(bind: str | None, with_parent: bool, listening: int | None) -> None:
    """Run the web pages, the API and the live stream."""
    from ronda.app import boot

    _use_bind(bind)
    boot.django(as_part=True)
    from ronda.app import start

    if with_parent:
        from ronda.app.processes import end_with_parent

        end_with_parent()
    start.web(listening)


@click.command()
@parent_option
def work(with_parent: bool) -> None:
    """Run the background work: notices, schedules, backups, retention."""
    from ronda.app import boot

    boot.django(as_part=True)
    from ronda.app import start
    from ronda.app.processes import end_with_parent, on_signals

    if with_parent:
        end_with_parent()
    stop = threading.Event()
    on_signals(stop.set)
    start.work(stop)


@click.command()
@click.option(
    "--simulated", is_flag=True, hidden=True, help="The demo's far end answers in this process."
)
@parent_option
def watch(with_parent: bool, simulated: bool) -> None:
    """Run the watch: probe the ONTs, judge, record."""
    from ronda.app import boot

    boot.django(as_part=True)
    from ronda.app import start
    from ronda.app.processes import end_with_parent, on_signals

    if with_parent:
        end_with_parent()
    stop = threading.Event()
    on_signals(stop.set)
    start.watch(stop, simulated=simulated)


@click.command()
@parent_option
def desk(with_parent: bool) -> None:
    """Run the routers' desk: hold the connections to the routers, read them, do their jobs."""
    from ronda.app import boot

    boot.django(as_part=True)
    from ronda.app import start
    from ronda.app.processes import end_with_parent, on_signals

    if with_parent:
        end_with_parent()
    stop = threading.Event()
    on_signals(stop.set)
    start.desk(stop)
    # A thread that still waits for a busy database must not hold up the end; its work is not lost.
    os._exit(0)
