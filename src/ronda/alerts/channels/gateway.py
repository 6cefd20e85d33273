"""WhatsApp by a local provider's HTTP gateway, such as Fonnte or Wablas: what differs between them is settings."""

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from ronda.alerts.channels.calling import Answer, post, refuse
from ronda.alerts.channels.port import (
    ChannelError,
    Kind,
    Message,
    Rate,
    Rates,
    Setting,
    Settings,
)

#: What Fonnte and Wablas say of a number that has no WhatsApp.
GONE = ("target invalid", "invalid target", "invalid number", "not registered", "tidak terdaftar")
PAUSE = timedelta(minutes=1)
# These are people's own numbers, and WhatsApp closes those that talk like machines.
RATES = Rates(Rate(6, timedelta(minutes=1), burst=4), Rate(30, timedelta(minutes=1), burst=10))


def send(settings: Settings, message: Message) -> str:
    """Send one text; the provider's id of it.

    Raises:
        ChannelError: it was not, or perhaps not, taken.
    """
    fields = {
        settings["number_field"]: message.to.lstrip("+"),
        settings["text_field"]: message.text,
    }
    headers = {}
    if settings["travels"] == "field":
        fields[settings["token_name"]] = settings["token"]
    else:
        headers[settings["token_name"]] = settings["token"]
    body: dict[str, Any] = {"json": fields} if settings["style"] == "json" else {"form": fields}
    answer = post(settings["url"], local=settings.local, headers=headers, **body)
    refuse(answer, "WhatsApp", _reason(answer))
    # Both say 200 to a refusal, and put the truth into the body.
    if isinstance(answer.body, dict) and answer.body.get("status") in (False, "false", "error"):
        raise _refused(_reason(answer))
    return _reference(answer)


def _refused(reason: str) -> ChannelError:
    text = str(_("The WhatsApp gateway refused the message: %(told)s")) % {"told": reason[:200]}
    told = reason.lower()
    if "token" in told:
        return ChannelError(text, permanent=True, whole=True)
    if "disconnect" in told:
        # Its phone is off or without network; that passes.
        return ChannelError(text, after=PAUSE, whole=True)
    return ChannelError(text, permanent=True, gone=any(words in told for words in GONE))


def _reason(answer: Answer) -> str:
    if not isinstance(answer.body, dict):
        return ""
    return str(answer.body.get("reason") or answer.body.get("message") or "")


def _reference(answer: Answer) -> str:
    found = answer.body.get("id") if isinstance(answer.body, dict) else None
    if isinstance(found, list):
        found = found[0] if found else ""
    return str(found or "")


KIND = Kind(
    "gateway",
    _("WhatsApp gateway"),
    "phone",
    (
        Setting(
            "url",
            _("Address of the gateway"),
            default="https://api.fonnte.com/send",
            hint=_("Fonnte, Wablas and the like."),
        ),
        Setting("token", _("Token"), secret=True),
        Setting(
            "travels",
            _("The token travels as"),
            default="header",
            choices=(("header", _("header")), ("field", _("field"))),
        ),
        Setting("token_name", _("Name of that header or field"), default="Authorization"),
        Setting("number_field", _("Field of the number"), default="target"),
        Setting("text_field", _("Field of the text"), default="message"),
        Setting(
            "style",
            _("The fields travel as"),
            default="form",
            choices=(("form", _("form")), ("json", "JSON")),
        ),
    ),
    send,
    rates=lambda to: RATES,
    says_link=True,
)
