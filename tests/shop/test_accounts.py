"""What each event writes in the accounts adds up to nothing, whatever the prices."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ronda.shop.rules import accounts
from ronda.shop.rules.accounts import Account, Line, Sold, Unbalanced, Via
from ronda.shop.rules.sums import Sums, of_return, of_sale

RUPIAH = st.integers(0, 10**9)
PERSON = st.none() | st.integers(1, 9)
SOLD = st.builds(Sold, st.sampled_from(Via), RUPIAH, RUPIAH, RUPIAH, PERSON, PERSON)


def total(lines: list[Line]) -> int:
    return sum(line.amount_idr for line in lines)


def of(lines: list[Line], account: Account) -> int:
    return sum(line.amount_idr for line in lines if line.account == account)


@given(SOLD, PERSON)
def test_a_sale_and_its_return_balance_and_leave_neither_income_nor_cost(
    sold: Sold, by: int | None
) -> None:
    made, back = accounts.sale(sold), accounts.refund(sold, by)
    assert (total(made), total(back)) == (0, 0)
    both = made + back
    assert of(both, Account.SALES) + of(both, Account.REFUNDS) == 0
    assert (of(both, Account.COST), of(both, Account.COMMISSION)) == (0, 0)
    assert of(made, Account.SALES) == -sold.price_idr


@given(st.integers(1, 9), RUPIAH, RUPIAH, RUPIAH, PERSON)
def test_drawers_deposits_and_stock_balance(
    holder: int, books: int, counted: int, left: int, drawer: int | None
) -> None:
    closed = accounts.closing(holder, books, counted, left)
    assert (total(closed), of(closed, Account.CASH)) == (0, left - books)
    opened = accounts.opening(holder, books, counted)
    assert (total(opened), of(opened, Account.CASH)) == (0, counted - books)
    assert total(accounts.handing(holder, counted)) == 0
    assert total(accounts.top_up(holder, counted, drawer)) == 0


@pytest.mark.parametrize(
    ("via", "seller", "expected"),
    [
        ("counter", 7, Line("cash", 7, 5000)),
        ("reseller", 7, Line("deposit", 7, 4000)),
        ("shop", None, Line("clearing", None, 5000)),
        ("member", None, Line("clearing", None, 5000)),
        ("member", 7, Line("cash", 7, 5000)),
        ("mikhmon", 7, Line("equity", None, 5000)),
    ],
)
def test_the_money_is_where_the_buyer_paid_it(via: str, seller: int | None, expected: Line) -> None:
    kept = 1000 if via == "reseller" else 0
    lines = accounts.sale(Sold(Via(via), 5000, 1500, kept, seller))
    assert expected in lines


def test_a_sale_out_of_somebodys_stock_takes_it_from_there() -> None:
    lines = accounts.sale(Sold(Via.COUNTER, 5000, 1500, 0, 7, stock_of=7))
    assert lines == [
        Line("cash", 7, 5000),
        Line("cost", None, 1500),
        Line("sales", None, -5000),
        Line("stock", 7, -1500),
    ]


@pytest.mark.parametrize(
    "lines", [[("cash", 1, 1)], [("cash", 1, 1), ("purse", None, -1)], [("", None, 0)]]
)
def test_what_does_not_balance_or_has_no_account_is_refused(lines: Any) -> None:
    with pytest.raises(Unbalanced):
        accounts.checked(lines)


def test_lines_of_one_account_are_added_up_and_empty_ones_left_out() -> None:
    lines = [("sales", None, -3), ("cash", 1, 2), ("cash", 1, 1), ("cost", None, 0)]
    assert accounts.checked(lines) == [Line("cash", 1, 3), Line("sales", None, -3)]


@pytest.mark.parametrize(
    ("percent", "kept"), [(None, 1000), (0, 0), (10, 500), (33, 1650), (100, 5000)]
)
def test_a_reseller_keeps_a_share_or_what_lies_above_the_reseller_price(
    percent: int | None, kept: int
) -> None:
    assert accounts.commission_of(5000, 4000, percent) == kept
    assert accounts.commission_of(5000, 6000, None) == 0


def test_margin_is_what_is_left_after_cost_and_commission() -> None:
    two = of_sale(5000, 1500, 500) + of_sale(3000, 1000, 0)
    assert two == Sums(2, 0, 8000, 0, 2500, 500)
    left = two + of_return(3000, 1000, 0)
    assert (left.count, left.income_idr, left.margin_idr) == (1, 5000, 3000)
