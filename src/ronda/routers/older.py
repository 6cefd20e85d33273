"""The older system's `/api/mikrotik/settings` and `/test`, with its field names, defaults and a sign-in."""

import json
from typing import Any

from django.conf import settings as django_settings
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router, Schema

from ronda.accounts.auth import session_or_token
from ronda.accounts.models import Role
from ronda.accounts.service.audit import MASK
from ronda.devices.acting import actor
from ronda.devices.models import Site
from ronda.kernel.ids import id_of
from ronda.routers import models
from ronda.routers.rules.observed import Observed
from ronda.routers.rules.older import FIELDS, read_older, write_older
from ronda.routers.service import examining, reports, routers
from ronda.routers.service.errors import Refusal, WrongSettings
from ronda.routers.service.wording import text_of
from ronda.web.answers import Refused
from ronda.work import jobs

router = Router()

#: A request of the older shape waits so long for its test and no longer.
WAIT_S = 20


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


class TestIn(Schema):
    """Which settings to test."""

    settingsId: str | int  # noqa: N815 -- the older system's name


@router.post("/mikrotik/test", auth=session_or_token(Role.NOC))
def test_settings(request: HttpRequest, given: TestIn) -> Any:
    """Test the connection now; waits a bounded time for the desk."""
    text = str(given.settingsId).strip()
    item = routers.routers().filter(pk=id_of(text)).first()
    if item is None:
        raise Refused(404, "not-found", _("There is no such router."))
    state = jobs.wait(examining.start(item.pk), WAIT_S)
    item.refresh_from_db()
    report = reports.report_of(item)
    finished = state is not None and state.finished
    trouble = reports.trouble_of(state) if state is not None and finished else ""
    if not finished or trouble or report is None:
        late = _("The test takes longer than %(seconds)d s; ask again.") % {"seconds": WAIT_S}
        return _told(False, trouble or late)
    worst = next((said for said in report.said if said.level == "bad"), None)
    message = f"{report.headline}. {worst.title}. {worst.text}" if worst else f"{report.headline}."
    return _told(report.observed.connected, message, report.observed)


def _told(success: bool, message: str, observed: Observed | None = None) -> dict[str, Any]:
    seen = observed if observed is not None and observed.connected else None
    return {
        "success": success,
        "systemInfo": {
            "resource": dict(seen.first("/system/resource")),
            "identity": dict(seen.first("/system/identity")),
        }
        if seen
        else None,
        "profiles": [dict(row) for row in seen.rows("/ip/hotspot/user/profile") or ()]
        if seen
        else [],
        "message": message,
    }


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
