"""The rounds, on a network and a clock that do as they are told."""

import errno
import ipaddress
import itertools
from array import array
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ronda.probing.course import Burst
from ronda.probing.packets import FULL, Family, mark
from ronda.probing.port import Cause, SweepDone
from tests.probing.network import COOKIE, SECOND, Bench, FakeWire, Host, block, pairs

SILENT = Host(delay=None)


def test_a_round_brings_the_whole_fleet_in_one_column() -> None:
    bench = Bench({"10.0.0.2": SILENT, "10.0.0.3": Host(delay=0.120)}, interval=5.0)
    bench.watch({0: "10.0.0.1", 2: "10.0.0.2", 3: "10.0.0.3"})
    bench.run(2.0)
    done = bench.sweeps[0]
    assert done == SweepDone(
        number=1,
        started_at=done.started_at,
        finished_at=done.finished_at,
        sent=3,
        answered=2,
        missed=1,
        late=0,
        duplicates=0,
        dropped=0,
        uncertain=False,
        rtts=array("I", [5_000, 0, 1, 120_000]),
    )
    assert 0 < done.finished_at - done.started_at < 2


def test_probes_are_spread_evenly_over_the_interval() -> None:
    bench = Bench(interval=30.0)
    bench.watch(block(600))
    bench.run(95)
    assert set(bench.sent_in[2].values()) == {1}
    assert len(bench.sent_in[2]) == 600
    second = int(bench.sweeps[1].started_at * SECOND) - bench.clock.wall
    times = [time for time, _ in bench.network.log[600:1_200]]
    per_second = Counter((time - second) // SECOND for time in times)
    assert set(per_second) <= set(range(31))
    assert all(17 <= per_second[number] <= 23 for number in range(30))


def test_the_first_round_is_quick_because_nothing_is_known_before() -> None:
    bench = Bench(interval=30.0)
    bench.watch(block(372))
    bench.run(4)
    assert [sweep.answered for sweep in bench.sweeps] == [372]


def test_rounds_keep_their_distance_for_hours() -> None:
    bench = Bench(interval=10.0)
    bench.watch(block(3))
    bench.run(3_600)
    starts = [sweep.started_at for sweep in bench.sweeps[1:]]
    gaps = [round(after - before, 3) for before, after in itertools.pairwise(starts)]
    assert set(gaps) == {10.0}


def test_a_new_pace_holds_from_the_next_round_on() -> None:
    bench = Bench(interval=10.0)
    bench.watch(block(3))
    bench.run(15)
    bench.engine.pace(5.0)
    bench.run(40)
    starts = [sweep.started_at for sweep in bench.sweeps]
    assert round(starts[-1] - starts[-2], 3) == 5.0


def test_a_miss_is_told_once_with_the_time_of_its_probe() -> None:
    bench = Bench({"10.0.0.2": SILENT}, timeout=0.5)
    bench.watch(block(3))
    bench.run(3)
    (miss,) = [reading for reading in bench.readings if reading.rtt_us is None]
    sent = next(time for time, address in bench.network.log if address == "10.0.0.2")
    assert (miss.key, miss.cause, miss.confirm) == (1, Cause.SILENT, False)
    assert miss.at == pytest.approx((sent + bench.clock.wall) / SECOND)


def test_replies_of_steady_keys_are_told_in_the_column_only_and_misses_always() -> None:
    bench = Bench(interval=5.0)
    bench.watch(block(4))
    bench.run(3)
    bench.engine.steady([0, 1, 99])
    bench.reports.clear()
    bench.network.hosts["10.0.0.1"] = SILENT
    bench.run(7)
    assert {reading.key for reading in bench.readings} == {0, 2, 3}
    assert set(bench.misses) == {(0, Cause.SILENT)}
    bench.engine.unsteady([1])
    bench.reports.clear()
    bench.run(5)
    assert {reading.key for reading in bench.readings} == {0, 1, 2, 3}


def test_again_probes_once_more_after_the_time_asked_for() -> None:
    bench = Bench({"10.0.0.2": SILENT})
    bench.watch(block(3))
    bench.run(3)
    bench.reports.clear()
    asked_at, sent = bench.clock.now, len(bench.network.log)
    bench.engine.again([0, 1, 77], 0.7)
    bench.run(3)
    again = bench.network.log[sent:]
    confirmed = [r for r in bench.readings if r.confirm]
    assert {(r.key, r.cause) for r in confirmed} == {(0, Cause.REPLY), (1, Cause.SILENT)}
    first = next(time for time, address in again if address == "10.0.0.2")
    assert 0.7 <= (first - asked_at) / SECOND < 0.75


def test_canaries_are_probed_every_few_seconds_whatever_the_fleet_does() -> None:
    bench = Bench({"10.9.9.9": SILENT})
    bench.engine.canaries({Family.IPV4: pairs({-1: "10.9.9.8", -2: "10.9.9.9"})}, 5.0)
    bench.run(21.5)
    causes = Counter((reading.key, reading.cause) for reading in bench.readings)
    assert causes == {(-1, Cause.REPLY): 5, (-2, Cause.SILENT): 5}
    bench.engine.canaries({}, 5.0)
    bench.reports.clear()
    bench.run(11)
    assert bench.readings == []


def test_late_replies_and_duplicates_are_counted_and_are_not_answers() -> None:
    bench = Bench({"10.0.0.1": Host(delay=1.2), "10.0.0.2": Host(copies=3)}, interval=5.0)
    bench.watch(block(3))
    bench.run(8.5)
    first, second = bench.sweeps[0], bench.sweeps[1]
    assert bench.misses[0] == (0, Cause.SILENT)
    assert (first.answered, first.missed, first.rtts[0]) == (2, 1, 1)
    assert first.duplicates + second.duplicates >= 2
    assert first.late + second.late >= 1


@pytest.mark.parametrize("cause", [Cause.UNREACHABLE, Cause.TTL_EXCEEDED])
def test_an_icmp_error_is_a_verdict_at_once_with_its_cause(cause: Cause) -> None:
    bench = Bench({"10.0.0.2": Host(refusal=cause)}, timeout=1.0)
    bench.watch(block(3))
    bench.run(0.3)
    assert bench.misses == [(1, cause)]
    bench.run(2)
    assert bench.misses == [(1, cause)]
    assert bench.sweeps[0].rtts == array("I", [5_000, 1, 5_000])
    bench.engine.again([1], 0.0)
    bench.run(0.3)
    assert bench.misses[1:] == [(1, cause)]


def test_a_probe_that_cannot_leave_is_told_as_such() -> None:
    bench = Bench({"10.0.0.2": Host(error=errno.ENETUNREACH)}, interval=60.0)
    bench.watch(block(3))
    bench.run(1.3)
    assert bench.misses == [(1, Cause.SEND_FAILED)]
    assert (bench.sweeps[0].sent, bench.sweeps[0].missed) == (2, 1)
    bench.engine.again([1], 0.0)
    bench.run(0.5)
    assert bench.misses[1:] == [(1, Cause.SEND_FAILED)]


def test_a_full_send_queue_delays_probes_and_loses_none() -> None:
    bench = Bench(interval=5.0)
    bench.watch(block(500))
    bench.network.room = 100

    def refill() -> None:
        bench.network.room = min(100, bench.network.room + 3)

    bench.run(12, each=refill)
    assert bench.misses == []
    assert bench.sweeps[0].answered == 500


def test_replies_dropped_by_our_own_kernel_are_asked_again_and_never_told_as_silence() -> None:
    bench = Bench(interval=10.0, capacity=400)
    bench.watch(block(2_000))

    def lose_some() -> None:
        if bench.clock.now % (SECOND // 2) < 20_000_000:
            bench.clock.now += 150_000_000  # as if our process was not run for 0.15 s

    bench.network.capacity = 12
    bench.run(25, each=lose_some)
    assert bench.sweeps[0].dropped > 0
    assert bench.misses == []
    assert 1 not in bench.sweeps[0].rtts


def test_a_round_whose_losses_are_ours_for_good_is_uncertain() -> None:
    bench = Bench(interval=5.0, capacity=400)
    bench.watch(block(50))
    bench.network.capacity = 0
    bench.run(12)
    done = bench.sweeps[0]
    assert (done.uncertain, done.missed, done.answered) == (True, 0, 0)
    assert set(done.rtts) == {0}
    assert bench.misses == []


def test_a_small_receive_buffer_lowers_the_rate_and_says_so() -> None:
    bench = Bench(interval=5.0, capacity=50)
    bench.watch(block(2_000))
    bench.run(25)
    times = [time for time, _ in bench.network.log]
    assert max(Counter(time // SECOND for time in times).values()) <= 50 * 4 * 1.5
    assert "receive buffer" in bench.troubles[0].text
    assert not bench.troubles[0].fatal
    assert bench.sweeps[0].answered == 2_000


def test_never_more_probes_leave_per_second_than_allowed() -> None:
    bench = Bench({"10.0.0.7": SILENT}, interval=5.0, ceiling=100.0)
    bench.watch(block(1_000))
    bench.run(12)
    bench.engine.again(range(1_000), 0.0)
    bench.run(15)
    bench.clock.now += 3 * SECOND
    bench.run(10)
    times = [time for time, _ in bench.network.log]
    busiest = max(Counter(time // SECOND for time in times).values())
    assert 80 <= busiest <= 130
    assert "raise the limit or the interval" in bench.troubles[0].text
    assert bench.sweeps[0].answered == 999


def test_a_long_stall_of_our_own_process_makes_nobody_silent() -> None:
    bench = Bench(interval=5.0)
    bench.watch(block(300))
    bench.run(8)
    for _ in range(5):
        bench.run(0.7)
        bench.clock.now += 4 * SECOND
    bench.run(10)
    assert bench.misses == []
    assert all(sweep.answered == 300 for sweep in bench.sweeps)


@pytest.mark.parametrize("step", [3_600.0, -3_600.0, 0.4])
def test_a_step_of_the_wall_clock_moves_stamps_and_nothing_else(step: float) -> None:
    bench = Bench(interval=5.0)
    bench.watch(block(300))
    bench.run(7)
    bench.clock.step(step)
    bench.run(20)
    assert bench.misses == []
    assert all(2 <= r.rtt_us <= 60_000 for r in bench.readings if r.rtt_us is not None)
    starts = [sweep.started_at for sweep in bench.sweeps[1:]]
    gaps = [round(b - a, 1) for a, b in itertools.pairwise(starts)]
    assert min(gaps) == round(min(5.0, 5.0 + step), 1)
    assert gaps[-1] == 5.0


def test_replies_that_are_not_ours_change_nothing() -> None:
    bench = Bench({"10.0.0.1": SILENT})
    bench.watch(block(1))
    bench.run(0.1)
    wave = bench.engine.course.lanes[Family.IPV4].current
    assert wave is not None
    source = wave.fleet.sources[0]
    assert isinstance(source, int)
    wire = FakeWire(bench.network)
    for record in (
        (source, 0, 0, mark(7, wave.sequence, b"no cooky"), 0, FULL),
        (source, 0, 0, mark(8, wave.sequence, COOKIE), 0, FULL),
        (source ^ 256, 0, 0, wave.mark, 0, FULL),
        (source, 0, 0, wave.mark, 0, 7),
        (source, 0, 0, wave.mark, 5, 5 ^ FULL),
        (source, 0, 0, wire.mark(0xFFFF), 1 << 31, 1 << 31 ^ FULL),
    ):
        bench.network.fly(0.0, record)
    bench.run(3)
    assert bench.misses == [(0, Cause.SILENT)]


fleets = st.dictionaries(
    st.integers(0, 40), st.integers(1, 60).map(lambda low: f"10.0.0.{low}"), max_size=30
)


@settings(max_examples=40, deadline=None)
@given(first=fleets, changes=st.lists(st.tuples(st.integers(0, 60), fleets), max_size=4))
def test_a_fleet_replaced_in_mid_round_loses_and_doubles_nobody(
    first: dict[int, str], changes: list[tuple[int, dict[int, str]]]
) -> None:
    bench = Bench(interval=6.0)
    last = {63: "10.1.0.1", **first}
    bench.watch(last)
    bench.run_into_round(3)
    ever, stayed = set(last.items()), set(last.items())
    for tenths, fleet in changes:
        bench.run(tenths / 60)
        if bench.number != 3:
            break
        last = {63: "10.1.0.1", **fleet}
        bench.watch(last)
        ever |= set(last.items())
        stayed &= set(last.items())
    bench.run_into_round(4)
    bench.run(1.2)
    sent = bench.sent_in[3]
    once = Counter(address for _, address in stayed)
    possible = Counter(address for _, address in ever)
    for address in possible:
        assert sent[address] >= once[address]
        # A pair that leaves and comes back may be probed again, so only the others have a limit.
        if once[address] == possible[address]:
            assert sent[address] == once[address]
    third = bench.sweeps[2]
    assert third.number == 3
    if bench.number == 4:
        assert {key for key in last if third.rtts[key] >= 2} == set(last)


def test_a_target_that_stays_is_probed_once_in_the_round_of_the_change() -> None:
    bench = Bench(interval=10.0)
    bench.watch(block(100))
    bench.run_into_round(3)
    for at in range(1, 9):
        bench.run(1.0)
        bench.watch({**block(100), 100 + at: f"10.0.1.{at}"})
    bench.run_into_round(4)
    bench.run(1.2)
    assert {bench.sent_in[3][address] for address in block(100).values()} == {1}
    assert bench.sweeps[2].rtts[108] >= 2


def test_an_address_that_moves_to_another_key_is_probed_for_the_new_one() -> None:
    bench = Bench({"10.0.0.1": SILENT}, interval=5.0)
    bench.watch({1: "10.0.0.1", 2: "10.0.0.2"})
    bench.run(0.12)
    bench.watch({1: "10.0.0.2", 2: "10.0.0.1"})
    bench.run(8)
    assert list(bench.sweeps[0].rtts) == [0, 0, 0], "what was found belongs to nobody now"
    assert list(bench.sweeps[1].rtts) == [0, 5_000, 1]
    assert set(bench.misses) == {(2, Cause.SILENT)}


def test_two_keys_with_one_address_are_both_answered() -> None:
    bench = Bench(interval=5.0)
    bench.watch({1: "10.0.0.1", 2: "10.0.0.1"})
    bench.run(3)
    assert list(bench.sweeps[0].rtts) == [0, 5_000, 5_000]


def test_an_empty_fleet_after_a_full_one_goes_on_telling_that_rounds_are_done() -> None:
    bench = Bench(interval=5.0)
    bench.watch(block(5))
    bench.run(3)
    bench.watch({})
    bench.run(12)
    assert len(bench.sweeps[-1].rtts) == 0
    assert bench.sweeps[-1].sent == 0


def test_a_burst_asks_silence_again_and_ends() -> None:
    lossy = {"10.0.0.2": SILENT, "10.0.0.3": Host(delay=None)}
    bench = Bench(lossy, timeout=0.5, burst=Burst(rate=0, retries=2))
    bench.watch(block(1_000))

    def heal() -> None:
        if bench.clock.now > 1_000 * SECOND + 700_000_000:
            bench.network.hosts["10.0.0.3"] = Host()

    bench.run(4, each=heal)
    assert bench.engine.finished
    (done,) = bench.sweeps
    assert (done.answered, done.missed) == (999, 1)
    tries = Counter(address for _, address in bench.network.log)
    assert (tries["10.0.0.1"], tries["10.0.0.2"], tries["10.0.0.3"]) == (1, 3, 3)


def test_a_burst_keeps_to_its_rate() -> None:
    bench = Bench(burst=Burst(rate=1_000))
    bench.watch(block(2_000))
    bench.run(3)
    first, last = bench.network.log[0][0], bench.network.log[-1][0]
    assert 1.8 <= (last - first) / SECOND <= 2.2


def test_a_burst_never_has_more_fresh_probes_on_their_way_than_its_window() -> None:
    bench = Bench({}, burst=Burst(rate=0, window=100))
    for key in range(2_000):
        bench.network.hosts[str(ipaddress.IPv4Address("10.0.0.1") + key)] = Host(delay=0.02)
    bench.watch(block(2_000))
    most = 0

    def look() -> None:
        nonlocal most
        most = max(most, len(bench.network._flying))

    bench.run(2, each=look)
    assert bench.sweeps[0].answered == 2_000
    assert most <= 100
