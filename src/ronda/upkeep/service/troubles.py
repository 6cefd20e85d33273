"""Troubles of routers: judged by the rules, kept, and told once when they begin and when they end."""

from datetime import datetime

from ronda.routers.models import Router
from ronda.upkeep.events import TROUBLE
from ronda.upkeep.models import Trouble
from ronda.upkeep.rules.conditions import Condition, Kind, Limit, step
from ronda.work import feed


def judge(
    router: int,
    values: dict[Kind, tuple[float | None, Limit]],
    at: datetime,
    texts: dict[Kind, str] | None = None,
) -> None:
    """Fold one reading of each kind in; call it in the transaction that keeps the reading."""
    rows = {row.kind: row for row in Trouble.objects.filter(router=router)}
    for kind, (value, limit) in values.items():
        row = rows.get(kind)
        before = Condition(row.on, row.streak, row.since) if row else Condition()
        after, told = step(before, value, limit, at)
        if after == before and not (after.on and value is not None):
            continue
        _keep(router, kind, after, value, (texts or {}).get(kind, ""), told)


def begin(router: int, kind: Kind, since: datetime, text: str) -> None:
    """A trouble that is no matter of numbers began then; nothing is told when it is on already."""
    if not Trouble.objects.filter(router=router, kind=kind, on=True).exists():
        _keep(router, kind, Condition(True, 1, since), None, text, told=True)


def end(router: int, kind: Kind, at: datetime) -> None:
    """It is over; nothing is told when it was not on."""
    if Trouble.objects.filter(router=router, kind=kind, on=True).exists():
        _keep(router, kind, Condition(False, 0, at), None, "", told=True)


def forget_unused() -> int:
    """Forget the troubles of routers that were taken out of use; how many. They begin anew should it come back.

    That one is lost stays: its incident knows by itself who is in use.
    """
    on = Trouble.objects.filter(on=True).exclude(kind=Kind.LOST)
    return on.exclude(router__in=Router.objects.in_use()).update(on=False, streak=0)


def _keep(
    router: int, kind: Kind, condition: Condition, value: float | None, text: str, told: bool
) -> None:
    Trouble.objects.update_or_create(
        router_id=router,
        kind=kind,
        defaults={
            "on": condition.on,
            "streak": condition.streak,
            "since": condition.since,
            "value": value,
            "text": text[:500],
        },
    )
    if told:
        feed.append(
            TROUBLE,
            {
                "router": router,
                "name": Router.objects.values_list("name", flat=True).get(pk=router),
                "kind": kind,
                "on": condition.on,
                "since": condition.since.isoformat() if condition.since else None,
                "value": value,
                "text": text[:500],
            },
        )
