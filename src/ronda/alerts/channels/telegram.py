"""Telegram by a bot (Bot API, sendMessage)."""

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from ronda.alerts.channels.calling import Answer, post, refuse
from ronda.alerts.channels.port import ChannelError, Kind, Message, Setting, Settings

#: The most that one message holds (Bot API, sendMessage).
LONGEST = 4096


def send(settings: Settings, message: Message) -> str:
    """Send one text to a chat; Telegram's number of it.

    Raises:
        ChannelError: it was not, or perhaps not, taken.
    """
    answer = post(
        f"{settings['url'].rstrip('/')}/bot{settings['token']}/sendMessage",
        local=settings.local,
        json={
            "chat_id": message.to,
            "text": message.text[:LONGEST],
            "link_preview_options": {"is_disabled": True},
        },
    )
    body = answer.body if isinstance(answer.body, dict) else {}
    told = str(body.get("description", ""))
    if answer.status == 429:
        raise ChannelError(
            str(_("Telegram wants to be asked later.")), after=_pause(answer) or answer.after
        )
    if answer.status == 403:
        # Kicked, blocked, or never started by this person: the bot itself is well.
        text = str(_("The bot may not write to this chat: %(told)s")) % {"told": told[:200]}
        raise ChannelError(text, permanent=True)
    if answer.status == 404:
        text = str(_("Telegram does not know this bot; look at its token."))
        raise ChannelError(text, permanent=True, whole=True)
    refuse(answer, "Telegram", told)
    return str(body.get("result", {}).get("message_id", ""))


def _pause(answer: Answer) -> timedelta | None:
    told = answer.body.get("parameters", {}) if isinstance(answer.body, dict) else {}
    seconds = told.get("retry_after") if isinstance(told, dict) else None
    return timedelta(seconds=seconds) if isinstance(seconds, int) else None


KIND = Kind(
    "telegram",
    _("Telegram bot"),
    "chat",
    (
        Setting("token", _("Token of the bot"), secret=True, hint=_("@BotFather gives it.")),
        Setting("url", _("Address of the API"), default="https://api.telegram.org"),
    ),
    send,
)
