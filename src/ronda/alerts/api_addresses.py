"""`/api/v1/people/…/addresses` and `/api/v1/addresses`: how people are reached.

Programs of administrators alone change it: a token for looking must never turn alerts elsewhere.
"""

from typing import Any, Literal

from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Router, Schema, Status

from ronda.accounts.auth import session_or_token
from ronda.accounts.models import Person, Role
from ronda.accounts.roles import ANYONE, holds
from ronda.alerts.models import Address
from ronda.alerts.service import addresses, channels, proving
from ronda.alerts.service.addresses import TYPED, AddressRefused
from ronda.devices.acting import Actor, actor
from ronda.devices.service.scope import is_narrowed
from ronda.kernel.ids import Id
from ronda.web.answers import FAILURES, Refused

router = Router(tags=["alerts"])
TEXT = r"^[^\x00]+$"


class AddressOut(Schema):
    """One address of a person; `usable` when a message may go there, `trouble` why it is left alone.

    `to` is "" for a browser, whose address is a secret.
    """

    id: int
    person: int
    channel: int
    channel_name: str
    kind: str
    to: str
    name: str
    active: bool
    proved: bool
    usable: bool
    trouble: str


class AddressIn(Schema):
    """By which channel, and where: a telephone number, an e-mail address, a topic, a chat or an address of the web."""

    channel: Id
    to: str = Field(min_length=1, max_length=254, pattern=TEXT)


class AddressDeed(Schema):
    """What is done with an address: sent a code, proved by it, used again, left alone."""

    do: Literal["send-code", "prove", "use", "leave"]
    code: str = Field(default="", max_length=20, pattern=r"^[^\x00]*$")


def _out(row: Address) -> dict[str, Any]:
    kind = channels.kind_of(row.channel)
    return {
        "id": row.pk,
        "person": row.person_id,
        "channel": row.channel_id,
        "channel_name": row.channel.name,
        "kind": kind.name,
        "to": "" if kind.reach == "browser" else row.to,
        "name": row.name,
        "active": row.active,
        "proved": row.verified_at is not None,
        "usable": addresses.is_usable(row),
        "trouble": row.trouble,
    }


def _person(number: int) -> Person:
    found = Person.objects.filter(pk=number).first()
    if found is None:
        raise Http404(_("There is no such person."))
    return found


def _check(me: Actor, person: Person, *, allowed: bool) -> None:
    """Nothing for oneself; whoever sees some sites only looks after nobody else here."""
    if person.pk != me.person.pk and (not allowed or is_narrowed(me.person)):
        raise Refused(
            403, "not-yours", _("Only they themselves, or who looks after them, may do this.")
        )


def _mine(me: Actor, number: int) -> Address:
    """An address that the caller may change; that of anybody else is as if it were not there."""
    row = Address.objects.select_related("person", "channel").filter(pk=number).first()
    if row is None or not addresses.may_change(me.person, row.person):
        raise Http404(_("There is no such address."))
    return row


@router.get(
    "/people/{number}/addresses",
    response={200: list[AddressOut], **FAILURES},
    auth=session_or_token(ANYONE),
)
def list_addresses(request: HttpRequest, number: Id) -> Any:
    """How a person is reached: oneself, or for administrators anybody."""
    me, person = actor(request), _person(number)
    _check(me, person, allowed=holds(me.person.role, Role.ADMIN))
    return [_out(row) for row in addresses.own(person)]


@router.post(
    "/people/{number}/addresses",
    response={201: AddressOut, **FAILURES},
    auth=session_or_token(Role.ADMIN),
)
def add_address(request: HttpRequest, number: Id, given: AddressIn) -> Any:
    """A new address: one's own counts once it is proved (`send-code`, `prove`), somebody else's at once."""
    me, person = actor(request), _person(number)
    _check(me, person, allowed=addresses.may_change(me.person, person))
    offered = {one.pk: one for one in addresses.offered(person, TYPED)}
    channel = offered.get(given.channel)
    if channel is None:
        raise Http404(_("There is no such channel, or it does not reach people by what is typed."))
    reach = channels.kind_of(channel).reach
    proved = person.pk != me.person.pk or reach == "url"
    try:
        to = addresses.read(reach, given.to)
        row = addresses.add(person, channel, to, me.person, me.source, proved=proved)
    except AddressRefused as refused:
        raise Refused(422, "address", str(refused)) from None
    return Status(201, _out(row))


@router.post(
    "/addresses/{number}/act",
    response={200: AddressOut, **FAILURES},
    auth=session_or_token(Role.ADMIN),
)
def act_on_address(request: HttpRequest, number: Id, given: AddressDeed) -> Any:
    """Send a code, prove, use again or leave alone an address."""
    me = actor(request)
    row = _mine(me, number)
    try:
        if given.do == "send-code":
            proving.send_code(row)
        elif given.do == "prove":
            proving.prove(row, given.code, me.person, me.source)
        else:
            addresses.switch(row, given.do == "use", me.person, me.source)
    except AddressRefused as refused:
        raise Refused(422, "address", str(refused)) from None
    return _out(row)


@router.delete(
    "/addresses/{number}", response={204: None, **FAILURES}, auth=session_or_token(Role.ADMIN)
)
def remove_address(request: HttpRequest, number: Id) -> Any:
    """Forget an address; what was sent there stays on record."""
    me = actor(request)
    addresses.remove(_mine(me, number), me.person, me.source)
    return Status(204, None)
