"""Codes: letters nobody mistakes, no more than there can be, and how hard they are to guess."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ronda.shop.rules import clocks, codes, expiry, voucher_files
from ronda.shop.rules.codes import Alphabet, BadCode, Look
from ronda.shop.rules.comment import comment_of
from ronda.shop.rules.terms import Span, SpanUnit, Terms
from ronda.shop.rules.voucher_files import Entry, Problem

NOW = datetime(2026, 1, 31, 16, 30, tzinfo=UTC)  # 23:30 in Jakarta


@pytest.mark.parametrize("alphabet", Alphabet)
def test_no_alphabet_has_characters_that_look_alike_or_both_cases(alphabet):
    letters = codes.LETTERS[alphabet]
    assert not set(letters) & set("0Oo1lIi")
    assert letters in (letters.lower(), letters.upper())
    assert len(set(letters)) == len(letters)


@pytest.mark.parametrize(
    ("what", "look"),
    [
        ("length", {"length": 3}),
        ("length", {"length": 17}),
        ("prefix", {"prefix": "a b"}),
        ("prefix", {"prefix": "x" * 13}),
    ],
)
def test_a_look_that_cannot_be_is_refused(what, look):
    with pytest.raises(BadCode) as refused:
        Look(**look)
    assert refused.value.what == what


def test_there_are_never_more_codes_than_half_of_those_possible():
    look = Look(Alphabet.DIGITS, 4)
    codes.check_room(look, 2048, 0)
    for count, used in ((2049, 0), (49, 2000), (0, 0)):
        with pytest.raises(BadCode) as refused:
            codes.check_room(look, count, used)
        assert refused.value.most == 2048 - used
    assert codes.room(look, 5000) == 0


def test_it_is_told_how_hard_guessing_is():
    hard = codes.resistance(Look(Alphabet.MIXED, 8), 500)
    assert hard.one_in == 31**8 // 500
    assert not hard.easy
    assert codes.resistance(Look(Alphabet.DIGITS, 4), 0).one_in == 4096
    assert codes.resistance(Look(Alphabet.DIGITS, 4), 500).easy


def test_a_chosen_code_is_one_that_nothing_bends():
    assert codes.check_chosen("budi.s@warung-1") == "budi.s@warung-1"
    for bad in ("", "a b", "é", "x" * 65, '"'):
        with pytest.raises(BadCode):
            codes.check_chosen(bad)


@given(
    begun=st.integers(0, 3000).map(lambda days: NOW + timedelta(days=days, minutes=days)),
    count=st.integers(1, 30),
    unit=st.sampled_from(SpanUnit),
    zone=st.sampled_from(["WIB", "WITA", "WIT"]),
)
def test_time_online_can_never_reach_past_the_end_of_the_calendar(begun, count, unit, zone):
    span = Span(count, unit)
    end = clocks.after(begun, span, zone)
    online = expiry.longest_online_s(Terms(valid_for=span))
    assert end > begun
    assert online >= (end - begun).total_seconds() or unit is not SpanUnit.MONTH
    assert expiry.longest_online_s(Terms(valid_for=span), begun, end) == round(
        (end - begun).total_seconds()
    )


def test_limits_are_sent_in_seconds_and_exact_bytes_and_none_where_there_is_none():
    texts = expiry.user_texts(
        Terms("1hari", Span(1, SpanUnit.DAY), 18_000, 1_073_741_824, 5, 7), "vc-1-01.31.26-kios"
    )
    assert texts == {
        "profile": "1hari",
        "limit-uptime": "5h",
        "limit-bytes-total": "1073741824",
        "limit-bytes-in": "5",
        "limit-bytes-out": "7",
        "comment": "vc-1-01.31.26-kios",
        "disabled": "",
    }
    assert expiry.user_texts(Terms(), "x")["limit-uptime"] == ""
    assert expiry.user_texts(Terms(valid_for=Span(1, SpanUnit.DAY)), "x")["limit-uptime"] == "1d"


def test_a_first_login_is_dated_back_by_the_time_online_and_never_before_the_voucher_was():
    assert expiry.first_login_at(NOW, 600, NOW - timedelta(days=1)) == NOW - timedelta(minutes=10)
    assert expiry.first_login_at(NOW, 600, NOW - timedelta(minutes=5)) == NOW - timedelta(minutes=5)


def test_the_comment_is_dated_where_the_voucher_is_used():
    assert comment_of(7, NOW, "WIB", " kios  Budi\n", separate=False) == "vc-7-01.31.26-kios Budi"
    assert comment_of(7, NOW, "WITA", "", separate=True) == "up-7-02.01.26-"


def test_a_list_of_codes_is_read_with_and_without_headings():
    assert voucher_files.read_list("\ufeffkode;sandi\na1;p1\n\nb2;b2\n") == (
        [Entry("a1", "p1"), Entry("b2")],
        [],
    )
    assert voucher_files.read_list("a1,p1\nb2\n")[0] == [Entry("a1", "p1"), Entry("b2")]
    assert voucher_files.read_list("harga,voucher\n5000,a1\n9\n") == (
        [Entry("a1")],
        [Problem(3, "code", "")],
    )


def test_what_is_wrong_in_a_list_is_told_with_its_line():
    assert voucher_files.read_list("") == ([], [Problem(1, "empty")])
    assert voucher_files.read_list("a1\na1\nb 2\nc3," + "x" * 65) == (
        [Entry("a1")],
        [Problem(2, "twice", "a1"), Problem(3, "code", "b 2"), Problem(4, "password", "c3")],
    )
    many = "\n".join(f"k{number}" for number in range(voucher_files.MOST_LINES + 1))
    assert voucher_files.read_list(many)[1] == [Problem(voucher_files.MOST_LINES + 1, "many")]


def test_no_cell_runs_and_no_name_leaves_its_quotes():
    assert b"'=1+1,5" in voucher_files.write_csv(["a", "b"], [["=1+1", 5]])
    script = voucher_files.write_script([{"name": 'a" $x', "server": ""}]).decode()
    assert ':do { add name="a\\" \\$x" } on-error={ }' in script


@pytest.mark.parametrize(
    ("gone", "live", "lost"), [(4, 4, False), (5, 10, True), (5, 11, False), (500, 500, True)]
)
def test_most_of_the_users_missing_at_once_is_the_routers_doing(gone, live, lost):
    assert expiry.router_lost_them(gone, live) is lost
