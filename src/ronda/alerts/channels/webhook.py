"""A signed call to a program of the owner's own.

`X-Ronda-Signature: t=<unix seconds>,v1=<hex>` where the hex is HMAC-SHA256 of `<seconds>.<raw body>` under the
channel's secret; `Idempotency-Key` is the same at every try.
"""

import hashlib
import hmac
import json
from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ronda.alerts.channels.calling import post, refuse
from ronda.alerts.channels.port import Kind, Message, Rate, Rates, Setting, Settings


def send(settings: Settings, message: Message) -> str:
    """Call the program with the message.

    Raises:
        ChannelError: it was not, or perhaps not, taken.
    """
    told = {
        "key": message.key,
        "to": message.to,
        "subject": message.subject,
        "text": message.text,
        "thread": message.thread,
        "severity": message.severity,
        "link": message.link,
    }
    body = json.dumps(told, ensure_ascii=False).encode()
    headers = {
        "Content-Type": "application/json",
        "Idempotency-Key": message.key,
        "X-Ronda-Signature": sign(settings["secret"], body, int(timezone.now().timestamp())),
    }
    answer = post(settings["url"], local=settings.local, headers=headers, content=body)
    refuse(answer, "Webhook")
    return ""


def sign(secret: str, body: bytes, seconds: int) -> str:
    """The signature's header."""
    digest = hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={seconds},v1={digest}"


KIND = Kind(
    "webhook",
    _("Webhook"),
    "url",
    (
        Setting("url", _("Address")),
        Setting("secret", _("Secret for the signature"), secret=True),
    ),
    send,
    idempotent=True,
    rates=lambda to: Rates(None, Rate(10, timedelta(seconds=1), burst=20)),
    longest=16_000,
)
