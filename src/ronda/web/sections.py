"""Sections and links that higher slices add to a page of a lower one, without that one knowing them.

A slice registers its sections in its `apps.py` (`ready`). A section is a view that gives a fragment
for one item; the page loads it after itself, so a slow one never holds up the facts.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse

from ronda.web.words import Text


@dataclass(frozen=True, slots=True)
class Section:
    """One block of a page: `view` is a URL name that takes the item's id.

    The view answers with a fragment (no `<html>`). Lower `order` stands higher.
    """

    view: str
    title: Text
    order: int = 100

    @property
    def anchor(self) -> str:
        """Its place in the page, for links from elsewhere: `section-ont-outages` of `monitoring:ont-outages`."""
        return f"section-{self.view.rpartition(':')[2]}"

    def url(self, pk: int) -> str:
        """Where the fragment of this item is."""
        return reverse(self.view, args=[pk])


class Sections:
    """The sections of one kind of page, in the order in which they stand."""

    def __init__(self) -> None:
        self._by_view: dict[str, Section] = {}

    def __iter__(self) -> Iterator[Section]:
        return iter(sorted(self._by_view.values(), key=lambda one: (one.order, one.view)))

    def add(self, section: Section) -> None:
        """Show `section`; registering the same view again replaces it."""
        self._by_view[section.view] = section


@dataclass(frozen=True, slots=True)
class Link:
    """A door to a page of a higher slice: `view` is a URL name without arguments, `icon` one of the sprite."""

    view: str
    title: Text
    icon: str = "link"
    order: int = 100

    @property
    def url(self) -> str:
        """Where the page is."""
        return reverse(self.view)


class Links:
    """The doors of one page, in the order in which they stand."""

    def __init__(self) -> None:
        self._by_view: dict[str, Link] = {}

    def __iter__(self) -> Iterator[Link]:
        return iter(sorted(self._by_view.values(), key=lambda one: (one.order, one.view)))

    def add(self, link: Link) -> None:
        """Show `link`; adding the same view again replaces it."""
        self._by_view[link.view] = link
