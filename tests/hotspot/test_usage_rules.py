"""Whatever a router does between readings, what was used is counted once: never twice, never below 0."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ronda.hotspot.rules.amounts import NOTHING, WRAP, Amount, by_hour, grown, hour_of
from ronda.hotspot.rules.readings import Account, Active, Bill, Ledger, Reading, Session
from ronda.hotspot.rules.usage import MISSED, settle
from tests.hotspot.model import START, Model

KB = 1000


class Book:
    """Everything that the readings of a model told."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.ledger: Ledger | None = None
        self.used: dict[str, Amount] = {}
        self.sessions: dict[str, Session] = {}
        self.bills: list[Bill] = []

    def poll(self, reading: Reading | None = None) -> Bill:
        self.ledger, bill = settle(self.ledger, reading or self.model.read())
        for use in bill.uses:
            assert min(use.amount) >= 0
            assert use.since <= use.until
            self.used[use.user] = self.used.get(use.user, NOTHING).plus(use.amount)
        self.sessions |= {session.key: session for session in bill.sessions}
        self.bills.append(bill)
        return bill

    def bytes_used(self) -> dict[str, int]:
        return {user: amount.total for user, amount in self.used.items()}


def started(*users: str) -> Book:
    model = Model()
    for user in users:
        model.make(user)
    book = Book(model)
    book.poll()
    return book


def total(amounts: Iterable[Amount]) -> Amount:
    found = NOTHING
    for amount in amounts:
        found = found.plus(amount)
    return found


def test_a_session_is_counted_from_login_to_logout_with_its_last_minutes() -> None:
    book = started("budi")
    model = book.model
    model.login("10", "budi")
    model.pass_time(200, 600 * KB)
    book.poll()
    model.pass_time(100, 300 * KB)
    model.logout("10")
    model.pass_time(200)
    book.poll()

    assert book.used == {"budi": Amount(300 * KB, 900 * KB, 300)}
    (session,) = book.sessions.values()
    assert session.amount == Amount(300 * KB, 900 * KB, 300)
    assert session.started_at == START
    assert session.ended_at == START + timedelta(seconds=300)
    assert (session.user, session.mac, session.profile, session.watched) == (
        "budi",
        "02:budi",
        "1jam",
        True,
    )


def test_what_was_used_before_the_first_reading_belongs_to_nobody() -> None:
    model = Model()
    model.make("budi")
    model.users["budi"] = Amount(5, 5, 5)
    model.login("10", "budi")
    model.pass_time(600, 3000 * KB)
    book = Book(model)
    book.poll()
    assert book.used == {}
    model.pass_time(60, 30)
    model.logout("10")
    book.poll()
    assert book.used == {"budi": Amount(10, 30, 60)}
    (session,) = book.sessions.values()
    assert session.amount == Amount(1000 * KB + 10, 3000 * KB + 30, 660)


def test_a_stay_between_two_readings_is_found_in_the_users_own_counters() -> None:
    book = started("budi")
    book.model.login("10", "budi")
    book.model.pass_time(100, 900)
    book.model.logout("10")
    book.model.pass_time(200)
    book.poll()

    assert book.used == {"budi": Amount(300, 900, 100)}
    (session,) = book.sessions.values()
    assert not session.watched
    assert session.ended_at == book.model.clock
    assert session.started_at == book.model.clock - timedelta(seconds=100)


def test_a_new_login_at_the_same_address_is_a_new_session() -> None:
    book = started("budi")
    model = book.model
    model.login("10", "budi")
    model.pass_time(300, 900)
    book.poll()
    model.pass_time(10, 300)
    model.login("10", "budi")
    model.pass_time(290, 1200)
    book.poll()

    assert book.used == {"budi": Amount(800, 2400, 600)}
    assert sorted(s.amount.bytes_out for s in book.sessions.values()) == [1200, 1200]
    assert [s.ended_at is None for s in book.sessions.values()].count(True) == 1


def test_a_login_right_after_the_last_one_is_told_by_its_smaller_counters() -> None:
    book = started("budi")
    model = book.model
    model.login("10", "budi")
    model.pass_time(5, 9000)
    book.poll()
    model.login("10", "budi")
    model.pass_time(300, 300)
    book.poll()
    assert book.used == {"budi": Amount(3100, 9300, 305)}


