"""`/api/v1`: ONTs. Sites and areas, changes and backups are in the files beside this one."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from django.db import transaction
from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema, Status
from pydantic import AwareDatetime, StrictBool

from ronda.accounts.auth import session_or_token
from ronda.accounts.models import Role
from ronda.accounts.roles import holds
from ronda.devices import api_changes, api_scope, api_sites
from ronda.devices.acting import actor
from ronda.devices.api_answers import UndoableChange, change_out, refusals_answered
from ronda.devices.forms import NOC_FIELDS, OntForm
from ronda.devices.models import Area, Category, Ont
from ronda.devices.service import onts
from ronda.devices.service.entering import values_of_form
from ronda.devices.service.errors import NothingToChange
from ronda.devices.service.scope import mine
from ronda.kernel.ids import LARGEST_ID
from ronda.web.answers import FAILURES, Answer, Refused

router = Router()
router.add_router("", api_sites.router)
router.add_router("", api_changes.router)
router.add_router("", api_scope.router)
READ = session_or_token(Role.VIEWER)
TEND = session_or_token(Role.NOC)
WRITE = session_or_token(Role.ADMIN)
MOST_AT_ONCE = 10_000
Id = Annotated[int, Field(ge=1, le=LARGEST_ID)]

StateName = Literal[
    "unknown",
    "up",
    "suspect",
    "down",
    "unreachable",
    "maintenance",
    "paused",
    "flapping",
    "degraded",
]
CategoryName = Literal["general", "csr", "apbd"]


class OntOut(Answer):
    """One ONT. `state` and `since` are what the watch believes; `unknown` before the first sweep."""

    id: int
    site_id: int
    site: str
    area_id: int | None
    area: str
    customer_id: str
    name: str
    location: str
    address: str
    latitude: float | None
    longitude: float | None
    category: CategoryName
    notes: str
    monitored: bool
    state: str
    since: datetime | None
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None


#: What of it stands in the table of ONTs itself.
COLUMNS = tuple(
    name for name in OntOut.model_fields if name not in {"site", "area", "state", "since"}
)


class OntPage(Answer):
    """One page of ONTs and how many there are in all."""

    items: list[OntOut]
    total: int
    page: int
    per_page: int


class OntQuery(Schema):
    """Which ONTs. Every word of `q` must be in name, customer id, location, address or notes."""

    q: str = Field("", max_length=100)
    site: int | None = Field(None, ge=1, le=LARGEST_ID)
    area: int | None = Field(None, ge=1, le=LARGEST_ID)
    category: CategoryName | None = None
    state: StateName | None = None
    monitored: bool | None = None
    deleted: bool = False
    sort: str = Field(
        "name",
        pattern=r"^-?(name|customer|address|area|site|state|since|updated)$",
        description="A leading - turns the order round; `state` is worst first.",
    )
    page: int = Field(1, ge=1, le=1_000_000)
    per_page: int = Field(100, ge=1, le=1000)


class OntIn(Schema):
    """A new ONT. Coordinates may be numbers or text in any spelling; `area` is a name."""

    model_config = {"extra": "forbid"}
    site_id: int = Field(ge=1, le=LARGEST_ID)
    customer_id: str = Field(min_length=1, max_length=40)
    name: str = Field(min_length=1, max_length=120)
    location: str = Field("", max_length=160)
    area: str = Field("", max_length=80)
    address: str = Field("", max_length=253)
    latitude: float | str | None = None
    longitude: float | str | None = None
    category: CategoryName = "general"
    notes: str = Field("", max_length=2000)
    monitored: StrictBool = True


class OntPatch(Schema):
    """The fields to set; the others stay. `updated_at` as it was read refuses a lost update."""

    model_config = {"extra": "forbid"}
    updated_at: AwareDatetime | None = None
    site_id: int | None = Field(None, ge=1, le=LARGEST_ID)
    customer_id: str | None = Field(None, min_length=1, max_length=40)
    name: str | None = Field(None, min_length=1, max_length=120)
    location: str | None = Field(None, max_length=160)
    area: str | None = Field(None, max_length=80)
    address: str | None = Field(None, max_length=253)
    latitude: float | str | None = None
    longitude: float | str | None = None
    category: CategoryName | None = None
    notes: str | None = Field(None, max_length=2000)
    monitored: StrictBool | None = None


class BulkIn(Schema):
    """One action for many ONTs: `set` some fields, or `delete` them."""

    model_config = {"extra": "forbid"}
    onts: list[int] = Field(min_length=1, max_length=MOST_AT_ONCE)
    delete: StrictBool = False
    monitored: StrictBool | None = None
    category: CategoryName | None = None
    area_id: int | None = Field(None, ge=1, le=LARGEST_ID)
    clear_area: StrictBool = False


@router.get("/onts", auth=READ, response={200: OntPage, **FAILURES}, tags=["onts"])
def list_onts(request: HttpRequest, query: Query[OntQuery]) -> Any:
    """ONTs, narrowed, sorted and paged."""
    values = query.dict()
    page, per_page = values.pop("page"), values.pop("per_page")
    wanted = onts.Wanted(
        text=values.pop("q").replace("\0", " "),
        category=values.pop("category") or "",
        state=values.pop("state") or "",
        **values,
    )
    ids, total = onts.ids_of(wanted, page, per_page)
    return {
        "items": onts.told(ids, COLUMNS),
        "total": total,
        "page": page,
        "per_page": per_page,
    }


@router.post("/onts", auth=WRITE, response={201: OntOut, **FAILURES}, tags=["onts"])
@refusals_answered
def create_ont(request: HttpRequest, new: OntIn) -> Any:
    """Add an ONT."""
    me = actor(request)
    form = _checked(OntForm(_form_data(new.dict())))
    with transaction.atomic():
        ont = onts.create(values_of_form(form.cleaned_data), me.person, source=me.source)
    return Status(201, ont_out(_find(ont.pk)))


@router.post("/onts/bulk", auth=TEND, response={200: UndoableChange, **FAILURES}, tags=["onts"])
@refusals_answered
def change_onts(request: HttpRequest, action: BulkIn) -> Any:
    """Pause, watch, categorise, move to an area or delete many ONTs; one change that can be undone."""
    me = actor(request)
    values = _bulk_values(action)
    if values.keys() - set(NOC_FIELDS) or action.delete:
        _need_admin(request)
    present = mine(Ont.objects.present())
    chosen = list(present.filter(pk__in=[_fit(pk) for pk in action.onts]))
    missing = set(action.onts) - {ont.pk for ont in chosen}
    if missing:
        raise Refused(
            404,
            "missing",
            _("There is no such ONT: %(ids)s")
            % {"ids": ", ".join(str(pk) for pk in sorted(missing)[:10])},
        )
    if action.delete:
        return change_out(onts.delete(chosen, me.person, source=me.source))
    if "area_id" in values and values["area_id"] is not None:
        area = Area.objects.filter(pk=values["area_id"]).first()
        if area is None or any(ont.site_id != area.site_id for ont in chosen):
            raise Refused(
                422, "invalid", _("The area is not of the site of all these ONTs."),
                {"area_id": [_("Choose an area of their site.")]},
            )  # fmt: skip
    return change_out(onts.edit_all(chosen, values, me.person, source=me.source))


def _bulk_values(action: BulkIn) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if action.monitored is not None:
        values["monitored"] = action.monitored
    if action.category is not None:
        values["category"] = action.category
    if action.area_id is not None or action.clear_area:
        values["area_id"] = None if action.clear_area else action.area_id
    if bool(values) == action.delete:
        raise Refused(422, "invalid", _("Say either what to set or `delete`."))
    return values


def _fit(pk: int) -> int:
    return pk if 0 < pk <= LARGEST_ID else 0


@router.get("/onts/{ont_id}", auth=READ, response={200: OntOut, **FAILURES}, tags=["onts"])
def read_ont(request: HttpRequest, ont_id: Id) -> Any:
    """One ONT, deleted ones included."""
    return ont_out(_find(ont_id))


@router.patch("/onts/{ont_id}", auth=TEND, response={200: OntOut, **FAILURES}, tags=["onts"])
@refusals_answered
def edit_ont(request: HttpRequest, patch: OntPatch, ont_id: Id) -> Any:
    """Set fields of an ONT. NOC operators may set `notes` and `monitored`."""
    me = actor(request)
    ont = _find(ont_id)
    if ont.deleted_at is not None:
        raise Refused(409, "deleted", _("This ONT was deleted; undo that change first."))
    given = patch.dict(exclude_unset=True)
    expected = given.pop("updated_at", None)
    if given.keys() - set(NOC_FIELDS):
        _need_admin(request)
    whole = {"site_id": ont.site_id, "area": ont.area.name if ont.area else ""} | {
        name: getattr(ont, name) for name in OntIn.model_fields if name not in {"site_id", "area"}
    }
    if given.get("site_id", ont.site_id) != ont.site_id and "area" not in given:
        whole["area"] = ""  # areas belong to a site
    kept = {name: value for name, value in given.items() if value is not None or name in _NULLS}
    form = _checked(OntForm(_form_data(whole | kept), ont=ont))
    with transaction.atomic():
        values = values_of_form(form.cleaned_data)
        try:
            onts.edit(ont, values, me.person, expected=_as_stored(expected, ont), source=me.source)
        except NothingToChange:
            return ont_out(ont)
    return ont_out(_find(ont_id))


def _as_stored(seen: datetime | None, ont: Ont) -> datetime | None:
    """The version a caller saw, with the microseconds that JSON had cut off."""
    if seen is not None and abs(ont.updated_at - seen) < timedelta(milliseconds=1):
        return ont.updated_at
    return seen


# Fields that null empties; null for another one is no value, and it stays as it is.
_NULLS = frozenset({"latitude", "longitude"})


@router.delete(
    "/onts/{ont_id}", auth=WRITE, response={200: UndoableChange, **FAILURES}, tags=["onts"]
)
@refusals_answered
def delete_ont(request: HttpRequest, ont_id: Id) -> Any:
    """Delete an ONT, after a backup; the answer is the change, which can be undone."""
    me = actor(request)
    return change_out(onts.delete([_find(ont_id)], me.person, source=me.source))


def ont_out(ont: Ont) -> dict[str, Any]:
    """An ONT as the API shows it; its site, area and watch should be at hand."""
    watch = getattr(ont, "watch", None)
    return {
        "site": ont.site.name,
        "area": ont.area.name if ont.area else "",
        "state": onts.state_of(ont),
        "since": watch.since if watch and ont.monitored and ont.address else None,
    } | {name: getattr(ont, name) for name in COLUMNS}


def _find(ont_id: int) -> Ont:
    ont = onts.get(ont_id)
    if ont is None:
        raise Http404(_("There is no such ONT."))
    return ont


def _need_admin(request: HttpRequest) -> None:
    if not holds(getattr(request.user, "role", ""), Role.ADMIN):
        raise Refused(
            403, "role", _("Your role may only set notes and monitored; ask an administrator.")
        )


def _form_data(values: dict[str, Any]) -> dict[str, Any]:
    data = dict(values)
    data["site"] = data.pop("site_id")
    data["category"] = str(data.get("category") or Category.GENERAL)
    return data


def _checked(form: OntForm) -> OntForm:
    """The form when it is valid: the API and the pages accept exactly the same.

    Raises:
        Refused: 422 with the fields.
    """
    if not form.is_valid():
        fields = {
            {"site": "site_id", "__all__": ""}.get(name, name): [str(text) for text in texts]
            for name, texts in form.errors.items()
        }
        raise Refused(422, "invalid", _("Some values do not fit."), fields)
    return form
