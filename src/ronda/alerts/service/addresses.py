"""How people are reached: their addresses on the channels, proved to be theirs, and what became of them."""

import json
import re
from collections.abc import Collection, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from ronda.accounts import rules
from ronda.accounts.models import Person, Role
from ronda.accounts.roles import holds
from ronda.accounts.service import audit
from ronda.alerts.channels import inside
from ronda.alerts.models import Address, Channel, OwnNotice
from ronda.alerts.service import channels, notices
from ronda.kernel.phones import read_phone
from ronda.storage.sealing import SealBroken, keyring

#: Addresses that are typed; chats are linked, browsers subscribe.
TYPED = ("phone", "email", "topic", "chat", "url")
#: More addresses than this on all channels together are a slip.
MOST = 30
_TOPIC = re.compile(r"[A-Za-z0-9_-]{1,64}")
_CHAT = re.compile(r"-?\d{1,20}")


class AddressRefused(Exception):
    """An address that cannot be kept; the text says why."""


def inside_channel() -> Channel:
    """The channel that every installation has: notices for one person inside Ronda."""
    found = channels.present().filter(kind=inside.KIND.name).first()
    return found or Channel.objects.create(kind=inside.KIND.name, name=str(inside.KIND.title))


def own(person: Person) -> list[Address]:
    """Every address of a person, oldest first, usable or not; the one inside Ronda is always there."""
    Address.objects.get_or_create(
        person=person,
        channel=inside_channel(),
        to=str(person.pk),
        defaults={"verified_at": timezone.now(), "made_at": timezone.now()},
    )
    found = Address.objects.filter(person=person, channel__deleted_at=None)
    return list(found.select_related("channel", "person"))


def of(person: Person) -> list[Address]:
    """Where this person can be reached now, oldest address first: proved, in use, on channels in use.

    Somebody who has no access any more is reached nowhere.
    """
    if not person.is_active:
        return []
    return [one for one in own(person) if is_usable(one)]


def offered(person: Person, reaches: Collection[str]) -> list[Channel]:
    """Channels by which a person may be reached at such addresses; only administrators are told by programs."""
    wanted = [
        one
        for one in channels.present().filter(active=True)
        if channels.kind_of(one).reach in reaches
    ]
    if holds(person.role, Role.ADMIN):
        return wanted
    return [one for one in wanted if channels.kind_of(one).reach != "url"]


def may_change(me: Person, person: Person) -> bool:
    """Whether `me` may change how this person is reached: oneself, and whom one looks after."""
    manages = holds(me.role, Role.ADMIN) and rules.may_manage(me.role, person.role)
    return person.pk == me.pk or manages


def is_usable(address: Address) -> bool:
    """Whether a message may go there."""
    well = address.verified_at is not None and not address.trouble
    return well and address.active and address.channel.active


def at(channel: Channel, to: str) -> Address | None:
    """Whose address this is on a channel: the oldest usable one, else any; None for a stranger's."""
    found = list(Address.objects.select_related("person", "channel").filter(channel=channel, to=to))
    return next((one for one in found if is_usable(one)), found[0] if found else None)


def read(reach: str, text: str) -> str:
    """An address as its channel wants it, from what a person wrote.

    Raises:
        AddressRefused: it is none.
    """
    text = text.strip()
    if reach == "phone":
        try:
            return read_phone(text)
        except ValueError:
            raise AddressRefused(_("This is no telephone number.")) from None
    if reach == "email":
        try:
            validate_email(text)
        except ValidationError:
            raise AddressRefused(_("This is no e-mail address.")) from None
    if reach == "topic" and not _TOPIC.fullmatch(text):
        text = _("A topic has letters, digits, - and _ only, at most 64.")
        raise AddressRefused(text)
    if reach == "chat" and not _CHAT.fullmatch(text):
        raise AddressRefused(_("A chat is a number, such as -1001234567890 for a group."))
    if not text or len(text) > 254 or not text.isprintable():
        raise AddressRefused(_("This is no address."))
    return text


