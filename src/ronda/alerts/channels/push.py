"""Web push: notifications in browsers, by the push service each browser names (RFC 8030, 8291, 8292).

The address of a browser is a secret of its own: whoever has it may write there. It is kept sealed with the
keys of the browser, and may lead to the world only, since visitors name it.
"""

import hashlib
import json
from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ronda.alerts.channels.calling import post, refuse
from ronda.alerts.channels.port import (
    ChannelError,
    Kind,
    Message,
    Rate,
    Rates,
    Setting,
    Settings,
)
from ronda.alerts.channels.push_seal import (
    MOST,
    new_key,
    plain64,
    private_key,
    public_bytes,
    raw64,
    sealed,
    vapid,
)

#: How long a push service keeps a message for a browser that is away (RFC 8030, 5.2).
KEEP_S = 24 * 3600
URGENCY = {"danger": "high", "warning": "normal", "success": "normal", "info": "low"}
RATES = Rates(Rate(30, timedelta(minutes=1), burst=10), Rate(20, timedelta(seconds=1), burst=20))


def send(settings: Settings, message: Message) -> str:
    """Send one notification to a browser; "" as push services give no number that helps.

    Raises:
        ChannelError: it was not, or perhaps not, taken.
    """
    endpoint = message.keys.get("endpoint", "")
    try:
        theirs, auth = raw64(message.keys["p256dh"]), raw64(message.keys["auth"])
        body = sealed(_payload(message), theirs, auth)
        own = private_key(settings["key"])
    except (KeyError, ValueError):
        text = str(_("The keys of this browser cannot be read. Subscribe there again."))
        raise ChannelError(text, gone=True) from None
    headers = {
        "TTL": str(KEEP_S),
        "Urgency": URGENCY.get(message.severity, "normal"),
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "Authorization": vapid(endpoint, own, settings["contact"], timezone.now()),
    }
    if message.thread:
        # A browser that was away gets only the newest of a thread (RFC 8030, 5.4: 32 letters).
        headers["Topic"] = _tag(message.thread)
    try:
        answer = post(endpoint, local=settings.local, headers=headers, content=body)
    except ChannelError as error:
        # The endpoint is the visitor's own: what is wrong with it is never the channel's fault.
        if error.whole:
            raise ChannelError(error.text, gone=True) from None
        raise
    if answer.status in (401, 403, 404, 410):
        raise ChannelError(str(_("This browser is not subscribed any more.")), gone=True)
    refuse(answer, str(_("The push service")), whole=False)
    return message.first or _tag(message.thread or message.key)


def public_key(settings: Settings) -> str:
    """What a browser needs to subscribe to this channel; "" where the private key cannot be read."""
    try:
        return plain64(public_bytes(private_key(settings["key"])))
    except ValueError:
        return ""


def _tag(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _payload(message: Message) -> bytes:
    """What the service worker reads, shortened until it fits."""
    text = message.text
    while True:
        told = {
            "title": " ".join(message.subject.split())[:120],
            "body": text,
            "tag": _tag(message.thread or message.key),
            "severity": message.severity,
            "url": message.link,
        }
        raw = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
        if len(raw) <= MOST:
            return raw
        text = text[: len(text) * 3 // 4 - 1] + "…"


KIND = Kind(
    "push",
    _("Notifications in browsers (web push)"),
    "browser",
    (
        Setting(
            "contact",
            _("Contact for push services"),
            hint=_(
                "mailto: and an address, or an https address: they write there if something is wrong."
            ),
            default="mailto:",
        ),
        Setting(
            "key",
            _("Private key"),
            secret=True,
            required=False,
            hint=_("Empty: made by itself. With another key every browser has to subscribe again."),
        ),
    ),
    send,
    rates=lambda to: RATES,
    longest=3000,
    made=lambda: {"key": new_key()},
)
