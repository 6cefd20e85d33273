"""Cells of tables that people open in a spreadsheet: no text of ours is run there."""

import re

_FORMULA = re.compile(r"[=+@\t\r]|-(?![\d.,\s]*\d[\d.,\s]*$)(?!$)")
_GUARDED = re.compile(r"'+[=+@\t\r-]")


def looks_like_formula(text: str) -> bool:
    """Would a spreadsheet run this cell?

    By the first character, as OWASP's page on CSV injection lists them: `=`, `+`, `-`, `@`, tab,
    carriage return. A plain negative number or a lone dash is no formula.
    """
    return bool(_FORMULA.match(text))


def guard(text: str) -> str:
    """The text as a CSV cell that no spreadsheet runs; `unguard` gives it back unchanged."""
    if text and (looks_like_formula(text) or _GUARDED.match(text)):
        return "'" + text
    return text


def unguard(text: str) -> str:
    """The text that `guard` was given."""
    return text[1:] if _GUARDED.match(text) else text
