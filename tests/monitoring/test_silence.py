"""What outages took of a fleet, added up from columns, is what the policy says of each ONT."""

from array import array
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from ronda.monitoring.rules.intervals import Span, clip, uptime
from ronda.monitoring.rules.silence import (
    DAY_US,
    NONE,
    OPEN_US,
    Block,
    Outages,
    Silence,
    Silences,
    Unseen,
    micros,
    time_of,
)

DAYS = 4
ONTS = 3
instants = st.one_of(
    st.integers(-DAY_US, (DAYS + 1) * DAY_US),
    st.integers(-1, DAYS + 1).map(lambda day: day * DAY_US),
)


def span_of(start: int, end: int | None) -> Span:
    return Span(time_of(start), None if end is None else time_of(end))


@st.composite
def histories(draw):
    """Outages of each ONT, apart from each other; the last one may go on."""
    found = []
    for ont in range(ONTS):
        marks = sorted(set(draw(st.lists(instants, max_size=8))))
        pairs = list(zip(marks[::2], marks[1::2], strict=False))
        found += [(ont, start, end) for start, end in pairs]
        if len(marks) % 2:
            found.append((ont, marks[-1], None))
    return found


def in_blocks(outages, sealed):
    """The outages that ended before the day `sealed` by day, the rest in one block."""
    days: dict[int | None, list[tuple[int, int, int]]] = {None: []}
    for ont, start, end in outages:
        day = None if end is None or end // DAY_US >= sealed else end // DAY_US
        last = OPEN_US if end is None else end
        days.setdefault(day, []).append((start, ont, last - start))
    return Outages(
        [
            Block(
                day,
                array("I", [ont for _, ont, _ in sorted(rows)]),
                array("q", [start for start, _, _ in sorted(rows)]),
                array("q", [length for _, _, length in sorted(rows)]),
            )
            for day, rows in days.items()
        ]
    )


@given(
    outages=histories(),
    sealed=st.integers(-1, DAYS + 2),
    period=st.tuples(instants, instants).filter(lambda pair: pair[0] < pair[1]),
    gaps=st.lists(st.tuples(instants, instants), max_size=3),
    dense=st.booleans(),
)
def test_it_is_what_the_policy_says_of_each_ont(outages, sealed, period, gaps, dense):
    start, end = period
    spans = [Span(time_of(first), time_of(last)) for first, last in gaps]
    holes = clip(spans, time_of(start), time_of(end))
    unseen = Unseen([(micros(first), micros(last)) for first, last in holes])
    kept = in_blocks(outages, sealed)

    silences = Silences(start, end, unseen, width=ONTS if dense else None)
    for block in kept.blocks:
        silences.add(block)

    each = []
    for ont in range(ONTS):
        own = [span_of(first, last) for number, first, last in outages if number == ont]
        expected = uptime(span_of(start, end), time_of(end), own, unobserved=spans)
        each.append(silences.of(ont))
        assert each[-1] == Silence(
            micros_of(expected.down), expected.outages, micros_of(expected.longest)
        )
        assert unseen.between(start, end) == micros_of(expected.unobserved)
        listed = [Span(*times) for _ont, *times in kept.of([ont])[ont].times()]
        assert sorted(listed, key=lambda span: span.start) == own
    assert silences.together(range(ONTS)) == Silence(
        sum(one.down for one in each),
        sum(one.outages for one in each),
        max(one.longest for one in each),
    )
    assert len(list(kept.times())) == len(outages)


def micros_of(length: timedelta) -> int:
    return length // timedelta(microseconds=1)


def test_an_ont_beyond_those_that_were_added_lost_nothing():
    silences = Silences(0, DAY_US, Unseen([]), width=1)
    assert silences.of(7) == silences.together([]) == NONE
    assert Outages([]).of([]) == {}
