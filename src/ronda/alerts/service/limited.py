"""What the limit of one person held back goes out as one message when the limit ends.

More than ten messages in ten minutes help nobody; nor would the others help one by one, as soon as each finds a
place. The first that finds one takes all the others along, and whatever else is told to that person at that
moment: one letter of several troubles, which counts once.
"""

from collections.abc import Collection

from ronda.alerts.models import Letter, Occurrence, Outgoing, Suppressed
from ronda.alerts.rules.deciding import BUDGET, World
from ronda.alerts.rules.verdicts import Reason

#: More troubles than this are not told of in one letter.
MOST = 200
#: Marks of messages, the least first.
_MARKS = ("info", "warning", "danger")


def behind(world: World, known: Collection[Occurrence]) -> list[Occurrence]:
    """Open troubles that a limit held back from anybody and that are not among these, oldest first.

    Whatever is decided next may end that wait; what came first must not be overtaken by it for ever.
    """
    # Who has found a place again has one letter less than the limit in the time that counts.
    if all(len(one.recent) < BUDGET - 1 for one in world.people.values()):
        return []
    held = Occurrence.objects.filter(
        closed_at=None,
        look_at__isnull=False,
        suppressed__reason=Reason.RATE,
        suppressed__lifted_at=None,
    )
    others = held.exclude(pk__in=[row.pk for row in known]).distinct()
    return list(others.order_by("opened_at", "pk")[:MOST])


class Bundles:
    """The letters of one pass that take others along, by recipient; only whom a limit held back has one."""

    def __init__(self, rows: Collection[Occurrence]) -> None:
        open_now = [row.pk for row in rows if row.closed_at is None]
        held = Suppressed.objects.filter(
            occurrence__in=open_now, reason=Reason.RATE, lifted_at=None
        )
        self._late = set(held.values_list("to", flat=True))
        self.open: dict[str, Letter] = {}

    def begin(self, letter: Letter) -> None:
        """Let this letter take along what follows, where its recipient was held back."""
        if letter.to in self._late:
            self.open[letter.to] = letter


def mark_as(letter: Letter, mark: str) -> None:
    """Mark the messages of a letter as what is worse."""
    less = _MARKS[: _MARKS.index(mark)]
    Outgoing.objects.filter(what="alert", about=letter.pk, severity__in=less).update(severity=mark)
