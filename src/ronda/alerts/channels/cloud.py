"""WhatsApp by Meta's own Cloud API (Graph API, messages of a phone number id)."""

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
)

# Error codes of the Cloud API: rate limits of the application, the account, the number; of a pair of numbers.
BUSY = frozenset((4, 80007, 130429, 131048))
PAIR_BUSY = 131056
#: No WhatsApp there, or none that may be written to.
GONE = frozenset((131026, 131030))
TOKEN = frozenset((0, 3, 10, 190, 368))
#: A pair of numbers that talked too much is let talk again after some seconds.
PAUSE = timedelta(seconds=30)
# Meta lets one pair talk once in six seconds in the long run, and one number 80 times a second.
RATES = Rates(Rate(10, timedelta(minutes=1), burst=10), Rate(40, timedelta(seconds=1), burst=40))


def send(settings: Settings, message: Message) -> str:
    """Send one text, or the template that was agreed with Meta; WhatsApp's id of it.

    Raises:
        ChannelError: it was not, or perhaps not, taken.
    """
    body: dict[str, Any] = {"messaging_product": "whatsapp", "to": message.to.lstrip("+")}
    if settings["template"]:
        body |= {"type": "template", "template": _template(settings, message)}
    else:
        body |= {"type": "text", "text": {"body": message.text, "preview_url": False}}
    base = settings["url"].rstrip("/")
    answer = post(
        f"{base}/{settings['number_id']}/messages",
        local=settings.local,
        headers={"Authorization": f"Bearer {settings['token']}"},
        json=body,
    )
    code, told = _error(answer)
    if code in BUSY or code == PAIR_BUSY:
        raise ChannelError(
            str(_("WhatsApp wants to be asked later (%(told)s).")) % {"told": told[:200]},
            after=answer.after or PAUSE,
            whole=code != PAIR_BUSY,
        )
    if code in GONE:
        text = str(_("WhatsApp does not reach this number: %(told)s")) % {"told": told[:200]}
        raise ChannelError(text, gone=True)
    if code in TOKEN:
        text = str(_("WhatsApp refuses the token or the account: %(told)s")) % {"told": told[:200]}
        raise ChannelError(text, permanent=True, whole=True)
    refuse(answer, "WhatsApp", told)
    found = answer.body.get("messages") if isinstance(answer.body, dict) else None
    if not isinstance(found, list) or not found or not isinstance(found[0], dict):
        raise nonsense("WhatsApp")
    return str(found[0].get("id", ""))


def _template(settings: Settings, message: Message) -> dict[str, Any]:
    # A parameter of a template may hold no line break.
    text = " · ".join(line for line in message.text.split("\n") if line)
    return {
        "name": settings["template"],
        "language": {"code": settings["template_language"] or "id"},
        "components": [{"type": "body", "parameters": [{"type": "text", "text": text[:1024]}]}],
    }


def _error(answer: Answer) -> tuple[int | None, str]:
    error = answer.body.get("error") if isinstance(answer.body, dict) else None
    if not isinstance(error, dict):
        return None, ""
    code = error.get("code")
    return (code if isinstance(code, int) else None), str(error.get("message", ""))


KIND = Kind(
    "cloud",
    _("WhatsApp Cloud API (Meta)"),
    "phone",
    (
        Setting("url", _("Address of the API"), default="https://graph.facebook.com/v23.0"),
        Setting("number_id", _("Phone number id")),
        Setting("token", _("Token"), secret=True),
        Setting(
            "template",
            _("Template"),
            required=False,
            hint=_(
                "Meta takes plain texts only within a day of the other's last message; otherwise a"
                " template with one variable, agreed with Meta."
            ),
        ),
        Setting("template_language", _("Language of the template"), required=False, default="id"),
    ),
    send,
    rates=lambda to: RATES,
    says_link=True,
)
