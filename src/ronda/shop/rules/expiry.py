"""What the router user of a voucher must be, so that it ends even without us.

The router is never asked to calculate with dates. Its own `limit-uptime` counts time online over all
sessions, on every version and across reboots; online time can never be longer than calendar time, so
a user whose `limit-uptime` is not above its calendar validity can never become unlimited.
"""

from datetime import datetime, timedelta

from ronda.hotspot.rules.values import write_duration
from ronda.shop.rules.entries import MINUTES
from ronda.shop.rules.terms import SpanUnit, Terms

_LONGEST_MONTH_S = 31 * 86_400
_MANY = 5


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
        span = terms.valid_for
        month = span.unit is SpanUnit.MONTH
        limits.append(span.count * (_LONGEST_MONTH_S if month else 60 * MINUTES[span.unit]))
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
        "disabled": "",
    }


def _amount(limit: int | None) -> str:
    return "" if limit is None else str(limit)


def router_lost_them(gone: int, live: int) -> bool:
    """Whether so many users missing at once, of so many that should be there, are the router's doing.

    A reset, or an old backup that was loaded, takes most of them with it; people remove a few.
    """
    return gone >= _MANY and 2 * gone >= live


def first_login_at(now: datetime, uptime_s: int, not_before: datetime) -> datetime:
    """When somebody who was online for so long in all came in first, as late as it can have been.

    Only the router's counter is asked, never its clock.
    """
    return max(not_before, min(now, now - timedelta(seconds=uptime_s)))
