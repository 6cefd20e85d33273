"""What was sold is read back as it was stored."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ronda.shop.rules.terms import AtEnd, Span, SpanUnit, Terms, split_span

SPANS = st.builds(Span, st.integers(1, 999), st.sampled_from(SpanUnit))
LIMITS = st.none() | st.integers(1, 2**50)


@given(
    st.builds(
        Terms,
        profile=st.text(min_size=1, max_size=12),
        valid_for=st.none() | SPANS,
        online_s=LIMITS,
        quota_bytes=LIMITS,
        windows=st.just([[["mon"], "08:00", "16:00"]]) | st.just([]),
        at_end=st.sampled_from(AtEnd),
    )
)
def test_terms_survive_being_stored(terms: Terms) -> None:
    assert Terms.from_json(json.loads(json.dumps(terms.as_json()))) == terms


def test_terms_of_an_older_version_get_the_defaults() -> None:
    assert Terms.from_json({"profile": "1jam", "forgotten": 1}) == Terms(profile="1jam")


@given(SPANS)
def test_a_span_is_read_back(span: Span) -> None:
    assert Span(*split_span(str(span))) == span


@pytest.mark.parametrize("text", ["", "d", "30", "30x", "1d2h"])
def test_what_is_no_span_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        split_span(text)


def test_a_span_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="1 or more"):
        Span(0, SpanUnit.DAY)
