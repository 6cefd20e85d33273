"""The older voucher system's `POST /api/mikrotik/voucher`: one router user for one of its packages."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Router, Schema
from pydantic import SecretStr

from ronda.accounts.auth import session_or_token
from ronda.accounts.models import Role
from ronda.devices.acting import actor
from ronda.devices.service.scope import mine
from ronda.kernel.ids import LARGEST_ID
from ronda.shop.api_vouchers import TEXT, no_router
from ronda.shop.forms_vouchers import bad_code
from ronda.shop.models import Order, Voucher
from ronda.shop.rules.codes import BadCode
from ronda.shop.rules.expiry import user_texts
from ronda.shop.rules.terms import Terms
from ronda.shop.service import making, packages, placing
from ronda.web.answers import Refused
from ronda.work import jobs

router = Router()
#: The answer waits so long for the router and no longer.
WAIT_S = 10.0


class VoucherWanted(Schema):
    """Which package, for which order, and the name and password somebody chose."""

    voucherId: int = Field(ge=1, le=LARGEST_ID)  # noqa: N815 -- the older system's word
    transactionId: str | int | None = None  # noqa: N815
    customerName: str = Field("", max_length=80, pattern=TEXT)  # noqa: N815
    customerEmail: str = Field("", max_length=254, pattern=TEXT)  # noqa: N815
    customUsername: str = Field("", max_length=64, pattern=TEXT)  # noqa: N815
    customPassword: SecretStr = SecretStr("")  # noqa: N815


@router.post("/mikrotik/voucher", auth=session_or_token(Role.CASHIER))
def make_voucher(request: HttpRequest, given: VoucherWanted) -> Any:
    """`{message, voucher}`. An order that was paid has its voucher already, and it is told again.

    404 for an unknown package or order, 409 for an order that is not paid or a name that exists.
    """
    package = packages.present().filter(pk=given.voucherId).first()
    if package is None:
        raise Refused(404, "not-found", _("There is no such package."))
    if given.transactionId:
        return _told(_of_order(str(given.transactionId)))
    me = actor(request)
    try:
        row = making.make(
            package,
            placing.router_for(package),
            person=me.person,
            code=given.customUsername,
            password=given.customPassword.get_secret_value(),
            order=given.customerName or None,
            source=me.source,
        )
    except placing.NoRouter:
        raise no_router() from None
    except making.CodeTaken:
        raise Refused(409, "taken", _("This code exists already.")) from None
    except BadCode as problem:
        raise Refused(400, "invalid", bad_code(problem)) from None
    job = jobs.newest("shop.make", f"router:{row.router_id}")
    if job is not None:
        jobs.wait(job.id, WAIT_S)
    row.refresh_from_db()
    return _told(row)


def _of_order(number: str) -> Voucher:
    every = Order.objects.select_related("voucher")
    order = mine(every, "router__site").filter(number=number).first()
    if order is None:
        raise Refused(404, "not-found", _("There is no such order."))
    if order.voucher is None:
        text = _("This order has no voucher yet: it is made by itself once the order is paid.")
        raise Refused(409, "not-paid", text)
    return order.voucher


def _told(row: Voucher) -> dict[str, Any]:
    texts = user_texts(Terms.from_json(row.terms), "")
    voucher = {
        "id": row.pk,
        "username": row.code,
        "password": making.credentials(row).password,
        "profile": texts["profile"],
        "limitUptime": texts["limit-uptime"] or None,
        "limitBytesTotal": texts["limit-bytes-total"] or None,
        "limitBytesIn": texts["limit-bytes-in"] or None,
        "limitBytesOut": texts["limit-bytes-out"] or None,
        "router": row.router.name,
        "status": row.state,
    }
    texts_of = {
        Voucher.State.READY: _("The voucher is ready."),
        Voucher.State.ACTIVE: _("The voucher is ready."),
        Voucher.State.TROUBLE: _("The router refused the voucher; see its page."),
    }
    waiting = _("The voucher is made as soon as the router answers.")
    return {"message": texts_of.get(Voucher.State(row.state), waiting), "voucher": voucher}
