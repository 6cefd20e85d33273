"""Messages that had to wait for one address go out as one: the first of them takes the others along.

An address that may be sent nothing for a while (its rate, or a rest that the other side asked for) would
afterwards get a row of late messages one by one. What waits behind the first that was held back is told by a line
of it each, and ends as it ends. Each row keeps that it was held back, and which message carried it.
"""

from collections.abc import Callable, Sequence

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ronda.alerts.models import Outgoing

#: More lines than this nobody reads; the number of the others is told.
LINES = 12


def take_along(row: Outgoing) -> list[Outgoing]:
    """The messages that this one carries, oldest first: those that wait behind it, once it was held back itself.

    Call it by the job that sends `row`: jobs of one address run one at a time, so nobody sends the others
    meanwhile. A message that was begun carries what it carried, so that it stays the same under its key.
    """
    if row.held_at is None or row.edits:
        return []
    mine = Q(carrier=row) if row.begun else Q(carrier=row) | Q(carrier=None, begun=0)
    same = Outgoing.objects.filter(
        mine,
        channel=row.channel_id,
        to=row.to,
        what=row.what,
        edits=False,
        state=Outgoing.State.WAITING,
    ).exclude(pk=row.pk)
    with transaction.atomic():
        found = list(same.select_for_update().order_by("pk"))
        Outgoing.objects.filter(pk__in=[one.pk for one in found]).update(carrier=row)
    return found


def end(row: Outgoing, **values: object) -> None:
    """What became of a message became of those that it carries."""
    Outgoing.objects.filter(carrier=row, state=Outgoing.State.WAITING).update(**values)


def together(
    first: tuple[str, str],
    carried: Sequence[Outgoing],
    words: Callable[[int | None], tuple[str, str] | None],
) -> tuple[str, str]:
    """Subject and text of a message and those that it carries, in the language in force."""
    subject, text = first
    count = len(carried)
    named = [found[0] for one in carried[:LINES] if (found := words(one.about)) is not None]
    head = ngettext("%(count)s more:", "%(count)s more:", count) % {"count": count}
    lines = [text, "", head, *(f"- {title}" for title in named)]
    if count > len(named):
        lines.append(_("and %(count)s more") % {"count": count - len(named)})
    title = ngettext("%(first)s, and %(count)s more", "%(first)s, and %(count)s more", count)
    return title % {"first": subject, "count": count}, "\n".join(lines)
