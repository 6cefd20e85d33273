"""What an incident is called, in the language that is in force."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ronda.incidents.events import Change
from ronda.incidents.models import Incident, Scope, Step
from ronda.web.templatetags.ronda import exact


def title(incident: Incident) -> str:
    """One line without numbers: which ONT, area, site or router."""
    name = str(incident.facts.get("name", ""))
    site = str(incident.facts.get("site", ""))
    if incident.scope == Scope.FLEET:
        return _("Several sites")
    if incident.scope == Scope.ROUTER:
        return _("Router %(name)s") % {"name": name}
    if incident.scope == Scope.SITE:
        return _("Whole site %(name)s") % {"name": name}
    if incident.scope == Scope.AREA and name != site:
        return _("Area %(name)s") % {"name": name}
    return name


def place(incident: Incident) -> str:
    """Where it is, where the title does not say so."""
    site = str(incident.facts.get("site", ""))
    return "" if incident.scope in (Scope.FLEET, Scope.SITE) else site


def story(step: Step) -> str:
    """One line of the timeline, without who and when."""
    count = int(step.details.get("count", 0) or 0)
    if step.change == Change.OPENED:
        return ngettext("Opened with %(count)d ONT.", "Opened with %(count)d ONTs.", count) % {
            "count": count
        }
    if step.change == Change.GREW:
        return ngettext("%(count)d more ONT was lost.", "%(count)d more ONTs were lost.", count) % {
            "count": count
        }
    if step.change == Change.SHRANK:
        return ngettext("%(count)d ONT is back.", "%(count)d ONTs are back.", count) % {
            "count": count
        }
    if step.change == Change.ASSIGNED:
        name = step.details.get("person")
        return _("Given to %(name)s.") % {"name": name} if name else _("Given to nobody.")
    if step.change == Change.SNOOZED:
        until = datetime.fromisoformat(str(step.details["until"]))
        return _("Snoozed until %(time)s.") % {"time": exact(until)}
    texts = {
        Change.REPEATED: _("Lost again and again: %(count)d times.") % {"count": count},
        Change.CLOSED: _("Over: everything is back."),
        Change.MERGED: _("It is a part of incident %(number)s.")
        % {"number": step.details.get("into", "")},
        Change.ACKNOWLEDGED: _("Acknowledged."),
        Change.UNACKNOWLEDGED: _("Acknowledgement taken back."),
        Change.NOTED: _("Note."),
        Change.WOKEN: _("No longer snoozed."),
    }
    return texts.get(Change(step.change), step.change)
