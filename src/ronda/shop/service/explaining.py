"""The whole life of one voucher in the order it happened, in words; and what is left of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from ronda.hotspot.models import ActiveUser, HotspotUser, UsageSession
from ronda.hotspot.rules.values import write_amount
from ronda.shop.models import Voucher, VoucherEvent
from ronda.shop.rules.life import What
from ronda.shop.rules.terms import Terms

#: The newest sessions that are told one by one.
SESSIONS = 30


@dataclass(frozen=True, slots=True)
class Line:
    """One moment: when, the word of `rules.life`, what happened, whose doing it was."""

    at: datetime
    what: str
    text: str
    actor: str = ""
    tone: str = ""  # "good", "bad" or ""
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Left:
    """What was used and what is left; None where there is no such limit or it is not known."""

    online_s: int
    online_left_s: int | None
    bytes_used: int
    bytes_left: int | None
    expires_at: datetime | None
    sessions: int


def left_of(voucher: Voucher) -> Left:
    """What a voucher has used and has left, by what its router was last seen to count."""
    terms = Terms.from_json(voucher.terms)
    user = HotspotUser.objects.filter(
        router=voucher.router_id, name=voucher.code, server=voucher.server
    ).first()
    online = ActiveUser.objects.filter(router=voucher.router_id, user=voucher.code)
    now = online.aggregate(
        n=Count("id"), s=Sum("uptime_s"), up=Sum("bytes_in"), down=Sum("bytes_out")
    )
    used_s, used = now["s"] or 0, (now["up"] or 0) + (now["down"] or 0)
    if user is not None:
        used_s, used = used_s + user.uptime_s, used + user.bytes_in + user.bytes_out
    elif voucher.state == Voucher.State.ENDED:
        ended = voucher.events.filter(what=What.ENDED).last()
        told = ended.detail if ended is not None else {}
        used_s = told.get("online_s", 0)
        used = told.get("bytes_in", 0) + told.get("bytes_out", 0)
    over = voucher.state in (Voucher.State.ENDED, Voucher.State.VOID)
    return Left(
        used_s,
        _rest(terms.online_s, used_s, over=over),
        used,
        _rest(terms.quota_bytes, used, over=over),
        voucher.expires_at,
        now["n"],
    )


def _rest(limit: int | None, used: int, *, over: bool) -> int | None:
    if limit is None:
        return None
    return 0 if over else max(0, limit - used)


def timeline(voucher: Voucher) -> list[Line]:
    """Everything that happened, oldest first."""
    lines = [*_stored(voucher), *_events(voucher), *_sessions(voucher)]
    return sorted(lines, key=lambda line: line.at)


def _stored(voucher: Voucher) -> list[Line]:
    found = []
    batch = voucher.batch
    told = {event.what for event in voucher.events.all()}
    if What.MADE not in told:
        made = _("Made in batch %(number)d") % {"number": batch.pk} if batch else _("Made")
        by = batch.made_by.username if batch and batch.made_by else ""
        found.append(Line(voucher.made_at, What.MADE, made, by))
    if voucher.ready_at:
        text = _("Ready on %(router)s") % {"router": voucher.router.name}
        found.append(Line(voucher.ready_at, What.READY, text, tone="good"))
    if voucher.printed_at:
        found.append(Line(voucher.printed_at, What.PRINTED, _("Printed")))
    if voucher.handed_at and voucher.holder:
        text = _("Handed to %(name)s") % {"name": voucher.holder.username}
        found.append(Line(voucher.handed_at, What.HANDED, text))
    if voucher.sold_at and What.SOLD not in told:
        found.append(Line(voucher.sold_at, What.SOLD, _("Sold"), tone="good"))
    if voucher.first_login_at:
        found.append(Line(voucher.first_login_at, What.LOGIN, _("First login"), tone="good"))
    return found


def _events(voucher: Voucher) -> list[Line]:
    return [
        Line(event.at, event.what, words(event, voucher), event.actor, _tone(event), event.detail)
        for event in voucher.events.all()
    ]


def _tone(event: VoucherEvent) -> str:
    if event.what in (What.TROUBLE, What.ENDED, What.VOID, What.OVERSTAYED):
        return "bad"
    return "good" if event.what in (What.EXTENDED, What.RESTORED) else ""


def words(event: VoucherEvent, voucher: Voucher) -> str:
    """What an event says."""
    told = event.detail
    if event.what == What.ENDED:
        return ended_words(str(told.get("clock", "")), voucher)
    if event.what == What.MADE and told.get("order"):
        return _("Made for order %(order)s") % {"order": told["order"]}
    if event.what == What.EXTENDED:
        more = [
            str(told["span"]) if told.get("span") else "",
            _("%(minutes)d min online") % {"minutes": told["online_s"] // 60}
            if told.get("online_s")
            else "",
            write_amount(told["quota_bytes"]) if told.get("quota_bytes") else "",
        ]
        return _("Extended by %(more)s") % {"more": ", ".join(one for one in more if one)}
    if event.what == What.CHANGED:
        return _("Package changed from %(before)s to %(after)s") % {
            "before": told.get("before", ""),
            "after": told.get("package", ""),
        }
    if event.what == What.MOVED:
        return _("Moved from %(before)s to %(after)s") % {
            "before": told.get("before", ""),
            "after": told.get("router", ""),
        }
    if event.what == What.OVERSTAYED:
        return _("It still worked on %(router)s %(hours)d hours after its end") % {
            "router": voucher.router.name,
            "hours": told.get("late_s", 0) // 3600,
        }
    if event.what == What.TROUBLE:
        return _("The router refused: %(why)s") % {"why": trouble_words(str(told.get("why", "")))}
    plain = {
        What.MADE: _("Made"),
        What.RENAMED: _("Given another code, because somebody on the router had it"),
        What.PRINTED: _("Printed"),
        What.HANDED: _("Handed out"),
        What.SOLD: _("Sold"),
        What.RETURNED: _("Sale taken back"),
        What.VOID: _("Ended by staff"),
        What.RESTORED: _("Made again"),
        What.LOST: _("The router had lost it with most of its users; it is made again"),
        What.REPAIRED: _("Put right on the router"),
        What.NOTICE: _("Told that it is over"),
    }
    text = plain.get(What(event.what), event.what)
    reason = told.get("reason")
    return f"{text}: {reason}" if reason else text


def ended_words(clock: str, voucher: Voucher) -> str:
    """Which clock ended it, in a sentence."""
    clocks = Voucher.Clock
    said = {
        clocks.VALIDITY: _("Its valid time was over"),
        clocks.ONLINE: _("Its time online was used up"),
        clocks.QUOTA: _("Its data was used up"),
        clocks.UNSOLD: _("It was not sold in time"),
        clocks.STAFF: _("Staff ended it"),
        clocks.GONE: _("Somebody removed it on %(router)s") % {"router": voucher.router.name},
    }
    return said.get(clocks(clock), "") if clock in clocks.values else ""


def trouble_words(why: str) -> str:
    """Why the router refused, and what to do about it."""
    code, _colon, text = why.partition(": ")
    known = {
        "AlreadyThere": _("somebody else has this name there; choose another code"),
        "NoSuchReference": _("the profile or hotspot server does not exist there; make it first"),
        "RouterFull": _("the router is full"),
        "NotPermitted": _("the router's user lacks a right; see the page of the router"),
        "ForbiddenByDeviceMode": _("its device-mode forbids the hotspot"),
    }
    return known.get(code, text or code)


def _sessions(voucher: Voucher) -> list[Line]:
    rows = UsageSession.objects.filter(
        series__router=voucher.router_id, user=voucher.code, started_at__gte=voucher.made_at
    )
    found = []
    for row in rows.order_by("-started_at")[:SESSIONS]:
        text = _("Online for %(minutes)d min, %(data)s, from %(mac)s") % {
            "minutes": max(1, row.seconds // 60),
            "data": f"{(row.bytes_in + row.bytes_out) / 1024**2:.1f} MB",
            "mac": row.mac or "?",
        }
        found.append(Line(row.started_at, "session", text))
    return found


def standing(voucher: Voucher, now: datetime | None = None) -> str:
    """How a voucher stands, in one sentence."""
    moment = now or timezone.now()
    states = Voucher.State
    if voucher.state == states.ENDED:
        return ended_words(voucher.ended_by, voucher)
    if voucher.state == states.ACTIVE and voucher.expires_at and voucher.expires_at <= moment:
        return _("Its valid time was over")
    return {
        states.MAKING: _("Its user is being made on %(router)s") % {"router": voucher.router.name},
        states.READY: _("Ready, nobody has used it yet"),
        states.ACTIVE: _("In use"),
        states.VOID: _("Staff ended it"),
        states.TROUBLE: _("The router refused: %(why)s") % {"why": trouble_words(voucher.trouble)},
    }[states(voucher.state)]
