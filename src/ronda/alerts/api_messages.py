"""`/api/v1/messages`: what was sent to whom and what became of it; `/api/v1/for-me`: what one was told inside Ronda."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema

from ronda.accounts.auth import session_or_token
from ronda.accounts.models import Role
from ronda.accounts.roles import ANYONE, holds
from ronda.alerts.models import Outgoing, OwnNotice
from ronda.alerts.service import channels, own, sending, sent
from ronda.devices.acting import actor
from ronda.kernel.ids import Id
from ronda.web.answers import FAILURES, Refused

router = Router(tags=["alerts"])
State = Literal["", "waiting", "sent", "failed", "unsure"]
Limit = Annotated[int, Query(ge=1, le=1000)]
Offset = Annotated[int, Query(ge=0, le=10_000_000)]


class SentOut(Schema):
    """One message to one address; its words are not kept.

    `within` is the message that carried it, because many came at once; `edits`: it changed the first message about
    the same incident.
    `what` is its sort: alert, order, member-due, finding, code or test; `about` the order, member or letter it
    is made of. `to` is "" for a browser, whose address is a secret, and inside Ronda. The last three of the
    states waiting, sent, failed and unsure are final.
    """

    id: int
    channel: int
    channel_name: str
    kind: str
    what: str
    about: int | None
    to: str
    person: str | None
    state: str
    error: str
    made_at: datetime
    ended_at: datetime | None
    held_at: datetime | None
    within: int | None
    edits: bool


class SentList(Schema):
    """Some messages of `count`, newest first."""

    count: int
    items: list[SentOut]


class MineOut(Schema):
    """One notice for oneself; `page` is the path of the page where one acts, "" for none."""

    id: int
    subject: str
    text: str
    severity: str
    thread: str
    page: str
    at: datetime
    read_at: datetime | None


class MineList(Schema):
    """Some of one's own `count` notices, newest first, and how many one has not read."""

    count: int
    unread: int
    items: list[MineOut]


def sent_out(row: Outgoing) -> dict[str, Any]:
    """A message as programs read it."""
    kind, person = channels.kind_of(row.channel), row.address.person if row.address else None
    return {
        "id": row.pk,
        "channel": row.channel_id,
        "channel_name": row.channel.name,
        "kind": kind.name,
        "what": row.what,
        "about": row.about,
        "to": "" if kind.reach in ("browser", "person") else row.to,
        "person": person.username if person else None,
        "state": row.state,
        "error": row.error,
        "made_at": row.made_at,
        "ended_at": row.ended_at,
        "held_at": row.held_at,
        "within": row.carrier_id,
        "edits": row.edits,
    }


def _page(found: QuerySet[Outgoing], offset: int, limit: int) -> dict[str, Any]:
    items = [sent_out(row) for row in found[offset : offset + limit]]
    return {"count": found.count(), "items": items}


def _visible(request: HttpRequest, number: int) -> Outgoing:
    """A message that the caller may see: cashiers those to buyers, administrators all."""
    me = actor(request).person
    everything = holds(me.role, Role.ADMIN)
    rows = sent.to_people() | sent.to_buyers() if everything else sent.to_buyers()
    found = rows.filter(pk=number).first()
    if found is None:
        raise Http404(_("There is no such message."))
    return found


@router.get(
    "/messages/people", response={200: SentList, **FAILURES}, auth=session_or_token(Role.ADMIN)
)
def list_to_people(
    request: HttpRequest,
    state: State = "",
    person: Annotated[str, Query(max_length=150)] = "",
    limit: Limit = 100,
    offset: Offset = 0,
) -> Any:
    """Messages to people of the operator, newest first; `person` is a part of a user name."""
    return _page(sent.to_people(state, person.replace("\0", "").strip()), offset, limit)


@router.get(
    "/messages/buyers", response={200: SentList, **FAILURES}, auth=session_or_token(Role.CASHIER)
)
def list_to_buyers(
    request: HttpRequest, state: State = "", limit: Limit = 100, offset: Offset = 0
) -> Any:
    """Messages to buyers and members, newest first."""
    return _page(sent.to_buyers(state), offset, limit)


@router.get(
    "/messages/{number}", response={200: SentOut, **FAILURES}, auth=session_or_token(Role.CASHIER)
)
def read_message(request: HttpRequest, number: Id) -> Any:
    """One message; those to people for administrators only."""
    return sent_out(_visible(request, number))


@router.post(
    "/messages/{number}/again",
    response={200: SentOut, **FAILURES},
    auth=session_or_token(Role.CASHIER),
)
def send_again(request: HttpRequest, number: Id) -> Any:
    """Send a message that ended once more; one that still waits is answered with 409, and goes out once."""
    row, me = _visible(request, number), actor(request)
    if not sending.again(row, me.person, me.source):
        raise Refused(409, "waiting", _("It still waits to be sent."))
    return sent_out(_visible(request, number))


def _mine_out(row: OwnNotice) -> dict[str, Any]:
    return {"id": row.pk, **{name: getattr(row, name) for name in MineOut.model_fields}}


@router.get("/for-me", response={200: MineList, **FAILURES}, auth=session_or_token(ANYONE))
def list_mine(request: HttpRequest, limit: Limit = 100, offset: Offset = 0) -> Any:
    """What one was told inside Ronda, newest first."""
    me = actor(request).person
    found = own.of(me)
    return {
        "count": found.count(),
        "unread": own.unread_count(me),
        "items": [_mine_out(row) for row in found[offset : offset + limit]],
    }
