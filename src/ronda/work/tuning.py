"""Settings that operators change while everything runs: a short list, typed and bounded.

An override lies in the database and wins over the environment; without one the configuration's
value is in force. Every process sees a change within `FRESH_S` seconds. Who changes what is told on
the feed (`app.tuned`); the audit trail is the page's business.
"""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from django.conf import settings
from django.db import DatabaseError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronda.kernel.origins import read_origin
from ronda.work import feed
from ronda.work.models import Tuning

FRESH_S = 2.0
"""How long a process believes what it read; the pages ask on every request."""

Value = bool | int | float | str


class WrongValue(ValueError):
    """A value that cannot be put in force; the text says what fits."""


@dataclass(frozen=True, slots=True)
class Knob:
    """One setting that can be changed live. `name` is also the configuration's field.

    `least` and `most` bound numbers, and the length of texts. `read` gives a text that is not empty as it is
    kept, and raises ValueError for one that does not fit.
    """

    name: str
    kind: type[bool | int | float | str]
    least: float = 0
    most: float = 0
    read: Callable[[str], str] | None = None

    def checked(self, raw: object) -> Value:
        """The value in its type.

        Raises:
            WrongValue: it is of another type or out of bounds.
        """
        if self.kind is bool:
            if not isinstance(raw, bool):
                raise WrongValue(_("Choose yes or no."))
            return raw
        if self.kind is str:
            return self._text(raw)
        return self._number(raw)

    def _text(self, raw: object) -> str:
        text = " ".join(raw.split()) if isinstance(raw, str) else ""
        if not self.least <= len(text) <= self.most or not text.isprintable():
            raise WrongValue(
                _("Write %(least)d to %(most)d characters.")
                % {"least": self.least, "most": self.most}
            )
        if text and self.read is not None:
            try:
                return self.read(text)
            except ValueError:
                raise WrongValue(_("Write an address such as https://ronda.example.")) from None
        return text

    def _number(self, raw: object) -> int | float:
        if (
            not isinstance(raw, int | float)
            or isinstance(raw, bool)
            or not math.isfinite(raw)
            or not self.least <= raw <= self.most
        ):
            raise WrongValue(
                _("Must be a number from %(least)d to %(most)d.")
                % {"least": self.least, "most": self.most}
            )
        if self.kind is float:
            return float(raw)
        if raw != int(raw):
            raise WrongValue(_("Must be a whole number."))
        return int(raw)


KNOBS: Mapping[str, Knob] = MappingProxyType(
    {
        knob.name: knob
        for knob in (
            Knob("site_name", str, 1, 60),
            Knob("public_address", str, 0, 200, read_origin),
            Knob("interval_s", float, 5, 300),
            Knob("notice_hold_s", float, 0, 600),
            Knob("repeated_outages", int, 0, 1000),
            Knob("repeated_hours", int, 1, 744),
            Knob("keep_samples_days", int, 2, 4000),
            Knob("keep_hours_days", int, 30, 36500),
            Knob("keep_names_days", int, 1, 3650),
            Knob("keep_sessions_days", int, 30, 4000),
            Knob("keep_notices_days", int, 7, 3650),
            Knob("keep_messages_days", int, 7, 3650),
            Knob("keep_backups", int, 3, 10_000),
            Knob("high_use_gb", float, 0, 100_000),
            Knob("users_near_percent", int, 50, 100),
            Knob("pay_within_h", int, 1, 720),
            Knob("transfer_suffix", bool),
            Knob("public_map", bool),
            Knob("first_hour", bool),
            Knob("second_step", bool),
            Knob("second_step_everybody", bool),
            Knob("idle_hours", int, 1, 336),
            Knob("breached_passwords", bool),
        )
    }
)


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting as its page shows it: what is in force, what the environment says, who changed it."""

    knob: Knob
    value: Value
    configured: Value
    changed_at: datetime | None
    changed_by: str


class Remembered:
    """What this process last read, and when (monotonic seconds)."""

    def __init__(self) -> None:
        self.overrides: dict[str, Value] = {}
        self.until = -math.inf

    def read(self) -> dict[str, Value]:
        """The overrides; asks the database when they are not fresh any more."""
        now = time.monotonic()
        if now >= self.until:
            # A page can still say what is wrong; what was known last stays in force.
            with contextlib.suppress(DatabaseError):
                self.overrides = _overrides()
            self.until = now + FRESH_S
        return self.overrides


remembered = Remembered()


def value(name: str) -> Any:
    """What is in force for a setting of `KNOBS`, in its type; asks the database every few seconds.

    Never raises for a database that is away: then the last known value stays.
    """
    found = remembered.read().get(KNOBS[name].name)
    return configured(name) if found is None else found


def configured(name: str) -> Any:
    """What the environment says, whether or not it is in force."""
    return getattr(settings.RONDA, KNOBS[name].name)


def forget() -> None:
    """Ask the database again at the next question."""
    remembered.until = -math.inf


def change(name: str, raw: object, *, by: str) -> Setting | None:
    """Put a value in force; the setting as it was before, None when nothing changed.

    Raises:
        WrongValue: it does not fit; nothing has changed.
    """
    knob = KNOBS[name]
    wanted = knob.checked(raw)
    return _put(knob, wanted, by)


def reset(name: str, *, by: str) -> Setting | None:
    """Let the environment's value be in force again; the setting as it was, None if it was already."""
    return _put(KNOBS[name], None, by)


def _put(knob: Knob, wanted: Value | None, by: str) -> Setting | None:
    with transaction.atomic():
        before = _setting(knob, Tuning.objects.select_for_update().filter(pk=knob.name).first())
        if wanted is None and before.changed_at is None:
            return None
        if wanted is not None and wanted == before.value:
            return None
        if wanted is None:
            Tuning.objects.filter(pk=knob.name).delete()
        else:
            Tuning.objects.update_or_create(
                pk=knob.name,
                defaults={
                    "value": wanted,
                    "changed_at": timezone.now(),
                    "changed_by": by[:150],
                },
            )
        now = configured(knob.name) if wanted is None else wanted
        feed.append(
            "app.tuned", {"name": knob.name, "before": before.value, "value": now, "by": by}
        )
        transaction.on_commit(forget)
    forget()
    return before


def listing() -> list[Setting]:
    """All of them in the order of `KNOBS`, as they are now."""
    rows = {row.name: row for row in Tuning.objects.all()}
    return [_setting(knob, rows.get(knob.name)) for knob in KNOBS.values()]


def _setting(knob: Knob, row: Tuning | None) -> Setting:
    said = configured(knob.name)
    override = None if row is None else _fitting(knob, row.value)
    if row is None or override is None:
        return Setting(knob, said, said, None, "")
    return Setting(knob, override, said, row.changed_at, row.changed_by)


def _overrides() -> dict[str, Value]:
    found = {}
    for name, stored in Tuning.objects.values_list("name", "value"):
        if name in KNOBS and (fitting := _fitting(KNOBS[name], stored)) is not None:
            found[name] = fitting
    return found


def _fitting(knob: Knob, stored: object) -> Value | None:
    """A stored value, unless a newer or older version meant something else by it."""
    try:
        return knob.checked(stored)
    except WrongValue:
        return None
