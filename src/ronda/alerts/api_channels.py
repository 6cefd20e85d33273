"""`/api/v1/channels`: the ways in which Ronda writes to people outside. No answer ever holds a secret."""

import secrets
from typing import Annotated, Any

from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Router, Schema, Status
from pydantic import SecretStr, StrictBool

from ronda.accounts.auth import session_or_token
from ronda.accounts.models import Role
from ronda.accounts.roles import holds
from ronda.alerts.api_messages import SentOut, sent_out
from ronda.alerts.channel_forms import ChannelForm
from ronda.alerts.channels import KINDS
from ronda.alerts.channels.port import Kind
from ronda.alerts.models import Channel
from ronda.alerts.service import channels, sending
from ronda.devices.acting import actor
from ronda.kernel.ids import Id
from ronda.web.answers import FAILURES, Refused

router = Router(tags=["alerts"])
ADMIN = session_or_token(Role.ADMIN)
TEXT = r"^[^\x00]*$"
Name = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[a-z_]+$")]
Value = Annotated[str, Field(max_length=500, pattern=TEXT)]


class SettingOut(Schema):
    """One setting of a kind of channel; empty `choices` leave it free."""

    name: str
    label: str
    secret: bool
    required: bool
    default: str
    hint: str
    choices: list[str]


class KindOut(Schema):
    """One kind of channel; `reach` is what its addresses are, `longest` how many characters a text may have."""

    name: str
    title: str
    reach: str
    longest: int
    settings: list[SettingOut]


class ChannelOut(Schema):
    """One channel; `trouble` says why it was switched off, `secrets_stored` names what is set and never shown."""

    id: int
    kind: str
    name: str
    active: bool
    for_buyers: bool
    local: bool
    settings: dict[str, str]
    secrets_stored: list[str]
    trouble: str


class ChannelIn(Schema):
    """A channel: settings left out are as its kind begins with, secrets left out stay what they are.

    `local`, which lets it call this machine and private networks, is for owners; left out it stays.
    """

    model_config = {"extra": "forbid"}
    name: str = Field(min_length=1, max_length=60, pattern=r"^[^\x00]+$")
    active: StrictBool = True
    for_buyers: StrictBool = False
    local: StrictBool | None = None
    settings: dict[Name, Value] = Field(default={}, max_length=30)
    secrets: dict[Name, SecretStr] = Field(default={}, max_length=10)


class NewChannel(ChannelIn):
    """A channel of a kind of `/api/v1/channel-kinds`."""

    kind: str = Field(max_length=12, pattern=TEXT)


class ChannelTest(Schema):
    """To whom the test goes. Repeating `key` gives the test that was made by it, and sends nothing more."""

    to: str = Field(min_length=1, max_length=254, pattern=r"^[^\x00]+$")
    key: str = Field(default="", max_length=60, pattern=TEXT)


def _kind_out(kind: Kind) -> dict[str, Any]:
    return {
        "name": kind.name,
        "title": str(kind.title),
        "reach": kind.reach,
        "longest": kind.longest,
        "settings": [
            {
                "name": one.name,
                "label": str(one.label),
                "secret": one.secret,
                "required": one.required,
                "default": one.default,
                "hint": str(one.hint),
                "choices": [value for value, _label in one.choices],
            }
            for one in kind.settings
        ],
    }


def _out(row: Channel) -> dict[str, Any]:
    return {
        "id": row.pk,
        "kind": row.kind,
        **{name: getattr(row, name) for name in channels.SWITCHES},
        "settings": row.values,
        "secrets_stored": sorted(name for name, text in channels.secrets_of(row).items() if text),
        "trouble": row.trouble,
    }


def _one(number: int) -> Channel:
    row = channels.present().filter(pk=number).first()
    if row is None:
        raise Http404(_("There is no such channel."))
    return row


