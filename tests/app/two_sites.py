"""Two sites with something of everything, whose names, addresses, codes and MACs tell them apart anywhere."""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import time, timedelta
from typing import Any

from django.apps import apps
from django.db import DatabaseError, models, transaction
from django.utils import timezone

from ronda.accounts.models import Person
from ronda.alerts.models import Channel
from ronda.devices.models import Area, Change, Ont, Scope, Site
from ronda.devices.service.recording import RowRecord, pack, plain, values_of
from ronda.hotspot.models import Action, Drift, Instruction, SeriesKind, UsageSeries
from ronda.incidents.models import Step
from ronda.monitoring.models import Watch
from ronda.routers.models import Router
from ronda.shop.models import (
    Entry,
    Member,
    Order,
    Package,
    PaymentEvent,
    PaymentMethod,
    Sale,
    Voucher,
    VoucherEvent,
)
from ronda.shop.rules.terms import Terms
from ronda.upkeep.models import LogCopy

#: Tables that are not about what is seen, or that the rows below them are made with.
LEFT_OUT = {Scope, Site}
#: Values that the makers of rows could not guess.
GIVEN: dict[type[models.Model], dict[str, Any]] = {
    Router: {
        "secret": "",
        "version_hint": "",
        "pin": "",
        "error": "",
        "port": 8728,
        "timeout_ms": 9000,
        "poll_s": 300,
    },
    Ont: {"latitude": -7.7, "longitude": 110.3, "deleted_at": None},
    Watch: {"state": "down", "flapping": True},
    Action: {"verb": "disable", "kind": "user", "outcome": "done", "after": {"disabled": "true"}},
    Instruction: {"verb": "disable", "undoes": None},
    Voucher: {"terms": Terms().as_json(), "state": "ready", "password": "", "sold_at": None},
    Order: {"state": "attention", "trouble": "", "wanted_password": "", "buyer_phone": "0812"},
    PaymentEvent: {"outcome": "wrong-amount", "settled_at": None, "settled_as": ""},
    Step: {"change": "opened"},
    VoucherEvent: {"what": "made", "detail": {}},
    Drift: {"standing": "differs", "fields": {}},
    Member: {"state": "active", "asked": None, "zone": "WIB"},
    LogCopy: {"lines": []},
    Package: {"valid_for": "1d", "zone": "WIB", "secret": "", "windows": [], "sold_by": None},
    Sale: {"via": "counter", "returned_at": None},
    Channel: {"secret": "", "values": {}},
    PaymentMethod: {"secret": "", "shown": {}},
}


@dataclass
class Town:
    """One site with its rows, by table; `mark` is in every text of it, `marks` finds any trace."""

    mark: str
    net: str
    mac: str
    rows: dict[type[models.Model], list[Any]] = field(default_factory=lambda: defaultdict(list))
    troubles: dict[type[models.Model], Exception] = field(default_factory=dict)
    number: int = 0

    @property
    def marks(self) -> re.Pattern[str]:
        """Finds a name, a code, an address or a MAC of this site."""
        return re.compile(rf"{self.mark}|{re.escape(self.net)}|{self.mac}", re.IGNORECASE)

    def text(self, name: str, length: int) -> str:
        """A text that nobody else has."""
        self.number += 1
        if "mac" in name:
            return f"{self.mac}:00:{self.number // 256:02X}:{self.number % 256:02X}"[:length]
        if name in {"address", "host", "to_address"}:
            return f"{self.net}{self.number // 256}.{self.number % 256}"
        if "mail" in name:
            return f"{self.mark}{self.number}@example.net"
        return f"{self.mark}{self.number:04d}"[:length]


def furnish(seller: Any) -> tuple[Town, Town]:
    """Two towns, and `seller` in both. Every table that hangs on a site gets two rows in each."""
    towns = (Town("plmk", "10.44.", "4B:4B:4B"), Town("qzxv", "10.77.", "7A:7A:7A"))
    method = PaymentMethod.objects.create(kind="bank", name="Bank")
    for town in towns:
        town.rows[type(seller)].append(seller)
        town.rows[PaymentMethod].append(method)
        _furnish(town)
        wanting = {
            kind.__name__: str(town.troubles[kind]) for kind in town.troubles if not town.rows[kind]
        }
        assert not wanting, f"give the values of these tables in GIVEN: {wanting}"
    return towns


