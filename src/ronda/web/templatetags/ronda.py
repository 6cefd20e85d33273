"""Template tags of the page shell: marks, times, numbers, tables and the menu (docs/pages.md)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Any

from django import template
from django.conf import settings
from django.core.paginator import Page
from django.forms import BoundField, CheckboxInput, FileInput, RadioSelect, Select
from django.template.context import Context
from django.templatetags.static import static
from django.urls import get_script_prefix, reverse
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from ronda import __version__
from ronda.web import durations, kept, navigation, words
from ronda.web import help as help_texts
from ronda.web.vendored import vendored

register = template.Library()

NOTHING = "\N{EN DASH}"
# A number that stands for any in an address.
PLACE = "9182736455"


@register.simple_tag
def vendor(name: str) -> str:
    """The address of a vendored file, named without its version: `{% vendor 'htmx/htmx.min.js' %}`."""
    return static(vendored(name))


@register.simple_tag
def build() -> str:
    """The version of the product; a wallboard reloads when the stream names another."""
    return __version__


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """An icon of the sprite; silent for screen readers unless it stands alone and has a label."""
    return _icon(name, str(label))


@lru_cache(2048)
def _icon(name: str, label: str) -> SafeString:
    href = f"{static(vendored('icons/icons.svg'))}#{name}"
    if label:
        return format_html(
            '<svg class="icon" role="img" aria-label="{}"><use href="{}"/></svg>', label, href
        )
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}"/></svg>', href)


@register.simple_tag
def status(state: Any, flapping: bool = False, degraded: bool = False) -> SafeString:
    """A state as colour, shape and word. Inside an element with data-ont it follows the stream."""
    return _status(words.mark_of(state).name, bool(flapping), bool(degraded), get_language())


@lru_cache(256)
def _status(state: str, flapping: bool, degraded: bool, _language: str | None) -> SafeString:
    mark = words.MARKS[state]
    name = "degraded" if degraded and mark.name == "up" else mark.name
    shown = words.MARKS[name]
    badge = format_html(
        '<span class="state state-{}" data-status="{}" title="{}">'
        '<svg aria-hidden="true"><use href="{}#{}"/></svg><span>{}</span></span>',
        name,
        mark.name,
        shown.meaning,
        static("web/status.svg"),
        name,
        shown.word,
    )
    if flapping:
        badge += format_html(
            '<span class="state state-flapping" title="{}"><svg aria-hidden="true">'
            '<use href="{}#flapping"/></svg><span>{}</span></span>',
            words.FLAPPING.meaning,
            static("web/status.svg"),
            words.FLAPPING.word,
        )
    return format_html('<span class="states">{}</span>', badge)


@register.simple_tag
def marks() -> dict[str, words.Mark]:
    """All marks by name, for legends and for the texts that scripts read."""
    return words.MARKS


@register.simple_tag
def states() -> tuple[words.Mark, ...]:
    """The states in the order of their digits in the live feed."""
    return words.STATES


@register.simple_tag
def age(moment: datetime | None, ago: bool = True) -> SafeString | str:
    """How long ago something was, kept current by age.js; the exact time is in the tooltip."""
    if not moment:
        return NOTHING
    length = durations.short(timezone.now() - moment)
    return _age(moment, ago, length, timezone.get_current_timezone(), get_language())


@lru_cache(4096)
def _age(
    moment: datetime, ago: bool, length: str, _zone: tzinfo, _language: str | None
) -> SafeString:
    return format_html(
        '<time datetime="{}" title="{}" data-age="{}">{}</time>',
        moment.astimezone(UTC).isoformat(timespec="seconds"),
        exact(moment),
        "ago" if ago else "for",
        _("%(length)s ago") % {"length": length} if ago else length,
    )


@register.simple_tag
def lasting(since: datetime | None) -> SafeString | str:
    """How long something has lasted until now: `2 h 5 min`."""
    return age(since, ago=False)


@register.filter
def exact(moment: datetime | None) -> str:
    """Date, time and zone in the installation's time: `21 Nov 2026, 19.03.05 WIB`."""
    if not moment:
        return NOTHING
    return _exact(moment, timezone.get_current_timezone(), get_language())


@lru_cache(4096)
def _exact(moment: datetime, zone: tzinfo, _language: str | None) -> str:
    local = timezone.localtime(moment, zone)
    return f"{formats.date_format(local, 'j M Y')}, {local:%H:%M:%S} {local.tzname()}"


@register.simple_tag
def at(moment: datetime | None) -> SafeString | str:
    """A point in time in short: the time alone today, with the day otherwise, in other years with those."""
    if not moment:
        return NOTHING
    zone = timezone.get_current_timezone()
    return _at(moment, zone, timezone.localdate(), get_language())


@lru_cache(4096)
def _at(moment: datetime, zone: tzinfo, today: date, _language: str | None) -> SafeString:
    local = moment.astimezone(zone)
    shape = "j M" if local.year == today.year else "j M Y"
    day = "" if local.date() == today else formats.date_format(local, shape) + " "
    return format_html(
        '<time datetime="{}" title="{}">{}{}</time>',
        moment.astimezone(UTC).isoformat(timespec="seconds"),
        exact(moment),
        day,
        f"{local:%H:%M}",
    )


@register.filter
def duration(length: timedelta | float | None) -> str:
    """A length of time (timedelta or seconds) in at most two units."""
    if length is None:
        return NOTHING
    return durations.short(
        length if isinstance(length, timedelta) else timedelta(seconds=float(length))
    )


