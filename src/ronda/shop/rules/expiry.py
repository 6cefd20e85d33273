"""When a voucher ends, and what its router user must be so that it ends even without us.

The router is never asked to calculate with dates. Its own `limit-uptime` counts time online over all
sessions, on every version and across reboots; online time can never be longer than calendar time, so
a user whose `limit-uptime` is not above its calendar validity can never become unlimited.
"""

import calendar
from datetime import datetime, timedelta, timezone

from ronda.hotspot.rules.values import write_duration
from ronda.hotspot.rules.windows import Zone
from ronda.shop.rules.terms import Span, SpanUnit, Terms

_SECONDS = {
    SpanUnit.MINUTE: 60,
    SpanUnit.HOUR: 3_600,
    SpanUnit.DAY: 86_400,
    SpanUnit.WEEK: 604_800,
    SpanUnit.MONTH: 31 * 86_400,  # the longest
}


def ends_at(begun: datetime, span: Span, zone: str) -> datetime:
    """When a span that began then is over, aware UTC in and out.

    Months are those of the calendar in `zone`: 31 January and a month is the last day of February.
    """
    if span.unit is not SpanUnit.MONTH:
        return begun + timedelta(seconds=span.count * _SECONDS[span.unit])
    local = begun.astimezone(timezone(timedelta(minutes=Zone(zone).minutes)))
    months = local.year * 12 + local.month - 1 + span.count
    year, month = divmod(months, 12)
    day = min(local.day, calendar.monthrange(year, month + 1)[1])
    return local.replace(year=year, month=month + 1, day=day).astimezone(begun.tzinfo)


def longest_online_s(
    terms: Terms, first_login: datetime | None = None, expires: datetime | None = None
) -> int | None:
    """The most seconds online that the terms allow: the router's `limit-uptime`. None: no limit.

    Once the end is known (`first_login`, `expires`) it is exact; before, a month counts 31 days.
    """
    limits = [] if terms.online_s is None else [terms.online_s]
    if first_login is not None and expires is not None:
        limits.append(max(1, round((expires - first_login).total_seconds())))
    elif terms.valid_for is not None:
        limits.append(terms.valid_for.count * _SECONDS[terms.valid_for.unit])
    return min(limits, default=None)


def user_texts(
    terms: Terms,
    comment: str,
    first_login: datetime | None = None,
    expires: datetime | None = None,
) -> dict[str, str]:
    """The properties of the router user of a voucher as they are sent; "" where there is no limit."""
    online = longest_online_s(terms, first_login, expires)
    return {
        "profile": terms.profile,
        "limit-uptime": "" if online is None else write_duration(online),
        "limit-bytes-total": _amount(terms.quota_bytes),
        "limit-bytes-in": _amount(terms.quota_upload_bytes),
        "limit-bytes-out": _amount(terms.quota_download_bytes),
        "comment": comment,
    }


def _amount(limit: int | None) -> str:
    return "" if limit is None else str(limit)


def first_login_at(now: datetime, uptime_s: int, not_before: datetime) -> datetime:
    """When somebody who was online for so long in all came in first, as late as it can have been.

    Only the router's counter is asked, never its clock.
    """
    return max(not_before, min(now, now - timedelta(seconds=uptime_s)))