def _furnish(town: Town) -> None:
    town.rows[Site].append(Site.objects.create(name=f"{town.mark} site"))
    for kind in (Area, Ont, Router, Package, Entry, Voucher):
        _make(town, kind)
    for package in town.rows[Package]:
        package.sites.set(town.rows[Site])
    for one in town.rows[Router]:
        series = {"kind": SeriesKind.ROUTER, "router": one, "site": town.rows[Site][0]}
        town.rows[UsageSeries].append(_row(town, UsageSeries, series))
    _changes(town)
    for _round in range(4):  # what hangs on something that hangs on something
        for kind in _ours():
            if not town.rows[kind] and kind not in LEFT_OUT and _hangs_on(town, kind):
                _make(town, kind)


def _changes(town: Town) -> None:
    for ont in town.rows[Ont]:
        names = {town.rows[Site][0].pk: town.rows[Site][0].name}
        after = plain(values_of(ont), names, {})
        town.rows[Change].append(
            Change.objects.create(
                at=timezone.now(),
                kind="edit",
                summary=f"{town.mark} changed ({ont.customer_id})",
                count=1,
                rows=pack([RowRecord(ont.pk, {"name": town.mark}, after)]),
            )
        )
    for _ in range(2):
        instruction = _row(town, Instruction, {"count": 1})
        town.rows[Instruction].append(instruction)
        for router in town.rows[Router]:
            town.rows[Action].append(
                _row(town, Action, {"router": router, "instruction": instruction})
            )


def _ours() -> list[type[models.Model]]:
    return [kind for kind in apps.get_models() if kind.__module__.startswith("ronda.")]


def _hangs_on(town: Town, kind: type[models.Model]) -> bool:
    """Whether a row of this table can be made out of the rows there are, and belongs to the town."""
    keys = [f for f in kind._meta.fields if isinstance(f, models.ForeignKey)]
    wanted = [f for f in keys if f.related_model in _ours()]
    known = [f for f in wanted if town.rows.get(f.related_model)]
    local = [f for f in known if f.related_model not in (Person, PaymentMethod)]
    return bool(local) and all(f.null or f in known for f in wanted)


def _make(town: Town, kind: type[models.Model]) -> None:
    for place in range(2):
        try:
            with transaction.atomic():
                town.rows[kind].append(_row(town, kind, {}, place))
        except (DatabaseError, ValueError, TypeError) as error:
            if place == 0:
                town.troubles[kind] = error


def _row(town: Town, kind: type[models.Model], given: dict[str, Any], place: int = 0) -> Any:
    values: dict[str, Any] = dict(given)
    for one in kind._meta.fields:
        if (one.primary_key and not one.is_relation) or one.name in values:
            continue
        if one.name in GIVEN.get(kind, {}):
            values[one.name] = GIVEN[kind][one.name]
            continue
        value = _value(town, one, place)
        if value is not None:
            values[one.name] = value
    return kind._default_manager.create(**values)


def _value(town: Town, one: Any, place: int) -> Any:
    now = timezone.now()
    if isinstance(one, models.ForeignKey):
        rows = town.rows.get(one.related_model)
        return rows[place % len(rows)] if rows and one.related_model is not one.model else None
    if one.choices:
        return None if one.has_default() or one.blank else one.choices[0][0]
    if isinstance(one, models.CharField | models.TextField):
        return (
            None if one.has_default() and one.default else town.text(one.name, one.max_length or 60)
        )
    if isinstance(one, models.DateTimeField):
        over = timedelta(minutes=0 if one.name.startswith("end") else 5)
        return None if one.null or one.auto_now or one.auto_now_add else now - over
    if isinstance(one, models.TimeField):
        return time(3)
    if isinstance(one, models.DateField):
        return None if one.null else timezone.localdate()
    if one.has_default() or one.null:
        return None
    if isinstance(one, models.JSONField):
        return {}
    if isinstance(one, models.BinaryField):
        return b"x"
    if isinstance(one, models.BooleanField):
        return True
    town.number += 1
    return town.number
