"""`/api/v1/vouchers` and `/api/v1/batches`: made here, on the routers a moment later."""

from datetime import datetime
from typing import Any, Literal

from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema, Status
from pydantic import SecretStr

from ronda.accounts.auth import session_or_token
from ronda.accounts.models import Role
from ronda.devices.acting import actor
from ronda.devices.models import Site
from ronda.devices.service.scope import mine
from ronda.kernel.ids import Id
from ronda.routers.models import Router as RouterRow
from ronda.shop.forms_vouchers import bad_code
from ronda.shop.models import Batch, Package, Voucher
from ronda.shop.rules.codes import Alphabet, BadCode, Look
from ronda.shop.service import life, listing, making, packages, placing
from ronda.web.answers import FAILURES, Answer, Refused

router = Router(tags=["vouchers"])
READ = session_or_token(Role.RESELLER)
SELL = session_or_token(Role.CASHIER)
WRITE = session_or_token(Role.ADMIN)
#: No database takes a NUL.
TEXT = r"^[^\x00]*$"
VoucherState = Literal["", "making", "ready", "active", "ended", "void", "trouble"]


class VoucherQuery(Schema):
    """Which vouchers; `q` is how the code begins."""

    q: str = Field("", max_length=64, pattern=TEXT)
    state: VoucherState = ""
    package: Id | None = None
    router: Id | None = None
    batch: Id | None = None
    page: int = Field(1, ge=1, le=1_000_000)
    per_page: int = Field(100, ge=1, le=1000)


class VoucherOut(Answer):
    """A voucher; its password is told by `POST` and by exports only."""

    id: int
    code: str
    package: int
    router: int
    batch: int | None
    state: str
    trouble: str
    made_at: datetime
    sold_at: datetime | None
    first_login_at: datetime | None
    expires_at: datetime | None
    ended_at: datetime | None
    ended_by: str


#: The columns that `VoucherOut` tells.
TOLD = tuple(VoucherOut.model_fields)


class VoucherPage(Answer):
    """One page of vouchers; a `total` of 10,001 says that there are more than 10,000."""

    items: list[VoucherOut]
    total: int


class VoucherIn(Schema):
    """A new voucher: on `router`, or on one of `site`, or where the package is sold."""

    model_config = {"extra": "forbid"}
    package: Id
    router: Id | None = None
    site: Id | None = None
    code: str = Field("", max_length=64)
    password: SecretStr = SecretStr("")


class VoucherMade(VoucherOut):
    """A voucher that was made just now, with what its buyer types."""

    password: str


class VoidIn(Schema):
    """Why a voucher is ended."""

    model_config = {"extra": "forbid"}
    reason: str = Field("", max_length=200, pattern=TEXT)


class BatchIn(Schema):
    """A new batch; see the page of batches for what the alphabets hold."""

    model_config = {"extra": "forbid"}
    package: Id
    router: Id | None = None
    count: int = Field(ge=1, le=making.MOST)
    alphabet: Alphabet = Alphabet.MIXED
    length: int = Field(making.USUAL.length, ge=4, le=16)
    prefix: str = Field("", max_length=12, pattern=TEXT)
    separate_password: bool = False
    note: str = Field("", max_length=120, pattern=TEXT)


class BatchOut(Schema):
    """A batch and how many of its vouchers are how."""

    id: int
    package: int
    router: int
    count: int
    note: str
    made_at: datetime
    states: dict[str, int]


def voucher_out(row: Voucher) -> dict[str, Any]:
    """A voucher as the API tells it."""
    return {
        "id": row.pk,
        "code": row.code,
        "package": row.package_id,
        "router": row.router_id,
        "batch": row.batch_id,
        "state": row.state,
        "trouble": row.trouble,
        "made_at": row.made_at,
        "sold_at": row.sold_at,
        "first_login_at": row.first_login_at,
        "expires_at": row.expires_at,
        "ended_at": row.ended_at,
        "ended_by": row.ended_by,
    }


def _batch_out(row: Batch) -> dict[str, Any]:
    return {
        "id": row.pk,
        "package": row.package_id,
        "router": row.router_id,
        "count": row.count,
        "note": row.note,
        "made_at": row.made_at,
        "states": listing.counts_of(row),
    }


