"""What is told on the event feed about incidents, in the transaction that writes the rows.

All carry ids: whoever listens reads the rows, and may find them changed again meanwhile.
"""

from __future__ import annotations

from enum import StrEnum

CHANGED = "incidents.changed"
"""`{"incident": id, "change": Change, "onts": how many ever, "out": how many are out now, "silent":
true where it was found after a restart and is no news}`. `merged` also has `"into": id`: the incident
turned out to be a part of that other one, which goes on; it is over, but nothing has recovered."""

REPEATED = "incidents.repeated"
"""One ONT was lost again and again: `{"ont": id, "count": n, "since": ISO time, "incident": id or null}`,
once a period."""


HELD = "incidents.held"
"""ONTs were lost under planned work, which opens no incident: `{"onts": [id], "since": ISO time of the
first loss}`."""


class Change(StrEnum):
    """What became of an incident; the names are kept in its timeline and on the feed."""

    OPENED = "opened"
    GREW = "grew"
    MERGED = "merged"
    SHRANK = "shrank"
    CLOSED = "closed"
    ACKNOWLEDGED = "acknowledged"
    UNACKNOWLEDGED = "unacknowledged"
    ASSIGNED = "assigned"
    NOTED = "noted"
    SNOOZED = "snoozed"
    WOKEN = "woken"
    REPEATED = "repeated"
