"""`ronda simulate`: an invented village on a real interface, for whoever wants to ping it."""

import json
import shutil
import sys
import threading
import time
from pathlib import Path
from typing import Any

import click

from ronda.cli.simulate_payments import payments
from ronda.cli.simulate_routers import routers
from ronda.simulator.fibre import Fibre, FibreUnavailable
from ronda.simulator.lists import write_lists
from ronda.simulator.neighbourhood import Neighbourhood, build
from ronda.simulator.network import DEMO_PREFIX
from ronda.simulator.people import people_of
from ronda.simulator.places import KALURAHAN
from ronda.simulator.scenario import SCENARIOS, Happening, Story

LOOK_S = 0.5


@click.group(invoke_without_command=True)
@click.option("--seed", type=int, default=1, show_default=True, help="Another seed, another story.")
@click.option(
    "--scenario",
    type=click.Choice(list(SCENARIOS)),
    default="evening",
    show_default=True,
    help="What goes wrong.",
)
@click.option(
    "--onts",
    type=click.IntRange(1),
    default=400,
    show_default=True,
    help="How many ONTs the village has.",
)
@click.option(
    "--prefix",
    default=DEMO_PREFIX,
    show_default=True,
    help="Addresses to play with; nothing real may have them.",
)
@click.option(
    "--lists",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write the village's ONT lists into this folder, for `ronda import`.",
)
@click.option("--seconds", type=float, help="End by itself after so long.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document, then only run.")
@click.pass_context
def simulate(
    context: click.Context,
    seed: int,
    scenario: str,
    onts: int,
    prefix: str,
    lists: Path | None,
    seconds: float | None,
    as_json: bool,
) -> None:
    """Open a simulated fibre: a network interface behind which a village answers ping.

    Only this machine reaches it. Needs root or CAP_NET_ADMIN; `ronda run --demo` works without.
    `ronda simulate routers` opens simulated MikroTiks instead, `ronda simulate payments` gateways.
    """
    if context.invoked_subcommand:
        return
    try:
        drawn = build(seed=seed, onts=onts, prefix=prefix)
        story = Story(scenario, people_of(drawn), seed)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    if lists:
        write_lists(drawn, lists)
    try:
        with Fibre(story, layout=drawn.layout, seed=seed) as fibre:
            if as_json:
                click.echo(json.dumps(described(drawn, story, fibre), ensure_ascii=False))
            else:
                click.echo(introduction(drawn, story, fibre, lists))
            _follow(story, fibre, seconds, quiet=as_json)
    except FibreUnavailable as refusal:
        advice = "\n`ronda run --demo` works without: there the village answers inside the process."
        raise click.ClickException(f"{refusal}{advice}") from refusal


simulate.add_command(routers)
simulate.add_command(payments)


def introduction(drawn: Neighbourhood, story: Story, fibre: Fibre, lists: Path | None) -> str:
    """What a person wants to know at the start."""
    layout = drawn.layout
    example = layout.address(story.people.subscribers[0].index)
    prefixes = f"{layout.prefix} and {layout.ipv6}" if fibre.has_ipv6 else layout.prefix
    scenario, lap = story.scenario, f"{story.scenario.lap / 60:g} minutes"
    lines = [
        f"Simulated fibre on {fibre.interface}: {prefixes}, reached from this machine only.",
        f"{len(story.people.subscribers):,} ONTs of {KALURAHAN} and the town nearby; nobody real.",
        f"Canaries: {', '.join(layout.canaries())}.",
        f"Scenario {scenario.name}: {scenario.shows}. Seed {story.seed}, a lap of {lap}.",
        _silence(story, fibre.since()),
        f"Try: ping {example}, or: ronda sweep {example}",
    ]
    if lists:
        lines.append(f"The village's lists are in {lists}, for: ronda import FILE --site NAME")
    return "\n".join([*lines, "Ctrl-C ends it and takes the interface away.", ""])


def described(drawn: Neighbourhood, story: Story, fibre: Fibre) -> dict[str, Any]:
    """The same for a program."""
    layout = drawn.layout
    since = fibre.since()
    return {
        "interface": fibre.interface,
        "prefix": layout.prefix,
        "prefix_ipv6": str(layout.ipv6) if fibre.has_ipv6 else None,
        "canaries": layout.canaries(),
        "scenario": story.scenario.name,
        "seed": story.seed,
        "lap_seconds": story.scenario.lap,
        "onts": [
            {
                "address": layout.address(one.index),
                "address_ipv6": layout.address6(one.index) if fibre.has_ipv6 else None,
                "name": one.name,
                "odp": one.odp,
                "silent": story.line(one.index, since).dead,
            }
            for one in story.people.subscribers
        ],
    }


def told(happening: Happening) -> str:
    """One line of what happens, with the time of day and since the start."""
    sign = "-" if happening.begins else "+"
    clock = time.strftime("%H:%M:%S")
    return f"{clock}  {_minutes(happening.since):>6}  {sign} {happening.text}"


def _follow(story: Story, fibre: Fibre, seconds: float | None, *, quiet: bool) -> None:
    """Tell what happens until Ctrl-C, or for so many seconds."""
    never = threading.Event()
    on_terminal = sys.stdout.isatty() and not quiet
    seen = 0.0
    try:
        while seconds is None or seen < seconds:
            never.wait(LOOK_S if seconds is None else min(LOOK_S, seconds - seen))
            now = fibre.since()
            if not quiet:
                for happening in story.happenings(seen, now):
                    click.echo(("\r\x1b[K" if on_terminal else "") + told(happening))
            if on_terminal:
                width = shutil.get_terminal_size().columns - 1
                status = f"{_minutes(now)}  {_silence(story, now)}"[:width]
                click.echo(f"\r\x1b[K{status}", nl=False)
            seen = now
            fibre.tally()  # Notices the end of the process that answers.
    except KeyboardInterrupt:
        pass
    if on_terminal:
        click.echo()


def _silence(story: Story, since: float) -> str:
    silent = len(story.silent(since))
    whole = len(story.people.subscribers)
    going_on = [episode.begins for episode in story.episodes(since)]
    text = f"Silent now: {silent:,} of {whole:,} ONTs"
    return f"{text} ({'; '.join(going_on)})." if going_on else f"{text}."


def _minutes(since: float) -> str:
    minutes, seconds = divmod(int(since), 60)
    return f"{minutes}:{seconds:02}"
