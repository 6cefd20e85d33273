"""Questions about the list of ONTs, answered by the database; and the edits people make by hand.

The state of an ONT belongs to monitoring, the slice above, whose table points at ours. Lists must
filter and sort by it in one statement, so the name of that reverse relation, `watch`, is used in
queries and templates here, and nothing of monitoring is imported. An ONT without such a row has
not been watched yet: its state is unknown.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Case, F, OrderBy, Q, QuerySet, SmallIntegerField, When
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ronda.accounts.models import Person
from ronda.devices.models import Area, Category, Change, Ont
from ronda.devices.service.changes import RowChange, apply
from ronda.devices.service.scope import Sites, here, mine, within

# Without an address, or set aside, there is nothing to believe, whatever was believed before.
_WATCHED = Q(monitored=True) & ~Q(address="")
# Worst first, as everywhere; the order of the words in web/words.py is that of the live feed.
_SEVERITY = ("down", "unreachable", "suspect", "unknown", "maintenance", "up", "paused")
# A sort of 50,000 by it takes 60 ms; asking state by state takes 14 ms where the worst fill the page, else 200.
_RANK = Case(
    When(~_WATCHED, then=_SEVERITY.index("paused")),
    When(watch=None, then=_SEVERITY.index("unknown")),
    *(When(watch__state=state, then=rank) for rank, state in enumerate(_SEVERITY)),
    output_field=SmallIntegerField(),
)

#: What a list can be sorted by, and the columns that make it a total order.
SORTS: dict[str, tuple[str | Case, ...]] = {
    "name": ("name", "id"),
    "customer": ("customer_id", "id"),
    "address": ("address", "id"),
    "area": ("area__name", "name", "id"),
    "site": ("site__name", "name", "id"),
    "state": (_RANK, "name", "id"),
    "since": ("watch__since", "id"),
    "updated": ("updated_at", "id"),
}

#: Instead of an area's id: ONTs without one.
NO_AREA = -1


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list should show; empty fields do not narrow it."""

    text: str = ""
    site: int | None = None
    area: int | None = None
    category: str = ""
    state: str = ""
    monitored: bool | None = None
    sort: str = "name"
    deleted: bool = False
    sites: Sites = field(default_factory=here)


def matching(wanted: Wanted) -> QuerySet[Ont]:
    """The ONTs that `wanted` describes, in its order."""
    every = Ont.objects.exclude(deleted_at=None) if wanted.deleted else Ont.objects.present()
    found = within(every, wanted.sites)
    # Every word must be somewhere, so "atas 05" finds "Padukuhan Atas RT 05".
    for word in wanted.text.split()[:8]:
        found = found.filter(
            Q(name__icontains=word)
            | Q(customer_id__icontains=word)
            | Q(location__icontains=word)
            | Q(address__icontains=word)
            | Q(notes__icontains=word)
        )
    if wanted.site:
        found = found.filter(site_id=wanted.site)
    if wanted.area == NO_AREA:
        found = found.filter(area=None)
    elif wanted.area:
        found = found.filter(area_id=wanted.area)
    if wanted.category:
        found = found.filter(category=wanted.category)
    if wanted.monitored is not None:
        found = found.filter(monitored=wanted.monitored)
    if wanted.state:
        found = found.filter(_in_state(wanted.state))
    return found.order_by(*_order(wanted.sort))


def _in_state(state: str) -> Q:
    if state == "paused":
        return ~_WATCHED | Q(watch__state=state)
    if state == "unlocated":
        return Q(latitude=None) | Q(longitude=None)
    if state == "unaddressed":
        return Q(address="")
    if state == "flapping":
        return _WATCHED & Q(watch__flapping=True)
    if state == "degraded":
        return _WATCHED & Q(watch__degraded=True)
    if state == "unknown":
        return _WATCHED & (Q(watch__state=state) | Q(watch=None))
    return _WATCHED & Q(watch__state=state)


def state_of(ont: Ont) -> str:
    """The state as lists and the API show it."""
    if not ont.monitored or not ont.address:
        return "paused"
    watch = getattr(ont, "watch", None)
    return str(watch.state) if watch else "unknown"


def _order(sort: str) -> list[OrderBy]:
    columns = SORTS.get(sort.lstrip("-"), SORTS["name"])
    expressions = (F(column) if isinstance(column, str) else column for column in columns)
    return [OrderBy(expression, descending=sort.startswith("-")) for expression in expressions]


def ids_of(wanted: Wanted, number: int, size: int) -> tuple[list[int], int]:
    """The ids of one page (from 1), and how many ONTs there are in all.

    Ids first, rows after: sorting whole rows took three times as long at 50,000.
    """
    first = (number - 1) * size
    found = matching(wanted)
    ids = list(found.values_list("pk", flat=True)[first : first + size])
    # A page that is not full ends the list: no second pass over 50,000 rows to count them.
    full = len(ids) == size or (first and not ids)
    return ids, found.order_by().count() if full else first + len(ids)


def told(ids: Sequence[int], columns: Sequence[str]) -> list[dict[str, Any]]:
    """The ONTs with these ids, in this order, as plain values.

    The columns that are asked for; `site`, `area` (names), `state`, `since`, `flapping` and `degraded`.
    Models for a page of fifty cost more than the rest of such an answer.
    """
    rows = Ont.objects.filter(pk__in=ids).values(*{*columns, *_BESIDE})
    by_id = {row["id"]: row for row in rows}
    return [_told(by_id[pk], columns) for pk in ids if pk in by_id]