def add(
    person: Person,
    channel: Channel,
    to: str,
    by: Person | None,
    source: str = "",
    *,
    name: str = "",
    proved: bool = False,
    keys: Mapping[str, str] | None = None,
) -> Address:
    """A new address of a person; `proved` when nobody needs to be asked for a code.

    One that is there already is given back, proved and freed of its trouble where this proves it.

    Raises:
        AddressRefused: they have too many.
    """
    now = timezone.now()
    with transaction.atomic():
        Person.objects.select_for_update().get(pk=person.pk)
        if Address.objects.filter(person=person).count() >= MOST:
            raise AddressRefused(_("That is more addresses than anybody needs. Remove some."))
        row, made = Address.objects.get_or_create(
            person=person, channel=channel, to=to, defaults={"made_at": now}
        )
        row.name = name[:80] or row.name
        if keys:
            row.secret = keyring().seal(json.dumps(dict(keys)))
        if proved:
            row.verified_at, row.active, row.trouble, row.trouble_at = now, True, "", None
        row.save()
        if made or proved:
            audit.record(by, "address.add", person.username, None, _facts(row), source)
    return row


def confirm(address: Address, by: Person | None, source: str = "") -> None:
    """The address is proved to be theirs."""
    with transaction.atomic():
        address.verified_at, address.nonce, address.code_until = timezone.now(), "", None
        address.active, address.trouble, address.trouble_at = True, "", None
        address.save()
        person = address.person.username
        audit.record(by, "address.verify", person, None, _facts(address), source)


def switch(address: Address, active: bool, by: Person | None, source: str = "") -> None:
    """Use an address, or leave it alone for now; using it again forgets its trouble."""
    with transaction.atomic():
        before = _facts(address)
        address.active = active
        if active:
            address.trouble, address.trouble_at = "", None
        address.save()
        person = address.person.username
        audit.record(by, "address.switch", person, before, _facts(address), source)


def remove(address: Address, by: Person | None, source: str = "") -> None:
    """Forget an address; what was sent there stays on record."""
    with transaction.atomic():
        person = address.person.username
        audit.record(by, "address.remove", person, _facts(address), None, source)
        address.delete()


def lost(channel: Channel, to: str, why: str) -> None:
    """The other side refuses this address for good: it is left alone, and its person and staff are told, once."""
    now = timezone.now()
    with transaction.atomic():
        hit = list(
            Address.objects.select_for_update()
            .select_related("person")
            .filter(channel=channel, to=to, trouble="")
        )
        for address in hit:
            address.trouble, address.trouble_at = why[:300], now
            address.save(update_fields=["trouble", "trouble_at"])
            audit.record(None, "address.lost", address.person.username, None, _facts(address))
            _tell(address, channel, why)


def _tell(address: Address, channel: Channel, why: str) -> None:
    person = address.person
    with translation.override(person.language or None):
        subject = _("You are not reached by %(channel)s any more") % {"channel": channel.name}
        look = _("Look at it on your page “How I am reached”.")
    OwnNotice.objects.create(
        person=person,
        key=f"lost:{address.pk}:{address.trouble_at:%Y%m%d%H%M%S%f}",
        subject=subject[:200],
        text=f"{why}\n{look}",
        severity="warning",
        at=timezone.now(),
    )
    told = _("%(person)s is not reached by %(channel)s any more: %(why)s")
    values = {"person": person.username, "channel": channel.name, "why": why}
    notices.create("warning", told % values, kind="channel")


def moved(channel: Channel, to: str, new: str) -> None:
    """The other side has given this address another name (a Telegram group that grew)."""
    with transaction.atomic():
        for address in Address.objects.select_for_update().filter(channel=channel, to=to):
            twin = Address.objects.filter(person=address.person_id, channel=channel, to=new)
            if twin.exists():
                address.delete()
                continue
            address.to = new
            address.save(update_fields=["to"])
            audit.record(None, "address.move", address.person.username, {"to": to}, {"to": new})


def keys_of(address: Address | None) -> dict[str, str]:
    """The secrets of an address in clear; {} where there are none, or no key opens them."""
    if address is None or not address.secret:
        return {}
    try:
        found: dict[str, str] = json.loads(keyring().open(address.secret))
    except SealBroken:
        return {}
    return found


def _facts(address: Address) -> dict[str, Any]:
    return {
        "channel": address.channel.name,
        "to": address.to,
        "active": address.active,
        "verified": address.verified_at is not None,
        **({"trouble": address.trouble} if address.trouble else {}),
    }
