"""What is counted of a simulated hotspot in a day of readings, against what its router truly moved."""

from datetime import UTC, datetime

import pytest

from ronda.hotspot.rules.amounts import NOTHING, Amount
from ronda.hotspot.rules.readings import Account, Active, Ledger, Reading
from ronda.hotspot.rules.usage import settle
from ronda.simulator.routers.router import VirtualRouter
from ronda.simulator.routers.values import seconds_of
from tests.simulator.routers.test_life import HOUR, full, rows

ACTIVE, USERS = "/ip/hotspot/active", "/ip/hotspot/user"
EVERY_S = 300


def amount(row: dict[str, str]) -> Amount:
    return Amount(int(row["bytes-in"]), int(row["bytes-out"]), int(seconds_of(row["uptime"]) or 0))


def read(router: VirtualRouter) -> Reading:
    at = datetime.fromtimestamp(router.clock.now().timestamp(), UTC)
    accounts = [
        Account(row[".id"], row["name"], "", row["profile"], amount(row))
        for row in rows(router, USERS)
    ]
    active = [
        Active(
            row[".id"], row["user"], row["server"], row["mac-address"], row["address"], amount(row)
        )
        for row in rows(router, ACTIVE)
    ]
    return Reading(at, int(router.uptime()), tuple(active), tuple(accounts))


def truth(router: VirtualRouter) -> dict[str, int]:
    """Bytes of each user: his own counters, and his sessions that last."""
    found = {row["name"]: amount(row).total for row in rows(router, USERS)}
    for row in rows(router, ACTIVE):
        found[row["user"]] += amount(row).total
    return found


def day(router: VirtualRouter, hours: int, *, reboot_after: int | None = None) -> dict[str, int]:
    """Bytes of each user as the readings tell them."""
    ledger: Ledger | None = None
    used: dict[str, Amount] = {}
    for number in range(hours * HOUR // EVERY_S + 1):
        ledger, bill = settle(ledger, read(router))
        for use in bill.uses:
            used[use.user] = used.get(use.user, NOTHING).plus(use.amount)
        if number == reboot_after:
            router.reboot(clock_lost=False)
        router.clock.advance(EVERY_S)
    ledger, bill = settle(ledger, read(router))
    for use in bill.uses:
        used[use.user] = used.get(use.user, NOTHING).plus(use.amount)
    return {user: amount.total for user, amount in used.items() if amount.total}


@pytest.mark.parametrize("version", ["v6.49.10", pytest.param("v7.24", marks=pytest.mark.slow)])
def test_a_day_of_readings_is_what_the_router_moved_to_the_byte(version: str) -> None:
    router, _ = full(version, count=20)
    router.clock.advance(2 * HOUR)
    begin = truth(router)
    counted = day(router, 8)
    moved = {user: total - begin[user] for user, total in truth(router).items()}
    assert counted == {user: total for user, total in moved.items() if total}
    assert sum(counted.values()) > 100_000_000


@pytest.mark.slow
def test_after_a_reboot_in_the_middle_nothing_is_counted_twice() -> None:
    router, _ = full(count=20)
    router.clock.advance(2 * HOUR)
    begin = truth(router)
    counted = day(router, 8, reboot_after=40)
    moved = {user: total - begin[user] for user, total in truth(router).items()}
    assert all(counted.get(user, 0) <= total for user, total in moved.items())
    assert sum(counted.values()) > 0.9 * sum(moved.values())
