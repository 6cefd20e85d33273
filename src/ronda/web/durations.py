"""Lengths of time in few words, the same on the server as in the browser (static/web/age.js)."""

from datetime import timedelta

from django.utils.translation import gettext as _


def short(length: timedelta) -> str:
    """At most two units, never rounded up: `45 s`, `5 min`, `2 h 5 min`, `3 d 4 h`."""
    seconds = max(0, int(length.total_seconds()))
    if seconds < 60:
        return _("%(count)s s") % {"count": seconds}
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if hours == 0:
        return _("%(count)s min") % {"count": minutes}
    if days == 0:
        return _pair(_("%(count)s h") % {"count": hours}, _("%(count)s min"), minutes % 60)
    return _pair(_("%(count)s d") % {"count": days}, _("%(count)s h"), hours % 24)


def _pair(first: str, second: str, count: int) -> str:
    return f"{first} {second % {'count': count}}" if count else first
