"""A rule as a sentence, in the language in force."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from ronda.accounts.models import Person, Role
from ronda.alerts.models import AlertRule, Channel, Rota
from ronda.alerts.rules.occurrences import By, What
from ronda.alerts.service.recipients import label
from ronda.alerts.service.wording_alerts import WHATS
from ronda.devices.models import Area, Category, Site
from ronda.kernel.ids import id_of
from ronda.web.durations import short


class Names:
    """The names that rules mention; asked of the database once for a page."""

    def __init__(self) -> None:
        """Reads people, channels, rotas, sites and areas."""
        self.people = {
            one.pk: one.get_full_name() or one.username
            for one in Person.objects.filter(is_active=True).order_by("username")
        }
        self.channels = dict(Channel.objects.filter(deleted_at=None).values_list("pk", "name"))
        self.rotas = dict(Rota.objects.filter(deleted_at=None).values_list("pk", "name"))
        self.sites = dict(Site.objects.values_list("pk", "name"))
        areas = Area.objects.select_related("site").order_by("site__name", "name")
        self.areas = {one.pk: f"{one.name}, {one.site.name}" for one in areas}

    def of(self, by: str, value: str) -> str:
        """Whom a step names."""
        if by == By.ROLE:
            return str(Role(value).label) if value in Role.values else value
        if by == By.ROTA:
            name = self.rotas.get(id_of(value))
            return _("on call: %(rota)s") % {"rota": name or "?"}
        return label(value, self.people, self.channels)


def what_words(row: AlertRule) -> str:
    """What the rule speaks of."""
    words = [str(WHATS[What(what)]) for what in row.whats]
    if set(row.whats) >= {what for what in What if what != What.MASS}:
        return _("everything")
    return ", ".join(words)


def where_words(row: AlertRule, names: Names) -> str:
    """Where; "everywhere" for no place."""
    places = [names.sites.get(pk, "?") for pk in row.sites]
    places += [names.areas.get(pk, "?") for pk in row.areas]
    places += [str(Category(one).label) for one in row.categories if one in Category.values]
    return ", ".join(places) or _("everywhere")


def step_words(step: Mapping[str, object], names: Names) -> str:
    """Who, and after how long."""
    targets = step["to"]
    assert isinstance(targets, list)  # noqa: S101 -- as rules are kept
    who = ", ".join(names.of(by, value) for by, value in targets) or _("nobody")
    after = int(str(step["after_s"]))
    if not after:
        return who
    return _("%(who)s after %(time)s") % {"who": who, "time": short(timedelta(seconds=after))}


def how_words(row: AlertRule) -> Sequence[str]:
    """The rest: hold, repetition, waking."""
    if row.digest:
        when = row.get_digest_display()
        return [_("%(when)s at %(time)s") % {"when": when, "time": f"{row.digest_at:%H:%M}"}]
    words = []
    if row.hold_s:
        held = short(timedelta(seconds=row.hold_s))
        words.append(_("not before it lasts %(time)s") % {"time": held})
    if row.repeat_s:
        pause = short(timedelta(seconds=row.repeat_s))
        words.append(_("again every %(time)s") % {"time": pause})
    if row.wakes:
        words.append(pgettext("rule", "in quiet hours too"))
    return words
