"""The words of counting use: what a router shows at a reading, and what is remembered of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from ronda.hotspot.rules.amounts import NOTHING, Amount


class Active(NamedTuple):
    """One row of /ip/hotspot/active; `amount.seconds` is its uptime."""

    id: str
    user: str
    server: str
    mac: str
    address: str
    amount: Amount


class Account(NamedTuple):
    """One row of /ip/hotspot/user with its own counters; `server` "" or "all" means every one."""

    id: str
    name: str
    server: str
    profile: str
    amount: Amount


@dataclass(frozen=True, slots=True)
class Reading:
    """What one poll found; `uptime_s` is the router's.

    Accounts must be read before the active rows: a user who logs out in between is then missing
    from both, and is found at the next reading.
    """

    at: datetime
    uptime_s: int
    active: tuple[Active, ...]
    accounts: tuple[Account, ...] = ()


@dataclass(frozen=True, slots=True)
class Session:
    """One stay of one client, as far as it is known.

    `amount` are the router's counters since login. `ended_at` is None while it lasts. `key` is the
    same in every reading. `login_s` is the router's uptime at login. `watched` is False for one
    that began and ended between two readings: its times are those of the readings.
    """

    key: str
    id: str
    user: str
    server: str
    mac: str
    address: str
    profile: str
    started_at: datetime
    seen_at: datetime
    login_s: int
    amount: Amount
    ended_at: datetime | None = None
    watched: bool = True


class Use(NamedTuple):
    """What one client used between two moments."""

    user: str
    profile: str
    mac: str
    amount: Amount
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Counter:
    """What is remembered of one account; `account` is its last row.

    `owed` is what was counted of its sessions and is not in its own counters yet, `last` the
    session of them that ended last. `missed` is in how many readings it was not there.
    """

    account: Account
    owed: Amount = NOTHING
    last: Session | None = None
    missed: int = 0


@dataclass(frozen=True, slots=True)
class Ledger:
    """What is remembered of a router between readings.

    `live` is True for a router that adds to the users' counters while sessions last. `gone` are
    sessions that were missing from the last reading for the first time.
    """

    at: datetime
    uptime_s: int
    boot: int = 0
    open: Mapping[str, Session] = field(default_factory=dict)
    gone: Mapping[str, Session] = field(default_factory=dict)
    counters: Mapping[str, Counter] = field(default_factory=dict)
    live: bool = False


@dataclass(frozen=True, slots=True)
class Bill:
    """What a reading tells: every session that it concerns, and what was used since the last."""

    sessions: tuple[Session, ...] = ()
    uses: tuple[Use, ...] = ()
