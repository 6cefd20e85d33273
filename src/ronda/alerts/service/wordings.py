"""The operator's own words around what is sent: one template for each sort of message and language.

A template may say more, in another order, and has to say `{text}`: no wording can lose what the message is about.
Values are put in as they are and never read as a template.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ronda.accounts.models import Person
from ronda.accounts.service import audit
from ronda.alerts.models import Wording
from ronda.kernel.template import BadTemplate, Reason, read
from ronda.web.words import Text
from ronda.work import tuning

#: Sorts of messages that have templates, and what each is called.
SORTS: Mapping[str, Text] = {
    "order": gettext_lazy("Codes to buyers"),
    "alert": gettext_lazy("Alerts to people"),
}
FIELDS: Mapping[str, Text] = {
    "title": gettext_lazy("the usual subject"),
    "text": gettext_lazy("the usual text; has to be there"),
    "network": gettext_lazy("the name of this installation"),
    "time": gettext_lazy("when it is sent, with its time zone"),
    "link": gettext_lazy("the page that tells more, where there is one"),
}
USUAL_SUBJECT, USUAL_TEXT = "{title}", "{text}"
LONGEST, MOST_LINES = 1000, 30
_WHY: Mapping[Reason, Text] = {
    Reason.UNKNOWN_FIELD: gettext_lazy("there is no field “%(what)s”"),
    Reason.LONE_BRACE: gettext_lazy("a brace stands alone; write {{ or }} for one"),
    Reason.UNCLOSED: gettext_lazy("the section “%(what)s” is not closed; write {/%(what)s}"),
    Reason.WRONG_END: gettext_lazy("{/%(what)s} closes no section that is open here"),
    Reason.TOO_LONG: gettext_lazy("a message has at most 30 lines and 1,000 characters"),
}


class WordingRefused(Exception):
    """A template that cannot be kept; the text says why and where."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a message says by itself; `page` is the path of its link."""

    title: str
    text: str
    link: str = ""
    page: str = ""


def sample(what: str) -> Told:
    """An invented message of a sort, in the language in force, for the preview."""
    if what == "order":
        return Told(
            _("Your voucher, order %(number)s") % {"number": "R-123"},
            _("Your order %(number)s is ready:") % {"number": "R-123"} + "\n\nKD7M-2PXA",
        )
    text = _("%(name)s is down since %(when)s.") % {"name": "Dukuh 3", "when": "19:42"}
    return Told(f"{_('Outage')}: Dukuh 3", text, "https://ronda.example/incidents/7/")


def worded(what: str, language: str, told: Told) -> tuple[str, str]:
    """Subject and text by the operator's template of this sort and language, else as they are."""
    row = Wording.objects.filter(what=what, language=language).first() if what in SORTS else None
    if row is None:
        return told.title, told.text
    try:
        return filled(row.subject, row.text, told, timezone.now())
    except WordingRefused:
        # It was well when it was kept; a field may have gone since.
        return told.title, told.text


def filled(subject: str, text: str, told: Told, now: datetime) -> tuple[str, str]:
    """Subject, on one line, and text by these templates.

    Raises:
        WordingRefused: one of them cannot be read.
    """
    values = {
        "title": " ".join(told.title.split()),
        "text": told.text,
        "network": tuning.value("site_name"),
        "time": f"{date_format(timezone.localtime(now), 'j M H:i')} {timezone.localtime(now):%Z}",
        "link": told.link,
    }
    try:
        top = read(subject, FIELDS, longest=200, most_lines=1)
        body = read(text, FIELDS, longest=LONGEST, most_lines=MOST_LINES)
    except BadTemplate as bad:
        why = str(_WHY[bad.reason]) % {"what": bad.what}
        raise WordingRefused(
            _("Line %(line)d: %(why)s.") % {"line": bad.line, "why": why}
        ) from None
    if not body.always("text"):
        raise WordingRefused(_("The text has to say {text}, outside of any section."))
    return top.fill(values) or values["title"], body.fill(values)


def kept(what: str, language: str) -> tuple[str, str]:
    """The templates in force: subject and text."""
    row = Wording.objects.filter(what=what, language=language).first()
    return (row.subject, row.text) if row else (USUAL_SUBJECT, USUAL_TEXT)


def changed() -> set[tuple[str, str]]:
    """Sorts and languages that have words of their own."""
    return set(Wording.objects.values_list("what", "language"))


def save(
    what: str, language: str, subject: str, text: str, by: Person | None, source: str = ""
) -> None:
    """Keep the operator's words.

    Raises:
        WordingRefused: a template cannot be read.
    """
    with translation.override(language):
        told = sample(what)
    filled(subject, text, told, timezone.now())
    before = dict(zip(("subject", "text"), kept(what, language), strict=True))
    with transaction.atomic():
        after = {"subject": subject, "text": text}
        Wording.objects.update_or_create(
            what=what, language=language, defaults={**after, "changed_at": timezone.now()}
        )
        audit.record(by, "wording.edit", f"{what} {language}", before, after, source)


def reset(what: str, language: str, by: Person | None, source: str = "") -> None:
    """Back to the usual words."""
    with transaction.atomic():
        before = dict(zip(("subject", "text"), kept(what, language), strict=True))
        if Wording.objects.filter(what=what, language=language).delete()[0]:
            audit.record(by, "wording.reset", f"{what} {language}", before, None, source)


def languages() -> dict[str, str]:
    """The languages that messages are sent in."""
    return dict(settings.LANGUAGES)