@register.filter
def number(value: float | None, places: int | None = None) -> str:
    """A number as people here write it: 12.345,6 in Indonesian; a dash for what is not known."""
    if value is None:
        return NOTHING
    if places is None:
        places = 0 if float(value).is_integer() else 1
    # number_format cuts the digits it does not show; a figure is rounded.
    return formats.number_format(round(value, places), places, use_l10n=True, force_grouping=True)


@register.filter
def percent(share: float | None, places: int = 2) -> str:
    """A share (0 to 1) in percent, cut and never rounded up: 99.996 % of uptime is not 100 %."""
    if share is None:
        return NOTHING
    scale = 10**places
    return f"{number(int(share * 100 * scale + 1e-9) / scale, places)} %"


@register.inclusion_tag("web/parts/pagination.html", takes_context=True)
def pagination(context: Context, page: Page[Any], parameter: str = "page") -> dict[str, Any]:
    """The pages of a list as links that keep the filters. Nothing for one page but the total."""
    numbers = page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    parameters = context["request"].GET.copy()

    def link(target: int) -> str:
        parameters[parameter] = str(target)
        return f"?{parameters.urlencode()}"

    return {
        "page": page,
        "numbers": [(item, link(item) if isinstance(item, int) else "") for item in numbers],
        "previous": link(page.previous_page_number()) if page.has_previous() else "",
        "next": link(page.next_page_number()) if page.has_next() else "",
    }


@register.inclusion_tag("web/parts/sortable.html", takes_context=True)
def sortable(
    context: Context, column: str, label: str, descending: bool = False, css: str = ""
) -> dict[str, Any]:
    """A table heading that sorts. `sort=name` ascends, `sort=-name` descends; the view reads `sort`.

    With `descending` the first click sorts downwards (worst, newest or largest first). The view says
    what is in force by the context variable `sort`; without it the address decides.
    """
    request = context["request"]
    current = str(context.get("sort") or request.GET.get("sort", ""))
    active = current.lstrip("-") == column
    down = current.startswith("-")
    target = f"-{column}" if (not down if active else descending) else column
    parameters = request.GET.copy()
    parameters["sort"] = target
    parameters.pop("page", None)
    direction = ("descending" if down else "ascending") if active else ""
    return {
        "label": label,
        "css": css,
        "link": "?" + parameters.urlencode(),
        "direction": direction,
        "icon": {"": "selector", "ascending": "chevron-up", "descending": "chevron-down"}[
            direction
        ],
    }


@register.inclusion_tag("web/parts/field.html")
def field(bound: BoundField) -> dict[str, Any]:
    """A form field with label, help and errors, dressed for the widget it has."""
    widget = bound.field.widget
    if isinstance(widget, RadioSelect):
        kind, css = "group", ""
    elif isinstance(widget, CheckboxInput):
        kind, css = "check", "form-check-input"
    elif isinstance(widget, Select):
        kind, css = "field", "form-select"
    else:
        kind, css = "file" if isinstance(widget, FileInput) else "field", "form-control"
    if bound.errors:
        css += " is-invalid"
    attributes: dict[str, str | bool] = {"class": f"{widget.attrs.get('class', '')} {css}".strip()}
    return {"field": bound, "kind": kind, "widget": bound.as_widget(attrs=attributes)}


@register.simple_tag(takes_context=True)
def main_menu(context: Context) -> list[navigation.Link]:
    """The doors of the main menu that exist and that this person may open."""
    request = context.get("request")
    return navigation.links(
        str(context.get("person_role") or ""),
        request.path if request else "",
        narrowed=_is_narrowed(context),
    )


def _is_narrowed(context: Context) -> bool:
    """Whether the person on this page sees some sites only."""
    person = getattr(context.get("request"), "user", None)
    return bool(getattr(person, "narrowed", False)) and context.get("person_role") != "owner"


@register.simple_tag(takes_context=True)
def shell_part(context: Context, name: str) -> SafeString:
    """A part of the shell that looks the same for many (`web.kept`): `{% shell_part 'nav' %}`."""
    return kept.part(context, name, _is_narrowed(context))


@register.simple_tag
def address_at(view: str, number: int) -> str:
    """The address of one thing of a list, for rows: `{% address_at 'devices:ont' ont.pk %}`."""
    return _pattern(settings.ROOT_URLCONF, get_script_prefix(), view).replace(
        PLACE, str(int(number))
    )


@lru_cache(256)
def _pattern(_doors: str, _prefix: str, view: str) -> str:
    return reverse(view, args=(int(PLACE),))


@register.simple_tag(takes_context=True)
def page_help(context: Context) -> help_texts.Help | None:
    """What the page that is shown is for and how it is used; None where nobody wrote it."""
    request = context.get("request")
    match = getattr(request, "resolver_match", None)
    return help_texts.of(match.view_name) if match else None


@register.simple_tag
def address(view: str) -> str:
    """The address of a view, or "" where it does not exist: links to optional pages."""
    return navigation.address_of(view)


@register.simple_tag(takes_context=True)
def allowed(context: Context, role: str, *, whole: bool = False) -> bool:
    """Whether the person on this page has at least this role: `{% allowed 'noc' as may_edit %}`.

    With `whole=True` it is about all sites, and not for people who are narrowed to some.
    """
    return navigation.may(str(context.get("person_role") or ""), role) and not (
        whole and _is_narrowed(context)
    )
