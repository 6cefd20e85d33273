"""Packages in people's words: what a buyer gets, why an entry was refused, what contradicts what."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import formats
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ronda.hotspot.rules import rate_limit
from ronda.hotspot.rules.values import Unreadable
from ronda.hotspot.rules.windows import Window, write_time
from ronda.shop.rules import clocks
from ronda.shop.rules.clocks import Clock, Ending
from ronda.shop.rules.contradictions import Clash, Doubt, Found
from ronda.shop.rules.entries import MINUTES, Why
from ronda.shop.rules.terms import AtEnd, Span, SpanUnit, Terms

_DAYS = (
    gettext_lazy("Mon"),
    gettext_lazy("Tue"),
    gettext_lazy("Wed"),
    gettext_lazy("Thu"),
    gettext_lazy("Fri"),
    gettext_lazy("Sat"),
    gettext_lazy("Sun"),
)
_ENDS: Mapping[AtEnd, Promise] = {
    AtEnd.REMOVE: gettext_lazy("After that the code is removed."),
    AtEnd.BLOCK: gettext_lazy("After that the code is blocked."),
    AtEnd.SLOW: gettext_lazy("After that the internet stays on, but slow."),
    AtEnd.NOTICE: gettext_lazy("After that the internet stays on; staff are told."),
}


def describe(terms: Terms) -> str:
    """What a buyer gets, in a few short sentences of the language in force."""
    sentences = [
        _valid(terms),
        _online(terms),
        *_data(terms),
        _speed(terms),
        _devices(terms.devices),
        _hours(terms),
    ]
    if terms.valid_for or terms.online_s or _limits(terms):
        sentences.append(str(_ENDS[terms.at_end]))
    return " ".join(sentence for sentence in sentences if sentence)


def brief(terms: Terms) -> str:
    """The same in one short line, for a table or a printed code: `30 days · 5 GB · 2 Mb/s`."""
    parts = [span(terms.valid_for)] if terms.valid_for else []
    if terms.online_s:
        parts.append(_("%(time)s online") % {"time": seconds(terms.online_s)})
    parts += [size(limit) for limit in _limits(terms)]
    limit = _limit(terms)
    if limit is not None and limit.rate.download:
        parts.append(rate(limit.rate.download))
    return " · ".join(parts) or _("no limit")


def _valid(terms: Terms) -> str:
    if terms.valid_for is None:
        return "" if terms.online_s or _limits(terms) else _("No limit of time.")
    return _("Valid for %(time)s from the first login.") % {"time": span(terms.valid_for)}


def _online(terms: Terms) -> str:
    if not terms.online_s:
        return ""
    told = {"time": seconds(terms.online_s)}
    if terms.valid_for:
        return _("In it at most %(time)s online; time counts only while connected.") % told
    return _("%(time)s online; time counts only while connected.") % told


def _limits(terms: Terms) -> list[int]:
    limits = (terms.quota_bytes, terms.quota_download_bytes, terms.quota_upload_bytes)
    return [limit for limit in limits if limit is not None]


def _data(terms: Terms) -> list[str]:
    return [
        text % {"size": size(limit)}
        for limit, text in (
            (terms.quota_bytes, _("%(size)s of data.")),
            (terms.quota_download_bytes, _("%(size)s of download.")),
            (terms.quota_upload_bytes, _("%(size)s of upload.")),
        )
        if limit is not None
    ]


def _limit(terms: Terms) -> rate_limit.RateLimit | None:
    try:
        return rate_limit.parse(terms.rate_limit)
    except Unreadable:
        return None


def _speed(terms: Terms) -> str:
    limit = _limit(terms)
    if limit is None or not limit.rate:
        return ""
    down, up = limit.rate.download, limit.rate.upload
    if down and up:
        text = _("Download up to %(down)s, upload up to %(up)s") % {
            "down": rate(down),
            "up": rate(up),
        }
    elif down:
        text = _("Download up to %(down)s") % {"down": rate(down)}
    else:
        text = _("Upload up to %(up)s") % {"up": rate(up)}
    if limit.burst.download > down > 0:
        text += _(", for moments %(burst)s") % {"burst": rate(limit.burst.download)}
    return f"{text}."


def _devices(count: int) -> str:
    return ngettext(
        "For %(count)d device at a time.", "For %(count)d devices at a time.", count
    ) % {"count": count}


def _hours(terms: Terms) -> str:
    found = clocks.windows_of(terms)
    if not found:
        return ""
    return _("Only %(hours)s %(zone)s.") % {
        "hours": "; ".join(window(one) for one in found),
        "zone": terms.zone,
    }


def window(one: Window) -> str:
    """`Mon-Fri 08:00-17:00` with dashes; days that follow each other are joined."""
    days = sorted(one.days)
    parts: list[list[int]] = []
    for day in days:
        if parts and parts[-1][-1] == day - 1:
            parts[-1].append(day)
        else:
            parts.append([day])
    names = [
        str(_DAYS[part[0]]) if len(part) == 1 else f"{_DAYS[part[0]]}\N{EN DASH}{_DAYS[part[-1]]}"
        for part in parts
    ]
    hours = _("all day")
    if one.start != one.end:
        hours = f"{write_time(one.start)}\N{EN DASH}{write_time(one.end)}"
    return f"{', '.join(names)} {hours}"


def span(length: Span) -> str:
    """`30 days`, `1 month`."""
    count = length.count
    texts = {
        SpanUnit.MINUTE: ngettext("%(count)d minute", "%(count)d minutes", count),
        SpanUnit.HOUR: ngettext("%(count)d hour", "%(count)d hours", count),
        SpanUnit.DAY: ngettext("%(count)d day", "%(count)d days", count),
        SpanUnit.WEEK: ngettext("%(count)d week", "%(count)d weeks", count),
        SpanUnit.MONTH: ngettext("%(count)d month", "%(count)d months", count),
    }
    return texts[length.unit] % {"count": count}


def seconds(length: int) -> str:
    """A number of seconds as `5 hours` or `1 day 12 hours`; less than a minute is a minute."""
    rest, parts = max(1, length // 60), []
    for unit in (SpanUnit.DAY, SpanUnit.HOUR, SpanUnit.MINUTE):
        count, rest = divmod(rest, MINUTES[unit])
        if count:
            parts.append(span(Span(count, unit)))
    return " ".join(parts)


def size(amount: int) -> str:
    """`500 MB`, `1,5 GB`; powers of 1024."""
    return _scaled(amount, 1024, ("B", "KB", "MB", "GB", "TB", "PB"))


def rate(bits: int) -> str:
    """`512 kb/s`, `2 Mb/s`; powers of 1000."""
    return _scaled(bits, 1000, ("b/s", "kb/s", "Mb/s", "Gb/s"))


def _scaled(amount: int, step: int, units: tuple[str, ...]) -> str:
    value, place = float(amount), 0
    while value >= step and place < len(units) - 1:
        value, place = value / step, place + 1
    decimals = 0 if round(value, 1).is_integer() else 1
    return f"{formats.number_format(round(value, 1), decimals)} {units[place]}"


REFUSALS: Mapping[Why, Promise] = {
    Why.NO_UNIT: gettext_lazy(
        "“%(text)s” has no unit. Write 30m, 1h, 1d, 1w, or 5 jam, 2 hari, 1 bulan."
    ),
    Why.UNKNOWN: gettext_lazy(
        "“%(text)s” is no length of time. Write 30m, 1h, 1d, 1w, or 5 jam, 2 hari, 1 bulan."
    ),
    Why.NOTHING: gettext_lazy("“%(text)s” is nothing. Leave it empty for no limit."),
    Why.TOO_LONG: gettext_lazy("“%(text)s” is longer than ten years."),
    Why.MONTHS_MIXED: gettext_lazy(
        "“%(text)s” mixes months with other units; months have 28 to 31 days. Write only months, or only days."
    ),
    Why.MONTHS_ONLINE: gettext_lazy(
        "“%(text)s”: time online cannot be counted in months, which have 28 to 31 days. Write days."
    ),
    Why.NO_SIZE: gettext_lazy("“%(text)s” is no amount of data. Write 500MB, 1GB or 1,5GB."),
    Why.TOO_MUCH: gettext_lazy("“%(text)s” is more than 1 PB."),
}

_CLASHES: Mapping[Clash, Promise] = {
    Clash.SPEED: gettext_lazy(
        "The package “%(other)s” uses the same profile with another speed. A profile has one "
        "speed for all: choose another profile, or make both speeds equal."
    ),
    Clash.DEVICES: gettext_lazy(
        "The package “%(other)s” uses the same profile for another number of devices. A profile "
        "has one number for all: choose another profile, or make both equal."
    ),
    Clash.HOURS: gettext_lazy(
        "The package “%(other)s” uses the same profile at other hours. Hours hold for everybody "
        "with the profile: choose another profile, or make both equal."
    ),
    Clash.SLOW_MISSING: gettext_lazy("Name the slow profile that it moves to at the end."),
    Clash.SLOW_SAME: gettext_lazy(
        "The slow profile is the package's own, so nothing would become slower. Choose another one."
    ),
    Clash.PART_ABOVE_ALL: gettext_lazy(
        "Upload or download alone is allowed more than both together. Make it smaller, or leave it empty."
    ),
    Clash.ROUTERS_OWN: gettext_lazy(
        "“default” is the router's own profile, which users without a package have too. Choose "
        "another name, or do not keep the routers' profile in step."
    ),
}

_DOUBTS: Mapping[Doubt, Promise] = {
    Doubt.NEVER_USED_UP: gettext_lazy(
        "The time online is longer than the package is valid, so it can never be used up."
    ),
    Doubt.NEVER_ENDS: gettext_lazy("There is no limit at all: such a voucher never ends."),
    Doubt.BELOW_COST: gettext_lazy("The selling price is below the cost price."),
    Doubt.RESELLER_BELOW_COST: gettext_lazy("The reseller price is below the cost price."),
    Doubt.RESELLER_ABOVE_PRICE: gettext_lazy(
        "The reseller price is above the selling price, so a reseller earns nothing."
    ),
}

CLOCKS: Mapping[Clock, Promise] = {
    Clock.VALIDITY: gettext_lazy("the valid time is over"),
    Clock.ONLINE: gettext_lazy("the time online is used up"),
    Clock.QUOTA: gettext_lazy("the data is used up"),
}


def refusal(why: Why, text: str) -> str:
    """Why an entry was refused."""
    return str(REFUSALS[why]) % {"text": text.strip()[:40]}


def clash(found: Found) -> str:
    """What contradicts what, and what to do."""
    return str(_CLASHES[found.clash]) % {"other": found.other}


def doubt(found: Doubt) -> str:
    """What is probably not meant."""
    return str(_DOUBTS[found])


def moment(at: datetime, zone: str) -> str:
    """`Sat 21 Nov 2026 09:00 WIB`."""
    local = at.astimezone(clocks.offset(zone))
    date = formats.date_format(local, "j M Y")
    return f"{_DAYS[local.weekday()]} {date} {local:%H:%M} {zone}"


def ending(found: Ending, bought: datetime, login: datetime, zone: str) -> dict[str, Any]:
    """A simulation in a sentence, and whether it ends at all."""
    told = {
        "bought": moment(bought, zone),
        "login": moment(login, zone),
        "online": seconds(found.online_s),
    }
    if found.at is None or found.clock is None:
        text = _(
            "Bought %(bought)s, login %(login)s: with this use it lasts longer than two years."
        )
        return {"text": text % told, "ends": False}
    text = _(
        "Bought %(bought)s, login %(login)s: over %(end)s, because %(clock)s, after %(online)s online."
    )
    more = {"end": moment(found.at, zone), "clock": CLOCKS[found.clock]}
    return {"text": text % {**told, **more}, "ends": True}
