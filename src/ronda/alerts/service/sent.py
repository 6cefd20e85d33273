"""What was sent to whom and what became of it: read back for people and programs."""

from django.db.models import QuerySet

from ronda.alerts.models import Outgoing
from ronda.alerts.service import buyers

TO_BUYERS = (buyers.WHAT, buyers.CODE, buyers.DUE)
"""Sorts of messages that go to buyers and members, who are nobody's `Person`."""


def to_buyers(state: str = "") -> QuerySet[Outgoing]:
    """Messages to buyers and members, newest first; of one state, or of all."""
    return _in_state(Outgoing.objects.filter(what__in=TO_BUYERS), state)


def to_people(state: str = "", who: str = "") -> QuerySet[Outgoing]:
    """Messages to the operator's own people, newest first; of a state, and of those whose user name holds `who`."""
    found = _in_state(Outgoing.objects.exclude(what__in=TO_BUYERS), state)
    return found.filter(address__person__username__icontains=who) if who else found


def _in_state(found: QuerySet[Outgoing], state: str) -> QuerySet[Outgoing]:
    found = found.select_related("channel", "address__person")
    return found.filter(state=state) if state in Outgoing.State.values else found
