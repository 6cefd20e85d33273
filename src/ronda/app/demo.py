"""The demo: an invented neighbourhood whose far end is simulated and whose rest is the real product."""

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import click
from django.utils import timezone

from ronda.app.configuration import Configuration, configuration
from ronda.probing.port import Prober
from ronda.simulator.fibre import Fibre, FibreUnavailable
from ronda.simulator.inprocess import Answers
from ronda.simulator.lists import SPREADSHEET, write_lists
from ronda.simulator.lists import TOWN as TOWN_LIST
from ronda.simulator.neighbourhood import Neighbourhood, build
from ronda.simulator.network import CANARIES, Layout
from ronda.simulator.people import people_of
from ronda.simulator.places import KALURAHAN, TOWN
from ronda.simulator.scenario import Story

SEED = 1
INTERVAL_S = "10"


def choose() -> None:
    """Make this process's settings those of the demo; call it before they are read first.

    The demo has a data folder of its own, so that it never mixes with a real installation.
    """
    layout = Layout()
    data = Path(os.environ.get("RONDA_DATA", "data"))
    os.environ["RONDA_DATA"] = str(data / "demo")
    os.environ["RONDA_DEMO"] = "true"
    os.environ["RONDA_LOCAL_TARGETS"] = "true"
    os.environ["RONDA_CANARIES"] = ",".join(layout.address(index) for index in CANARIES)
    os.environ.setdefault("RONDA_INTERVAL_S", INTERVAL_S)
    os.environ.setdefault("RONDA_SITE_NAME", f"Ronda {KALURAHAN}")
    configuration.cache_clear()


@contextmanager
def standing(conf: Configuration) -> Iterator[Mapping[str, Sequence[str]]]:
    """The neighbourhood in the database and its far end answering; yields options for the parts."""
    neighbourhood = build(seed=SEED)
    settle(neighbourhood, conf.data / "lists")
    from ronda.app.demo_payments import DemoPayments
    from ronda.app.demo_routers import DemoRouters

    options: dict[str, list[str]] = {}
    with ExitStack() as parts:
        parts.enter_context(DemoRouters(SEED))
        parts.enter_context(DemoPayments())
        try:
            fibre = Fibre(story_of(neighbourhood), layout=neighbourhood.layout, seed=SEED)
            parts.enter_context(fibre)
        except FibreUnavailable as refusal:
            click.echo(f"  The far end answers inside the watch, not through the kernel: {refusal}")
            options["watch"] = ["--simulated"]
        yield options


def simulated_prober(conf: Configuration) -> Prober:
    """The prober whose far end answers inside this process."""
    from ronda.app.simulated import SimulatedProber

    neighbourhood = build(seed=SEED)
    answers = Answers(
        story_of(neighbourhood), neighbourhood.layout, started=time.monotonic(), seed=SEED
    )
    return SimulatedProber(answers, interval=conf.interval_s, timeout=conf.timeout_ms / 1000)


def story_of(neighbourhood: Neighbourhood) -> Story:
    """What happens in the demo: an evening with everything that goes wrong in a village."""
    return Story("evening", people_of(neighbourhood), SEED)


def settle(neighbourhood: Neighbourhood, folder: Path) -> None:
    """Write the neighbourhood's lists and, the first time, import them as an operator would."""
    from ronda.app import demo_alerts, demo_packages, demo_past
    from ronda.devices.models import Ont
    from ronda.devices.service.import_at_once import import_file
    from ronda.devices.service.imports import Choices

    demo_packages.enter()
    demo_alerts.enter()
    write_lists(neighbourhood, folder)
    if Ont.objects.exists():
        return
    for name, site in ((SPREADSHEET, KALURAHAN), (TOWN_LIST, TOWN)):
        import_file(
            (folder / name).read_bytes(),
            file_name=name,
            site_name=site,
            choices=Choices(repairs=("*", "held:*"), areas=("*",)),
            actor="demo",
        )
    click.echo("  Writing the demo's last week …")
    demo_past.enter(neighbourhood, timezone.now(), seed=SEED)
