"""When the probes of a batch left."""

from hypothesis import given
from hypothesis import strategies as st

from ronda.probing.fleet import Fleet
from ronda.probing.packets import Family
from ronda.probing.wave import Lane, ramp
from tests.probing.network import Clock, FakeWire, Network


def lane() -> Lane:
    wire = FakeWire(Network(Clock()))
    return Lane(wire, Fleet(Family.IPV4, ()), wire.mark(1))


@given(st.integers(0, 1 << 60), st.integers(1, 1 << 40), st.integers(1, 64))
def test_a_ramp_is_what_a_range_is(start: int, step: int, count: int) -> None:
    assert list(ramp(start, step, count)) == list(range(start, start + step * count, step))


def test_the_probes_of_a_batch_left_evenly_between_the_times_around_it() -> None:
    assert list(lane().stamps(1_000, 5_000, 4)) == [1_000, 2_000, 3_000, 4_000]


def test_a_batch_that_was_held_up_left_at_the_end_of_its_time() -> None:
    sending = lane()
    sending.stamps(0, 64 * 3_000, 64)
    stamps = sending.stamps(1_000_000, 5_000_000, 10)
    assert stamps[-1] > 4_990_000
    assert stamps[0] > 4_960_000


def test_batches_get_small_where_sending_is_held_up_and_grow_again() -> None:
    sending = lane()
    for _ in range(200):
        sending.stamps(0, 64 * 3_000, 64)
    assert sending.batch == 64
    sending.stamps(0, 5_000_000, 64)
    assert sending.batch == 16
    for _ in range(5):
        sending.stamps(0, 5_000_000, 16)
    assert sending.batch == 6
    for _ in range(200):
        sending.stamps(0, 6 * 3_000, 6)
    assert sending.batch == 64


@given(
    st.lists(
        st.tuples(st.integers(0, 1 << 40), st.integers(1, 1 << 30), st.integers(1, 64)), max_size=30
    )
)
def test_no_probe_is_said_to_have_left_before_it_was_asked_to(
    batches: list[tuple[int, int, int]],
) -> None:
    sending = lane()
    for before, took, count in batches:
        stamps = sending.stamps(before, before + took, count)
        assert len(stamps) == count
        assert before <= stamps[0] or took < count
        assert stamps[-1] <= before + max(took, count)
