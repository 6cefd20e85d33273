"""Notices for one person inside Ronda: no other side, so nothing can break but our own database."""

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ronda.alerts.channels.port import UNCHANGEABLE, ChannelError, Kind, Message, Settings, progress
from ronda.alerts.models import OwnNotice


def send(settings: Settings, message: Message) -> str:
    """Put the message before its person; the number of the notice.

    One that changes the first of its thread does so silently: who read that has read it.

    Raises:
        ChannelError: the address names nobody.
    """
    if not message.to.isdecimal():
        raise ChannelError(str(_("This is nobody here.")), gone=True)
    words = {
        "subject": message.subject[:200],
        "text": message.text,
        "severity": message.severity,
        "page": message.page[:200],
    }
    if message.edits:
        number = int(message.first) if message.first.isdecimal() else 0
        if not OwnNotice.objects.filter(pk=number, person_id=int(message.to)).update(**words):
            raise ChannelError(str(UNCHANGEABLE), permanent=True)
        return message.first
    row, _made = OwnNotice.objects.get_or_create(
        key=message.key,
        defaults={
            **words,
            "person_id": int(message.to),
            "thread": message.thread,
            "at": timezone.now(),
        },
    )
    return str(row.pk)


KIND = Kind("inside", _("Inside Ronda"), "person", (progress("edit"),), send, idempotent=True)
