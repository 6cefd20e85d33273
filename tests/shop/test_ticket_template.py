"""The language of tickets: what it says, what it refuses, and that values stay values."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ronda.kernel.template import BadTemplate, Reason
from ronda.shop.printing.template import FIELDS, Kind, Line, read

VALUES = {"code": "abcd2345", "shop": "Warung", "price": "Rp5.000", "note": "", "qr": "x"}


def lines(text, **values):
    return read(text).fill(VALUES | values)


def test_each_line_has_its_size_and_its_values() -> None:
    text = "{logo}\n# {shop}\n! {code}\n{price} saja\n- kecil\n---\n{qr}\n\n{{a}}"

    assert lines(text) == [
        Line(Kind.BIG, "Warung"),
        Line(Kind.CODE, "abcd2345"),
        Line(Kind.TEXT, "Rp5.000 saja"),
        Line(Kind.SMALL, "kecil"),
        Line(Kind.RULE),
        Line(Kind.QR),
        Line(Kind.TEXT, "{a}"),
    ]


def test_a_line_whose_fields_are_all_empty_is_left_out_and_one_with_a_value_stays() -> None:
    assert lines("{code}\nCatatan: {note}\n{note} {shop}") == [
        Line(Kind.TEXT, "abcd2345"),
        Line(Kind.TEXT, "Warung"),
    ]


def test_a_line_that_says_nothing_is_left_out() -> None:
    assert lines("{code}\n \n{!shop}x{/shop}") == [Line(Kind.TEXT, "abcd2345")]


def test_sections_stay_or_go_over_several_lines_and_inside_each_other() -> None:
    text = (
        "{code}\n{?note}ada\n---\n{qr}{/note}\n{!note}tanpa\n{?shop}di {shop}{/shop}\n{/note}ujung"
    )

    assert [line.text for line in lines(text)] == ["abcd2345", "tanpa", "di Warung", "ujung"]
    assert [line.kind for line in lines(text, note="x")] == [
        Kind.TEXT,
        Kind.TEXT,
        Kind.RULE,
        Kind.QR,
        Kind.TEXT,
    ]


@pytest.mark.parametrize(
    ("text", "line", "reason", "what"),
    [
        ("{code}\n{kode}", 2, Reason.UNKNOWN_FIELD, "kode"),
        ("{code}\n{?nota}x{/nota}", 2, Reason.UNKNOWN_FIELD, "nota"),
        ("{code}\n{__class__}", 2, Reason.UNKNOWN_FIELD, "__class__"),
        ("{code.upper}", 1, Reason.UNKNOWN_FIELD, "code.upper"),
        ("{code}\n}x", 2, Reason.LONE_BRACE, "}"),
        ("{code}\n{shop", 2, Reason.LONE_BRACE, "{"),
        ("{code}\n{?note}x\nmore", 2, Reason.UNCLOSED, "note"),
        ("{code}{/note}", 1, Reason.WRONG_END, "note"),
        ("{code}{?note}{?shop}{/note}{/shop}", 1, Reason.WRONG_END, "note"),
        ("{code}\nkiri {qr}", 2, Reason.NOT_ALONE, "qr"),
        ("{code}\n# {logo}", 2, Reason.NOT_ALONE, "logo"),
        ("{code}\n{qr}{logo}", 2, Reason.NOT_ALONE, "qr"),
        ("{shop}", 1, Reason.NO_CODE, ""),
        ("{?note}{code}{/note}", 1, Reason.NO_CODE, ""),
        ("{code}\n" * 41, 40, Reason.TOO_LONG, ""),
        ("{code}" + "x" * 2000, 1, Reason.TOO_LONG, ""),
    ],
)
def test_a_bad_template_is_refused_with_its_line_and_reason(text, line, reason, what) -> None:
    with pytest.raises(BadTemplate) as refused:
        read(text)

    assert (refused.value.line, refused.value.reason, refused.value.what) == (line, reason, what)
    assert str(refused.value).startswith(f"line {line}: {reason}")


@given(st.text(max_size=60), st.text(max_size=60))
def test_a_value_is_never_a_line_a_field_or_a_size(shop, note) -> None:
    filled = read("{code}\n{shop}|\n{note}|").fill(VALUES | {"shop": shop, "note": note})

    assert len(filled) <= 3
    assert {line.kind for line in filled} == {Kind.TEXT}
    assert all("\n" not in line.text for line in filled)


@given(st.text(alphabet="{}?!/# -\nabcdeonqr", max_size=80))
def test_any_text_is_read_or_refused(text) -> None:
    with suppress(BadTemplate):
        read(text).fill(dict.fromkeys(FIELDS, "x"))
