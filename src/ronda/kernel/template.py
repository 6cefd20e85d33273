"""The language of what operators word themselves, on tickets and in messages: named fields, and nothing that could run.

`{code}` is replaced by its value; `{?note}…{/note}` stays where the field has a value, `{!password}…{/password}` where
it has none; `{{` and `}}` are braces. A line whose fields are all empty is left out.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

_TOKEN = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]|[^{}]+")

#: Sections that a piece stands in: field -> whether it must have a value.
Sections = tuple[tuple[str, bool], ...]


class Reason(StrEnum):
    """Why a template is refused."""

    UNKNOWN_FIELD = "unknown-field"
    LONE_BRACE = "lone-brace"
    UNCLOSED = "unclosed"
    WRONG_END = "wrong-end"
    NOT_ALONE = "not-alone"
    NO_CODE = "no-code"
    TOO_LONG = "too-long"


class BadTemplate(ValueError):
    """A template that is refused: in which line (from 1), why, and the words that are wrong."""

    def __init__(self, line: int, reason: Reason, what: str = "") -> None:
        """Names the place; the sentence for people is made by whoever shows it."""
        super().__init__(f"line {line}: {reason} {what}".rstrip())
        self.line = line
        self.reason = reason
        self.what = what


@dataclass(frozen=True, slots=True)
class Piece:
    """Words or a field, and the sections it stands in."""

    text: str
    field: bool
    sections: Sections


@dataclass(frozen=True, slots=True)
class Words:
    """A template of plain lines that was read; `fill` gives the text."""

    lines: tuple[tuple[Piece, ...], ...]

    def fill(self, values: Mapping[str, str]) -> str:
        """The text with its fields. Lines whose fields are all empty are left out."""
        return "\n".join(self._filled(values)).strip("\n")

    def _filled(self, values: Mapping[str, str]) -> Iterator[str]:
        for line in self.lines:
            pieces = [piece for piece in line if holds(piece.sections, values)]
            fields = [values.get(piece.text, "") for piece in pieces if piece.field]
            # What stands in a section that does not hold leaves no empty line behind.
            if (line and not pieces) or (fields and not any(fields)):
                continue
            yield "".join(
                values.get(piece.text, "") if piece.field else piece.text for piece in pieces
            ).rstrip()

    def always(self, field: str) -> bool:
        """Whether a field is said whatever the values are."""
        return any(
            piece.field and piece.text == field and not piece.sections
            for line in self.lines
            for piece in line
        )


def read(text: str, names: Collection[str], *, longest: int, most_lines: int) -> Words:
    """The template of plain lines that a text describes.

    Raises:
        BadTemplate: with the line and the reason.
    """
    lines = text.replace("\r\n", "\n").strip("\n").split("\n")
    if len(text) > longest or len(lines) > most_lines:
        raise BadTemplate(min(len(lines), most_lines), Reason.TOO_LONG)
    open_: list[tuple[str, bool]] = []
    found = []
    for number, line in enumerate(lines, 1):
        found.append(tuple(pieces_of(line, number, open_, names)))
    if open_:
        raise BadTemplate(len(lines), Reason.UNCLOSED, open_[-1][0])
    return Words(tuple(found))


def holds(sections: Sections, values: Mapping[str, str]) -> bool:
    """Whether everything that stands in these sections is said."""
    return all(bool(values.get(field)) is wanted for field, wanted in sections)


def pieces_of(
    text: str, number: int, open_: list[tuple[str, bool]], names: Collection[str]
) -> Iterator[Piece]:
    """The pieces of a line; `open_` are the sections it begins in, and is left as it ends.

    Raises:
        BadTemplate: with this line's number.
    """
    for found in _TOKEN.finditer(text):
        token, name = found.group(), found.group(1)
        if token in ("{{", "}}"):
            yield Piece(token[0], False, tuple(open_))
        elif token in ("{", "}"):
            raise BadTemplate(number, Reason.LONE_BRACE, token)
        elif name is None:
            yield Piece(token, False, tuple(open_))
        elif name[:1] in ("?", "!"):
            open_.append((_known(name[1:].strip(), number, names), name[0] == "?"))
        elif name[:1] == "/":
            _close(name[1:].strip(), number, open_)
        else:
            yield Piece(_known(name.strip(), number, names), True, tuple(open_))


def _known(name: str, number: int, names: Collection[str]) -> str:
    if name not in names:
        raise BadTemplate(number, Reason.UNKNOWN_FIELD, name[:40])
    return name


def _close(name: str, number: int, open_: list[tuple[str, bool]]) -> None:
    if not open_ or open_[-1][0] != name:
        raise BadTemplate(number, Reason.WRONG_END, name[:40])
    open_.pop()
