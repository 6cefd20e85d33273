"""Templates of plain lines: what is said, what is left out, and that values are never read as templates."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ronda.kernel.template import BadTemplate, Reason, read

NAMES = frozenset(("title", "text", "link"))


def words(template: str, /, **values: str) -> str:
    return read(template, NAMES, longest=200, most_lines=10).fill(values)


def test_fields_sections_and_braces() -> None:
    text = "{{{title}}}\n{?link}See {link}{/link}{!link}No page{/link}\n\n{text}"
    assert words(text, title="Down", text="a\nb", link="x") == "{Down}\nSee x\n\na\nb"
    assert words(text, title="Down", text="a") == "{Down}\nNo page\n\na"
    # Nothing is left of a line whose fields are empty, nor of a section of several lines.
    assert words("{title}\n{?link}More:\n{link}\n{/link}{text}", text="a", title="") == "a"


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("{nothing}", 1, Reason.UNKNOWN_FIELD),
        ("a\n}", 2, Reason.LONE_BRACE),
        ("{?link}a\nb", 2, Reason.UNCLOSED),
        ("{/link}", 1, Reason.WRONG_END),
        ("x" * 201, 1, Reason.TOO_LONG),
        ("\n".join("abcdefghijk"), 10, Reason.TOO_LONG),
    ],
)
def test_what_is_no_template_is_refused_with_its_place(
    text: str, line: int, reason: Reason
) -> None:
    with pytest.raises(BadTemplate) as found:
        words(text)
    assert (found.value.line, found.value.reason) == (line, reason)


def test_a_field_in_a_section_is_not_always_said() -> None:
    def always(text: str) -> bool:
        return read(text, NAMES, longest=200, most_lines=10).always("text")

    assert always("a {text}")
    assert not always("{?link}{text}{/link}")
    assert not always("text")


@given(st.text(max_size=80))
def test_a_value_is_put_in_as_it_is(value: str) -> None:
    assert words("a {text} b", text=value) == (f"a {value} b".strip("\n") if value else "")
