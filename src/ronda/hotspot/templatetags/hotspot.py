"""Figures and marks of the hotspot pages."""

from datetime import timedelta

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ronda.hotspot.rules.drift import Standing
from ronda.hotspot.rules.standing import Presence
from ronda.web import durations
from ronda.web.templatetags.ronda import NOTHING, number

register = template.Library()

_UNITS = ("B", "KB", "MB", "GB", "TB", "PB")
_RATES = ("b/s", "kb/s", "Mb/s", "Gb/s")

# Shape and colour of the sprite's marks; the word says what it means here.
_PRESENCES = {
    Presence.ACTIVE: ("up", _("active")),
    Presence.IDLE: ("suspect", _("idle")),
    Presence.OFFLINE: ("unknown", _("offline")),
    Presence.DISABLED: ("paused", _("disabled")),
}
_STANDINGS = {
    Standing.OURS: ("up", _("as wanted")),
    Standing.DIFFERS: ("degraded", _("differs")),
    Standing.MISSING: ("down", _("missing")),
    Standing.FOREIGN: ("unknown", _("not from Ronda")),
}
_OUTCOMES = {
    "done": ("up", _("done")),
    "refused": ("down", _("refused")),
    "unknown": ("degraded", _("not certain yet")),
    "waiting": ("suspect", _("waiting")),
}


@register.filter
def amount(value: float | None) -> str:
    """Bytes for people, powers of 1024: `1,5 GB`; a dash for what is not known."""
    return _scaled(value, 1024, _UNITS)


@register.filter
def bitrate(value: float | None) -> str:
    """Bits per second for people, powers of 1000: `2,4 Mb/s`."""
    return _scaled(value, 1000, _RATES)


@register.filter
def rate_or_free(value: int) -> str:
    """A speed limit for people; 0 is none."""
    return bitrate(value) if value else gettext("no limit")


def _scaled(value: float | None, step: int, units: tuple[str, ...]) -> str:
    if value is None:
        return NOTHING
    size, place = float(value), 0
    while size >= step and place < len(units) - 1:
        size, place = size / step, place + 1
    return f"{number(size, 1 if place and size < 100 else 0)} {units[place]}"


@register.filter
def seconds(value: float | None) -> str:
    """Seconds for people: `2 h 5 min`; a dash for none."""
    return NOTHING if value is None else durations.short(timedelta(seconds=value))


@register.simple_tag
def presence_mark(presence: str) -> SafeString:
    """Badge of where a user is: colour, shape, word."""
    return _badge(*_PRESENCES[Presence(presence)])


@register.simple_tag
def standing_mark(standing: str) -> SafeString:
    """Badge of how an item stands to what is wanted."""
    return _badge(*_STANDINGS[Standing(standing)])


@register.simple_tag
def outcome_mark(outcome: str) -> SafeString:
    """Badge of what became of an action."""
    return _badge(*_OUTCOMES[outcome])


def _badge(mark: str, word: object) -> SafeString:
    return format_html(
        '<span class="state state-{}"><svg aria-hidden="true"><use href="{}#{}"/></svg>'
        "<span>{}</span></span>",
        mark,
        static("web/status.svg"),
        mark,
        word,
    )