def test_another_user_or_device_at_the_address_is_a_new_session() -> None:
    book = started("budi", "sari")
    model = book.model
    model.login("10", "budi")
    model.pass_time(2)
    book.poll()
    model.login("10", "sari")
    model.pass_time(2, 90)
    book.poll()
    model.login("10", "sari", "02:other")
    model.pass_time(2, 90)
    book.poll()
    assert len(book.sessions) == 3
    assert book.used["sari"] == Amount(60, 180, 4)


def test_who_logs_out_between_the_two_halves_of_a_reading_is_settled_by_the_next() -> None:
    book = started("budi")
    model = book.model
    model.login("10", "budi")
    model.pass_time(300, 900)
    book.poll()
    model.pass_time(100, 300)
    accounts = model.read_accounts()
    model.logout("10")
    book.poll(model.read(accounts))
    assert book.used == {"budi": Amount(300, 900, 300)}
    model.pass_time(300)
    book.poll()
    assert book.used == {"budi": Amount(400, 1200, 400)}
    (session,) = book.sessions.values()
    assert session.amount == Amount(400, 1200, 400)
    assert session.ended_at == START + timedelta(seconds=400)


def test_resetting_a_users_counters_takes_nothing_back_and_adds_nothing() -> None:
    book = started("budi")
    model = book.model
    model.login("10", "budi")
    model.pass_time(300, 9000)
    book.poll()
    model.logout("10")
    model.pass_time(300)
    book.poll()
    model.reset("budi")
    model.login("10", "budi")
    model.pass_time(60, 30)
    model.logout("10")
    book.poll()
    assert book.used == {"budi": Amount(3010, 9030, 360)}


@pytest.mark.parametrize("keeps", [True, False])
def test_a_restart_ends_sessions_and_counts_none_of_them_again(keeps: bool) -> None:
    book = started("budi")
    model = book.model
    model.login("10", "budi")
    model.pass_time(300, 9000)
    book.poll()
    model.restart(seconds=120, keeps=keeps)
    model.login("10", "budi")
    model.pass_time(30, 300)
    book.poll()
    assert book.used == {"budi": Amount(3100, 9300, 330)}
    assert len(book.sessions) == 2
    assert book.ledger is not None
    assert book.ledger.boot == 1


def test_counters_that_a_restart_brings_back_from_long_ago_are_not_use() -> None:
    model = Model()
    model.make("budi")
    model.users["budi"] = Amount(KB, KB, KB)
    book = Book(model)
    book.poll()
    model.restart(seconds=100, keeps=False)
    model.users["budi"] = Amount(900, 900, 900)
    book.poll()
    assert book.used == {}


def test_a_restart_that_the_uptime_hides_is_suspected_from_our_clock() -> None:
    model = Model(uptime_s=50)
    model.make("budi")
    model.users["budi"] = Amount(KB, KB, KB)
    book = Book(model)
    book.poll()
    model.restart(seconds=3600, keeps=False)
    model.users["budi"] = Amount(900, 900, 900)
    book.poll()
    assert book.used == {}


@pytest.mark.parametrize("step", [timedelta(hours=-5), timedelta(days=400)])
def test_a_step_of_our_clock_ends_no_session_and_doubles_none(step: timedelta) -> None:
    book = started("budi")
    model = book.model
    model.login("10", "budi")
    model.pass_time(300, 900)
    book.poll()
    model.clock += step
    model.pass_time(300, 900)
    bill = book.poll()
    assert book.used == {"budi": Amount(600, 1800, 600)}
    assert len(book.sessions) == 1
    assert all(use.until == model.clock for use in bill.uses)


def test_missed_polls_lose_nothing_and_the_use_is_spread_over_the_gap() -> None:
    book = started("budi")
    model = book.model
    model.login("10", "budi")
    model.pass_time(300, 900)
    book.poll()
    model.pass_time(4 * 3600, 9000)
    (use,) = book.poll().uses
    assert (use.since, use.until) == (START + timedelta(seconds=300), model.clock)
    assert use.amount == Amount(3000, 9000, 4 * 3600)


def test_the_same_or_an_older_reading_tells_nothing() -> None:
    book = started("budi")
    model = book.model
    model.login("10", "budi")
    model.pass_time(300, 900)
    earlier = model.read()
    model.pass_time(300, 900)
    book.poll()
    assert book.poll(model.read()) == Bill()
    assert book.poll(earlier) == Bill()


