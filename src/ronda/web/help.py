"""The help of the pages: what a page is for and how it is used, in a few sentences for operators.

Every slice keeps its own in a module `help`, which is found by itself. A page without words of its own
has those of its section.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from ronda.web.words import Text

#: Stands for every page of a section that has no words of its own.
REST = "*"


@dataclass(frozen=True, slots=True)
class Help:
    """`what` says what the page is for; `how` are hints, the most useful first."""

    what: Text
    how: tuple[Text, ...] = ()


_pages: dict[str, Help] = {}


def add(section: str, pages: Mapping[str, Help]) -> None:
    """Keep the help of a section (the namespace of its addresses), by the names of its views."""
    for name, text in pages.items():
        _pages[f"{section}:{name}"] = text


def of(view: str) -> Help | None:
    """The help of a view by its full name, else that of its section, else None."""
    section = view.rpartition(":")[0]
    return _pages.get(view) or _pages.get(f"{section}:{REST}")
