"""Who acts in a request, for the pages and the API alike."""

from dataclasses import dataclass

from django.http import HttpRequest

from ronda.accounts.models import Person
from ronda.accounts.service import audit


@dataclass(frozen=True, slots=True)
class Actor:
    """The person of a request and where they are."""

    person: Person
    source: str


def actor(request: HttpRequest) -> Actor:
    """Who is acting; only behind a door's role check, which lets nobody else in."""
    assert isinstance(request.user, Person)  # noqa: S101 -- the role check saw to it
    return Actor(request.user, audit.source_of(request))