def test_a_row_that_a_print_repeats_counts_once_and_a_row_it_missed_is_not_doubled() -> None:
    book = started("budi")
    model = book.model
    model.login("10", "budi")
    model.pass_time(300, 900)
    reading = model.read()
    book.poll(replace(reading, active=reading.active * 2))
    model.pass_time(300, 900)
    book.poll(replace(model.read(), active=()))
    model.pass_time(300, 900)
    book.poll()
    assert book.used == {"budi": Amount(900, 2700, 900)}
    (session,) = book.sessions.values()
    assert session.ended_at is None
    model.pass_time(10, 3)
    model.logout("10")
    book.poll()
    assert book.used == {"budi": Amount(901, 2703, 910)}


@pytest.mark.parametrize("readings", [1, MISSED + 2])
def test_accounts_missing_from_readings_are_not_taken_for_new_ones(readings: int) -> None:
    model = Model()
    model.make("budi")
    model.users["budi"] = Amount(KB, KB, 100_000)
    book = Book(model)
    book.poll()
    for _ in range(readings):
        model.pass_time(300)
        book.poll(replace(model.read(), accounts=()))
    model.pass_time(300)
    book.poll()
    assert book.used == {}


@pytest.mark.parametrize("live", [True, False])
def test_an_account_that_was_missing_still_settles_its_sessions(live: bool) -> None:
    book = started("budi", "sari")
    model = book.model
    model.live = live
    model.login("10", "budi")
    model.login("11", "sari")
    model.pass_time(300, 900 * KB)
    book.poll()
    model.pass_time(300, 900 * KB)
    book.poll()
    model.pass_time(300, 900 * KB)
    if not live:
        model.logout("10")
    book.poll(replace(model.read(), accounts=()))
    model.logout("10")
    model.pass_time(300, 900 * KB)
    book.poll()
    assert book.used["budi"] == Amount(900 * KB, 2700 * KB, 900)
    assert book.used["sari"] == Amount(1200 * KB, 3600 * KB, 1200)


def test_an_account_made_since_the_last_reading_is_counted_whole() -> None:
    book = started()
    model = book.model
    model.make("v1234")
    model.login("10", "v1234")
    model.pass_time(100, 900)
    model.logout("10")
    model.pass_time(200)
    book.poll()
    assert book.used == {"v1234": Amount(300, 900, 100)}


def test_a_user_of_one_server_is_not_mixed_with_the_one_of_all() -> None:
    accounts = (
        Account("*1", "budi", "all", "umum", NOTHING),
        Account("*2", "budi", "kantor", "staf", NOTHING),
    )
    row = Active("*A", "budi", "kantor", "02:b", "10.5.50.2", NOTHING)
    ledger, _bill = settle(None, Reading(START, 1000, (row,), accounts))
    after = (accounts[0], accounts[1]._replace(amount=Amount(9, 9, 9)))
    _ledger, bill = settle(ledger, Reading(START + timedelta(seconds=300), 1300, (), after))
    (use,) = bill.uses
    assert (use.profile, use.amount) == ("staf", Amount(9, 9, 9))


def test_without_accounts_sessions_are_counted_as_far_as_they_were_seen() -> None:
    book = started()
    row = Active("*A", "radius", "hs", "02:r", "10.5.50.3", Amount(10, 20, 60))
    book.poll(Reading(START + timedelta(seconds=300), 1300, (row,)))
    book.poll(Reading(START + timedelta(seconds=600), 1600, ()))
    assert book.used == {"radius": Amount(10, 20, 60)}
    (session,) = book.sessions.values()
    assert session.ended_at == START + timedelta(seconds=300)


def test_counters_of_32_bits_that_wrap_go_on() -> None:
    book = started()
    near = Active("*A", "r", "hs", "02:r", "", Amount(WRAP - 100, WRAP - 7, 100))
    book.poll(Reading(START + timedelta(seconds=300), 1300, (near,)))
    over = near._replace(amount=Amount(50, 3, 400))
    book.poll(Reading(START + timedelta(seconds=600), 1600, (over,)))
    again = near._replace(amount=Amount(60, 4, 700))
    book.poll(Reading(START + timedelta(seconds=900), 1900, (again,)))
    assert book.used == {"r": Amount(WRAP + 60, WRAP + 4, 700)}
    assert len(book.sessions) == 1


