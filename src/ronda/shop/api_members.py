"""`/api/v1/members`: monthly members, and renewing them."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Router, Schema

from ronda.accounts.auth import session_or_token
from ronda.accounts.models import Role
from ronda.devices.acting import actor
from ronda.kernel.ids import LARGEST_ID, Id
from ronda.shop.models import Member
from ronda.shop.rules.members import MOST_MONTHS
from ronda.shop.service import member_links, members, renewals
from ronda.web.answers import FAILURES, Refused

router = Router(tags=["members"])
AUTH = session_or_token(Role.CASHIER)
After = Annotated[int, Field(ge=0, le=LARGEST_ID)]
Limit = Annotated[int, Field(ge=1, le=500)]


class MemberOut(Schema):
    """A member. `until` is the first day that is not paid for; `on_router` whether the router confirmed the state;
    `pay_path` is the page on which the member pays without an account."""

    id: int
    name: str
    phone: str
    user: str
    router_id: int
    package_id: int
    price: int
    state: Literal["active", "grace", "suspended", "ended"]
    starts: date
    until: date
    grace_days: int
    on_router: bool
    trouble: str
    pay_path: str


class RenewalIn(Schema):
    """Money taken for some months. `token` names the renewal: the same one again is the same renewal."""

    model_config = {"extra": "forbid"}
    months: int = Field(1, ge=1, le=MOST_MONTHS)
    paid: Literal["cash", "transfer"] = "cash"
    token: str = Field(min_length=8, max_length=40)


class InvoiceOut(Schema):
    """An invoice."""

    number: str
    amount: int
    months: int
    begins: date
    until: date
    paid: bool


@router.get("/members", auth=AUTH, response={200: list[MemberOut], **FAILURES})
def list_members(
    request: HttpRequest, state: str = "", text: str = "", after: After = 0, limit: Limit = 100
) -> Any:
    """Members in the order of their ids, after one, at most 500; the ended only with `state=ended`."""
    if state not in ("", *Member.State.values):
        raise Refused(422, "state", _("There is no such state."))
    found = members.matching(text[:80].replace("\x00", ""), state).filter(pk__gt=after)
    return [_out(one) for one in found.order_by("pk")[:limit]]


@router.get("/members/{pk}", auth=AUTH, response={200: MemberOut, **FAILURES})
def one_member(request: HttpRequest, pk: Id) -> Any:
    """One member."""
    return _out(_find(pk))


@router.post("/members/{pk}/renew", auth=AUTH, response={200: InvoiceOut, **FAILURES})
def renew_member(request: HttpRequest, pk: Id, given: RenewalIn) -> Any:
    """Take the money for some months; 409 where the member has ended."""
    me = actor(request)
    try:
        invoice = renewals.renew(
            _find(pk),
            given.months,
            me.person,
            token=given.token,
            cash=given.paid == "cash",
            source=me.source,
        )
    except renewals.Over:
        raise Refused(409, "ended", _("This member has ended; enter a new one.")) from None
    return {
        "number": str(invoice),
        "amount": invoice.amount_idr,
        "months": invoice.months,
        "begins": invoice.begins,
        "until": invoice.until,
        "paid": invoice.paid_at is not None,
    }


def _find(pk: int) -> Member:
    found = Member.objects.filter(pk=pk).first()
    if found is None:
        raise Http404(_("There is no such member."))
    return found


def _out(member: Member) -> dict[str, Any]:
    return {
        "id": member.pk,
        "name": member.name,
        "phone": member.phone,
        "user": member.user,
        "router_id": member.router_id,
        "package_id": member.package_id,
        "price": member.price_idr,
        "state": member.state,
        "starts": member.starts,
        "until": member.until,
        "grace_days": member.grace_days,
        "on_router": member.confirmed,
        "trouble": member.trouble,
        "pay_path": member_links.path_of(member),
    }
