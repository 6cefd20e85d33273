"""What higher slices add to the page of a router, without this one knowing them.

They register in their `apps.py` (`ready`). A section is a view of theirs that gives a fragment for
one router; the page loads it after itself, so a slow one never holds up the facts.
"""

from dataclasses import dataclass

from django.urls import reverse

from ronda.web.words import Text


@dataclass(frozen=True, slots=True)
class RouterSection:
    """One block of a router's page: `view` is a URL name that takes the router's id as `pk`.

    The view answers with a fragment (no `<html>`). Lower `order` stands higher.
    """

    view: str
    title: Text
    order: int = 100

    def url(self, router_id: int) -> str:
        """Where the fragment of this router is."""
        return reverse(self.view, args=[router_id])


_sections: dict[str, RouterSection] = {}


def add_router_section(section: RouterSection) -> None:
    """Show `section` on every router's page; registering the same view again replaces it."""
    _sections[section.view] = section


def router_sections() -> list[RouterSection]:
    """The sections in the order in which they stand."""
    return sorted(_sections.values(), key=lambda section: (section.order, section.view))
