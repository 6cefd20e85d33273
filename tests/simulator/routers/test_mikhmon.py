"""Routers on which Mikhmon worked: each variant writes what its version writes, and any seed tells it again."""

from collections import Counter

import pytest

from ronda.simulator.routers.clock import Clock
from ronda.simulator.routers.mikhmon import SCHEDULERS, SCRIPTS, USERS, VARIANTS, fleet


def rows(name: str, menu: str, seed: int = 1) -> list[dict[str, str]]:
    router = fleet(seed, Clock(), name).servings[0].router
    return [dict(row) for row in router.menus[menu].read()]


@pytest.mark.parametrize("name", VARIANTS)
def test_a_variant_holds_vouchers_sales_and_a_cut_off_login(name: str) -> None:
    users = rows(name, USERS)
    states = Counter(
        "tag" if row.get("comment", "")[:3] in {"vc-", "up-"} else "-" for row in users
    )
    assert states["tag"] == 35
    sales = [row for row in rows(name, SCRIPTS) if row.get("comment") == "mikhmon"]
    assert len(sales) == 45
    jobs = {row["name"] for row in rows(name, SCHEDULERS)}
    assert len(jobs & {row["name"] for row in users}) == 1
    assert ("Mikhmon-Expire-Monitor" in jobs) is (name == "v4")


def test_dates_and_owners_are_those_of_the_version() -> None:
    owners = {
        name: next(
            r["owner"] for r in rows(name, SCRIPTS) if "-|-harian" in r["name"] or name == "v2"
        )
        for name in VARIANTS
    }
    assert owners["v3"][:3].isalpha()
    assert owners["v3-new-dates"].startswith("202-")
    assert owners["fork-compact"].isdigit()
    assert owners["fork-dashed"][4] == "-"
    assert any(row["name"].count("-|-") == 6 for row in rows("v2", SCRIPTS))
    assert any(" X" in row.get("comment", "") for row in rows("v4", USERS))


def test_a_seed_tells_the_same_and_another_one_another() -> None:
    assert rows("v3", USERS) == rows("v3", USERS)
    assert rows("v3", USERS) != rows("v3", USERS, seed=2)