_BELIEFS = ("watch__state", "watch__since", "watch__flapping", "watch__degraded")
_BESIDE = ("id", "monitored", "address", "site__name", "area__name", *_BELIEFS)


def _told(row: dict[str, Any], columns: Sequence[str]) -> dict[str, Any]:
    watched = row["monitored"] and row["address"]
    return {name: row[name] for name in columns} | {
        "site": row["site__name"],
        "area": row["area__name"] or "",
        "state": (row["watch__state"] or "unknown") if watched else "paused",
        "since": row["watch__since"] if watched else None,
        "flapping": bool(watched and row["watch__flapping"]),
        "degraded": bool(watched and row["watch__degraded"]),
    }


def get(pk: int) -> Ont | None:
    """One ONT with what its page shows, deleted ones included; None when there is none."""
    return Ont.objects.select_related("site", "area", "watch").filter(pk=pk).first()


_MOST_OF_AN_ADDRESS = 100


def same_address(ont: Ont, limit: int = 10) -> list[Ont]:
    """Other present ONTs that are probed by the same address."""
    if not ont.address:
        return []
    others = mine(Ont.objects.present()).filter(address=ont.address).exclude(pk=ont.pk)
    # Asked for an order, SQLite walks all names in it instead of the index of addresses: 4 ms at 5,000.
    found = others.order_by()[:_MOST_OF_AN_ADDRESS]
    return sorted(found, key=lambda other: (other.name, other.pk))[:limit]


def changes_of(ont: Ont, limit: int = 10) -> list[Change]:
    """The last changes whose audit row names this ONT; single edits only, imports name thousands.

    Another site may have an ONT of the same customer ID, whose changes are not these.
    """
    from ronda.devices.service.recording import unpack

    found = Change.objects.filter(count=1, summary__contains=f"({ont.customer_id})")
    recent = found.select_related("person")[: 4 * limit]
    return [change for change in recent if unpack(change)[0].ont_id == ont.pk][:limit]


def create(
    values: Mapping[str, Any], person: Person | None, *, source: str = "", actor: str = ""
) -> Ont:
    """A new ONT.

    Raises:
        errors.CustomerIdTaken: the site has an ONT of that customer id.
    """
    change = apply(
        [RowChange(None, values)],
        kind="create",
        summary=_("Added %(ont)s") % {"ont": _label(values["name"], values["customer_id"])},
        person=person,
        source=source,
        actor=actor,
    )
    return Ont.objects.get(pk=_only_id(change))


def _only_id(change: Change) -> int:
    from ronda.devices.service.recording import unpack

    return unpack(change)[0].ont_id


def edit(
    ont: Ont,
    values: Mapping[str, Any],
    person: Person | None,
    *,
    expected: datetime | None = None,
    source: str = "",
) -> Change:
    """Set fields of one ONT.

    Raises:
        errors.EditedMeanwhile, errors.CustomerIdTaken, errors.NothingToChange: nothing was written.
    """
    name = values.get("name", ont.name)
    return apply(
        [RowChange(ont.pk, values, expected=expected)],
        kind="edit",
        summary=_("Edited %(ont)s")
        % {"ont": _label(name, values.get("customer_id", ont.customer_id))},
        person=person,
        source=source,
    )


def delete(onts: Sequence[Ont], person: Person | None, *, source: str = "") -> Change:
    """Delete ONTs; their history stays and they can be brought back.

    Raises:
        errors.NothingToChange: all were deleted already.
    """
    now = timezone.now()
    summary = ngettext("Deleted %(count)d ONT", "Deleted %(count)d ONTs", len(onts))
    return apply(
        [RowChange(ont.pk, {"deleted_at": now}) for ont in onts if ont.deleted_at is None],
        kind="delete",
        summary=_("Deleted %(ont)s") % {"ont": onts[0]}
        if len(onts) == 1
        else summary % {"count": len(onts)},
        person=person,
        source=source,
    )


def edit_all(
    onts: Sequence[Ont], values: Mapping[str, Any], person: Person | None, *, source: str = ""
) -> Change:
    """Set the same fields of many ONTs.

    Raises:
        errors.NothingToChange: all were like that already.
    """
    summary = ngettext(
        "Edited %(count)d ONT: %(what)s", "Edited %(count)d ONTs: %(what)s", len(onts)
    )
    return apply(
        [RowChange(ont.pk, values) for ont in onts],
        kind="edit",
        summary=summary % {"count": len(onts), "what": described(values)},
        person=person,
        source=source,
    )


def _label(name: str, customer_id: str) -> str:
    return f"{name} ({customer_id})"


def described(values: Mapping[str, Any]) -> str:
    """What a bulk edit set, in words."""
    words = []
    if "monitored" in values:
        words.append(_("monitored") if values["monitored"] else _("not monitored"))
    if "category" in values:
        words.append(str(Category(values["category"]).label))
    if "area_id" in values:
        area = Area.objects.filter(pk=values["area_id"]).first() if values["area_id"] else None
        words.append(_("area %(area)s") % {"area": area} if area else _("no area"))
    return ", ".join(words)
