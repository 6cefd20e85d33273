"""Who was told of what, by which way, and why others were not: read back for people."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from ronda.accounts.models import Person
from ronda.alerts.models import Channel, Occurrence, Outgoing, Suppressed, Told
from ronda.alerts.rules.verdicts import Kind
from ronda.alerts.service import duty, ruling, telling
from ronda.alerts.service.recipients import label, person_of
from ronda.alerts.service.wording_alerts import title
from ronda.devices.service.scope import Sites

#: So many troubles are looked through for each line that is shown to whoever sees some sites only.
LOOKED_AT = 10


@dataclass(frozen=True, slots=True)
class Way:
    """One address by which it went, and what became of that; `within` another message that was late too."""

    channel: str
    state: str
    words: str
    error: str
    within: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """That a recipient was told (`ways`), or the reason why not; `lifted_at`: told after all, then."""

    at: datetime
    to: str
    title: str
    occurrence: int
    incident: int | None
    kind: str
    rule: str
    reason: str = ""
    code: str = ""
    until: datetime | None = None
    lifted_at: datetime | None = None
    ways: list[Way] = field(default_factory=list)


def of_incident(number: int) -> list[Line]:
    """Everybody whom some rule reached about one incident, in the order of time."""
    rows = Occurrence.objects.filter(incident=number)
    told = Told.objects.filter(occurrence__in=rows)
    held = Suppressed.objects.filter(occurrence__in=rows)
    return sorted(_lines(told[:200], held[:200]), key=lambda one: one.at)


def of_person(
    person: Person, occurrence: int | None = None, limit: int = 100, sites: Sites = None
) -> list[Line]:
    """What one person was told and not told, newest first; of one occurrence, or of all.

    Only what is at `sites`, for whoever asks and sees these alone.
    """
    mine = Q(to=duty.key_of(person.pk))
    if occurrence is not None:
        mine &= Q(occurrence=occurrence)
    if sites is not None:
        mine &= Q(occurrence__in=_at(sites, mine, limit))
    told = Told.objects.filter(mine).order_by("-pk")[:limit]
    held = Suppressed.objects.filter(mine).order_by("-pk")[:limit]
    return sorted(_lines(told, held), key=lambda one: one.at, reverse=True)[:limit]


def _at(sites: frozenset[int], mine: Q, limit: int) -> list[int]:
    """The newest troubles at these sites that somebody was told of or not."""
    rows = Occurrence.objects.filter(
        Q(Exists(Told.objects.filter(mine, occurrence=OuterRef("pk"))))
        | Q(Exists(Suppressed.objects.filter(mine, occurrence=OuterRef("pk"))))
    )
    newest = rows.order_by("-opened_at").values_list("pk", "sites")[: LOOKED_AT * limit]
    return [pk for pk, places in newest if sites.intersection(places)][:limit]


def _lines(told: QuerySet[Told], held: QuerySet[Suppressed]) -> list[Line]:
    heard = list(told.select_related("letter", "occurrence"))
    not_heard = list(held.select_related("occurrence"))
    rules = ruling.names_of({one.rule for one in heard} | {one.rule for one in not_heard})
    names = labels({one.to for one in heard} | {one.to for one in not_heard})
    letters = {one.letter_id for one in heard}
    ways = _ways(letters, _shared(letters))
    lines = [
        Line(
            one.letter.made_at,
            names[one.to],
            title(one.occurrence),
            one.occurrence_id,
            one.occurrence.incident,
            one.get_kind_display(),
            rules.get(one.rule, ""),
            ways=ways[one.letter_id],
        )
        for one in heard
    ]
    lines += [
        Line(
            one.at,
            names[one.to],
            title(one.occurrence),
            one.occurrence_id,
            one.occurrence.incident,
            one.get_kind_display(),
            rules.get(one.rule, ""),
            reason=one.get_reason_display(),
            code=one.reason,
            until=one.until,
            lifted_at=one.lifted_at,
        )
        for one in not_heard
    ]
    return lines


def _shared(letters: Iterable[int]) -> set[int]:
    """Those letters that tell of several troubles because a limit held them back."""
    told = Told.objects.filter(letter__in=list(letters)).exclude(kind=Kind.DIGEST)
    several = told.values("letter").annotate(count=Count("pk")).filter(count__gt=1)
    return set(several.values_list("letter", flat=True))


def _ways(letters: Iterable[int], shared: Collection[int]) -> defaultdict[int, list[Way]]:
    found: defaultdict[int, list[Way]] = defaultdict(list)
    rows = Outgoing.objects.filter(what=telling.WHAT, about__in=list(letters), edits=False)
    for one in rows.select_related("channel").order_by("pk"):
        if one.about is not None:
            words, within = (
                one.get_state_display(),
                one.carrier_id is not None or one.about in shared,
            )
            way = Way(one.channel.name, one.state, words, one.error, within)
            found[one.about].append(way)
    return found


def labels(keys: Iterable[str]) -> dict[str, str]:
    """The names of recipients."""
    wanted = set(keys)
    numbers = [number for key in wanted if (number := person_of(key)) is not None]
    people = {
        one.pk: one.get_full_name() or one.username for one in Person.objects.filter(pk__in=numbers)
    }
    channels = dict(Channel.objects.values_list("pk", "name"))
    return {key: label(key, people, channels) for key in wanted}
