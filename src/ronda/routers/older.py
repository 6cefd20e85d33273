"""The older system's `/api/mikrotik/settings`, with its field names, defaults and a sign-in."""

import json
from typing import Any

from django.conf import settings as django_settings
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router

from ronda.accounts.auth import session_or_token
from ronda.accounts.models import Role
from ronda.accounts.service.audit import MASK
from ronda.devices.acting import actor
from ronda.devices.models import Site
from ronda.routers import models
from ronda.routers.rules.older import FIELDS, read_older, write_older
from ronda.routers.service import routers
from ronda.routers.service.errors import Refusal, WrongSettings
from ronda.routers.service.wording import text_of
from ronda.web.answers import Refused

router = Router()


@router.get("/mikrotik/settings", auth=session_or_token(Role.NOC))
def settings_list(request: HttpRequest) -> Any:
    """All routers; the password reads `***`."""
    return [as_older(item) for item in routers.routers()]


@router.post("/mikrotik/settings", auth=session_or_token(Role.ADMIN))
def new_settings(request: HttpRequest) -> Any:
    """Add a router; what contradicts itself is refused with the reason, never guessed."""
    read = read_older(_body(request))
    if read.problems:
        texts = {problem.field: [text_of(problem)] for problem in read.problems}
        raise _refused(texts)
    me = actor(request)
    try:
        made = routers.add(read.settings, read.password, _first_site(), me.person, source=me.source)
    except WrongSettings as wrong:
        raise _refused(
            {FIELDS.get(name, name): texts for name, texts in wrong.fields.items()}
        ) from None
    except Refusal as refusal:
        raise _refused({FIELDS.get(refusal.field, refusal.field): [str(refusal)]}) from None
    return as_older(made)


def _body(request: HttpRequest) -> dict[str, Any]:
    try:
        given = json.loads(request.body)
    except ValueError:
        given = None
    if not isinstance(given, dict):
        raise Refused(400, "invalid", _("Send one JSON object."))
    return given


def _refused(texts: dict[str, list[str]]) -> Refused:
    said = "; ".join(f"{name}: {' '.join(lines)}" for name, lines in texts.items())
    return Refused(400, "invalid", said, texts)


def _first_site() -> Site:
    """The older system knew no sites: the first one, or one with the installation's name."""
    return Site.objects.first() or Site.objects.create(name=django_settings.RONDA.site_name)


def as_older(item: models.Router) -> dict[str, Any]:
    """A router in the older object's words."""
    release = item.facts.get("release")
    connected = {"never": "never", "connected": "connected", "failed": "error"}
    found = write_older(routers.settings_of(item)) | {
        "id": str(item.pk),
        "password": MASK,
        "connectionStatus": connected[item.connection_status],
        "lastConnected": item.last_connected_at,
        "errorMessage": item.error or None,
        "createdAt": item.created_at,
        "updatedAt": item.updated_at,
    }
    # What the router itself said wins over what somebody believed.
    return found | ({"version": f"v{release[0]}"} if release else {})
