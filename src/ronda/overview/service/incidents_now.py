"""The worst open incidents, as the dashboard and the wallboard show them."""

from typing import Any

from ronda.accounts.models import Person
from ronda.incidents.models import Severity
from ronda.incidents.service import questions
from ronda.incidents.service.wording import place, title

MOST = 5
MARKS = {Severity.MINOR: "degraded", Severity.MAJOR: "down", Severity.CRITICAL: "down"}


def worst(person: Person | None) -> list[dict[str, Any]]:
    """At most five rows for `incidents/part_mark.html` and its like; snoozed ones are left out."""
    rows = questions.listing(questions.Wanted(), person).filter(snoozed_until=None)[:MOST]
    return [
        {
            "incident": one,
            "title": title(one),
            "place": place(one),
            "mark": MARKS[Severity(one.severity)],
        }
        for one in rows
    ]
