"""What people are told of their own access: a sign-in with a new device, a second step that others took off."""

from django.utils.translation import gettext as _

from ronda.accounts.events import NEW_DEVICE, SECOND_STEP_OFF
from ronda.accounts.models import AuditRow, Person, SignIn
from ronda.accounts.templatetags.accounts import device
from ronda.alerts.service import addresses, sending
from ronda.web.templatetags.ronda import exact
from ronda.work.models import Event

WHAT = "new-device"
STEP_OFF = "second-step-off"
#: What is told, and where the event says about which row.
TOLD = {NEW_DEVICE: (WHAT, "sign_in"), SECOND_STEP_OFF: (STEP_OFF, "row")}


def tell_of_access(events: list[Event]) -> None:
    """Write to the person at every address of theirs; a stolen password should not stay unnoticed."""
    for event in events:
        what, key = TOLD[event.topic]
        about = int(event.payload[key])
        person = Person.objects.filter(pk=event.payload["person"]).first()
        if person is None or _WORDS[what](about) is None:
            continue
        for address in addresses.of(person):
            once = f"{what}:{about}:{address.pk}"
            sending.post(address.channel, address.to, what, about, once, severity="warning")


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


def step_off_words(about: int | None) -> tuple[str, str] | None:
    """Subject and text about a second step that somebody else took off; None once the row is trimmed away."""
    row = AuditRow.objects.filter(pk=about or 0).first()
    if row is None:
        return None
    facts = {
        "name": row.subject,
        "who": row.actor,
        "steps": ", ".join((row.before or {}).get("steps", [])),
        "why": (row.after or {}).get("why", ""),
        "time": exact(row.at),
    }
    return _("A second step of yours was taken off"), _(
        "%(who)s took off a second step of %(name)s (%(steps)s), %(time)s. Reason: %(why)s. "
        "If you did not ask for it, tell an owner at once; set up a new one on your page."
    ) % facts


def page(_about: int | None) -> str:
    """Where sessions are ended."""
    return "/sign-ins/"


_WORDS = {WHAT: words, STEP_OFF: step_off_words}
sending.say(WHAT, words, page)
sending.say(STEP_OFF, step_off_words, lambda _about: "/accounts/2fa/")
