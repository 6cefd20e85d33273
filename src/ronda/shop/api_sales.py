"""`/api/v1/sales` and what follows from them: selling, reports, accounts and one's own balance."""

from datetime import date, datetime
from typing import Any, Literal

from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema, Status

from ronda.accounts.auth import session_or_token
from ronda.accounts.models import Role
from ronda.accounts.roles import holds
from ronda.devices.acting import actor
from ronda.kernel.ids import Id
from ronda.kernel.periods import Period, WrongPeriod, period_of
from ronda.shop.models import Sale, Voucher
from ronda.shop.rules.sums import Basis, Sums
from ronda.shop.service import counter, making, placing, reports, resellers
from ronda.shop.service.counter import NotSold, TooLate
from ronda.shop.service.reports import Scope
from ronda.web.answers import FAILURES, IsoDay, Refused
from ronda.web.periods import complaint

router = Router(tags=["sales"])
SELL = session_or_token(Role.RESELLER)
READ = session_or_token(Role.CASHIER)
AUDIT = session_or_token(Role.ADMIN)
State = Voucher.State


class SaleOut(Schema):
    """One voucher sold. `cost` is told to those who see all sales; `state` is its voucher's."""

    id: int
    at: datetime
    package: str
    router: str
    seller: str
    via: Literal["shop", "counter", "reseller", "member", "mikhmon"]
    price: int
    commission: int
    cost: int | None
    first_login_at: datetime | None
    taken_back_at: datetime | None
    voucher: int | None
    state: str


class SaleCode(SaleOut):
    """A sale with its code: empty until the router has the user, and after it was taken back."""

    code: str


class SaleIn(Schema):
    """Sell one voucher of a package; the same `token` sells once, however often it is sent."""

    model_config = {"extra": "forbid"}
    package: Id
    token: str = Field(min_length=16, max_length=40, pattern="^[A-Za-z0-9]+$")


class TakeBackIn(Schema):
    """Why a sale is taken back."""

    model_config = {"extra": "forbid"}
    reason: str = Field("", max_length=200, pattern=r"^[^\x00]*$")


class SalesPage(Schema):
    """One page of sales, newest first, and whether older ones follow."""

    items: list[SaleOut]
    more: bool


class SalesQuery(Schema):
    """Which page of sales."""

    page: int = Field(1, ge=1, le=10_000)
    per_page: int = Field(100, ge=1, le=500)


class SumsOut(Schema):
    """Sales added up, whole rupiah; `income` is price less refund, `margin` what cost and commission leave."""

    sold: int
    returned: int
    price_idr: int
    refund_idr: int
    income_idr: int
    cost_idr: int
    commission_idr: int
    margin_idr: int


class DaySumsOut(SumsOut):
    """The sales of one day."""

    day: date


class GroupSumsOut(SumsOut):
    """The sales of one package, seller, router or door; `id` is null for nobody's, and for doors."""

    id: int | None
    name: str


class SalesReportOut(Schema):
    """The sales of a period; days are those of the installation's time zone."""

    first: date
    last: date
    basis: Literal["sale", "login"]
    total: SumsOut
    days: list[DaySumsOut]
    package: list[GroupSumsOut]
    seller: list[GroupSumsOut]
    router: list[GroupSumsOut]
    via: list[GroupSumsOut]


class PeriodQuery(Schema):
    """The period that `day` lies in (today when left out), or from `day` to `until`."""

    period: Literal["day", "week", "month", "any"] = "month"
    day: IsoDay | None = None
    until: IsoDay | None = None


class SalesReportQuery(PeriodQuery):
    """A period, which time counts, and which sales."""

    basis: Literal["sale", "login"] = "sale"
    package: Id | None = None
    seller: Id | None = None
    router: Id | None = None


class AccountOut(Schema):
    """One account in whole rupiah; above 0 is debit."""

    account: str
    before_idr: int
    debit_idr: int
    credit_idr: int
    after_idr: int


class BalanceOut(Schema):
    """What a reseller paid ahead, may owe, and can sell for; `percent` null: by the reseller prices."""

    balance: int
    credit: int
    available: int
    percent: int | None


@router.get("/sales", auth=SELL, response={200: SalesPage, **FAILURES})
def list_sales(request: HttpRequest, asked: Query[SalesQuery]) -> Any:
    """Sales, newest first; a reseller's are their own."""
    first = (asked.page - 1) * asked.per_page
    rows = list(counter.seen_by(actor(request).person)[first : first + asked.per_page + 1])
    items = [_sale(request, sale) for sale in rows[: asked.per_page]]
    return {"items": items, "more": len(rows) > asked.per_page}


@router.get("/sales/{pk}", auth=SELL, response={200: SaleCode, **FAILURES})
def one_sale(request: HttpRequest, pk: Id) -> Any:
    """One sale, with the code once it works."""
    return _with_code(request, _find(request, pk))


