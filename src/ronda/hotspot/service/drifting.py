"""Where routers differ from what is wanted: looked at with every reading, kept with its beginning."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ronda.hotspot.models import (
    AccessHours,
    Action,
    Drift,
    HotspotProfile,
    HotspotUser,
    Kind,
    Outcome,
    Wanted,
)
from ronda.hotspot.rules.drift import (
    Difference,
    Key,
    LogLine,
    Standing,
    compare,
    likely_who,
)
from ronda.hotspot.rules.values import write_duration
from ronda.routeros.port import Row
from ronda.routers.models import Router

_BATCH = 500


def texts_of(user: HotspotUser) -> dict[str, str]:
    """A held user's properties as the router writes them; what is not set is left out."""
    found = {
        "profile": user.profile,
        "limit-uptime": "" if user.limit_uptime_s is None else write_duration(user.limit_uptime_s),
        "limit-bytes-in": _number(user.limit_bytes_in),
        "limit-bytes-out": _number(user.limit_bytes_out),
        "limit-bytes-total": _number(user.limit_bytes_total),
        "mac-address": user.mac,
        "address": user.address,
        "comment": user.comment,
        "disabled": "true" if user.disabled else "",
    }
    return {name: text for name, text in found.items() if text}


def _number(value: int | None) -> str:
    return "" if value is None else str(value)


def held(router: Router, kind: str, names: Sequence[str] | None = None) -> dict[Key, Any]:
    """The held rows of a kind by key; only those of these names when given."""
    rows: Any = _model(kind).objects.filter(router=router)
    if names is not None:
        rows = rows.filter(name__in=names)
    return {key_of(row): row for row in rows}


def key_of(row: HotspotUser | HotspotProfile) -> Key:
    """A held row's key; profiles are the same on every server."""
    return (row.name, row.server if isinstance(row, HotspotUser) else "all")


def values_of(row: HotspotUser | HotspotProfile) -> dict[str, str]:
    """A held row's properties as the router writes them."""
    return texts_of(row) if isinstance(row, HotspotUser) else dict(row.values)


def look(router: Router, kind: str, at: datetime) -> bool:
    """Compare what the tables hold with what is wanted, note what differs; whether that changed.

    Items with an action that has not ended are left alone: they differ because we are at it.
    """
    wanted = {(item.name, item.server): item for item in _wanted(router, kind)}
    standings = _standings(router, kind)
    rows = held(router, kind, _few(wanted)) if wanted else {}
    texts = {key: values_of(rows[key]) for key in wanted if key in rows}
    if kind == Kind.USER:
        _overlook_hours(router, texts, wanted)
    differences, _foreign = compare(kind, {key: wanted[key].values for key in wanted}, texts)
    busy = _busy(router, kind)
    now = {wanted[one.key].pk: one for one in differences if one.key not in busy}
    changed = _note(router, kind, now, at)
    differing = {one.key for one in differences}
    marks = {
        pk: (
            Standing.FOREIGN
            if key not in wanted
            else Standing.DIFFERS
            if key in differing
            else Standing.OURS
        )
        for key, (pk, _standing) in standings.items()
    }
    before = dict(standings.values())
    other = {pk: standing for pk, standing in marks.items() if before[pk] != standing}
    return _mark(kind, other) or changed


def _model(kind: str) -> Any:
    return HotspotUser if kind == Kind.USER else HotspotProfile


def _standings(router: Router, kind: str) -> dict[Key, tuple[int, str]]:
    """Id and standing of every held item by key, without the rest of its row."""
    rows = _model(kind).objects.filter(router=router)
    if kind == Kind.PROFILE:
        found = rows.values_list("name", "pk", "standing")
        return {(name, "all"): (pk, standing) for name, pk, standing in found}
    found = rows.values_list("name", "server", "pk", "standing")
    return {(name, server): (pk, standing) for name, server, pk, standing in found}


def _few(wanted: Mapping[Key, Wanted]) -> list[str] | None:
    """The names to look for; None where it is quicker to read all."""
    return None if len(wanted) > _BATCH else [name for name, _server in wanted]


def _overlook_hours(
    router: Router, texts: Mapping[Key, dict[str, str]], wanted: Mapping[Key, Wanted]
) -> None:
    """Who is disabled because it is closed is as wanted in that."""
    profiles, users = set(), set()
    for row in AccessHours.objects.filter(router=router, is_open=False):
        if row.kind == Kind.PROFILE:
            profiles.add(row.name)
        else:
            users.add((row.name, row.server))
    for key, held_ in texts.items() if profiles or users else ():
        if key in users or held_.get("profile") in profiles:
            held_["disabled"] = wanted[key].values.get("disabled", "")


def _wanted(router: Router, kind: str) -> Any:
    return Wanted.objects.filter(router=router, kind=kind)


def _busy(router: Router, kind: str) -> set[Key]:
    open_ = Action.objects.filter(
        router=router,
        kind=kind,
        outcome__in=(Outcome.WAITING, Outcome.UNKNOWN),
        ended_at=None,
    )
    return set(open_.values_list("name", "server"))


def _note(router: Router, kind: str, now: Mapping[int, Difference], at: datetime) -> bool:
    """Keep a row for every difference, `now` by the wanted item's id; whether any is new or over."""
    kept = {row.wanted_id: row for row in Drift.objects.filter(router=router, wanted__kind=kind)}
    over = [row.pk for pk, row in kept.items() if pk not in now]
    Drift.objects.filter(pk__in=over).delete()
    changed = bool(over)
    for pk, one in now.items():
        fields = {name: list(pair) for name, pair in one.fields.items()}
        old = kept.get(pk)
        if old is not None and (old.standing, old.fields) == (one.standing, fields):
            continue
        changed = True
        Drift.objects.update_or_create(
            wanted_id=pk,
            defaults={
                "router": router,
                "standing": one.standing,
                "fields": fields,
                "since": old.since if old else at,
                "explained": False,
            },
        )
    return changed


def explain(router: int, log: Sequence[Row]) -> None:
    """Note of every new difference who probably made it, by the router's log."""
    lines = [LogLine(row.get("time", ""), row.get("message", "")) for row in log]
    for row in Drift.objects.filter(router=router, explained=False).select_related("wanted"):
        row.likely = likely_who(lines, row.wanted.kind, row.wanted.name)[:200] or row.likely
        row.explained = True
        row.save(update_fields=["likely", "explained"])


def unexplained(router: int) -> bool:
    """Whether something began to differ and the log was not asked yet."""
    return Drift.objects.filter(router=router, explained=False).exists()


def _mark(kind: str, other: Mapping[int, Standing]) -> bool:
    """Write the standing of the rows that have another one now, by their ids; whether there are any."""
    by_standing: dict[Standing, list[int]] = {}
    for pk, standing in other.items():
        by_standing.setdefault(standing, []).append(pk)
    for standing, pks in by_standing.items():
        for first in range(0, len(pks), _BATCH):
            part = pks[first : first + _BATCH]
            _model(kind).objects.filter(pk__in=part).update(standing=standing)
    return bool(by_standing)
