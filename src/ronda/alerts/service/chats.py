"""Linking a Telegram chat to a person: they send the bot a one-time code, and a job reads what the bot was sent.

The bot is asked (getUpdates) only while somebody waits, by one worker at a time; no address of ours has to be open
to the world for it.
"""

import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronda.accounts.models import Person
from ronda.alerts.channels import telegram
from ronda.alerts.channels.calling import Answer
from ronda.alerts.channels.port import ChannelError, Settings
from ronda.alerts.models import Channel, ChatLink
from ronda.alerts.service import addresses, channels, sending
from ronda.alerts.service.addresses import AddressRefused
from ronda.work import jobs
from ronda.work.running import Claimed
from ronda.work.worker import Doing, NotYet

KIND = "alerts.chats"
WELCOME = "welcome"
LIFETIME = timedelta(minutes=15)
EVERY, AFTER_TROUBLE = timedelta(seconds=2), timedelta(seconds=10)
#: Updates read at once; more would not fit into an answer of 64 KB.
MOST = 10
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_START = re.compile(r"/start(?:@\w+)?\s+(\w{4,64})")


@dataclass(frozen=True, slots=True)
class Waiting:
    """A code that was made, for the page that shows it, once."""

    link: ChatLink
    code: str


def begin(channel: Channel, person: Person) -> Waiting:
    """A new code for a person to send to the bot; those made before are worth nothing any more."""
    code = "".join(secrets.choice(ALPHABET) for _ in range(12))
    now = timezone.now()
    with transaction.atomic():
        ChatLink.objects.filter(person=person, channel=channel, used_at=None).delete()
        link = ChatLink.objects.create(
            channel=channel,
            person=person,
            digest=_digest(code),
            made_at=now,
            expires_at=now + LIFETIME,
        )
        lock = f"chats:{channel.pk}"
        jobs.enqueue(KIND, {"channel": channel.pk}, lock=lock, unique=f"{KIND}:{channel.pk}")
    return Waiting(link, code)


def _digest(code: str) -> str:
    return sha256(code.encode()).hexdigest()


def run(job: Claimed) -> Mapping[str, Any] | None:
    """Read what the bot was sent, as long as somebody waits.

    Raises:
        NotYet: somebody still waits.
    """
    channel = Channel.objects.filter(pk=job.payload["channel"]).first()
    now = timezone.now()
    if channel is None or channel.deleted_at or not channel.active or not _waited_for(channel, now):
        return None
    try:
        _read(channel)
    except ChannelError as error:
        if error.whole and error.permanent:
            channels.switch_off(channel, error.text)
            return None
        _note(channel, trouble=error.text)
        raise NotYet(now + max(error.after or AFTER_TROUBLE, AFTER_TROUBLE)) from None
    if _waited_for(channel, now):
        raise NotYet(now + EVERY)
    return None


def _waited_for(channel: Channel, now: datetime) -> bool:
    waiting = ChatLink.objects.filter(channel=channel, used_at=None, expires_at__gt=now)
    return waiting.exists()


def _read(channel: Channel) -> None:
    settings = channels.settings_of(channel)
    if not channel.facts.get("bot"):
        me = telegram.result(telegram.call(settings, "getMe", {}))
        _note(channel, bot=str(me.get("username", ""))[:64] if isinstance(me, dict) else "")
    answer = _updates(settings, int(channel.facts.get("offset", 0)))
    found = telegram.result(answer)
    for update in found if isinstance(found, list) else []:
        number = update.get("update_id") if isinstance(update, dict) else None
        if not isinstance(number, int):
            continue
        with transaction.atomic():
            for chat, name, code in _starts(update):
                _link(channel, chat, name, code)
            _note(channel, offset=number + 1, trouble="")


def _updates(settings: Settings, offset: int) -> Answer:
    body = {"offset": offset, "limit": MOST, "timeout": 0, "allowed_updates": ["message"]}
    answer = telegram.call(settings, "getUpdates", body)
    if answer.status == 409:
        text = _("Another program reads what this bot is sent, or it has a webhook.")
        raise ChannelError(text)
    return answer


def _starts(update: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Chat, its name and the code of an update that is `/start CODE`."""
    message = update.get("message")
    chat = message.get("chat") if isinstance(message, dict) else None
    if not isinstance(chat, dict) or not isinstance(chat.get("id"), int):
        return
    found = _START.match(str(message.get("text", ""))) if isinstance(message, dict) else None
    if found:
        name = chat.get("title") or chat.get("username") or chat.get("first_name") or ""
        yield str(chat["id"]), "".join(c for c in str(name) if c.isprintable()), found[1].lower()


def _link(channel: Channel, chat: str, name: str, code: str) -> None:
    now = timezone.now()
    link = (
        ChatLink.objects.select_for_update()
        .select_related("person")
        .filter(channel=channel, digest=_digest(code), used_at=None, expires_at__gt=now)
        .first()
    )
    if link is None or not link.person.is_active:
        return
    link.used_at = now
    link.save(update_fields=["used_at"])
    try:
        addresses.add(link.person, channel, chat, link.person, "telegram", name=name, proved=True)
    except AddressRefused:
        return
    sending.post(channel, chat, WELCOME, None, f"{WELCOME}:{link.pk}")


def _note(channel: Channel, **facts: Any) -> None:
    channel.facts = {**channel.facts, **facts}
    Channel.objects.filter(pk=channel.pk).update(facts=channel.facts)


def forget(now: datetime) -> None:
    """Delete codes that are worth nothing any more."""
    ChatLink.objects.filter(expires_at__lt=now).delete()


def welcome_words(about: int | None) -> tuple[str, str]:
    """What a chat reads once it is linked."""
    return _("Connected"), _("This chat is connected. Ronda writes here from now on.")


JOBS = {KIND: Doing(run, repeatable=True)}
sending.say(WELCOME, welcome_words)
