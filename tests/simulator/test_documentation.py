"""docs/simulate.md tells of every scenario and every option, with the right laps."""

import re
from pathlib import Path

from ronda.cli.simulate import simulate
from ronda.simulator.scenario import SCENARIOS

PAGE = Path("docs/simulate.md").read_text(encoding="utf-8")


def test_every_scenario_is_described_with_its_lap():
    described = dict(re.findall(r"^\| `([a-z][a-z-]+)` \| ([^|]+) \|", PAGE, re.MULTILINE))
    laps = {name: f"{scenario.lap / 60:g} min" for name, scenario in SCENARIOS.items()}
    assert described == {**laps, "quiet": "-"}


def test_every_option_is_described():
    missing = [option.opts[0] for option in simulate.params if option.opts[0] not in PAGE]
    assert missing == []
