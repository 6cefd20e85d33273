"""The ordinary prober sees on the fibre what the simulated prober sees in process."""

import time
from collections.abc import Iterator

import pytest

from ronda.app.simulated import SimulatedProber
from ronda.probing.port import Prober, SweepDone
from ronda.probing.process import start_prober
from ronda.simulator.inprocess import Answers
from ronda.simulator.neighbourhood import Neighbourhood, build
from ronda.simulator.people import people_of
from ronda.simulator.scenario import Story
from tests.fibre import open_fibre, require_fibre, reserved_layout


@pytest.fixture(scope="module")
def village() -> Iterator[Neighbourhood]:
    require_fibre()
    with reserved_layout(4_000) as layout:
        yield build(prefix=layout.prefix, town_onts=0)


def targets(village: Neighbourhood) -> dict[int, str]:
    return {ont.number: ont.address for ont in village.onts if ont.address}


def swept(prober: Prober, fleet: dict[int, str]) -> SweepDone:
    """The first round over this fleet."""
    prober.watch(fleet)
    while True:
        for report in prober.reports(1.0):
            if isinstance(report, SweepDone):
                return report


def test_both_probers_find_the_same_onts_silent(village):
    story = Story("power", people_of(village))
    fleet = targets(village)
    silent = {one.index for one in story.silent(100)}
    expected = {key for key, address in fleet.items() if village.layout.index(address) in silent}
    answers = Answers(story, village.layout, started=time.monotonic() - 100)
    simulated = SimulatedProber(answers, interval=1.0, timeout=0.8)
    with open_fibre(story, layout=village.layout) as fibre:
        fibre.clock(100)
        real = start_prober(interval=1.0, timeout=0.8)
        sweeps = [swept(real, fleet), swept(simulated, fleet)]
        real.close()
        simulated.close()
    assert len(expected) == 58
    for sweep in sweeps:
        found = {key for key in fleet if sweep.rtts[key] == 1}
        # Two probes in a thousand are lost on healthy lines too.
        assert expected <= found
        assert len(found - expected) <= 20
        assert sweep.sent == len(fleet)


def test_the_prober_times_the_fibre_in_microseconds(village):
    with open_fibre(layout=village.layout) as fibre:
        fibre.delay(20.0)
        real = start_prober(interval=3.0, timeout=2.0)
        sweep = swept(real, targets(village))
        real.close()
    times = sorted(rtt for rtt in sweep.rtts if rtt > 1)
    assert len(times) == 388
    # A batch's stamps lie on a line between two readings of the clock, and a busy machine bends the
    # line; benchmarks/sweep measures how exact they are on a quiet one.
    assert 18_000 <= times[len(times) // 2] < 60_000
