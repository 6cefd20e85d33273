"""Telegram by a bot (Bot API: sendMessage, editMessageText)."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from ronda.alerts.channels.calling import LONGEST_REST, Answer, nonsense, post, refuse
from ronda.alerts.channels.port import (
    UNCHANGEABLE,
    ChannelError,
    Kind,
    Message,
    Rate,
    Rates,
    Setting,
    Settings,
    progress,
)

#: The most that one message holds (Bot API, sendMessage).
LONGEST = 4096


#: What Telegram says, in whatever letters, of a chat that this bot will never write to again (Bot API, 400).
GONE = (
    "chat not found",
    "group chat was deactivated",
    "not enough rights",
    "have no rights",
    "peer_id_invalid",
    "user_id_invalid",
    "chat_write_forbidden",
)
#: Some pauses come without a number.
PAUSE = timedelta(seconds=5)
# Not officially fixed; what its makers and large bots keep to: 1/s to a chat, 20/min to a group, 30/s in all.
CHAT = Rate(1, timedelta(seconds=1))
GROUP = Rate(15, timedelta(minutes=1), burst=5)
BOT = Rate(25, timedelta(seconds=1), burst=5)


def rates(to: str) -> Rates:
    """What a chat and the bot may be sent; groups have negative numbers."""
    return Rates(GROUP if to.startswith("-") else CHAT, BOT)


def send(settings: Settings, message: Message) -> str:
    """Send one text to a chat, as an answer to the first of its thread, or change that; Telegram's number of it.

    Texts travel as they are: without a parse mode nothing in them is markup.

    Raises:
        ChannelError: it was not, or perhaps not, taken.
    """
    text = message.text[:LONGEST]
    if message.edits:
        _edit(settings, message, text)
        return message.first
    body: dict[str, Any] = {
        "chat_id": message.to,
        "text": text,
        "link_preview_options": {"is_disabled": True},
    }
    if message.first.isdecimal():
        body["reply_parameters"] = {
            "message_id": int(message.first),
            "allow_sending_without_reply": True,
        }
    found = result(call(settings, "sendMessage", body))
    return str(found.get("message_id", "")) if isinstance(found, dict) else ""


def _edit(settings: Settings, message: Message, text: str) -> None:
    """Let the first message of the thread read so.

    Raises:
        ChannelError: it does not, or perhaps not.
    """
    body = {"chat_id": message.to, "message_id": int(message.first), "text": text}
    body["link_preview_options"] = {"is_disabled": True}
    answer = call(settings, "editMessageText", body)
    if answer.status == 400 and not _pause(answer):
        told = _told(answer).lower()
        if "not modified" in told:
            return
        if "message" in told and ("not found" in told or "can't be edited" in told):
            raise ChannelError(str(UNCHANGEABLE), permanent=True)
    result(answer)


def call(settings: Settings, method: str, body: Mapping[str, Any]) -> Answer:
    """What Telegram answers to one call of its Bot API, whatever it is.

    Raises:
        ChannelError: nothing came back.
    """
    url = f"{settings['url'].rstrip('/')}/bot{settings['token']}/{method}"
    return post(url, local=settings.local, json=dict(body))


def result(answer: Answer) -> Any:
    """What a call gave.

    Raises:
        ChannelError: it was refused, or answered nonsense.
    """
    told = _told(answer)
    moved = _parameters(answer).get("migrate_to_chat_id")
    if answer.status == 429:
        pause = _pause(answer) or answer.after or PAUSE
        raise ChannelError(str(_("Telegram wants to be asked later.")), after=pause)
    if isinstance(moved, int):
        raise ChannelError(str(_("The group has got a new number.")), moved_to=str(moved))
    if answer.status == 403 or (
        answer.status == 400 and any(words in told.lower() for words in GONE)
    ):
        # Kicked, blocked, or never started by this person: the bot itself is well.
        text = str(_("The bot may not write to this chat: %(told)s")) % {"told": told[:200]}
        raise ChannelError(text, gone=True)
    if answer.status == 404:
        text = str(_("Telegram does not know this bot; look at its token."))
        raise ChannelError(text, permanent=True, whole=True)
    refuse(answer, "Telegram", told)
    if not isinstance(answer.body, dict) or answer.body.get("ok") is not True:
        raise nonsense("Telegram")
    return answer.body.get("result")


def _told(answer: Answer) -> str:
    return str(answer.body.get("description", "")) if isinstance(answer.body, dict) else ""


def _parameters(answer: Answer) -> Mapping[str, Any]:
    found = answer.body.get("parameters") if isinstance(answer.body, dict) else None
    return found if isinstance(found, dict) else {}


def _pause(answer: Answer) -> timedelta | None:
    seconds = _parameters(answer).get("retry_after")
    if not isinstance(seconds, int) or seconds <= 0:
        return None
    return timedelta(seconds=min(seconds, int(LONGEST_REST.total_seconds())))


KIND = Kind(
    "telegram",
    _("Telegram bot"),
    "chat",
    (
        Setting("token", _("Token of the bot"), secret=True, hint=_("@BotFather gives it.")),
        Setting("url", _("Address of the API"), default="https://api.telegram.org"),
        progress("edit"),
    ),
    send,
    rates=rates,
    longest=LONGEST,
    says_link=True,
)
