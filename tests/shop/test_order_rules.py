"""The life of an order, what money means for it, and numbers of buyers."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ronda.kernel.phones import read_phone
from ronda.shop.models import Order
from ronda.shop.rules import inbox, orders
from ronda.shop.rules.orders import CLOSED, MOVES, Claim, State, Verdict, judge

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DUE = frozenset({5000, 5017})


def claim(state: State, *, paid: bool = False, sold: bool = True) -> Claim:
    return Claim(state, DUE, paid, sold)


def test_the_table_and_the_rules_speak_of_the_same_states():
    assert [state.value for state in State] == Order.State.values
    assert set(MOVES) == set(State)


def test_nothing_waits_for_money_again_and_a_refund_ends_it():
    assert orders.before(State.PENDING) == ()
    assert MOVES[State.REFUNDED] == frozenset()
    assert orders.before(State.DELIVERED) == (State.PAID, State.PROVISIONING, State.ATTENTION)
    assert not orders.may_move(State.PENDING, State.DELIVERED)


@pytest.mark.parametrize(
    ("state", "verdict"),
    [
        (State.PENDING, Verdict.SERVED),
        (State.EXPIRED, Verdict.SERVED),
        (State.ATTENTION, Verdict.SERVED),
        (State.CANCELLED, Verdict.AFTER_CANCEL),
        (State.REFUNDED, Verdict.DOUBLE),
    ],
)
def test_the_right_amount(state: State, verdict: Verdict):
    assert judge(claim(state), 5017) is verdict


def test_late_money_revives_an_order_only_while_its_package_is_sold():
    assert judge(claim(State.EXPIRED, sold=False), 5000) is Verdict.LATE
    assert judge(claim(State.PENDING, sold=False), 5000) is Verdict.SERVED


def test_money_that_names_no_order_is_kept_for_a_person():
    assert judge(None, 5000) is Verdict.NO_ORDER


@given(
    st.sampled_from(State), st.booleans(), st.booleans(), st.integers(min_value=0, max_value=9999)
)
def test_money_is_never_served_twice_nor_for_another_amount(
    state: State, paid: bool, sold: bool, amount: int
):
    verdict = judge(claim(state, paid=paid, sold=sold), amount)
    if verdict is Verdict.SERVED:
        assert not paid
        assert amount in DUE
        assert state not in {State.CANCELLED, State.REFUNDED}
    elif paid:
        assert verdict is Verdict.DOUBLE


def test_what_is_not_served_stops_only_orders_that_nobody_serves():
    for state, verdict in product(State, Verdict):
        stops = orders.holds_up(state, verdict)
        assert stops == (
            verdict is not Verdict.SERVED
            and state in {State.PENDING, State.EXPIRED, State.CANCELLED}
        )
        if stops:
            assert orders.may_move(state, State.ATTENTION)
    assert {State.EXPIRED, State.CANCELLED} <= CLOSED


def test_every_reason_for_money_has_its_word_in_the_inbox_and_a_way_out():
    for verdict in Verdict:
        if verdict is not Verdict.SERVED:
            assert inbox.Reason(verdict)
            assert inbox.Settled.REFUNDED in inbox.allowed(verdict)
    assert inbox.allowed(Verdict.DOUBLE)[0] is inbox.Settled.SAME


def test_a_package_is_sold_until_the_moment_that_was_set():
    def sold(at: datetime = NOW, **changed: object) -> bool:
        values = {"active": True, "deleted": False, "sold_by": NOW + timedelta(hours=1)} | changed
        return orders.is_on_sale(at=at, **values)  # type: ignore[arg-type]

    assert sold()
    assert sold(sold_by=None)
    assert not sold(NOW + timedelta(hours=1))
    assert not sold(active=False)
    assert not sold(deleted=True)


@pytest.mark.parametrize(
    "text",
    [
        "0812-3456-789",
        "62812 3456 789",
        "8123456789",
        "+62 812 3456 789",
        "+62 0812 3456789",
        "0062 8123456789",
    ],
)
def test_a_number_has_one_spelling(text: str):
    assert read_phone(text) == "+628123456789"


@pytest.mark.parametrize(
    "text", ["", "0812", "budi", "+62812a456789", "08123456789012345", "+٦٢٨١٢٣٤٥٦٧٨٩"]
)
def test_what_is_no_number_is_refused(text: str):
    with pytest.raises(ValueError) as refused:  # noqa: PT011 -- the message is the text, which may be empty
        read_phone(text)
    assert refused.value.args == (text,)


def test_numbers_of_other_countries_keep_theirs():
    assert read_phone("+65 8123 4567") == "+6581234567"
