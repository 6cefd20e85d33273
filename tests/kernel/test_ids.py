"""Numbers of rows as people and programs send them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ronda.kernel.ids import LARGEST_ID, id_of, ids_of


@given(st.integers(1, LARGEST_ID))
def test_the_number_of_a_row_is_read(number: int) -> None:
    assert id_of(str(number)) == number


@pytest.mark.parametrize(
    "text", ["", "0", "-1", "1.0", " 1", "x", "\u0663", str(LARGEST_ID + 1), "9" * 20, "9" * 5000]
)
def test_what_no_row_can_have_is_the_number_of_none(text: str) -> None:
    assert id_of(text) == 0


def test_of_what_a_form_names_the_numbers_are_kept() -> None:
    assert ids_of(["3", "", "9" * 30, "1"]) == [3, 1]
