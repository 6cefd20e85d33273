"""`/api/v1/payment-methods`: what is set about ways to pay; no credential goes in or out here."""

from typing import Any

from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Router, Schema

from ronda.accounts.auth import session_or_token
from ronda.accounts.models import Role
from ronda.devices.acting import actor
from ronda.kernel.ids import Id
from ronda.shop.models import PaymentMethod
from ronda.shop.service import methods
from ronda.web.answers import FAILURES

router = Router(tags=["shop"])
ADMIN = session_or_token(Role.ADMIN)


class PaymentMethodOut(Schema):
    """One way to pay. `missing` names the credentials of a gateway that are not stored."""

    id: int
    kind: str
    name: str
    active: bool
    live: bool
    position: int
    complete: bool
    missing: list[str]
    shown: dict[str, str]


class PaymentMethodIn(Schema):
    """What is to change; credentials are entered on the page alone."""

    name: str | None = Field(None, min_length=1, max_length=60)
    active: bool | None = None
    live: bool | None = None
    position: int | None = Field(None, ge=1, le=999)


@router.get("/payment-methods", auth=ADMIN, response={200: list[PaymentMethodOut], **FAILURES})
def payment_methods(request: HttpRequest) -> list[dict[str, Any]]:
    """Every way to pay, in the order in which buyers see them."""
    return [_out(one) for one in methods.methods()]


@router.patch(
    "/payment-methods/{method_id}", auth=ADMIN, response={200: PaymentMethodOut, **FAILURES}
)
def payment_method_edit(
    request: HttpRequest, method_id: Id, body: PaymentMethodIn
) -> dict[str, Any]:
    """Change a name, a place, whether it is offered, and sandbox or real money."""
    method = methods.find(method_id)
    if method is None:
        raise Http404(_("There is no such way to pay."))
    me = actor(request)
    given = body.dict(exclude_none=True)
    settings = methods.Settings(
        name=given.get("name", method.name),
        active=given.get("active", method.active),
        live=given.get("live", method.live),
        position=given.get("position", method.position),
        shown=method.shown,
    )
    return _out(methods.save(method, settings, me.person, me.source))


def _out(method: PaymentMethod) -> dict[str, Any]:
    return {
        "id": method.pk,
        "kind": method.kind,
        "name": method.name,
        "active": method.active,
        "live": method.live,
        "position": method.position,
        "complete": methods.is_complete(method),
        "missing": methods.missing(method) if methods.is_gateway(method) else [],
        "shown": method.shown,
    }
