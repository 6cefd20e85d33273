"""What was asked of routers is not kept for ever, and passwords of what was deleted only while it can be undone."""

from datetime import datetime, timedelta

from ronda.hotspot.models import Action, Instruction

#: How long a deletion can be undone: its sealed passwords go then.
UNDO_FOR = timedelta(days=7)
CHUNK = 500


def forget(now: datetime, keep: timedelta) -> int:
    """Drop instructions that are older than `keep` and over, and secrets that nobody needs; how many instructions.

    The audit trail keeps who asked for what.
    """
    Action.objects.filter(ended_at__lt=now - UNDO_FOR).exclude(secret="").update(secret="")
    dropped = 0
    over = Instruction.objects.filter(made_at__lt=now - keep).exclude(actions__ended_at=None)
    while pks := list(over.order_by("pk").values_list("pk", flat=True)[:CHUNK]):
        Instruction.objects.filter(pk__in=pks).delete()
        dropped += len(pks)
    return dropped
