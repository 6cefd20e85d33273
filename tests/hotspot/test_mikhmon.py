"""Mikhmon's records are read as they are found in the field, with every trap, and nothing is changed."""

from __future__ import annotations

import asyncio
import json
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ronda.hotspot.rules.mikhmon import (
    Held,
    Quick,
    Sale,
    State,
    Tag,
    expiry_of,
    preview,
    quick_of,
    sale_of,
    tag_of,
    voucher_of,
)
from ronda.hotspot.service import mikhmon
from tests.hotspot.scripted import ScriptedLink

NOW = datetime(2026, 11, 21, 12, 0)  # noqa: DTZ001 -- a router's local time
V3 = ':put (",remc,3000,1d,5000,,Enable,"); {:local date [ /system clock get date ]}'
FORK = ':put (","remc,3000,1d,5000,,Disable,"); x'
NONE = ':put (",,,,,noexp,Disable,"); x'
SALE = "nov/21/2026-|-08:15:01-|-abc-|-3000-|-10.5.50.7-|-02:00:00:00:00:01-|-1d-|-harian-|-vc-123-11.20.26-a-|-b"
QUICK = "#Harian#all#vc#6##mix#1hari#1d#500M#q#1d#3000_5000#Enable"


def row(**values: str) -> dict[str, str]:
    return {name.replace("_", "-"): text for name, text in values.items()}


@pytest.mark.parametrize(
    ("comment", "tag"),
    [
        ("vc-123-11.20.26-pasar malam", Tag(True, "123", date(2026, 11, 20), "pasar malam")),
        ("up-999-01.02.25-", Tag(False, "999", date(2025, 1, 2), "")),
        ("vc-123-13.40.26-x", Tag(True, "123", None, "x")),
        ("vc-1-11.20.26-a-b-c", Tag(True, "1", date(2026, 11, 20), "a-b-c")),
        ("vc-123", None),
        ("", None),
    ],
)
def test_tags_are_month_day_year_and_keep_their_note(comment: str, tag: Tag | None) -> None:
    assert tag_of(comment) == tag


@pytest.mark.parametrize(
    ("comment", "at"),
    [
        ("nov/22/2026 08:00:01", datetime(2026, 11, 22, 8, 0, 1)),  # noqa: DTZ001
        ("Nov/22/2026 08:00:01 N", datetime(2026, 11, 22, 8, 0, 1)),  # noqa: DTZ001
        ("2026-11-22 08:00:01 X", datetime(2026, 11, 22, 8, 0, 1)),  # noqa: DTZ001
        ("nov/31/2026 08:00:01", None),
        ("xyz/01/2026 08:00:01", None),
        ("2026-11-22 25:00:01", None),
        ("2026-11-22", None),
        ("besok", None),
    ],
)
def test_ends_are_read_in_both_spellings_whatever_follows(
    comment: str, at: datetime | None
) -> None:
    assert expiry_of(comment) == at


@pytest.mark.parametrize(
    ("values", "state"),
    [
        ({"comment": "vc-123-11.20.26-x", "uptime": "0s"}, State.UNUSED),
        ({"comment": "", "uptime": "0s"}, State.UNUSED),
        ({"comment": "vc-123-11.20.26-x", "uptime": "3m"}, State.UNLIMITED),
        ({"comment": "nov/22/2026 08:00:01", "uptime": "3m"}, State.ACTIVE),
        ({"comment": "nov/20/2026 08:00:01", "uptime": "3m"}, State.EXPIRED),
        ({"comment": "besok", "limit-uptime": "1s"}, State.EXPIRED),
        ({"comment": "nov/22/2026 08:00:01", "limit-uptime": "00:00:01"}, State.EXPIRED),
        ({"comment": "pak lurah", "uptime": "rubbish"}, State.OTHER),
    ],
)
def test_comments_are_states(values: dict[str, str], state: State) -> None:
    found = voucher_of({"name": "abc", "profile": "harian"} | values, NOW)
    assert found is not None
    assert found.state is state


def test_trial_users_and_nameless_rows_are_none_and_no_clock_calls_nothing_over() -> None:
    assert voucher_of({"name": "default-trial"}, NOW) is None
    assert voucher_of({}, NOW) is None
    old = voucher_of({"name": "a", "comment": "nov/20/2020 08:00:01", "uptime": "1m"}, None)
    assert old is not None
    assert old.state is State.ACTIVE


def test_sales_are_read_from_names_of_every_version() -> None:
    at = datetime(2026, 11, 21, 8, 15, 1)  # noqa: DTZ001
    mac, comment = "02:00:00:00:00:01", "vc-123-11.20.26-a-|-b"
    assert sale_of(SALE) == Sale(at, "abc", 3000, mac, "1d", "harian", comment)
    v2 = "2026-11-21-|-08:15:01-|-abc-|-3000-|-10.5.50.7-|-02:00:00:00:00:01-|-1d"
    assert sale_of(v2) == Sale(at, "abc", 3000, mac, "1d", "", "")
    for wrong in (
        SALE.replace("nov", "202"),
        SALE.replace("3000", "gratis"),
        "nov/21/2026-|-x",
        "",
    ):
        assert sale_of(wrong) is None
    assert sale_of(SALE.replace("-|-abc-|-", "-|--|-")) is None


