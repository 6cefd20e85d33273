"""What people do about incidents. Each act is audited, stands in the timeline, and is told of.

Row, timeline, audit trail and news are one transaction. Doing what is so already changes nothing and
tells nothing, so that two taps on a phone with poor signal are one act.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronda.accounts.models import Person, Role
from ronda.accounts.service import audit
from ronda.incidents.events import Change
from ronda.incidents.models import Incident
from ronda.incidents.rules.standing import (
    LONGEST_SNOOZE,
    Answer,
    Doing,
    Standing,
    may,
    may_assign,
    may_snooze,
)
from ronda.incidents.service.book import tell
from ronda.incidents.service.wording import title
from ronda.kernel.roles import holds

LONGEST_NOTE = 2000


class ActRefused(Exception):
    """It cannot be done; `code` is stable, `text` says why and what to do."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code, self.text = code, text


def acknowledge(
    incident: Incident, person: Person, note: str = "", *, source: str = ""
) -> Incident:
    """Say that somebody knows of it and sees to it; the incident as it is now.

    Raises:
        ActRefused: it is over, or the note is too long.
    """
    text = _checked(note)
    with transaction.atomic():
        locked, answer = _locked(incident, Doing.ACKNOWLEDGE)
        if answer is Answer.DO:
            locked.acknowledged_at, locked.acknowledged_by = timezone.now(), person
            _write(locked, Doing.ACKNOWLEDGE, Change.ACKNOWLEDGED, person, source, text=text)
    return locked


def unacknowledge(incident: Incident, person: Person, *, source: str = "") -> Incident:
    """Take an acknowledgement back: nobody sees to it any more.

    Raises:
        ActRefused: it is over.
    """
    with transaction.atomic():
        locked, answer = _locked(incident, Doing.UNACKNOWLEDGE)
        if answer is Answer.DO:
            locked.acknowledged_at = locked.acknowledged_by = None
            _write(locked, Doing.UNACKNOWLEDGE, Change.UNACKNOWLEDGED, person, source)
    return locked


def assign(incident: Incident, person: Person, to: Person | None, *, source: str = "") -> Incident:
    """Give it to somebody, or to nobody.

    Raises:
        ActRefused: it is over, or that person cannot see to it.
    """
    if to is not None and not (to.is_active and holds(to.role, Role.TECHNICIAN)):
        raise ActRefused(
            "person",
            _("%(name)s cannot take incidents: give the role Technician first.")
            % {"name": to.get_username()},
        )
    with transaction.atomic():
        locked = _lock(incident)
        if _judged(may_assign(_standing(locked), to.pk if to else None)) is Answer.DO:
            before = locked.assigned_to
            locked.assigned_to = to
            _write(
                locked,
                Doing.ASSIGN,
                Change.ASSIGNED,
                person,
                source,
                before={"person": _name(before)},
                after={"person": _name(to)},
            )
    return locked


def note(incident: Incident, person: Person, text: str, *, source: str = "") -> Incident:
    """Write something down for everybody who looks at it, also when it is over.

    Raises:
        ActRefused: there is no text, or it is too long.
    """
    checked = _checked(text)
    if not checked:
        raise ActRefused("empty", _("Write something."))
    with transaction.atomic():
        locked = _lock(incident)
        _write(locked, Doing.NOTE, Change.NOTED, person, source, text=checked)
    return locked


def snooze(
    incident: Incident, person: Person, until: datetime, note: str = "", *, source: str = ""
) -> Incident:
    """Let nobody be reminded of it until then; the schedule wakes it.

    Raises:
        ActRefused: it is over, or the time is past or too far away.
    """
    text = _checked(note)
    with transaction.atomic():
        locked = _lock(incident)
        answer = _judged(may_snooze(_standing(locked), until, timezone.now()))
        if answer is Answer.DO:
            before, locked.snoozed_until = locked.snoozed_until, until
            _write(
                locked,
                Doing.SNOOZE,
                Change.SNOOZED,
                person,
                source,
                text=text,
                before={"until": before.isoformat() if before else None},
                after={"until": until.isoformat()},
            )
    return locked


def unsnooze(incident: Incident, person: Person, *, source: str = "") -> Incident:
    """End a snooze early.

    Raises:
        ActRefused: it is over.
    """
    with transaction.atomic():
        locked, answer = _locked(incident, Doing.UNSNOOZE)
        if answer is Answer.DO:
            locked.snoozed_until = None
            _write(locked, Doing.UNSNOOZE, Change.WOKEN, person, source)
    return locked


def _lock(incident: Incident) -> Incident:
    return Incident.objects.select_for_update().get(pk=incident.pk)


def _locked(incident: Incident, doing: Doing) -> tuple[Incident, Answer]:
    locked = _lock(incident)
    return locked, _judged(may(doing, _standing(locked)))


def _standing(incident: Incident) -> Standing:
    return Standing(
        over=incident.closed_at is not None,
        acknowledged=incident.acknowledged_at is not None,
        snoozed_until=incident.snoozed_until,
        assigned_to=incident.assigned_to_id,
    )


def _judged(answer: Answer) -> Answer:
    texts = {
        Answer.OVER: _("This incident is over. A note can still be written."),
        Answer.PAST: _("That time is past. Choose a later one."),
        Answer.TOO_LONG: _("At most %(days)d days.") % {"days": LONGEST_SNOOZE.days},
    }
    if (text := texts.get(answer)) is not None:
        raise ActRefused(answer.value, text)
    return answer


def _checked(text: str) -> str:
    tidy = "\n".join(line.rstrip() for line in text.replace("\0", "").strip().splitlines())
    if len(tidy) > LONGEST_NOTE:
        raise ActRefused("long", _("At most %(count)d characters.") % {"count": LONGEST_NOTE})
    return tidy


def _name(person: Person | None) -> str | None:
    return person.get_username() if person else None


def _write(
    incident: Incident,
    doing: Doing,
    change: Change,
    person: Person,
    source: str,
    *,
    text: str = "",
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    incident.save()
    shown = {**(after or {}), **({"note": text} if text else {})}
    audit.record(
        person,
        f"incident.{doing}",
        f"#{incident.pk} {title(incident)}",
        before,
        shown or None,
        source,
    )
    tell([(incident, change, after or {})], timezone.now(), person=person, text=text)
