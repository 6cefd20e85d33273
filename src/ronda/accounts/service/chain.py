"""The chain of the audit trail: every row carries a fingerprint that covers the one before it.

Rows are linked after their transaction has committed, one linker at a time. Linking inside of it
would hold a lock from the first row of every transaction to its end: on PostgreSQL two changes that
need the same things in another order would then wait for each other for ever. Until then the stamp
proves that a row is ours.
"""

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from secrets import token_bytes

import structlog
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac

from ronda.accounts.fingerprints import COVERED, STAMPED, content, fingerprint
from ronda.accounts.models import AuditDoor, AuditKey, AuditMark, AuditRow
from ronda.storage.database import AUDIT_LOCK, hold_until_commit, one_writer_at_a_time
from ronda.storage.sealing import SealBroken, keyring

log = structlog.get_logger(__name__)

#: Rows of one step: what one transaction holds, and how much memory a walk takes.
BATCH = 1000
KEY_LOST = "put back seal.keys of the data folder, or run: ronda audit begin-anew"


def stamp(row: AuditRow) -> None:
    """Mark a row that is about to be written as one of ours."""
    row.stamp = _stamp([getattr(row, name) for name in STAMPED])


def _stamp(values: list[object]) -> str:
    return salted_hmac("ronda.audit", content(values), algorithm="sha256").hexdigest()


def link_after_commit() -> None:
    """Link what the present transaction records as soon as it has committed; once a transaction."""
    waiting = connection.run_on_commit
    if not any(entry[1] is _link_quietly for entry in waiting[-4:]):
        transaction.on_commit(_link_quietly)


def _link_quietly() -> None:
    # The change has happened and stays; what could not be linked is linked with the next row, or by
    # the schedule, and `check` tells of rows that wait for long.
    try:
        link_batch()
    except SealBroken:
        log.error("audit.key_lost", advice=KEY_LOST)  # noqa: TRY400 -- it says all there is
    except Exception:
        log.exception("audit.link_failed")


def link(*, unstamped: bool = False) -> int:
    """Link every row of ours that waits; the number linked.

    Args:
        unstamped: also rows without a stamp: those of before there were any.

    Raises:
        SealBroken: no key at hand opens the trail's key; the rows wait.
    """
    linked = 0
    while count := link_batch(unstamped=unstamped):
        linked += count
    return linked


def link_batch(*, unstamped: bool = False) -> int:
    """Link at most `BATCH` rows, oldest first, in a transaction of its own; the number linked."""
    with one_writer_at_a_time(AUDIT_LOCK):
        waiting = AuditRow.objects.filter(position=None).order_by("id")
        found = waiting.values_list("stamp", *COVERED)[:BATCH]
        rows = [
            row
            for kept, *row in found
            if (unstamped and not kept) or hmac.compare_digest(kept, _stamp(row[1:]))
        ]
        if not rows:
            return 0
        position, former = head()
        key = _newest_key(position + 1)
        links = []
        for row in rows:
            position += 1
            former = fingerprint(key, position, former, row)
            links.append((position, former, row[0]))
        with connection.cursor() as cursor:
            cursor.executemany(
                "UPDATE accounts_auditrow SET position = %s, fingerprint = %s WHERE id = %s", links
            )
    return len(links)


def head() -> tuple[int, str]:
    """Place and fingerprint of the last row that is linked; (0, "") when there is none."""
    last = _linked().order_by("-position").first()
    return _end(last) if last else (0, "")


def _end(row: AuditRow) -> tuple[int, str]:
    return row.position or 0, row.fingerprint


def _linked() -> QuerySet[AuditRow]:
    return AuditRow.objects.filter(position__isnull=False)


def first_place() -> tuple[int, str]:
    """The place before the first row that has to be there, and the fingerprint it had.

    Raises:
        SealBroken: the mark that says so is not one of ours.
    """
    mark = AuditMark.objects.order_by("-id").first()
    if mark is None:
        return 0, ""
    values = json.loads(keyring().open(mark.sealed))
    return int(values["through"]), str(values["fingerprint"])


def trim(before: datetime) -> int:
    """Delete what was recorded before a moment, from the oldest row on; the number deleted.

    The only way to delete rows. A sealed mark says where the chain begins now, so that a walk can tell
    this from rows that somebody took out. The first row that is not older stays, and so does everything
    linked after it. Call it in a transaction that also records who asked for it.
    """
    hold_until_commit(AUDIT_LOCK)
    old = _linked()
    kept = old.filter(at__gte=before).order_by("position").first()
    if kept is not None:
        old = old.filter(position__lt=kept.position)
    last = old.order_by("-position").first()
    if last is None:
        return 0
    _mark(*_end(last))
    door = AuditDoor.objects.create(opened_at=timezone.now())
    deleted, _kinds = old.delete()
    door.delete()
    return deleted


def begin_anew() -> int:
    """Let the chain begin after the rows there are, with a new key; the last place that is not proved.

    For a trail whose rows or key are lost for good: it would tell of that for ever, and of nothing else.
    The rows stay. Call it in a transaction that also records who asked for it.
    """
    hold_until_commit(AUDIT_LOCK)
    through, last = head()
    _mark(through, last)
    new_key(through + 1)
    return through


def _mark(through: int, last: str) -> None:
    sealed = keyring().seal(json.dumps({"through": through, "fingerprint": last}))
    AuditMark.objects.create(sealed=sealed, made_at=timezone.now())


def new_key(since: int) -> bytes:
    """Make the key for rows from the place `since` on, in place of one made for the same place."""
    key = token_bytes(32)
    sealed = keyring().seal(urlsafe_b64encode(key).decode("ascii"))
    AuditKey.objects.update_or_create(
        since=since, defaults={"secret": sealed, "made_at": timezone.now()}
    )
    return key


def opened(key: AuditKey) -> bytes:
    """The bytes of a key.

    Raises:
        SealBroken: no key of the data folder opens it.
    """
    return urlsafe_b64decode(keyring().open(key.secret))


def _newest_key(since: int) -> bytes:
    newest = AuditKey.objects.order_by("-since").first()
    if newest is None:
        return new_key(since)
    return opened(newest)
