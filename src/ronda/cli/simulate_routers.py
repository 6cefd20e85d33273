"""`ronda simulate routers`: MikroTiks that are not there, for whoever wants to connect to them."""

import asyncio
import contextlib
import json
import secrets
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import click

from ronda.simulator.routers import hotspots, mikhmon
from ronda.simulator.routers.clock import START, Clock
from ronda.simulator.routers.fleet import Fleet, Furnish, Spec
from ronda.simulator.routers.furnish import complete
from ronda.simulator.routers.remote import ControlSocket
from ronda.simulator.routers.schema import PROFILES

MOST = 200
VILLAGE_LIVED_S = 4 * 3_600.0


@click.command()
@click.option(
    "--count", type=click.IntRange(1, MOST), help="How many; one per --profile by default."
)
@click.option(
    "--profile",
    "profiles",
    type=click.Choice(list(PROFILES)),
    multiple=True,
    help="RouterOS version; give it again for several kinds.  [default: v7.16]",
)
@click.option("--seed", type=int, default=1, show_default=True, help="Another seed, other routers.")
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=0,
    help="API port of the first one, the next numbers for the others; any free ones by default.",
)
@click.option("--user", default="ronda", show_default=True, help="Who may log in.")
@click.option("--password", help="His password; drawn anew at each start by default.")
@click.option(
    "--speed",
    type=click.FloatRange(0),
    default=1.0,
    show_default=True,
    help="Simulated seconds for each real one; 0: time stands still.",
)
@click.option("--village", is_flag=True, help="The demo's three, with hotspots and guests.")
@click.option(
    "--mikhmon",
    "sold_by",
    type=click.Choice([*mikhmon.VARIANTS, "all"]),
    multiple=True,
    help="A router on which this Mikhmon has sold vouchers for months.",
)
@click.option("--plain", is_flag=True, help="Only the API: no TLS, no REST, nothing by itself.")
@click.option("--seconds", type=float, help="End by itself after so long.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON document; end when input ends."
)
def routers(
    count: int | None,
    profiles: tuple[str, ...],
    seed: int,
    port: int,
    user: str,
    password: str | None,
    speed: float,
    village: bool,
    sold_by: tuple[str, ...],
    plain: bool,
    seconds: float | None,
    as_json: bool,
) -> None:
    """Open simulated routers on 127.0.0.1, with API, REST, TLS and a control socket."""
    if village and (count or profiles or plain or user != hotspots.USER):
        raise click.UsageError("--village has routers of its own: leave the other choices out.")
    if sold_by and (count or profiles or plain or village or user != mikhmon.USER):
        raise click.UsageError("--mikhmon has routers of its own: leave the other choices out.")
    wanted = profiles or ("v7.16",)
    specs = [
        Spec(wanted[place % len(wanted)], name=f"SIM-{place + 1:02}", user=user)
        for place in range(count or len(wanted))
    ]
    furnish: list[Furnish] = [] if plain else [complete]
    if village:
        specs, furnish = hotspots.specs(seed), [hotspots.furnish(seed)]
    elif sold_by:
        names = tuple(mikhmon.VARIANTS) if "all" in sold_by else sold_by
        specs, furnish = mikhmon.specs(names), [mikhmon.furnish(seed)]
    specs = [
        replace(
            spec,
            password=password or secrets.token_urlsafe(9),
            port=port + place if port else 0,
        )
        for place, spec in enumerate(specs)
    ]
    lived = VILLAGE_LIVED_S if village else 0.0
    start = datetime.now(UTC) - timedelta(seconds=lived) if speed else START  # noqa: TID251 -- the demo's world has our time
    fleet = Fleet(specs, seed=seed, clock=Clock(start=start), furnish=furnish)
    hotspots.live(fleet, lived)
    fleet.clock.rate = speed
    say = _as_json if as_json else _as_text
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(fleet, say, seconds, until_input_ends=as_json))


async def _serve(
    fleet: Fleet,
    say: Callable[[list[dict[str, Any]], str, str], str],
    seconds: float | None,
    *,
    until_input_ends: bool,
) -> None:
    token = secrets.token_urlsafe(16)
    control = ControlSocket(fleet, token)
    try:
        await fleet.open()
        await control.open()
    except OSError as taken:
        await fleet.close()
        raise click.ClickException(
            f"a port cannot be opened: {taken}. Choose another --port."
        ) from taken
    described = [fleet.described(place) for place in range(len(fleet.servings))]
    click.echo(say(described, f"http://127.0.0.1:{control.port}/", token))
    sys.stdout.flush()
    done = asyncio.Event()
    if until_input_ends:
        loop = asyncio.get_running_loop()
        threading.Thread(target=_wait_for_end, args=(loop, done), daemon=True).start()
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(done.wait(), seconds)
    await control.close()
    await fleet.close()


def _wait_for_end(loop: asyncio.AbstractEventLoop, done: asyncio.Event) -> None:
    sys.stdin.read()
    with contextlib.suppress(RuntimeError):  # The loop may have ended by itself.
        loop.call_soon_threadsafe(done.set)


def _as_json(described: list[dict[str, Any]], control: str, token: str) -> str:
    return json.dumps({"routers": described, "control": control, "token": token})


def _as_text(described: list[dict[str, Any]], control: str, token: str) -> str:
    count = "One simulated router" if len(described) == 1 else f"{len(described)} simulated routers"
    lines = [f"{count}, reached from this machine only:"]
    for one in described:
        doors = ", ".join(
            f"{service} {one['host']}:{port}" for service, port in one["ports"].items()
        )
        lines.append(f"  {one['name']}  {one['profile']:<8}  {doors}")
        lines.append(f"          user {one['user']}  password {one['password']}")
    lines.append(f"Faults and more: POST {control} with the token {token} (docs/simulate.md).")
    return "\n".join([*lines, "Ctrl-C ends them.", ""])