@router.post("/sales", auth=SELL, response={201: SaleCode, **FAILURES})
def sell(request: HttpRequest, given: SaleIn) -> Any:
    """Sell one voucher. Its code is empty until the router has the user: ask for the sale again."""
    package = counter.offers().filter(pk=given.package).first()
    if package is None:
        raise Http404(_("This package is not on sale."))
    try:
        sale = counter.sell(actor(request).person, package, given.token)
    except NotSold:
        raise Refused(409, "not-on-sale", _("This package is not on sale.")) from None
    except resellers.NotEnough as error:
        text = _("The balance does not suffice: %(needed)d is needed, %(available)d is there.")
        told = {"needed": error.needed_idr, "available": error.available_idr}
        raise Refused(409, "balance", text % told) from None
    except placing.NoRouter:
        text = _("No router is in use on which this package is sold.")
        raise Refused(409, "no-router", text) from None
    return Status(201, _with_code(request, _find(request, sale.pk)))


@router.post("/sales/{pk}/take-back", auth=SELL, response={200: SaleCode, **FAILURES})
def take_sale_back(request: HttpRequest, pk: Id, given: TakeBackIn) -> Any:
    """Give the buyer the money back and make the code void, as the page's "Take back" does."""
    me = actor(request)
    try:
        counter.undo(_find(request, pk), me.person, given.reason, me.source)
    except TooLate:
        text = _("It can be taken back no more.")
        raise Refused(409, "too-late", text) from None
    return _with_code(request, _find(request, pk))


@router.get("/reports/sales", auth=READ, response={200: SalesReportOut, **FAILURES})
def sales_report(request: HttpRequest, asked: Query[SalesReportQuery]) -> Any:
    """What was sold in a period, by day, package, seller, router and door."""
    found = reports.report(
        _period(asked), Basis(asked.basis), Scope(asked.package, asked.seller, asked.router)
    )
    return {
        "first": found.period.first,
        "last": found.period.last,
        "basis": found.basis.value,
        "total": sums_of(found.total),
        "days": [{"day": day, **sums_of(sums)} for day, sums in found.days],
        **{
            name: [
                {"id": (row.key or None) if isinstance(row.key, int) else None, "name": row.name}
                | sums_of(row.sums)
                for row in rows
            ]
            for name, rows in found.groups.items()
        },
    }


@router.get("/ledger/accounts", auth=AUDIT, response={200: list[AccountOut], **FAILURES})
def accounts(request: HttpRequest, asked: Query[PeriodQuery]) -> Any:
    """Every account before, in and after a period; what they hold adds up to 0."""
    return [
        {
            "account": row.account.value,
            "before_idr": row.before_idr,
            "debit_idr": row.debit_idr,
            "credit_idr": row.credit_idr,
            "after_idr": row.after_idr,
        }
        for row in reports.trial_balance(_period(asked))
    ]


@router.get("/balance", auth=SELL, response={200: BalanceOut, **FAILURES})
def own_balance(request: HttpRequest) -> Any:
    """What the caller paid ahead."""
    standing = resellers.standing(actor(request).person)
    return {
        "balance": standing.deposit_idr,
        "credit": standing.credit_idr,
        "available": standing.available_idr,
        "percent": standing.percent,
    }


def sums_of(sums: Sums) -> dict[str, int]:
    """Sums as JSON."""
    return {name: getattr(sums, name) for name in SumsOut.model_fields}


def _period(asked: PeriodQuery) -> Period:
    zone = timezone.get_default_timezone()
    try:
        return period_of(
            asked.period, asked.day or timezone.localdate(timezone=zone), asked.until, zone
        )
    except WrongPeriod as wrong:
        text = complaint(wrong)
        raise Refused(422, "invalid", _("Some values do not fit."), {wrong.field: [text]}) from None


def _find(request: HttpRequest, pk: int) -> Sale:
    sale = counter.seen_by(actor(request).person).filter(pk=pk).first()
    if sale is None:
        raise Http404(_("There is no such sale."))
    return sale


def _sale(request: HttpRequest, sale: Sale) -> dict[str, Any]:
    sees_all = holds(actor(request).person.role, Role.CASHIER)
    return {
        "id": sale.pk,
        "at": sale.at,
        "package": sale.package.name,
        "router": sale.router.name if sale.router else "",
        "seller": sale.seller.get_username() if sale.seller else "",
        "via": sale.via,
        "price": sale.price_idr,
        "commission": sale.commission_idr,
        "cost": sale.cost_idr if sees_all else None,
        "first_login_at": sale.activated_at,
        "taken_back_at": sale.returned_at,
        "voucher": sale.voucher_id,
        "state": sale.voucher.state if sale.voucher else "",
    }


def _with_code(request: HttpRequest, sale: Sale) -> dict[str, Any]:
    voucher = sale.voucher
    works = (
        voucher is not None
        and voucher.state in (State.READY, State.ACTIVE)
        and not sale.returned_at
    )
    code = making.credentials(voucher).code if voucher and works else ""
    return {**_sale(request, sale), "code": code}
