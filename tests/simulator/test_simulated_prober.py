"""The simulated prober keeps the prober's port: rounds, confirms, canaries, on told time."""

import inspect
import threading
import time

from ronda.app.simulated import Rounds, SimulatedProber
from ronda.probing import port
from ronda.probing.port import Cause, Reading, Readings, SweepDone
from ronda.simulator.inprocess import Answers
from ronda.simulator.line import Line, Still
from ronda.simulator.neighbourhood import build
from ronda.simulator.network import Layout
from ronda.simulator.people import people_of
from ronda.simulator.scenario import Story

LAYOUT = Layout("198.19.0.0/24")
AHEAD = 1_000_000.0
FLEET = {key: LAYOUT.address(20 + key) for key in range(10)}


def rounds(line: Line = Line(5.0), interval: float = 30.0) -> Rounds:  # noqa: B008 -- immutable
    return Rounds(Answers(Still(line), LAYOUT, started=0.0), interval=interval)


def play(made: Rounds, until: float, start: float = 0.0) -> tuple[list[Reading], list[SweepDone]]:
    """Let the time run in steps of 0.1 s; all readings and sweeps that came."""
    readings, sweeps = [], []
    for step in range(round(start * 10), round(until * 10) + 1):
        for report in made.turn(step / 10, AHEAD):
            if isinstance(report, Readings):
                readings.extend(report.readings)
            else:
                sweeps.append(report)
    return readings, sweeps


def test_a_round_probes_each_target_once_spread_over_the_interval():
    made = rounds()
    made.watch(FLEET, 0.0)
    readings, (sweep,) = play(made, 30.1)
    first = [reading for reading in readings if reading.at < AHEAD + 30]
    assert sorted(reading.key for reading in first) == list(range(10))
    assert [round(reading.at - AHEAD, 6) for reading in first] == [
        0,
        3,
        6,
        9,
        12,
        15,
        18,
        21,
        24,
        27,
    ]
    assert {(r.rtt_us, r.cause, r.confirm) for r in first} == {(5_000, Cause.REPLY, False)}
    assert [r.key for r in first] != sorted(r.key for r in first)
    assert (sweep.number, sweep.sent, sweep.answered, sweep.missed) == (1, 10, 10, 0)
    assert (sweep.started_at, round(sweep.finished_at, 3)) == (AHEAD, AHEAD + 30)
    assert list(sweep.rtts) == [5_000] * 10


def test_a_silent_target_is_told_after_the_timeout_and_stands_in_the_column():
    made = rounds()
    made.watch(FLEET, 0.0)
    made._answers.controls.cut([23])
    readings, (sweep,) = play(made, 31.5)
    missed = [reading for reading in readings if reading.rtt_us is None]
    assert [(r.key, r.cause) for r in missed] == [(3, Cause.SILENT)]
    assert list(sweep.rtts) == [5_000] * 3 + [1] + [5_000] * 6
    assert (sweep.answered, sweep.missed) == (9, 1)


def test_replies_of_steady_keys_come_in_the_column_only_and_their_misses_always():
    made = rounds()
    made.watch(FLEET, 0.0)
    made.steady(FLEET)
    made.unsteady([7])
    made._answers.controls.cut([23])
    readings, (sweep,) = play(made, 30.0)
    assert sorted((r.key, r.rtt_us) for r in readings if r.at < AHEAD + 30) == [
        (3, None),
        (7, 5_000),
    ]
    assert sweep.answered == 9


def test_a_confirm_probe_comes_when_asked_for_also_from_steady_keys():
    made = rounds()
    made.watch(FLEET, 0.0)
    made.steady(FLEET)
    made.again([4, 99], 1.5)
    readings, _ = play(made, 5)
    assert readings == [Reading(4, AHEAD + 1.5, 5_000, Cause.REPLY, confirm=True)]


def test_canaries_are_probed_every_few_seconds_and_die_when_blind():
    made = rounds()
    made.canaries({-1: LAYOUT.address(1), -2: LAYOUT.address(2)}, 5.0, 0.0)
    readings, sweeps = play(made, 11)
    made._answers.controls.blind(True)
    blind, _ = play(made, 17, start=11.1)
    assert [(r.key, round(r.at - AHEAD)) for r in readings] == [
        (key, at) for at in (0, 5, 10) for key in (-1, -2)
    ]
    assert sweeps == []
    assert [(r.key, r.rtt_us) for r in blind] == [(-1, None), (-2, None)]
    made.canaries({-3: LAYOUT.address(3)}, 60.0, 17.5)
    assert {r.key for r in play(made, 40, start=17.5)[0]} == {-3}


def test_a_fleet_that_changes_within_a_round_is_neither_probed_twice_nor_left_out():
    made = rounds()
    made.watch(FLEET, 0.0)
    before, _ = play(made, 14)
    changed = {key: address for key, address in FLEET.items() if key != 9} | {
        12: LAYOUT.address(50)
    }
    made.watch(changed, 14.0)
    after, (sweep,) = play(made, 30, start=14.1)
    keys = [r.key for r in before] + [r.key for r in after if r.at < AHEAD + 30]
    assert sorted(set(keys) - {9}) == [*range(9), 12]
    assert len(keys) == len(set(keys))
    assert (len(sweep.rtts), sweep.rtts[12]) == (13, 5_000)


def test_a_new_pace_holds_from_the_next_round_on():
    made = rounds()
    made.watch(FLEET, 0.0)
    play(made, 10)
    made.pace(5.0)
    _, sweeps = play(made, 46, start=10.1)
    assert [round(sweep.finished_at - AHEAD) for sweep in sweeps] == [30, 35, 40, 45]
    assert [sweep.number for sweep in sweeps] == [1, 2, 3, 4]


def test_an_empty_fleet_has_no_rounds_and_waits():
    made = rounds()
    assert made.turn(5.0, AHEAD) == []
    assert made.due() is None


def test_rounds_that_were_slept_through_are_not_made_up_for():
    made = rounds()
    made.watch(FLEET, 0.0)
    play(made, 5)
    sweeps = [report for report in made.turn(3_600.0, AHEAD) if isinstance(report, SweepDone)]
    assert len(sweeps) == 1


def test_the_port_is_kept_method_by_method():
    assert SimulatedProber.method == "simulated"
    for name, asked in inspect.getmembers(port.Prober, inspect.isfunction):
        if not name.startswith("_"):
            kept = inspect.signature(getattr(SimulatedProber, name))
            assert kept.parameters.keys() == inspect.signature(asked).parameters.keys()


def test_a_village_is_swept_in_real_time_and_closing_ends_a_wait():
    drawn = build()
    story = Story("storm", people_of(drawn))
    answers = Answers(story, drawn.layout, started=time.monotonic() - 60)
    prober = SimulatedProber(answers, interval=0.3, timeout=0.1)
    prober.watch({ont.number: ont.address for ont in drawn.onts if ont.address})
    reports = []
    while not any(isinstance(report, SweepDone) for report in reports):
        reports.extend(prober.reports(1.0))
    sweep = next(report for report in reports if isinstance(report, SweepDone))
    assert (sweep.sent, sweep.answered, sweep.missed) == (388, 0, 388)
    waiting = threading.Thread(target=lambda: [prober.reports(5.0) for _ in range(3)])
    waiting.start()
    prober.close()
    prober.close()
    waiting.join(30)
    assert not waiting.is_alive()