def test_quick_print_packages_have_fourteen_fields() -> None:
    assert quick_of(QUICK) == Quick("Harian", "1hari", "1d", "500M", "1d", 3000, 5000)
    assert quick_of(QUICK.replace("3000_5000", "0")) == Quick(
        "Harian", "1hari", "1d", "500M", "1d", None, None
    )
    assert quick_of("#a#b") is None
    assert quick_of("x" + QUICK) is None


def held() -> Held:
    return Held(
        profiles=[
            row(name="harian", on_login=V3),
            row(name="fork", on_login=FORK),
            row(name="bebas", on_login=NONE),
            row(name="default"),
        ],
        users=[
            row(name="a1", profile="harian", comment="vc-123-11.20.26-x", uptime="0s"),
            row(name="a2", profile="harian", comment="vc-123-11.20.26-x", uptime="0s"),
            row(name="a3", profile="fork", comment="vc-123-11.20.26-x", uptime="0s"),
            row(name="a4", profile="harian", comment="nov/22/2026 08:00:01", uptime="1h"),
            row(name="a5", profile="harian", comment="vc-124-11.20.26-x", uptime="1h"),
            row(name="default-trial"),
        ],
        sales=[row(name=SALE), row(name=SALE.replace("nov/21", "oct/01")), row(name="202-21")],
        quick=[row(name="Quick_Print_Harian", source=QUICK), row(name="Quick_Print_X", source="#")],
        schedulers=[row(name="harian"), row(name="a5")],
        clock=NOW,
    )


def test_the_preview_adds_up_and_names_what_is_odd() -> None:
    found = preview(held())
    assert [
        (p["name"], p["mode"], p["price"], p["selling_price"], p["lock"]) for p in found["plans"]
    ] == [
        ("bebas", "", None, None, False),
        ("fork", "remc", 3000, 5000, False),
        ("harian", "remc", 3000, 5000, True),
    ]
    assert found["vouchers"] == {
        "unused": 3,
        "active": 1,
        "expired": 0,
        "unlimited": 1,
        "other": 0,
    }
    assert [(b["profile"], b["count"], b["made_on"]) for b in found["batches"]] == [
        ("fork", 1, "2026-11-20"),
        ("harian", 2, "2026-11-20"),
    ]
    assert found["sales"] == [
        {"month": "2026-10", "count": 1, "price": 3000},
        {"month": "2026-11", "count": 1, "price": 3000},
    ]
    assert [package["name"] for package in found["packages"]] == ["Harian"]
    assert {odd["code"]: odd["names"] for odd in found["oddities"]} == {
        "unlimited": ["a5"],
        "orphan-scheduler": ["a5"],
        "no-monitor": ["fork"],
        "unreadable-sale": ["202-21"],
        "unreadable-package": ["Quick_Print_X"],
        "records-nothing": ["bebas"],
    }
    json.dumps(found)


def test_an_empty_router_has_nothing_of_mikhmon() -> None:
    found = preview(Held())
    assert found["plans"] == found["sales"] == found["batches"] == []
    assert found["oddities"] == [{"code": "no-clock", "count": 1, "names": ["clock"]}]


TEXT = st.text(max_size=40) | st.sampled_from(
    [SALE, QUICK, V3, FORK, NONE, "vc-123-11.20.26-x", "2026-11-22 08:00:01", "1s", "-|-" * 9]
)
ROWS = st.lists(
    st.fixed_dictionaries(
        {},
        optional=dict.fromkeys(
            ("name", "comment", "on-login", "source", "uptime", "limit-uptime", "profile"), TEXT
        ),
    ),
    max_size=4,
)


@settings(max_examples=80, deadline=None)
@given(ROWS, ROWS, ROWS, ROWS, ROWS)
def test_whatever_a_router_holds_has_a_preview(
    profiles: Any, users: Any, sales: Any, quick: Any, schedulers: Any
) -> None:
    found = preview(Held(profiles, users, sales, quick, schedulers, NOW))
    json.dumps(found)
    counted = sum(found["vouchers"].values())
    assert counted == sum(voucher_of(user, NOW) is not None for user in users)


def furnished() -> ScriptedLink:
    link = ScriptedLink()
    link.put("/ip/hotspot/user/profile", name="harian", on_login=V3)
    link.put(
        "/ip/hotspot/user",
        name="a1",
        password="rahasia",
        profile="harian",
        comment="vc-1-11.20.26-x",
    )
    link.put("/system/script", name=SALE, comment="mikhmon")
    link.put("/system/script", name="Quick_Print_H", comment="QuickPrintMikhmon", source=QUICK)
    link.put("/system/script", name="backup", comment="")
    link.put("/system/clock", date="2026-11-21", time="12:00:00", gmt_offset="+07:00")
    return link


async def _silent(_done: int, _total: int = 0, _text: str = "") -> None:
    """Nobody watches."""


def look(link: ScriptedLink, **options: bool) -> Held:
    return asyncio.run(mikhmon.read(link, _silent, **options))  # type: ignore[arg-type] # scripted


def test_reading_changes_nothing_and_asks_for_passwords_only_where_told() -> None:
    link = furnished()
    held = look(link)
    assert [len(rows) for rows in (held.profiles, held.users, held.sales, held.quick)] == [
        2,
        1,
        1,
        1,
    ]
    assert (held.clock, held.offset) == (NOW, 420)
    assert all(asked.startswith("print ") for asked in link.asked)
    assert "password" not in held.users[0]
    assert look(furnished(), passwords=True).users[0]["password"] == "rahasia"
