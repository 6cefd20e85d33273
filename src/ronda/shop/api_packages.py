"""`/api/v1/packages`: packages as the editor has them, in the same words."""

from datetime import date
from typing import Annotated, Any, Literal

from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Router, Schema, Status

from ronda.accounts.auth import session_or_token
from ronda.accounts.models import Role
from ronda.accounts.roles import holds
from ronda.devices.acting import actor
from ronda.kernel.ids import Id
from ronda.shop import forms_entered
from ronda.shop.forms_entered import Unfit
from ronda.shop.models import Package
from ronda.shop.service import keeping, packages, wording
from ronda.web.answers import FAILURES, Refused

router = Router(tags=["packages"])
READ = session_or_token(Role.RESELLER)
WRITE = session_or_token(Role.ADMIN)
Rupiah = Annotated[int, Field(ge=0, le=100_000_000)]
Text = Annotated[str, Field(max_length=40)]
Zone = Literal["WIB", "WITA", "WIT"]
AtEnd = Literal["remove", "block", "slow", "notice"]


class HoursWindow(Schema):
    """Open on these days (0 is Monday) from `start` to `end`, as `08:00`; an earlier end is the next day's."""

    days: list[Annotated[int, Field(ge=0, le=6)]] = Field(min_length=1, max_length=7)
    start: str = Field(max_length=5)
    end: str = Field(max_length=5)


class PackageIn(Schema):
    """A package. Prices are whole rupiah; times as `5h`, `30d`, `1mo`; data as `500MB`, `1GB`; "" is no limit.

    `valid_for` runs by the calendar from the first login, `online_time` only while connected; `sold_until`
    is the last day of sale. `rate_limit` is RouterOS's line, upload/download. Without sites and routers it
    is sold everywhere.
    """

    model_config = {"extra": "forbid"}
    name: str = Field(min_length=1, max_length=80)
    selling_price: Rupiah
    profile: str = Field(min_length=1, max_length=64)
    description: str = Field("", max_length=300)
    price: Rupiah = 0
    reseller_price: Rupiah = 0
    popular: bool = False
    active: bool = True
    sold_until: date | None = None
    valid_for: Text = ""
    online_time: Text = ""
    data: Text = ""
    data_upload: Text = ""
    data_download: Text = ""
    rate_limit: str = Field("", max_length=120)
    devices: int = Field(1, ge=1, le=100)
    hours: list[HoursWindow] = Field([], max_length=3)
    zone: Zone = "WIB"
    at_end: AtEnd = "remove"
    slow_profile: str = Field("", max_length=64)
    auto_create: bool = True
    sync: bool = True
    site_ids: list[Id] = Field([], max_length=1000)
    router_ids: list[Id] = Field([], max_length=1000)


class PackagePatch(PackageIn):
    """What changes of a package; what is left out stays."""

    name: str = Field("", max_length=80)
    selling_price: Rupiah = 0
    profile: str = Field("", max_length=64)


class PackageOut(PackageIn):
    """A package; `sentence` is what a buyer gets, in the caller's language. Only administrators see `price`."""

    id: int
    position: int
    sentence: str
    price: int | None = None  # type: ignore[assignment] # hidden from whoever only sells
    profile: str
    reseller_price: int
    selling_price: int


@router.get("/packages", auth=READ, response={200: list[PackageOut], **FAILURES})
def list_packages(request: HttpRequest, on_sale: bool = False) -> Any:
    """All packages in the order of the shop; with `on_sale` only those that can be bought now."""
    found = packages.on_sale() if on_sale else packages.present()
    return [_out(request, one) for one in found.prefetch_related("sites", "routers")]


@router.get("/packages/{pk}", auth=READ, response={200: PackageOut, **FAILURES})
def one_package(request: HttpRequest, pk: Id) -> Any:
    """One package."""
    return _out(request, _find(pk))


@router.post("/packages", auth=WRITE, response={201: PackageOut, **FAILURES})
def add_package(request: HttpRequest, given: PackageIn) -> Any:
    """Make a package; with `sync` its profile is asked of the routers."""
    me = actor(request)
    package = packages.create(_checked(given.model_dump()), me.person, me.source)
    keeping.keep(package, me.person, me.source)
    return Status(201, _out(request, package))


@router.patch("/packages/{pk}", auth=WRITE, response={200: PackageOut, **FAILURES})
def edit_package(request: HttpRequest, pk: Id, given: PackagePatch) -> Any:
    """Change a package; vouchers that were made of it keep what they have."""
    me = actor(request)
    package = _find(pk)
    before = package.windows
    whole = forms_entered.entered(package) | given.model_dump(exclude_unset=True)
    packages.edit(package, _checked(whole, package), me.person, me.source)
    keeping.keep(package, me.person, me.source, hours_before=before)
    return _out(request, package)


@router.delete("/packages/{pk}", auth=WRITE, response={204: None, **FAILURES})
def delete_package(request: HttpRequest, pk: Id) -> Any:
    """Take a package out of the shop; `restore` brings it back."""
    me = actor(request)
    packages.delete(_find(pk), me.person, me.source)
    return Status(204, None)


@router.post("/packages/{pk}/restore", auth=WRITE, response={200: PackageOut, **FAILURES})
def restore_package(request: HttpRequest, pk: Id) -> Any:
    """Bring a deleted package back; 409 when its name was taken or another package contradicts it."""
    package = packages.deleted().filter(pk=pk).first()
    if package is None:
        raise Http404(_("There is no such package (any more)."))
    me = actor(request)
    try:
        packages.restore(package, me.person, me.source)
    except packages.NameTaken:
        text = _("There is a package “%(name)s” already.") % {"name": package.name}
        raise Refused(409, "taken", text) from None
    except packages.Contradicts as problem:
        text = " ".join(wording.clash(one) for one in problem.found)
        raise Refused(409, "contradicts", text) from None
    return _out(request, package)


def _find(pk: int) -> Package:
    package = packages.present().filter(pk=pk).first()
    if package is None:
        raise Http404(_("There is no such package (any more)."))
    return package


def _checked(given: dict[str, Any], package: Package | None = None) -> dict[str, Any]:
    try:
        return forms_entered.values_of(given, package)
    except Unfit as unfit:
        raise Refused(422, "invalid", _("Some values do not fit."), unfit.fields) from None


def _out(request: HttpRequest, package: Package) -> dict[str, Any]:
    found = forms_entered.entered(package)
    if not holds(getattr(request.user, "role", ""), Role.ADMIN):
        found["price"] = None
    return {
        **found,
        "id": package.pk,
        "position": package.position,
        "sentence": wording.describe(packages.terms_of(package)),
    }
