"""Walking the whole audit trail: is every row there, as it was written?"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from ronda.accounts import guard
from ronda.accounts.fingerprints import COVERED, fits
from ronda.accounts.models import AuditCheck, AuditKey, AuditRow
from ronda.accounts.service import anchors, chain
from ronda.accounts.service.anchors import Anchor
from ronda.storage.sealing import SealBroken

log = structlog.get_logger(__name__)

#: A row that waits longer than this to be linked was slipped in, or linking does not work.
LINKED_WITHIN = timedelta(minutes=15)
#: Hears how many rows were walked so far.
Told = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Report:
    """What a walk found; `trouble` is a sentence, empty where the trail is whole."""

    rows: int
    head: Anchor
    trouble: str = ""

    @property
    def whole(self) -> bool:
        """Nothing is missing, changed or slipped in."""
        return not self.trouble


class _Broken(Exception):
    """What is wrong, as a sentence."""


@dataclass(slots=True)
class _Walk:
    rows: int
    position: int
    fingerprint: str


def check(now: datetime, told: Told | None = None) -> Report:
    """Walk the trail from its first row to its last, `chain.BATCH` rows in memory at a time.

    `told` hears after every batch how many rows were walked.
    """
    walk = _Walk(0, 0, "")
    try:
        walk.position, walk.fingerprint = _start()
        _step_through(walk, told or (lambda _rows: None))
        _refuse_unlinked(now)
        _refuse_unguarded()
    except _Broken as broken:
        return Report(walk.rows, Anchor(walk.position, walk.fingerprint), str(broken))
    return Report(walk.rows, Anchor(walk.position, walk.fingerprint))


def prove(told: Told | None = None) -> Report:
    """Link what waits, walk the trail, keep what was found for the page, and drop an anchor if it is whole.

    `told` as in `check`.
    """
    try:
        chain.link()
    except SealBroken:
        log.error("audit.key_lost", advice=chain.KEY_LOST)  # noqa: TRY400 -- it says all there is
    now = timezone.now()
    report = check(now, told)
    AuditCheck.objects.update_or_create(
        pk=1,
        defaults={
            "at": now,
            "rows": report.rows,
            "position": report.head.position,
            "fingerprint": report.head.fingerprint,
            "trouble": report.trouble,
        },
    )
    if not report.whole:
        log.error("audit.broken", trouble=report.trouble)
    elif report.head.position:
        anchors.drop(report.head, now)
    return report


def last() -> AuditCheck | None:
    """What the last walk found, None before the first."""
    return AuditCheck.objects.first()


def _start() -> tuple[int, str]:
    try:
        return chain.first_place()
    except SealBroken:
        raise _Broken(
            _("No key opens the mark that says where the trail begins.") + " " + chain.KEY_LOST
        ) from None


def _step_through(walk: _Walk, told: Told) -> None:
    keys = _Keys()
    awaited = _Awaited(walk.position)
    for position, kept, *row in _linked(walk.position):
        if position != walk.position + 1:
            words = {"former": walk.position, "next": position, "id": row[0]}
            raise _Broken(
                _("Rows are missing between place %(former)d and place %(next)d (row %(id)d).")
                % words
            )
        key = keys.of(position)
        if not fits(key, position, walk.fingerprint, row, kept):
            words = {"id": row[0], "position": position, "at": row[1].isoformat(timespec="seconds")}
            raise _Broken(
                _(
                    "Row %(id)d (place %(position)d, %(at)s) is not what was written, or the row"
                    " before it is not."
                )
                % words
            )
        awaited.look(position, kept)
        walk.position, walk.fingerprint = position, kept
        walk.rows += 1
        if walk.rows % chain.BATCH == 0:
            told(walk.rows)
    awaited.refuse_rest(walk.position)


def _linked(after: int) -> Iterator[tuple[Any, ...]]:
    """Every row linked after this place, in order, `chain.BATCH` at a time."""
    columns = ("position", "fingerprint", *COVERED)
    while True:
        rows = list(
            AuditRow.objects.filter(position__gt=after)
            .order_by("position")
            .values_list(*columns)[: chain.BATCH]
        )
        yield from rows
        if len(rows) < chain.BATCH:
            return
        after = rows[-1][0]


class _Keys:
    """Opens each key once, in the order in which they come into force."""

    def __init__(self) -> None:
        self._coming = list(AuditKey.objects.order_by("since"))
        self._present: bytes | None = None

    def of(self, position: int) -> bytes:
        while self._coming and self._coming[0].since <= position:
            row = self._coming.pop(0)
            try:
                self._present = chain.opened(row)
            except SealBroken:
                self._present = None
        if self._present is None:
            raise _Broken(
                _(
                    "Rows from place %(position)d on cannot be checked: no key opens the trail's key."
                    " Put back the seal.keys that belong to this database."
                )
                % {"position": position}
            )
        return self._present


class _Awaited:
    """The anchors that the walk has to meet; those before its start were trimmed away with their rows."""

    def __init__(self, start: int) -> None:
        self._left = {a.position: a.fingerprint for a in anchors.dropped() if a.position > start}

    def look(self, position: int, kept: str) -> None:
        wanted = self._left.pop(position, kept)
        if wanted != kept:
            raise _Broken(
                _("The trail was written anew: at place %(position)d an anchor tells otherwise.")
                % {"position": position}
            )

    def refuse_rest(self, end: int) -> None:
        if self._left:
            words = {"end": end, "anchor": max(self._left)}
            raise _Broken(
                _(
                    "The end of the trail is missing: it ends at place %(end)d, and an anchor tells of"
                    " place %(anchor)d."
                )
                % words
            )


def _refuse_unlinked(now: datetime) -> None:
    oldest = (
        AuditRow.objects.filter(position=None, at__lt=now - LINKED_WITHIN).order_by("id").first()
    )
    if oldest is not None:
        raise _Broken(
            _(
                "Row %(id)d is not in the chain: it was slipped in, or rows cannot be linked (the log"
                " says why)."
            )
            % {"id": oldest.pk}
        )


def _refuse_unguarded() -> None:
    if not guard.stands(connection):
        raise _Broken(
            _(
                "The database's guard against changes is missing. Somebody took it off; the next"
                " upgrade puts it back, and so does: ronda audit guard"
            )
        )