def _keep(request: HttpRequest, row: Channel, given: ChannelIn) -> Channel:
    """The channel as it was given, kept.

    Raises:
        Refused: something does not fit, or is for owners.
    """
    me, kind = actor(request), channels.kind_of(row)
    owner = holds(me.person.role, Role.OWNER)
    local = row.local if given.local is None else given.local
    if local != row.local and not owner:
        raise Refused(403, "role", _("Only owners let a channel call this machine."))
    hidden = {one.name: one.secret for one in kind.settings}
    hushed = {name: text.get_secret_value() for name, text in given.secrets.items()}
    wrong = [name for name in given.settings if hidden.get(name, True)]
    wrong += [name for name in hushed if not hidden.get(name, False)]
    if given.for_buyers and kind.reach not in ("phone", "email"):
        wrong.append("for_buyers")
    if wrong:
        text = _("This kind of channel has no such setting.")
        raise Refused(422, "setting", text, {name: [text] for name in wrong})
    if any("\0" in text for text in hushed.values()):
        raise Refused(422, "invalid", _("Some values do not fit."))
    usual = {one.name: one.default for one in kind.settings if not one.secret}
    switches = {"name": given.name, "active": given.active, "for_buyers": given.for_buyers}
    form = ChannelForm(
        {**usual, **given.settings, **hushed, **switches, "local": local}, kind, row, owner=owner
    )
    if not form.is_valid():
        fields = {name: [str(one) for one in found] for name, found in form.errors.items()}
        raise Refused(422, "invalid", _("Some values do not fit."), fields)
    return channels.save(row, form.switches(), form.values(), me.person, me.source)


@router.get("/channel-kinds", response={200: list[KindOut], **FAILURES}, auth=ADMIN)
def list_kinds(request: HttpRequest) -> Any:
    """The kinds of channels there are, and their settings."""
    return [_kind_out(kind) for kind in KINDS.values()]


@router.get("/channels", response={200: list[ChannelOut], **FAILURES}, auth=ADMIN)
def list_channels(request: HttpRequest) -> Any:
    """Every channel."""
    return [_out(row) for row in channels.present()]


@router.post("/channels", response={201: ChannelOut, **FAILURES}, auth=ADMIN)
def add_channel(request: HttpRequest, given: NewChannel) -> Any:
    """A new channel."""
    if given.kind not in KINDS or given.kind in channels.BUILT_IN:
        raise Refused(422, "kind", _("There is no such kind of channel to add."))
    return Status(201, _out(_keep(request, Channel(kind=given.kind), given)))


@router.get("/channels/{number}", response={200: ChannelOut, **FAILURES}, auth=ADMIN)
def read_channel(request: HttpRequest, number: Id) -> Any:
    """One channel."""
    return _out(_one(number))


@router.put("/channels/{number}", response={200: ChannelOut, **FAILURES}, auth=ADMIN)
def change_channel(request: HttpRequest, number: Id, given: ChannelIn) -> Any:
    """Write a channel anew; what was wrong with it is forgotten, and it is in use again where `active`."""
    return _out(_keep(request, _one(number), given))


@router.delete("/channels/{number}", response={204: None, **FAILURES}, auth=ADMIN)
def remove_channel(request: HttpRequest, number: Id) -> Any:
    """Remove a channel and its secrets; what it sent stays on record."""
    row = _one(number)
    if row.kind in channels.BUILT_IN:
        raise Refused(409, "built-in", _("Every installation has this channel; switch it off."))
    me = actor(request)
    channels.delete(row, me.person, me.source)
    return Status(204, None)


@router.post("/channels/{number}/test", response={202: SentOut, **FAILURES}, auth=ADMIN)
def test_channel(request: HttpRequest, number: Id, given: ChannelTest) -> Any:
    """Send a test by the way that everything goes; `/api/v1/messages/ID` tells what became of it."""
    row = _one(number)
    once = f"test:{row.pk}:{given.key or secrets.token_hex(8)}"
    sending.post(row, given.to, sending.TEST, None, once)
    return Status(202, sent_out(sending.found(once)))
