"""The older voucher system's `/api/mikrotik/users` and `/profiles`, from what routers were last seen to hold.

Rows have RouterOS's property names with texts as values, as the older system passed them through;
`router` is ours. No request waits for a router except a deletion, and that for a bounded time.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Field, Router, Schema

from ronda.accounts.auth import session_or_token
from ronda.accounts.models import Role
from ronda.devices.acting import actor
from ronda.devices.service.scope import mine
from ronda.hotspot.models import ActiveUser, HotspotProfile, HotspotUser, Outcome, Part, Verb
from ronda.hotspot.rules.values import write_duration
from ronda.hotspot.service import ages, asking, drifting, lists, wording
from ronda.web.answers import Refused

router = Router(auth=session_or_token(Role.VIEWER))

#: A deletion of the older shape waits so long for the routers and no longer.
WAIT_S = 20.0


@router.get("/mikrotik/users")
def users(
    request: HttpRequest,
    response: HttpResponse,
    active: bool = False,
    profile: str = "",
) -> Any:
    """`{users, count}`; with `active=true` the open sessions, with `profile` only that profile's."""
    part = Part.ACTIVE if active else Part.USERS
    _tell_age(response, part)
    found = lists.matching(part, lists.Filter(profile=profile)).select_related("router")
    rows = [_session(row) if active else _user(row) for row in found]
    return {"users": rows, "count": len(rows)}


class UserToDelete(Schema):
    """Whom to delete, on every router that has them."""

    username: str = Field(min_length=1, max_length=200)


@router.delete("/mikrotik/users", auth=session_or_token(Role.ADMIN))
def delete_user(request: HttpRequest, given: UserToDelete) -> Any:
    """`{success, message}`; the session ends too. 404 for an unknown name, 502 where a router did not do it."""
    held = HotspotUser.objects.filter(
        name=given.username, router__deleted_at=None, router__active=True
    )
    found = mine(held, "router__site")
    targets = [asking.target_of(row) for row in found.select_related("router")]
    if not targets:
        raise Refused(404, "not-found", _("There is no such hotspot user (any more)."))
    me = actor(request)
    instruction = asking.ask(Verb.DELETE, targets, me.person, source=me.source)
    asking.wait(instruction, WAIT_S)
    for action in asking.actions_of(instruction):
        if action.outcome == Outcome.REFUSED:
            raise Refused(502, "refused", wording.refusal(action))
        if action.outcome != Outcome.DONE:
            raise Refused(502, "unknown", wording.waiting(action))
    text = _("%(name)s was deleted.") % {"name": given.username}
    return {"success": True, "message": text}


@router.get("/mikrotik/profiles")
def profiles(request: HttpRequest, response: HttpResponse) -> Any:
    """`{profiles, count}` of every router in use."""
    _tell_age(response, Part.PROFILES)
    found = lists.matching(Part.PROFILES, lists.Filter()).select_related("router")
    rows = [_profile(row) for row in found]
    return {"profiles": rows, "count": len(rows)}


def _tell_age(response: HttpResponse, part: Part) -> None:
    """Say when the oldest of what is answered was read; without a header nothing was read yet."""
    moments = [age.read_at for age in ages.ages(part) if age.read_at]
    if moments:
        response["X-Read-At"] = min(moments).isoformat(timespec="seconds")


def _user(row: HotspotUser) -> dict[str, str]:
    return {
        ".id": row.ros_id,
        "name": row.name,
        "server": row.server,
        **drifting.texts_of(row),
        "disabled": "true" if row.disabled else "false",
        "uptime": write_duration(row.uptime_s),
        "bytes-in": str(row.bytes_in),
        "bytes-out": str(row.bytes_out),
        "router": row.router.name,
    }


def _session(row: ActiveUser) -> dict[str, str]:
    left = {} if row.left_s is None else {"session-time-left": write_duration(row.left_s)}
    return {
        ".id": row.ros_id,
        "user": row.user,
        "server": row.server,
        "address": row.address,
        "mac-address": row.mac,
        "login-by": row.login_by,
        "uptime": write_duration(row.uptime_s),
        "idle-time": write_duration(row.idle_s),
        "bytes-in": str(row.bytes_in),
        "bytes-out": str(row.bytes_out),
        "router": row.router.name,
        **left,
    }


def _profile(row: HotspotProfile) -> dict[str, str]:
    return {".id": row.ros_id, "name": row.name, **row.values, "router": row.router.name}