def test_a_router_that_counts_users_while_they_are_online_is_found_out_and_not_doubled() -> None:
    book = started("budi", "sari")
    model = book.model
    model.live = True
    model.login("10", "budi")
    model.login("11", "sari")
    for _ in range(4):
        model.pass_time(300, 900 * KB, 600 * KB)
        book.poll()
    assert book.ledger is not None
    assert book.ledger.live
    model.pass_time(100, 300 * KB, 300 * KB)
    model.logout("10")
    model.pass_time(200)
    book.poll()
    model.logout("11")
    book.poll(replace(model.read(), at=model.clock + timedelta(seconds=1)))
    assert book.used == model.truth


SLOTS = st.sampled_from(["10", "11", "12"])
USERS = st.sampled_from(["budi", "sari", "tini"])
TRAFFIC = st.lists(st.integers(0, 30 * KB), min_size=1, max_size=3)
STEPS = st.one_of(
    st.tuples(st.just("login"), SLOTS, USERS),
    st.tuples(st.just("logout"), SLOTS),
    st.tuples(st.just("time"), st.integers(1, 900), TRAFFIC),
    st.tuples(st.just("poll")),
    st.tuples(st.just("half")),
)
TROUBLE = st.one_of(
    st.tuples(st.just("reset"), USERS),
    st.tuples(st.just("restart"), st.integers(30, 7200), st.booleans()),
    st.tuples(st.just("blank")),
    st.tuples(st.just("step"), st.integers(-100_000, 100_000)),
)


def carry_out(book: Book, steps: list[Any]) -> None:
    """The steps, then everybody leaves and two readings settle it."""
    model = book.model
    for kind, *what in steps:
        if kind == "time":
            model.pass_time(what[0], *what[1])
        elif kind == "poll":
            book.poll(model.read(model.late))
            model.late = None
        elif kind == "half":
            model.late = model.read_accounts()
        elif kind == "blank":
            book.poll(replace(model.read(), accounts=(), active=()))
        elif kind == "step":
            model.clock += timedelta(seconds=what[0])
        elif kind == "restart":
            model.restart(seconds=what[0], keeps=what[1])
        else:
            getattr(model, kind)(*what)
    for slot in list(model.stays):
        model.logout(slot)
    for _ in range(3):
        model.pass_time(300)
        book.poll()


@settings(max_examples=150, deadline=None)
@given(st.lists(STEPS, max_size=40))
def test_all_that_was_used_is_counted_to_the_byte_and_the_second(steps: list[Any]) -> None:
    book = started("budi", "sari", "tini")
    carry_out(book, [step for step in steps if step[0] != "half"])
    wanted = {user: amount for user, amount in book.model.truth.items() if amount != NOTHING}
    assert book.used == wanted
    assert total(s.amount for s in book.sessions.values()) == total(wanted.values())


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(STEPS, TROUBLE), max_size=40))
def test_nothing_is_ever_counted_twice(steps: list[Any]) -> None:
    book = started("budi", "sari", "tini")
    carry_out(book, steps)
    for user, amount in book.used.items():
        assert book.model.truth[user].covers(amount)


@given(
    st.tuples(*[st.integers(0, 10**12)] * 3),
    st.integers(0, 10**6),
    st.integers(-500, 10**6),
)
def test_sharing_out_over_hours_keeps_the_sum(
    parts: tuple[int, int, int], begin: int, length: int
) -> None:
    since = START + timedelta(seconds=begin)
    shares = list(by_hour(Amount(*parts), since, since + timedelta(seconds=length)))
    assert total(amount for _, amount in shares) == Amount(*parts)
    assert all(min(amount) >= 0 for _, amount in shares)
    assert [at for at, _ in shares] == sorted({at for at, _ in shares})
    assert shares[-1][0] == hour_of(since + timedelta(seconds=length))


def test_hours_get_their_share_of_the_time() -> None:
    since = datetime(2026, 11, 21, 1, 30, tzinfo=UTC)
    shares = list(by_hour(Amount(40, 80, 7200), since, since + timedelta(hours=2)))
    assert [(at.hour, amount) for at, amount in shares] == [
        (1, Amount(10, 20, 1800)),
        (2, Amount(20, 40, 3600)),
        (3, Amount(10, 20, 1800)),
    ]


def test_counters_that_went_back_are_another_thing() -> None:
    assert grown(Amount(5, 5, 5), Amount(4, 5, 6)) is None
    assert grown(Amount(5, 5, 5), Amount(6, 6, 4)) is None
    assert grown(Amount(WRAP - 1, 0, 0), Amount(WRAP // 2, 0, 1)) is None
    assert grown(Amount(5, 5, 5), Amount(6, 8, 9)) == Amount(1, 3, 4)
