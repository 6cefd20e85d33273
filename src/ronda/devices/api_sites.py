"""`/api/v1`: sites and areas."""

from typing import Annotated, Any

from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema, Status

from ronda.accounts.auth import session_or_token
from ronda.accounts.models import Role
from ronda.devices.acting import actor
from ronda.devices.api_answers import UndoableChange, change_out, refusals_answered
from ronda.devices.forms import AreaForm, SiteForm
from ronda.devices.models import Area, Site
from ronda.devices.service import sites
from ronda.devices.service.scope import mine
from ronda.kernel.ids import LARGEST_ID
from ronda.web.answers import FAILURES, Refused

router = Router(tags=["sites"])
READ = session_or_token(Role.VIEWER)
WRITE = session_or_token(Role.ADMIN)
Id = Annotated[int, Field(ge=1, le=LARGEST_ID)]


class NameIn(Schema):
    """A name."""

    model_config = {"extra": "forbid"}
    name: str = Field(min_length=1, max_length=80)


class SiteOut(Schema):
    """A site and how many ONTs and areas it has."""

    id: int
    name: str
    onts: int
    areas: int


class AreaIn(NameIn):
    """A new area of a site."""

    site_id: int = Field(ge=1, le=LARGEST_ID)


class AreaQuery(Schema):
    """Which areas."""

    site: int | None = Field(None, ge=1, le=LARGEST_ID)


class AreaWithCount(Schema):
    """An area and how many ONTs it has."""

    id: int
    name: str
    site_id: int
    site: str
    onts: int


class MergeIn(Schema):
    """The areas that shall be one with the area of the address."""

    model_config = {"extra": "forbid"}
    areas: list[int] = Field(min_length=1, max_length=1000)


@router.get("/sites", auth=READ, response={200: list[SiteOut], **FAILURES})
def list_sites(request: HttpRequest) -> Any:
    """All sites."""
    return [_site_out(site) for site in sites.sites()]


@router.post("/sites", auth=WRITE, response={201: SiteOut, **FAILURES})
@refusals_answered
def create_site(request: HttpRequest, new: NameIn) -> Any:
    """Add a site."""
    me = actor(request)
    site = sites.add_site(_name(SiteForm, new.name), me.person, source=me.source)
    return Status(201, _site_out(site))


@router.patch("/sites/{site_id}", auth=WRITE, response={200: SiteOut, **FAILURES})
@refusals_answered
def rename_site(request: HttpRequest, new: NameIn, site_id: Id) -> Any:
    """Rename a site."""
    me = actor(request)
    sites.rename(_site(site_id), _name(SiteForm, new.name), me.person, source=me.source)
    return _site_out(sites.sites().get(pk=site_id))


@router.delete("/sites/{site_id}", auth=WRITE, response={204: None, **FAILURES})
@refusals_answered
def delete_site(request: HttpRequest, site_id: Id) -> Any:
    """Remove a site that has no ONTs."""
    me = actor(request)
    sites.remove_site(_site(site_id), me.person, source=me.source)
    return Status(204, None)


@router.get("/areas", auth=READ, response={200: list[AreaWithCount], **FAILURES})
def list_areas(request: HttpRequest, query: Query[AreaQuery]) -> Any:
    """All areas, or those of one site."""
    found = sites.areas()
    if query.site:
        found = found.filter(site_id=query.site)
    return [_area_out(area) for area in found]


@router.post("/areas", auth=WRITE, response={201: AreaWithCount, **FAILURES})
@refusals_answered
def create_area(request: HttpRequest, new: AreaIn) -> Any:
    """Add an area."""
    me = actor(request)
    name = _name(AreaForm, new.name)
    area = sites.add_area(_site(new.site_id), name, me.person, source=me.source)
    return Status(201, _area_out(area))


@router.patch("/areas/{area_id}", auth=WRITE, response={200: AreaWithCount, **FAILURES})
@refusals_answered
def rename_area(request: HttpRequest, new: NameIn, area_id: Id) -> Any:
    """Rename an area."""
    me = actor(request)
    sites.rename(_area(area_id), _name(AreaForm, new.name), me.person, source=me.source)
    return _area_out(sites.areas().get(pk=area_id))


@router.delete(
    "/areas/{area_id}", auth=WRITE, response={200: UndoableChange, 204: None, **FAILURES}
)
@refusals_answered
def delete_area(request: HttpRequest, area_id: Id) -> Any:
    """Remove an area; its ONTs stay. The change when it had some, else no content."""
    me = actor(request)
    change = sites.remove_area(_area(area_id), me.person, source=me.source)
    return Status(200, change_out(change)) if change else Status(204, None)


@router.post(
    "/areas/{area_id}/merge", auth=WRITE, response={200: UndoableChange, 204: None, **FAILURES}
)
@refusals_answered
def merge_areas(request: HttpRequest, merge: MergeIn, area_id: Id) -> Any:
    """Move the ONTs of other areas here and remove those areas."""
    me = actor(request)
    into = _area(area_id)
    wanted = [pk for pk in merge.areas if 0 < pk <= LARGEST_ID]
    chosen = list(mine(Area.objects.filter(pk__in=wanted)))
    if len(chosen) != len(set(merge.areas)):
        raise Http404(_("There is no such area."))
    change = sites.merge_areas(chosen, into, me.person, source=me.source)
    return Status(200, change_out(change)) if change else Status(204, None)


def _name(kind: type[SiteForm | AreaForm], name: str) -> str:
    form = kind({"name": name})
    if not form.is_valid():
        texts = [str(text) for text in form.errors["name"]]
        raise Refused(422, "invalid", _("Some values do not fit."), {"name": texts})
    return str(form.cleaned_data["name"])


def _site(pk: int) -> Site:
    site = mine(Site.objects.filter(pk=pk), "pk").first()
    if site is None:
        raise Http404(_("There is no such site."))
    return site


def _area(pk: int) -> Area:
    area = Area.objects.select_related("site").filter(pk=pk).first()
    if area is None:
        raise Http404(_("There is no such area."))
    return area


def _site_out(site: Site) -> dict[str, Any]:
    return {
        "id": site.pk,
        "name": site.name,
        "onts": getattr(site, "ont_count", 0),
        "areas": getattr(site, "area_count", 0),
    }


def _area_out(area: Area) -> dict[str, Any]:
    return {
        "id": area.pk,
        "name": area.name,
        "site_id": area.site_id,
        "site": area.site.name,
        "onts": getattr(area, "ont_count", 0),
    }
