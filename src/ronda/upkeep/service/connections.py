"""The history of each router's connection: when, how long, by which transport, and why not.

Failures of one kind in a row are one span with a count, so that a router that is away for a year is
one row and not a hundred thousand.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from ronda.routeros.errors import RouterError
from ronda.routeros.port import Facts
from ronda.routers.desk.rules import CallTimes
from ronda.upkeep.models import Span
from ronda.upkeep.rules.conditions import Kind, is_lost
from ronda.upkeep.service import troubles


class ConnectionJournal:
    """Told by the desk what becomes of the connections (`routers.desk.port.Journal`)."""

    def opened(self, router: int, facts: Facts) -> None:
        """A connection was made; a router that was told of as lost is back."""
        now = timezone.now()
        with transaction.atomic():
            self._close(router, now)
            Span.objects.create(
                router_id=router,
                connected=True,
                since=now,
                seen_at=now,
                transport=facts.transport.value,
            )
            troubles.end(router, Kind.LOST, now)

    def failed(self, router: int, error: RouterError) -> None:
        """An attempt failed; a router that was connected before and stays away is lost."""
        now = timezone.now()
        with transaction.atomic():
            span = Span.objects.filter(router=router, until=None).first()
            if span is None or span.connected or span.code != type(error).__name__:
                self._close(router, now)
                span = self._failing(router, error, now)
            span.attempts += 1
            span.seen_at = now
            span.text = error.text[:500]
            span.save()
            self._judge(router, error, now)

    def lost(self, router: int, error: RouterError) -> None:
        """The connection ended by itself."""
        now = timezone.now()
        with transaction.atomic():
            code = type(error).__name__
            Span.objects.filter(router=router, until=None, connected=True).update(
                until=now, seen_at=now, code=code, text=error.text[:500]
            )
            self._close(router, now)
            self._failing(router, error, now)

    def ended(self, router: int) -> None:
        """We ended it ourselves, or stopped trying."""
        now = timezone.now()
        Span.objects.filter(router=router, until=None).update(until=now, seen_at=now)

    def seen(self, router: int, _calls: CallTimes) -> None:
        """It lives."""
        Span.objects.filter(router=router, until=None).update(seen_at=timezone.now())

    def _close(self, router: int, now: datetime) -> None:
        for span in Span.objects.filter(router=router, until=None):
            # A connection that a killed desk left open ended no later than it was last seen.
            span.until = span.seen_at if span.connected else now
            span.save(update_fields=["until"])

    def _failing(self, router: int, error: RouterError, now: datetime) -> Span:
        return Span.objects.create(
            router_id=router,
            connected=False,
            since=now,
            seen_at=now,
            code=type(error).__name__,
            text=error.text[:500],
        )

    def _judge(self, router: int, error: RouterError, now: datetime) -> None:
        spans = Span.objects.filter(router=router)
        last = spans.filter(connected=True).order_by("-since").first()
        if last is None:
            return
        failing = spans.filter(connected=False, since__gte=last.since)
        since = failing.order_by("since").values_list("since", flat=True).first()
        attempts = failing.aggregate(sum=Sum("attempts"))["sum"] or 0
        if since is not None and is_lost(since, attempts, now):
            troubles.begin(router, Kind.LOST, since, error.text)


def failed_attempts(router: int, since: datetime) -> int:
    """How many attempts to connect failed in spans that ended after `since`, or last."""
    rows = Span.objects.filter(router=router, connected=False, seen_at__gte=since)
    return rows.aggregate(sum=Sum("attempts"))["sum"] or 0


def connected_share(router: int, start: datetime, end: datetime) -> float | None:
    """Share of the time from `start` to `end` in which it was connected; None when nothing is known.

    Time before the first attempt and time in which the desk did not run count for neither.
    """
    known = connected = timedelta()
    for span in Span.objects.filter(router=router, since__lt=end).exclude(until__lte=start):
        length = min(span.until or end, end) - max(span.since, start)
        known += length
        if span.connected:
            connected += length
    return connected / known if known else None


def forget(before: datetime) -> int:
    """Delete spans that ended before then; how many."""
    deleted, _ = Span.objects.filter(until__lt=before).delete()
    return deleted
