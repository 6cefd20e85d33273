"""What people are told of their own access: a sign-in with a device that they never used before."""

from django.utils.translation import gettext as _

from ronda.accounts.models import SignIn
from ronda.accounts.templatetags.accounts import device
from ronda.alerts.service import addresses, sending
from ronda.web.templatetags.ronda import exact
from ronda.work.models import Event

WHAT = "new-device"


def tell_new_devices(events: list[Event]) -> None:
    """Write to the person at every address of theirs; a stolen password should not stay unnoticed."""
    for event in events:
        row = SignIn.objects.select_related("person").filter(pk=event.payload["sign_in"]).first()
        if row is None or row.person is None:
            continue
        for address in addresses.of(row.person):
            once = f"{WHAT}:{row.pk}:{address.pk}"
            sending.post(address.channel, address.to, WHAT, row.pk, once, severity="warning")


def words(about: int | None) -> tuple[str, str] | None:
    """Subject and text about one sign-in; None once it is forgotten."""
    row = SignIn.objects.select_related("person").filter(pk=about or 0).first()
    if row is None or row.person is None:
        return None
    facts = {
        "name": row.person.get_username(),
        "device": device(row.agent),
        "address": row.address or "?",
        "time": exact(row.at),
    }
    return _("Signed in with a new device"), _(
        "Somebody signed in as %(name)s with %(device)s from %(address)s, %(time)s, for the first time. "
        "If it was not you: end that session, change your password, and tell an owner."
    ) % facts


def page(_about: int | None) -> str:
    """Where sessions are ended."""
    return "/sign-ins/"


sending.say(WHAT, words, page)
