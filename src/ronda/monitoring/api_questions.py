"""What may be asked of `/api/v1` about outages and uptime: periods, filters, pages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Schema

from ronda.kernel.ids import LARGEST_ID
from ronda.monitoring.service import outages as questions
from ronda.web.answers import Refused

MOST_POINTS = 2000
# Far enough from the calendar's ends that arithmetic on a time never leaves it.
FIRST_YEAR, LAST_YEAR = 1970, 9000


class Period(Schema):
    """From and to: epoch seconds or ISO 8601; without an offset the installation's zone is meant."""

    start: str | None = Field(None, alias="from", max_length=40)
    end: str | None = Field(None, alias="to", max_length=40)

    def span(self, *, days: float | None = None) -> tuple[datetime | None, datetime | None]:
        """Both ends; `days` back from the end when only the beginning is left out."""
        start, end = moment_of(self.start, "from"), moment_of(self.end, "to")
        if start is None and days is not None:
            start = (end or timezone.now()) - timedelta(days=days)
        if start and end and end <= start:
            raise Refused(422, "invalid", _("The period ends before it begins."))
        return start, end


class OutageQuery(Period):
    """Which outages."""

    ont: int | None = Field(None, ge=1, le=LARGEST_ID)
    site: int | None = Field(None, ge=1, le=LARGEST_ID)
    area: int | None = Field(None, ge=1, le=LARGEST_ID)
    category: str = Field("", max_length=8)
    ongoing: bool | None = None
    q: str = Field("", max_length=100)
    cleared: bool = Field(False, description="Also those that a person has hidden.")

    def wanted(self, *, days: float | None = None) -> questions.Wanted:
        """The question as the service takes it."""
        start, end = self.span(days=days)
        if "\x00" in self.q or "\x00" in self.category:
            raise Refused(422, "invalid", _("Some values do not fit."))
        return questions.Wanted(
            ont=self.ont,
            site=self.site,
            area=self.area,
            category=self.category,
            ongoing=self.ongoing,
            start=start,
            end=end,
            search=self.q,
            cleared=self.cleared,
        )


class Paging(Schema):
    """Which page."""

    page: int = Field(1, ge=1, le=1_000_000)
    per_page: int = Field(100, ge=1, le=1000)
    sort: str = Field("", max_length=20)


class Restoring(Schema):
    """From where."""

    backup: str = Field("", max_length=80, description="Only those of this `outages-….json`.")


class GroupQuery(Period):
    """Uptime of what."""

    by: str = Field("site", pattern="^(site|area|category)$")
    site: int | None = Field(None, ge=1, le=LARGEST_ID)


class HistoryQuery(Period):
    """What the chart shows."""

    points: int = Field(400, ge=10, le=MOST_POINTS)


def moment_of(text: str | None, field: str) -> datetime | None:
    """An aware time from epoch seconds or ISO 8601; None for nothing.

    Raises:
        Refused: it is neither, or lies outside of what a calendar holds.
    """
    if not text:
        return None
    try:
        at = _read_moment(text)
    except (ValueError, OverflowError, OSError):
        at = None
    if at is None or not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise Refused(
            422,
            "invalid",
            _("Some values do not fit."),
            {field: [_("Not a time: epoch seconds or ISO 8601.")]},
        )
    return at


def _read_moment(text: str) -> datetime:
    if text.replace(".", "", 1).isdigit() and text.isascii():
        return datetime.fromtimestamp(float(text), UTC)
    # A "+" that was not escaped arrives as a space.
    at = datetime.fromisoformat(text.replace(" ", "+"))
    return (at if at.tzinfo else timezone.make_aware(at)).astimezone(UTC)
