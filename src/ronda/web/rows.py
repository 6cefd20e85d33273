"""Rows of long lists: the template of a row is rendered once, and its places are filled for each row.

Django resolves every variable of every row anew; for fifty rows that took longer than all else of a page.
In a row's template `{name}` is a place for a value of the row, everything else is ordinary: the words are
translated and the conditions asked once for all rows of a kind.
"""

from functools import lru_cache

from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language


def row(template: str, kind: tuple[tuple[str, bool], ...], **values: object) -> SafeString:
    """One row by its template; values are escaped unless they are safe already.

    Args:
        template: of one row, with `{name}` for each of the values.
        kind: what the template asks for by `{% if %}`, by name; few rows differ in it.
    """
    return format_html(_shape(template, kind, get_language()), **values)


@lru_cache(128)
def _shape(template: str, kind: tuple[tuple[str, bool], ...], _language: str | None) -> str:
    return str(render_to_string(template, dict(kind))).strip()
