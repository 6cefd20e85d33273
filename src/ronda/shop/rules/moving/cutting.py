"""What a cut-over changes on a router, and what putting it back does: pure.

Nothing is ever deleted: the plans' on-login scripts are replaced by ours, Mikhmon's monitors are disabled.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple

from ronda.hotspot.rules.on_login import mikhmon_plan
from ronda.hotspot.rules.values import is_true
from ronda.shop.rules.moving.draft import is_monitor

PROFILES = "/ip/hotspot/user/profile"
SCHEDULERS = "/system/scheduler"
ON_LOGIN = "on-login"
DISABLED = "disabled"
#: The first line of every script of ours, by which it is known again.
MARK = "# ronda"
# The lock to the first device went on at every login; a device that was let in is the right one.
LOCK = (
    f"{MARK}: a voucher stays with its first device\n"
    '/ip hotspot user set [find where name="$user"] mac-address=$"mac-address"'
)


class Change(NamedTuple):
    """One property of one item, named by its menu and name."""

    menu: str
    name: str
    field: str
    before: str
    after: str


class Step(StrEnum):
    """What is to be done about a property now."""

    SET = "set"
    DONE = "done"  # it is as it should be
    CHANGED = "changed"  # somebody else set it meanwhile
    GONE = "gone"


def changes(
    profiles: Iterable[Mapping[str, str]], schedulers: Iterable[Mapping[str, str]]
) -> list[Change]:
    """What is to be changed on a router that Mikhmon still runs."""
    found = []
    plans = set()
    for row in profiles:
        script = row.get(ON_LOGIN, "")
        plan = mikhmon_plan(script)
        if plan is None:
            continue
        plans.add(row.get("name", ""))
        ours = LOCK if plan.lock else MARK
        found.append(Change(PROFILES, row.get("name", ""), ON_LOGIN, script, ours))
    found.extend(
        Change(SCHEDULERS, row.get("name", ""), DISABLED, "false", "true")
        for row in schedulers
        if is_monitor(row, plans) and not is_true(row.get(DISABLED))
    )
    return found


def step(current: str | None, wanted: str, replaced: str, field: str) -> Step:
    """What to do about a property that is to become `wanted` where it is `replaced`.

    `current` is what the router holds, None where the item is not there.
    """
    if current is None:
        return Step.GONE
    if alike(current, wanted, field):
        return Step.DONE
    return Step.SET if alike(current, replaced, field) else Step.CHANGED


def alike(one: str, other: str, field: str) -> bool:
    """Whether two texts of a property mean the same; line ends are the router's own."""
    if field == DISABLED:
        return is_true(one) == is_true(other)
    return one.replace("\r\n", "\n") == other.replace("\r\n", "\n")
