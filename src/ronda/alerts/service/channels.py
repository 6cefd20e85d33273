"""The channels to people outside: made and changed on the record, their secrets sealed."""

import json
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from ronda.accounts.models import Person
from ronda.accounts.service import audit
from ronda.alerts.channels import KINDS
from ronda.alerts.channels.port import Kind, Settings
from ronda.alerts.models import Channel
from ronda.alerts.service import notices
from ronda.storage.sealing import SealBroken, keyring

SWITCHES = ("name", "active", "for_buyers", "local")
#: Kinds that every installation has one channel of, made by itself.
BUILT_IN = frozenset(("inside",))
#: Settings that say to whom the secrets go.
AIMS = ("url", "host")


def present() -> QuerySet[Channel]:
    """Every channel that was not removed."""
    return Channel.objects.filter(deleted_at=None)


def kind_of(channel: Channel) -> Kind:
    """What kind it is."""
    return KINDS[channel.kind]


def for_buyers(reach: str) -> Channel | None:
    """The channel that sends codes to such addresses, None where no such channel is in use."""
    kinds = [kind.name for kind in KINDS.values() if kind.reach == reach]
    return present().filter(active=True, for_buyers=True, kind__in=kinds).first()


def follows(channel: Channel) -> bool:
    """Whether it changes the first message of an incident that goes on; where nobody chose, what its kind does."""
    usual = next(
        (one.default for one in kind_of(channel).settings if one.name == "progress"), "off"
    )
    in_use = channel.active and channel.deleted_at is None
    return in_use and channel.values.get("progress", usual) == "edit"


def secrets_of(channel: Channel) -> dict[str, str]:
    """The secret settings in clear, on their way to the other side; {} where no key opens them."""
    if not channel.secret:
        return {}
    try:
        found: dict[str, str] = json.loads(keyring().open(channel.secret))
    except SealBroken:
        return {}
    return found


def settings_of(channel: Channel) -> Settings:
    """Everything that sending needs."""
    return Settings({**channel.values, **secrets_of(channel)}, channel.local)


def save(
    channel: Channel,
    switches: Mapping[str, Any],
    values: Mapping[str, str],
    person: Person | None,
    source: str = "",
) -> Channel:
    """Set switches and settings; a secret that is "" stays what it was. Clears what was wrong with it."""
    kind = kind_of(channel)
    hidden = {setting.name for setting in kind.settings if setting.secret}
    with transaction.atomic():
        before = None if channel.pk is None else _facts(Channel.objects.get(pk=channel.pk))
        for name in SWITCHES:
            if name in switches:
                setattr(channel, name, switches[name])
        channel.values = {name: text for name, text in values.items() if name not in hidden}
        given = {name: values[name] for name in hidden if values.get(name)}
        if kind.made and not given and not secrets_of(channel):
            given = dict(kind.made())
        if given:
            channel.secret = keyring().seal(json.dumps({**secrets_of(channel), **given}))
        channel.trouble, channel.trouble_at = "", None
        channel.save()
        action = "channel.create" if before is None else "channel.edit"
        after = {**_facts(channel), "new_secrets": bool(given)}
        audit.record(person, action, channel.name, before, after, source)
    return channel


def delete(channel: Channel, person: Person | None, source: str = "") -> None:
    """Remove a channel and its secrets; what it sent stays on record."""
    with transaction.atomic():
        audit.record(person, "channel.delete", channel.name, _facts(channel), None, source)
        channel.deleted_at, channel.secret, channel.active = timezone.now(), "", False
        channel.save()


def switch_off(channel: Channel, why: str) -> None:
    """Switch off a channel whose fault is its own, and tell staff, once."""
    with transaction.atomic():
        changed = Channel.objects.filter(pk=channel.pk, active=True).update(
            active=False, trouble=why[:300], trouble_at=timezone.now()
        )
        if changed:
            audit.record(None, "channel.switch-off", channel.name, None, {"why": why})
            text = _("The channel %(name)s was switched off: %(why)s")
            notices.create("danger", text % {"name": channel.name, "why": why}, kind="channel")


def _facts(channel: Channel) -> dict[str, Any]:
    return {
        "kind": channel.kind,
        **{name: getattr(channel, name) for name in SWITCHES},
        **channel.values,
    }
