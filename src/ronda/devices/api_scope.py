"""`/api/v1`: which sites a person sees."""

from typing import Annotated, Any

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import Field, Router, Schema

from ronda.accounts.api import refusals
from ronda.accounts.auth import session_or_token
from ronda.accounts.models import Person, Role
from ronda.devices.acting import actor
from ronda.devices.models import Site
from ronda.devices.service import scope
from ronda.kernel.ids import LARGEST_ID
from ronda.web.answers import FAILURES

router = Router(tags=["people"])
Id = Annotated[int, Field(ge=1, le=LARGEST_ID)]


class PersonSites(Schema):
    """The sites a person sees; null: every site, and what belongs to none."""

    sites: Annotated[list[Id], Field(max_length=1000)] | None


@router.get(
    "/people/{int:pk}/sites",
    response={200: PersonSites, **FAILURES},
    auth=session_or_token(Role.ADMIN),
)
def get_person_sites(request: HttpRequest, pk: Id) -> Any:
    """Which sites somebody sees."""
    return _answer(get_object_or_404(Person, pk=pk))


@router.put(
    "/people/{int:pk}/sites",
    response={200: PersonSites, **FAILURES},
    auth=session_or_token(Role.ADMIN),
)
def put_person_sites(request: HttpRequest, pk: Id, new: PersonSites) -> Any:
    """Let somebody see only these sites, or every site (null)."""
    person, me = get_object_or_404(Person, pk=pk), actor(request)
    wanted = None if new.sites is None else set(new.sites)
    if wanted and Site.objects.filter(pk__in=wanted).count() != len(wanted):
        raise Http404(_("There is no such site."))
    with refusals():
        scope.set_sites(person, wanted, by=me.person, source=me.source)
    return _answer(person)


def _answer(person: Person) -> dict[str, Any]:
    sites = [site.pk for site in scope.chosen(person)]
    return {"sites": sites if person.narrowed else None}
