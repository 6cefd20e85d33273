"""A router as the accounting must bear it: users, sessions, counters, and what was truly used."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from ronda.hotspot.rules.amounts import NOTHING, Amount
from ronda.hotspot.rules.readings import Account, Active, Reading

START = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)


@dataclass
class Stay:
    """A session on the model: counters since its login."""

    user: str
    mac: str
    amount: Amount = NOTHING


@dataclass
class Model:
    """Users' counters are written at logout, as RouterOS does; `live` writes them all the time."""

    live: bool = False
    clock: datetime = START
    uptime_s: int = 1000
    stays: dict[str, Stay] = field(default_factory=dict)
    users: dict[str, Amount] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    truth: dict[str, Amount] = field(default_factory=dict)
    late: tuple[Account, ...] | None = None

    def make(self, user: str) -> None:
        """A new user without any use."""
        self.users[user] = NOTHING
        self.ids[user] = f"*{len(self.ids) + 1:X}"

    def login(self, slot: str, user: str, mac: str = "") -> None:
        """Somebody comes in at an address, which ends who was there."""
        if user in self.users:
            self.logout(slot)
            self.stays[slot] = Stay(user, mac or f"02:{user}")

    def logout(self, slot: str) -> None:
        """Their counters go to the user's."""
        stay = self.stays.pop(slot, None)
        if stay is not None and stay.user in self.users and not self.live:
            self.users[stay.user] = self.users[stay.user].plus(stay.amount)

    def pass_time(self, seconds: int, *traffic: int) -> None:
        """Everybody online uses something, by the order of their addresses."""
        self.clock += timedelta(seconds=seconds)
        self.uptime_s += seconds
        for number, (_slot, stay) in enumerate(sorted(self.stays.items())):
            used = traffic[number % len(traffic)] if traffic else 0
            amount = Amount(used // 3, used, seconds)
            stay.amount = stay.amount.plus(amount)
            self.truth[stay.user] = self.truth.get(stay.user, NOTHING).plus(amount)
            if self.live and stay.user in self.users:
                self.users[stay.user] = self.users[stay.user].plus(amount)

    def reset(self, user: str) -> None:
        """/ip/hotspot/user/reset-counters."""
        if user in self.users:
            self.users[user] = NOTHING

    def restart(self, *, seconds: int, keeps: bool) -> None:
        """Sessions end; their counters reach the users only in an orderly shutdown."""
        for slot in list(self.stays):
            if keeps:
                self.logout(slot)
            else:
                del self.stays[slot]
        self.clock += timedelta(seconds=seconds)
        self.uptime_s = seconds // 2

    def read_accounts(self) -> tuple[Account, ...]:
        """The first half of a poll."""
        return tuple(
            Account(self.ids[user], user, "all", "1jam", amount)
            for user, amount in self.users.items()
        )

    def read(self, accounts: tuple[Account, ...] | None = None) -> Reading:
        """A poll; with `accounts` read earlier, its second half."""
        active = tuple(
            Active(f"*{slot}", stay.user, "hotspot1", stay.mac, f"10.5.50.{slot}", stay.amount)
            for slot, stay in self.stays.items()
        )
        found = self.read_accounts() if accounts is None else accounts
        return Reading(self.clock, self.uptime_s, active, found)
