"""Text from other people's files."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ronda.devices.rules.findings import Finding, Severity, shown
from ronda.devices.rules.text import (
    control_character,
    guard,
    looks_like_formula,
    looks_like_markup,
    mended,
    tidy,
    tidy_lines,
    unguard,
)


@pytest.mark.parametrize(
    ("given_", "kept"),
    [
        ("  Pos  Ronda\tRT 3 ", "Pos Ronda RT 3"),
        ("Pos\u00a0Ronda", "Pos Ronda"),
        ("Pos\u200b Ronda\ufeff", "Pos Ronda"),
        ("Cafe\u0301", "Caf\u00e9"),
        ("a\u202eb", "ab"),
    ],
)
def test_text_is_kept_on_one_line_without_what_nobody_sees(given_: str, kept: str) -> None:
    assert tidy(given_) == kept


@given(st.text())
def test_tidying_twice_changes_nothing(text: str) -> None:
    assert tidy(tidy(text)) == tidy(text)
    assert tidy_lines(tidy_lines(text)) == tidy_lines(text)


def test_notes_keep_their_lines() -> None:
    assert tidy_lines("  one  two \r\n\n three ") == "one two\n\nthree"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Pos Ronda", None),
        ("line\nbreak\ttab", None),
        ("Pos\u0007", "U+0007"),
        ("\ud800", "U+D800"),
        ("Caf\u00e9\u200b", None),
    ],
)
def test_control_characters_are_named(text: str, found: str | None) -> None:
    assert control_character(text) == found


@pytest.mark.parametrize("text", ["=1+1", "=cmd|'/c calc'!A0", "+62 812", "@SUM(A1)", "-2+3", "-a"])
def test_what_a_spreadsheet_would_run_is_a_formula(text: str) -> None:
    assert looks_like_formula(text)


@pytest.mark.parametrize("text", ["", "-", "-7.79", "-7,79", "- 12", "Pos = Ronda", "a@b"])
def test_what_a_spreadsheet_would_not_run_is_no_formula(text: str) -> None:
    assert not looks_like_formula(text)


@pytest.mark.parametrize(
    "text",
    ["<b>Pos</b>", "<script>alert(1)</script>", "a<!--b", "R&amp;D", "&#60;", "javascript:x"],
)
def test_html_is_seen(text: str) -> None:
    assert looks_like_markup(text)


@pytest.mark.parametrize("text", ["A & B", "RT < 5", "5 > 3", "a<1", "Pos; Ronda"])
def test_ordinary_signs_are_no_html(text: str) -> None:
    assert not looks_like_markup(text)


@pytest.mark.parametrize(
    ("damaged", "whole"),
    [
        ("Ruang PeRTemuan RT 01", "Ruang Pertemuan RT 01"),
        ("Jalan peRTigaan", "Jalan pertigaan"),
        ("KeRWanan", "Kerwanan"),
        ("RT 01 RW 02", "RT 01 RW 02"),
        ("SMART", "SMART"),
    ],
)
def test_the_marks_of_a_careless_replace_are_mended(damaged: str, whole: str) -> None:
    assert mended(damaged) == whole


@given(st.text(alphabet="'=+-@\t\ra1.,", max_size=8))
def test_a_guarded_cell_comes_back_as_it_was_and_runs_nowhere(text: str) -> None:
    assert unguard(guard(text)) == text
    assert not looks_like_formula(guard(text))


def test_a_finding_is_named_by_row_code_and_column() -> None:
    finding = Finding("too_long", Severity.REFUSED, 7, "Nama", "x")
    assert finding.key == "7:too_long:Nama"
    assert not finding.asks
    assert Finding("markup", Severity.HELD, 7).asks
    assert Finding("swapped", Severity.SUSPICIOUS, 7, repair={"latitude": 1.0}).asks


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, ""), (7, "7"), ("a\u0007b", "a\\u0007b"), ("x" * 201, "x" * 199 + "\u2026")],
)
def test_values_are_shown_on_one_printable_line(value: object, text: str) -> None:
    assert shown(value) == text
