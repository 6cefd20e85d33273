"""Rupiah as they are written and read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ronda.kernel.money import read_rupiah, rupiah


@given(st.integers(0, 10**12))
def test_what_is_written_is_read_back(amount: int) -> None:
    assert read_rupiah(rupiah(amount)) == amount
    assert read_rupiah(str(amount)) == amount


def test_amounts_are_written_as_people_write_them() -> None:
    assert rupiah(5000) == "Rp5.000"
    assert rupiah(-1_250_000) == "-Rp1.250.000"
    assert read_rupiah(" Rp. 5,000 ") == 5000
    assert read_rupiah("15.000,-") == 15_000


@pytest.mark.parametrize(
    "text", ["", "Rp", "5.00", "5,5", "-5000", "5000.5", "lima ribu", "1.0000"]
)
def test_what_is_no_whole_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        read_rupiah(text)
