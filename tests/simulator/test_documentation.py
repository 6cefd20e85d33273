"""docs/simulate.md tells of every scenario and every option, with the right laps."""

import re
from pathlib import Path

from ronda.cli.simulate import simulate
from ronda.simulator.routers import furnish  # noqa: F401 -- adds operations
from ronda.simulator.routers.faults import OPTIONS, Kind
from ronda.simulator.routers.fleet import OPERATIONS
from ronda.simulator.routers.schema import PROFILES
from ronda.simulator.scenario import SCENARIOS

PAGE = Path("docs/simulate.md").read_text(encoding="utf-8")


def test_every_scenario_is_described_with_its_lap():
    section = PAGE.partition("## Scenarios")[2].partition("\n## ")[0]
    described = dict(re.findall(r"^\| `([a-z][a-z-]+)` \| ([^|]+) \|", section, re.MULTILINE))
    laps = {name: f"{scenario.lap / 60:g} min" for name, scenario in SCENARIOS.items()}
    assert described == {**laps, "quiet": "-"}


def test_every_option_is_described():
    known = [
        *simulate.params,
        *simulate.commands["routers"].params,
        *simulate.commands["payments"].params,
    ]
    assert [option.opts[0] for option in known if option.opts[0] not in PAGE] == []


def test_every_profile_fault_operation_and_option_of_routers_is_described():
    options = [name for values in OPTIONS.values() for name in values]
    names = [*PROFILES, *Kind, *options, *OPERATIONS]
    assert [name for name in names if f"`{name}`" not in PAGE] == []
