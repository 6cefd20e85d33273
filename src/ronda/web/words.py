"""The words and marks of what is shown: states, roles in the menu, units of time.

One place, so that a badge drawn by the server, the same badge redrawn by the live stream and the
map's legend never disagree.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Text = str | Promise


@dataclass(frozen=True)
class Mark:
    """How one state is shown: always a word and a shape, never colour alone."""

    name: str
    word: Text
    meaning: Text


# The order is the digit of the state in the live feed (docs/live.md).
STATES: tuple[Mark, ...] = (
    Mark("unknown", _("Unknown"), _("Not measured yet, or the measurement cannot be trusted.")),
    Mark("up", pgettext_lazy("state", "Up"), _("It answers.")),
    Mark("suspect", _("Checking"), _("It missed a probe; being asked again.")),
    Mark("down", pgettext_lazy("state", "Down"), _("It does not answer, confirmed.")),
    Mark("unreachable", _("Unreachable"), _("Something in front of it is down.")),
    Mark("maintenance", _("Maintenance"), _("Planned work; no alarm.")),
    Mark("paused", _("Paused"), _("Not watched, by choice.")),
)
FLAPPING = Mark("flapping", _("Unstable"), _("Goes up and down again and again."))
DEGRADED = Mark("degraded", _("Slow"), _("Answers, but slowly or with loss."))

MARKS: dict[str, Mark] = {mark.name: mark for mark in (*STATES, FLAPPING, DEGRADED)}


def mark_of(state: Any) -> Mark:
    """The mark for a state given as a digit, a name or an enum member; what is not known is unknown."""
    if isinstance(state, Enum):
        state = state.name if isinstance(state.value, int) else state.value
    if isinstance(state, int) and 0 <= state < len(STATES):
        return STATES[state]
    return MARKS.get(str(state).lower(), STATES[0])
