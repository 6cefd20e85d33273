"""The language of tickets: named fields and optional sections, and nothing that could run.

A template is plain lines. `{code}` is replaced by its value; `{?note}…{/note}` stays where the field has a
value, `{!password}…{/password}` where it has none; `{{` and `}}` are braces. A line that begins with `# ` is
large, with `! ` the code's own, with `- ` small; `---` is a rule; `{qr}` and `{logo}` stand on lines of their
own. A line whose fields are all empty is left out. Values never become lines, fields or sizes.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from ronda.kernel.template import BadTemplate, Piece, Reason, Sections, holds, pieces_of

#: What a ticket can say.
FIELDS = frozenset(
    "shop code password price package terms brief site router note seller batch serial login contact".split()  # noqa: SIM905 -- one line
)
#: What stands on a line of its own.
BLOCKS = frozenset(("qr", "logo"))
NAMES = FIELDS | BLOCKS
LONGEST, MOST_LINES = 2000, 40

_PREFIXES = {"# ": "big", "! ": "code", "- ": "small"}


class Kind(StrEnum):
    """How a line is set."""

    TEXT = "text"
    BIG = "big"
    CODE = "code"
    SMALL = "small"
    RULE = "rule"
    QR = "qr"
    LOGO = "logo"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a filled ticket; `text` is "" for a rule, the QR code and the logo."""

    kind: Kind
    text: str = ""


@dataclass(frozen=True, slots=True)
class _Row:
    kind: Kind
    pieces: tuple[Piece, ...]
    sections: Sections


@dataclass(frozen=True, slots=True)
class Template:
    """A template that was read; `fill` gives the lines of one ticket."""

    rows: tuple[_Row, ...]

    def fill(self, values: Mapping[str, str]) -> list[Line]:
        """The lines of a ticket. Fields and blocks without a value are left out."""
        return list(self._lines(values))

    def _lines(self, values: Mapping[str, str]) -> Iterator[Line]:
        for row in self.rows:
            if not holds(row.sections, values):
                continue
            if row.kind in (Kind.QR, Kind.LOGO):
                if values.get(row.kind):
                    yield Line(row.kind)
                continue
            if row.kind is Kind.RULE:
                yield Line(row.kind)
                continue
            pieces = [piece for piece in row.pieces if holds(piece.sections, values)]
            fields = [values.get(piece.text, "") for piece in pieces if piece.field]
            if fields and not any(fields):
                continue
            text = "".join(
                " ".join(values.get(piece.text, "").split("\n")) if piece.field else piece.text
                for piece in pieces
            ).strip()
            if text:
                yield Line(row.kind, text)


def read(text: str) -> Template:
    """The template that a text describes.

    Raises:
        BadTemplate: with the line and the reason.
    """
    lines = text.replace("\r\n", "\n").strip("\n").split("\n")
    if len(text) > LONGEST or len(lines) > MOST_LINES:
        raise BadTemplate(min(len(lines), MOST_LINES), Reason.TOO_LONG)
    rows: list[_Row] = []
    open_: list[tuple[str, bool]] = []
    opened_at = 0
    for number, line in enumerate(lines, 1):
        before = tuple(open_)
        kind, rest = _kind(line.strip())
        pieces = list(pieces_of(rest, number, open_, NAMES))
        if open_ and len(open_) > len(before):
            opened_at = number
        row = _row(kind, pieces, before, number)
        if row is not None:
            rows.append(row)
    if open_:
        raise BadTemplate(opened_at, Reason.UNCLOSED, open_[-1][0])
    if not any(_says_code(row) for row in rows):
        raise BadTemplate(1, Reason.NO_CODE)
    return Template(tuple(rows))


def _kind(line: str) -> tuple[Kind, str]:
    if line == "---":
        return Kind.RULE, ""
    prefix = _PREFIXES.get(line[:2])
    return (Kind(prefix), line[2:]) if prefix else (Kind.TEXT, line)


def _row(kind: Kind, pieces: list[Piece], before: Sections, number: int) -> _Row | None:
    blocks = [piece for piece in pieces if piece.field and piece.text in BLOCKS]
    if blocks:
        words = [piece for piece in pieces if piece not in blocks and piece.text.strip()]
        if words or len(blocks) > 1 or kind is not Kind.TEXT:
            raise BadTemplate(number, Reason.NOT_ALONE, blocks[0].text)
        return _Row(Kind(blocks[0].text), (), blocks[0].sections)
    if kind is not Kind.RULE and not pieces:
        return None
    return _Row(kind, tuple(pieces), before if kind is Kind.RULE else ())


def _says_code(row: _Row) -> bool:
    return any(piece.field and piece.text == "code" and not piece.sections for piece in row.pieces)