@router.get("/vouchers", auth=READ, response={200: VoucherPage, **FAILURES})
def voucher_list(request: HttpRequest, asked: Query[VoucherQuery]) -> Any:
    """The vouchers one may see, newest first."""
    wanted = listing.Filter(
        text=asked.q,
        state=asked.state,
        package=asked.package,
        router=asked.router,
        batch=asked.batch,
    )
    seen = listing.seen_by(actor(request).person).values(*TOLD)
    rows, total = listing.page_of(seen, wanted, asked.page, asked.per_page)
    return {"items": rows, "total": total}


@router.get("/vouchers/{pk}", auth=READ, response={200: VoucherOut, **FAILURES})
def voucher_one(request: HttpRequest, pk: Id) -> Any:
    """One voucher."""
    return voucher_out(_voucher(request, pk))


@router.post("/vouchers", auth=SELL, response={201: VoucherMade, **FAILURES})
def voucher_make(request: HttpRequest, given: VoucherIn) -> Any:
    """Make one voucher; its user is on the router when its state is `ready`."""
    package = _package(given.package)
    site = None
    if given.site is not None:
        site = mine(Site.objects.filter(pk=given.site), "pk").first()
        if site is None:
            raise Refused(404, "not-found", _("There is no such site."))
    me = actor(request)
    try:
        found = _router(given.router) if given.router else placing.router_for(package, site)
        row = making.make(
            package,
            found,
            person=me.person,
            code=given.code,
            password=given.password.get_secret_value(),
            source=me.source,
        )
    except placing.NoRouter:
        raise no_router() from None
    except making.CodeTaken:
        raise Refused(409, "taken", _("This code exists already.")) from None
    except BadCode as problem:
        raise Refused(422, "invalid", bad_code(problem)) from None
    told = voucher_out(row) | {"password": making.credentials(row).password}
    return Status(201, told)


@router.post("/vouchers/{pk}/void", auth=SELL, response={200: VoucherOut, **FAILURES})
def voucher_void(request: HttpRequest, pk: Id, given: VoidIn) -> Any:
    """End a voucher: its user is removed and its sessions end."""
    row, me = _voucher(request, pk), actor(request)
    try:
        life.void(row, me.person, reason=given.reason, source=me.source)
    except life.CannotVoid:
        raise Refused(409, "ended", _("It has ended already.")) from None
    return voucher_out(row)


@router.get("/batches", auth=WRITE, response={200: list[BatchOut], **FAILURES})
def batch_list(request: HttpRequest) -> Any:
    """The newest 100 batches."""
    return [_batch_out(row) for row in mine(Batch.objects.order_by("-pk"), "router__site")[:100]]


@router.get("/batches/{pk}", auth=WRITE, response={200: BatchOut, **FAILURES})
def batch_one(request: HttpRequest, pk: Id) -> Any:
    """One batch; all of it is made when no voucher is `making` any more."""
    row = Batch.objects.filter(pk=pk).first()
    if row is None:
        raise Http404
    return _batch_out(row)


@router.post("/batches", auth=WRITE, response={201: BatchOut, **FAILURES})
def batch_make(request: HttpRequest, given: BatchIn) -> Any:
    """Make exactly so many vouchers, or none; their users are made by a job."""
    package, me = _package(given.package), actor(request)
    try:
        found = _router(given.router) if given.router else placing.router_for(package)
        row = making.make_batch(
            package,
            found,
            given.count,
            look=Look(given.alphabet, given.length, given.prefix),
            separate_password=given.separate_password,
            note=given.note,
            person=me.person,
            source=me.source,
        )
    except placing.NoRouter:
        raise no_router() from None
    except BadCode as problem:
        raise Refused(422, "invalid", bad_code(problem)) from None
    return Status(201, _batch_out(row))


def no_router() -> Refused:
    """The package is sold nowhere."""
    return Refused(409, "no-router", _("The package is sold on no router that is in use."))


def _voucher(request: HttpRequest, pk: int) -> Voucher:
    row = listing.seen_by(actor(request).person).filter(pk=pk).first()
    if row is None:
        raise Http404
    return row


def _package(pk: int) -> Package:
    row = packages.present().filter(pk=pk).first()
    if row is None:
        raise Refused(404, "not-found", _("There is no such package."))
    return row


def _router(pk: int) -> RouterRow:
    row = mine(RouterRow.objects.in_use()).filter(pk=pk).first()
    if row is None:
        raise Refused(404, "not-found", _("There is no such router."))
    return row
