"""A day of thousands of ONTs with lossy links, through the real `step`: nobody is called down wrongly.

Only what can change something is simulated. A reply of a settled UP watch changes nothing (a
property in test_watch), so the time of each ONT's next missed sweep probe is drawn directly from
the geometric distribution that independent loss gives.
"""

import math
import random  # noqa: TID251 -- seeded simulation
from collections.abc import Callable
from statistics import quantiles

import pytest

from ronda.monitoring.events import Probe, WentDown
from ronda.monitoring.rules.belief import Folded, fresh
from ronda.monitoring.rules.loss import SiteLoss
from ronda.monitoring.rules.watch import step
from tests.rounds import ROUNDS

INTERVAL = 30.0
TIMEOUT = 1.0
#: Ten thousand where nobody waits.
ONTS = 100 * ROUNDS


def lost(at: float, confirm: bool) -> Probe:
    return Probe(at, None, 1, confirm)


def confirm(folded: Folded, loss: float | None, answers: Callable[[float], bool]) -> Folded:
    """Follow a suspicion to its end: `answers(at)` says whether a probe sent then is answered."""
    at = folded.again
    while at is not None:
        probe = Probe(at, 6000, 0, True) if answers(at) else lost(at, True)
        folded = step(folded.watch, probe, loss=loss)
        at = folded.again
    return folded


def false_downs(onts: int, hours: float, loss: float, told: float | None, seed: int) -> int:
    """ONTs called down in a fleet in which every probe is lost with probability `loss`."""
    draw = random.Random(seed).random
    wrong, sweeps = 0, int(hours * 3600 / INTERVAL)
    log_kept = math.log1p(-loss)
    for ont in range(onts):
        up = step(fresh(ont, 0.0), Probe(0.5, 6000, 0, False)).watch
        sweep = int(math.log(1.0 - draw()) / log_kept)
        while sweep < sweeps:
            at = 1.0 + sweep * INTERVAL
            folded = confirm(step(up, lost(at, False), loss=told), told, lambda _: draw() >= loss)
            wrong += any(isinstance(event, WentDown) for event in folded.events)
            up = folded.watch if folded.watch.steady else up
            # The next sweep probe after the last confirm probe is the next that can be lost.
            done = max(sweep + 1, math.ceil((folded.watch.last_at - 1.0) / INTERVAL))
            sweep = done + int(math.log(1.0 - draw()) / log_kept)
    return wrong


def bursty_false_downs(onts: int, hours: float, share: float, mean_s: float, seed: int) -> int:
    """As `false_downs`, when loss comes as bursts of `mean_s` seconds (nothing answered within)."""
    source = random.Random(seed)
    gap = mean_s * (1 - share) / share
    wrong = 0
    for ont in range(onts):
        up = step(fresh(ont, 0.0), Probe(0.5, 6000, 0, False)).watch
        phase, at = source.uniform(1, INTERVAL), 1.0
        bursts = []
        while at < hours * 3600:
            at += source.expovariate(1 / gap)
            end = at + source.expovariate(1 / mean_s)
            bursts.append((at, end))
            at = end
        for place, (begin, end) in enumerate(bursts):
            probe = phase + math.ceil((begin - phase) / INTERVAL) * INTERVAL
            if not begin <= probe < end or probe <= up.last_at:
                continue
            near = bursts[place : place + 12]
            folded = confirm(
                step(up, lost(probe, False), loss=share),
                share,
                lambda t, near=near: not any(b <= t < e for b, e in near),
            )
            wrong += not folded.watch.steady
            up = folded.watch if folded.watch.steady else up
    return wrong


def detection(cuts: int, loss: float | None, seed: int) -> tuple[float, float]:
    """95th percentiles of (verdict known after the first miss, after the cut), in seconds."""
    source = random.Random(seed)
    after_miss, after_cut = [], []
    for _ in range(cuts):
        up = step(fresh(1, 0.0), Probe(0.5, 6000, 0, False)).watch
        cut = source.uniform(100, 200)
        first = cut + source.uniform(0, INTERVAL)
        folded = confirm(step(up, lost(first, False), loss=loss), loss, lambda _: False)
        (event,) = folded.events
        assert isinstance(event, WentDown)
        assert event.since.timestamp() == pytest.approx(first)
        known = event.at.timestamp() + TIMEOUT
        after_miss.append(known - first)
        after_cut.append(known - cut)
    return quantiles(after_miss, n=20)[-1], quantiles(after_cut, n=20)[-1]


def test_two_hours_of_a_thousand_lossy_onts_bring_no_false_down() -> None:
    assert false_downs(1000, 2, 0.01, told=None, seed=1) == 0
    assert false_downs(300, 2, 0.05, told=0.05, seed=2) == 0


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("told", [0.01, None])
def test_a_day_of_thousands_of_lossy_onts_brings_no_false_down(told: float | None) -> None:
    assert false_downs(ONTS, 24, 0.01, told, seed=3) == 0


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_day_of_thousands_of_onts_with_bursts_of_loss_brings_at_most_one_false_down() -> None:
    assert bursty_false_downs(ONTS, 24, 0.01, 2.0, seed=4) <= 1


def test_an_hour_of_bursts_brings_no_false_down() -> None:
    assert bursty_false_downs(500, 1, 0.01, 2.0, seed=5) == 0


def test_a_true_loss_is_confirmed_within_45_seconds_of_its_first_missed_probe() -> None:
    for loss, after_miss, after_cut in ((None, 26.0, 55.0), (0.0, 15.0, 44.0), (0.01, 36.0, 65.0)):
        missed, cut = detection(2000, loss, seed=6)
        assert missed == pytest.approx(after_miss, abs=0.1)
        assert missed <= 45.0
        assert cut == pytest.approx(after_cut, abs=0.7)


def test_site_loss_counts_only_what_turned_out_to_be_nothing() -> None:
    loss = SiteLoss()
    assert loss.share is None
    for _ in range(200):
        loss = loss.after_sweep(400, 4)
    assert loss.share == pytest.approx(0.01)
    assert loss.after_sweep(0, 10**6).share == 1.0
