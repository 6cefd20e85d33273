"""What higher slices add to the page of an ONT, without devices knowing them.

They register in their `apps.py` (`ready`). A section is a view of theirs that gives a fragment for
one ONT; the page loads it after itself, so a slow chart never holds up the facts.
"""

from dataclasses import dataclass

from django.urls import reverse

from ronda.web.words import Text


@dataclass(frozen=True, slots=True)
class OntSection:
    """One block of the ONT page: `view` is a URL name that takes the ONT's id as `pk`.

    The view answers with a fragment (no `<html>`). Lower `order` stands higher.
    """

    view: str
    title: Text
    order: int = 100

    def url(self, ont_id: int) -> str:
        """Where the fragment of this ONT is."""
        return reverse(self.view, args=[ont_id])


_sections: dict[str, OntSection] = {}


def add_ont_section(section: OntSection) -> None:
    """Show `section` on every ONT's page; registering the same view again replaces it."""
    _sections[section.view] = section


def ont_sections() -> list[OntSection]:
    """The sections in the order in which they stand."""
    return sorted(_sections.values(), key=lambda section: (section.order, section.view))
