"""Outages from before there were incidents, put together as an incident would have been: pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from ronda.alerts.rules.occurrences import Occurrence, What

#: Outages of one site that begin no further apart than this are one trouble.
NEAR = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Loss:
    """One outage of one ONT."""

    began_at: datetime
    ended_at: datetime | None
    site: int
    area: int | None
    category: str


def group(losses: Iterable[Loss]) -> list[Occurrence]:
    """One occurrence for those of a site that began together, in the order of their beginnings."""
    groups: list[list[Loss]] = []
    newest: dict[int, list[Loss]] = {}
    for loss in sorted(losses, key=lambda one: one.began_at):
        known = newest.get(loss.site)
        if known is not None and loss.began_at - known[-1].began_at <= NEAR:
            known.append(loss)
        else:
            newest[loss.site] = [loss]
            groups.append(newest[loss.site])
    return [_occurrence(number, one) for number, one in enumerate(groups)]


def _occurrence(number: int, losses: list[Loss]) -> Occurrence:
    ends = [one.ended_at for one in losses if one.ended_at is not None]
    return Occurrence(
        key=f"past:{number}",
        what=What.OUTAGE,
        opened_at=losses[0].began_at,
        closed_at=max(ends) if len(ends) == len(losses) else None,
        size=len(losses),
        sites=frozenset({losses[0].site}),
        areas=frozenset(one.area for one in losses if one.area is not None),
        categories=frozenset(one.category for one in losses),
    )
