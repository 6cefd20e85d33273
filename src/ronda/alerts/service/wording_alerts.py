"""Alerts in words: made when they are sent, in the language and zone of whoever reads them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ronda.accounts.models import Person
from ronda.alerts.models import Letter, Occurrence, Told
from ronda.alerts.rules.occurrences import What
from ronda.alerts.rules.onts import Kind as OntKind
from ronda.alerts.rules.verdicts import Kind
from ronda.alerts.service.clock import clock
from ronda.alerts.service.wording import NAMED, sentence
from ronda.alerts.service.wording_routers import router_sentence
from ronda.alerts.service.wording_shop import shop_sentence
from ronda.alerts.service.wording_usage import usage_sentence
from ronda.devices.service import scope
from ronda.incidents.models import Incident
from ronda.web.durations import short
from ronda.web.words import Text

Facts = Mapping[str, Any]
#: More lines than this nobody reads on a phone.
LINES = 20

WHATS: Mapping[What, Text] = {
    What.OUTAGE: gettext_lazy("Outage"),
    What.MASS: gettext_lazy("Mass outage"),
    What.REPEATED: gettext_lazy("Repeated outage of one ONT"),
    What.ROUTER: gettext_lazy("Router lost"),
    What.HEALTH: gettext_lazy("Router unwell"),
    What.USE: gettext_lazy("High use"),
    What.LIMIT: gettext_lazy("Limit near"),
    What.PAYMENT: gettext_lazy("Payment trouble"),
    What.BACKUP: gettext_lazy("Backup failed"),
    What.BLIND: gettext_lazy("The watch itself"),
    What.DISK: gettext_lazy("Disk nearly full"),
}


def title(row: Occurrence) -> str:
    """What it is, and of what: "Outage: Dukuh"."""
    what, name = WHATS[What(row.what)], str(row.facts.get("name") or row.facts.get("number") or "")
    return f"{what}: {name}" if name else str(what)


def began(row: Occurrence) -> str:
    """One sentence of what is wrong."""
    return _BEGAN[What(row.what)](row) or str(WHATS[What(row.what)])


def ended(row: Occurrence) -> str:
    """One sentence of what is well again, and how long it lasted."""
    until = row.closed_at or row.opened_at
    lasted = _("It lasted %(time)s.") % {"time": short(until - row.opened_at)}
    return f"{_well(row)} {lasted}"


def _well(row: Occurrence) -> str:
    if row.what == What.OUTAGE:
        facts = {**_of_onts(row.facts), "since": (row.closed_at or row.opened_at).isoformat()}
        return sentence(OntKind.UP, facts)
    found = ""
    if "trouble" in row.facts:
        found = router_sentence({**_of_router(row.facts), "on": False, "text": ""})
    elif "kind" in row.facts:
        found = usage_sentence(_of_limit(row.facts, on=False))
    elif row.what == What.BLIND and row.facts.get("state") == "blind":
        found = _("The watch sees again. The time in between counts as not observed.")
    return found or _("%(title)s: over.") % {"title": title(row)}


def _of_onts(facts: Facts) -> dict[str, Any]:
    return {name: facts[name] for name in ("count", "names", "areas", "since") if name in facts}


def _outage(row: Occurrence) -> str:
    return sentence(OntKind.DOWN, _of_onts(row.facts))


def _repeated(row: Occurrence) -> str:
    facts = {
        "name": row.facts.get("name", ""),
        "count": int(row.facts.get("count", 0)),
        "when": clock(row.facts.get("since")),
    }
    return (
        ngettext(
            "%(name)s was lost %(count)s time since %(when)s.",
            "%(name)s was lost %(count)s times since %(when)s.",
            facts["count"],
        )
        % facts
    )


def _of_router(facts: Facts) -> dict[str, Any]:
    return {**facts, "count": 1, "names": [facts.get("name", "")], "value": facts.get("value")}


def _of_limit(facts: Facts, *, on: bool) -> dict[str, Any]:
    return {"limit_kind": facts["kind"], "on": on, "count": 1, "items": [facts]}


def _router(row: Occurrence) -> str:
    if "free" in row.facts:
        left = {
            "free": filesizeformat(row.facts["free"]),
            "size": filesizeformat(row.facts["size"]),
        }
        return _("Ronda's disk is nearly full: %(free)s of %(size)s are free.") % left
    if "trouble" not in row.facts:
        return _text(row) or _outage(row)
    text = router_sentence({**_of_router(row.facts), "on": True})
    behind = int(row.facts.get("behind") or 0)
    if not behind:
        return text
    lost = ngettext(
        "%(count)s ONT behind it is out of reach too.",
        "%(count)s ONTs behind it are out of reach too.",
        behind,
    )
    return f"{text} {lost % {'count': behind}}"


def _limit(row: Occurrence) -> str:
    return usage_sentence(_of_limit(row.facts, on=True))


def _money(row: Occurrence) -> str:
    facts = row.facts
    numbers = [facts["number"]] if facts.get("number") else []
    return shop_sentence({**facts, "count": 1, "numbers": numbers})


def _blind(row: Occurrence) -> str:
    if row.facts.get("state") == "blind":
        return _(
            "The watch is blind: our own network is lost. Nothing counts as an outage until it is back."
        )
    return _("Trouble in the watch: %(text)s") % {"text": _text(row) or row.facts.get("cause", "")}


def _text(row: Occurrence) -> str:
    return str(row.facts.get("text") or "")


_BEGAN: Mapping[What, Callable[[Occurrence], str]] = {
    What.OUTAGE: _outage,
    What.MASS: _outage,
    What.REPEATED: _repeated,
    What.ROUTER: _router,
    What.HEALTH: _router,
    What.USE: _limit,
    What.LIMIT: _limit,
    What.PAYMENT: _money,
    What.BACKUP: _router,
    What.BLIND: _blind,
    What.DISK: _router,
}


def words(about: int | None) -> tuple[str, str] | None:
    """Subject and text of a letter, as things stand when it is sent."""
    letter = Letter.objects.select_related("person").filter(pk=about or 0).first()
    rows = Told.objects.filter(letter=about or 0).select_related("occurrence")
    found = [one.occurrence for one in rows]
    if letter is not None and letter.person is not None:
        found = as_seen_from(scope.sites_of(letter.person), found)
    if letter is None or not found:
        return None
    if letter.kind == Kind.DIGEST:
        return _digest(found)
    if len(found) > 1:
        return _several(found)
    row = found[0]
    if letter.kind == Kind.RECOVERY:
        return _("Over: %(title)s") % {"title": title(row)}, ended(row)
    text = began(row)
    if row.closed_at is not None:
        text = f"{text} {ended(row)}"
    elif row.incident is not None:
        text = " ".join((text, *_in_hand(row.incident)))
    if letter.kind == Kind.REPEAT:
        return _("Still open: %(title)s") % {"title": title(row)}, text
    return title(row), text


def _in_hand(number: int) -> Iterator[str]:
    """Who looks after an incident, a sentence each."""
    row = (
        Incident.objects.select_related("acknowledged_by", "assigned_to").filter(pk=number).first()
    )
    if row is None:
        return
    if row.acknowledged_at is not None and row.acknowledged_by is not None:
        yield _("%(name)s has taken it on.") % {"name": _name(row.acknowledged_by)}
    if row.assigned_to is not None and row.assigned_to != row.acknowledged_by:
        yield _("It is assigned to %(name)s.") % {"name": _name(row.assigned_to)}


def _name(person: Person) -> str:
    return person.get_full_name() or person.username


def _several(rows: Sequence[Occurrence]) -> tuple[str, str]:
    """What the limit of a person held back, in one message (`limited`)."""
    count = len(rows)
    subject = ngettext(
        "%(count)s trouble, held back because many came at once",
        "%(count)s troubles, held back because many came at once",
        count,
    )
    return subject % {"count": count}, _lines(rows)


def as_seen_from(sites: scope.Sites, rows: Sequence[Occurrence]) -> list[Occurrence]:
    """These troubles as whoever sees these sites alone reads of them; those of other sites are left out."""
    if sites is None:
        return list(rows)
    found = [row for row in rows if sites.intersection(row.sites)]
    for row in found:
        parts = [part for key, part in row.facts.get("by_site", {}).items() if int(key) in sites]
        if parts:
            count = sum(part["count"] for part in parts)
            names = [name for part in parts for name in part["names"]]
            row.facts = {
                **row.facts,
                "count": count,
                "names": names if len(names) == count <= NAMED else [],
                "areas": [area for part in parts for area in part["areas"]],
            }
    return found


def _digest(rows: Sequence[Occurrence]) -> tuple[str, str]:
    open_now = sum(1 for row in rows if row.closed_at is None and row.lasting)
    subject = ngettext(
        "%(count)s trouble, %(open)s still open",
        "%(count)s troubles, %(open)s still open",
        len(rows),
    )
    return subject % {"count": len(rows), "open": open_now}, _lines(rows)


def _lines(rows: Sequence[Occurrence]) -> str:
    lines = [_line(row) for row in sorted(rows, key=lambda one: one.opened_at)[:LINES]]
    if len(rows) > LINES:
        lines.append(_("and %(count)s more") % {"count": len(rows) - LINES})
    return "\n".join(lines)


def _line(row: Occurrence) -> str:
    when = date_format(localtime(row.opened_at), "j M H:i")
    if row.closed_at is None and row.lasting:
        state = _("still open")
    elif row.lasting and row.closed_at is not None:
        state = short(row.closed_at - row.opened_at)
    else:
        return f"{when}  {title(row)}"
    return f"{when}  {title(row)} ({state})"
