"""The older voucher system's `/api/vouchers` (its packages) and `/api/settings` (how the shop looks)."""

import json
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router

from ronda.accounts.auth import session_or_token
from ronda.accounts.models import Role
from ronda.devices.acting import actor
from ronda.shop import forms_entered
from ronda.shop.forms_entered import Unfit
from ronda.shop.service import branding, keeping, packages
from ronda.web.answers import Refused

router = Router()


@router.get("/vouchers", auth=session_or_token(Role.RESELLER))
def vouchers(request: HttpRequest) -> Any:
    """The packages that can be bought now, as the older system's objects."""
    return [
        forms_entered.as_older(one)
        for one in packages.on_sale().prefetch_related("sites", "routers")
    ]


@router.post("/vouchers", auth=session_or_token(Role.ADMIN))
def add_voucher(request: HttpRequest) -> Any:
    """Make a package of an older object: `{message, voucher, notes}`; 400 names what contradicts itself."""
    try:
        given = json.loads(request.body)
    except ValueError:
        given = None
    if not isinstance(given, dict):
        raise Refused(400, "invalid", _("Send one JSON object."))
    try:
        values, notes = forms_entered.older_values(given)
    except Unfit as unfit:
        raise Refused(400, "invalid", str(unfit), unfit.fields) from None
    me = actor(request)
    package = packages.create(values, me.person, me.source)
    keeping.keep(package, me.person, me.source)
    text = _("The package %(name)s was made.") % {"name": package.name}
    return {"message": text, "voucher": forms_entered.as_older(package), "notes": notes}


@router.get("/settings", auth=None)
def settings(request: HttpRequest) -> Any:
    """How the shop looks and how to reach it; nothing else is told to strangers."""
    mine = branding.branding()
    return {
        "siteName": mine.name,
        "logo": mine.logo_url or None,
        "primaryColor": mine.colour,
        "textColor": mine.ink,
        "phone": mine.phone or None,
        "whatsapp": mine.whatsapp or None,
        "address": mine.address or None,
        "footer": mine.footer or None,
    }
