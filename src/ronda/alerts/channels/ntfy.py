"""ntfy: notifications on phones by ntfy.sh or a server of one's own (docs.ntfy.sh/publish, "Publish as JSON")."""

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from ronda.alerts.channels.calling import Answer, nonsense, post, refuse
from ronda.alerts.channels.port import (
    ChannelError,
    Kind,
    Message,
    Rate,
    Rates,
    Setting,
    Settings,
    progress,
)

#: A longer message becomes an attached file; ntfy counts bytes.
MOST_BYTES = 4096
#: 1 least to 5 most; 5 rings through "do not disturb", which nobody chose here.
PRIORITIES = {"danger": 4, "warning": 3, "success": 3, "info": 2}
#: Without sound or vibration.
SILENT = 2
#: ntfy shows these words as pictures.
TAGS = {
    "danger": "rotating_light",
    "warning": "warning",
    "success": "white_check_mark",
    "info": "information_source",
}
PAUSE = timedelta(seconds=30)
# What ntfy.sh lets one visitor do: 60 at once, and one more every five seconds.
RATES = Rates(None, Rate(12, timedelta(minutes=1), burst=40))


def send(settings: Settings, message: Message) -> str:
    """Publish one notification to a topic; ntfy's id of it.

    A change of the first of a thread names that one's id: ntfy 2.16 and newer replace it, older ones show both.

    Raises:
        ChannelError: it was not, or perhaps not, taken.
    """
    body: dict[str, Any] = {
        "topic": message.to,
        "title": " ".join(message.subject.split())[:200],
        "message": fitting(message.text, MOST_BYTES),
        "priority": PRIORITIES.get(message.severity, 3),
    }
    if message.severity in TAGS:
        body["tags"] = [TAGS[message.severity]]
    if message.link:
        body["click"] = message.link
    if message.edits:
        body["sequence_id"], body["priority"] = message.first, SILENT
    headers = {"Authorization": f"Bearer {settings['token']}"} if settings["token"] else {}
    answer = post(settings["url"], local=settings.local, headers=headers, json=body)
    _refuse(answer)
    found = answer.body.get("id") if isinstance(answer.body, dict) else None
    if not found:
        raise nonsense("ntfy")
    return message.first if "sequence_id" in body else str(found)


def fitting(text: str, most: int) -> str:
    """The beginning of a text that has at most so many bytes, never half a letter."""
    raw = text.encode()
    return text if len(raw) <= most else raw[: most - 3].decode("utf-8", "ignore") + "…"


def _refuse(answer: Answer) -> None:
    told = str(answer.body.get("error", "")) if isinstance(answer.body, dict) else ""
    if answer.status == 403:
        text = str(_("ntfy refuses this topic: %(told)s")) % {"told": told[:200]}
        raise ChannelError(text, gone=True)
    if answer.status == 404:
        text = str(_("There is no ntfy at this address."))
        raise ChannelError(text, permanent=True, whole=True)
    if answer.status == 429:
        text = str(_("ntfy wants to be asked later."))
        raise ChannelError(text, after=answer.after or PAUSE, whole=True)
    refuse(answer, "ntfy", told)


KIND = Kind(
    "ntfy",
    _("ntfy"),
    "topic",
    (
        Setting(
            "url",
            _("Address of the server"),
            default="https://ntfy.sh",
            hint=_(
                "Whoever knows a topic of a public server reads it: choose one that cannot be guessed."
            ),
        ),
        Setting("token", _("Token"), secret=True, required=False),
        progress("off"),
    ),
    send,
    rates=lambda to: RATES,
)
