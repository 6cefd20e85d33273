"""What taking over a router of Mikhmon brings, from rows as they are found in the field, and from any others."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ronda.hotspot.rules.mikhmon import Held
from ronda.hotspot.rules.on_login import MikhmonPlan, is_shifted
from ronda.shop.rules.moving.cutting import LOCK, MARK, Change, Step, alike, changes, step
from ronda.shop.rules.moving.draft import draft, is_monitor
from ronda.shop.rules.moving.drafts import Draft, Limits, Place, SaleDraft
from ronda.shop.rules.moving.texts import (
    count_of,
    key_of,
    length_of,
    length_told,
    limits_of,
    prices_of,
    utc_of,
    validity_of,
    zone_of,
)
from ronda.shop.rules.terms import AtEnd, Span, SpanUnit

LOCAL = datetime(2026, 11, 21, 12, 0)  # noqa: DTZ001 -- a router's local time
NOW = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
DAY = ':put (",remc,3000,1d,5000,,Enable,"); x'
NOTICE = ':put (",ntfc,15000,7d,20000,,Disable,"); x'
FREE = ':put (",,,,,noexp,Disable,"); x'
ODD = ':put (",rem,99999999999,ages,0,,Disable,"); x'
SHIFTED = ':put (",",remc,3000,1d,5000,,Disable,"); x'
TAG = "vc-123-11.20.26-warung"


def row(**values: str) -> dict[str, str]:
    return {name.replace("_", "-"): text for name, text in values.items()}


def user(name: str, profile: str = "harian", **values: str) -> dict[str, str]:
    return row(name=name, password=name, profile=profile, uptime="0s") | row(**values)


def sale(
    user: str, price: int = 3000, plan: str = "harian", on: str = "nov/21/2026"
) -> dict[str, str]:
    fields = (on, "08:00:00", user, str(price), "10.0.0.2", "02:00:00:00:00:01", "1d", plan, TAG)
    return row(name="-|-".join(fields))


def drafted(
    *users: dict[str, str],
    sales: tuple[dict[str, str], ...] = (),
    schedulers: tuple[dict[str, str], ...] = (),
    clock: datetime | None = LOCAL,
    offset: int | None = 420,
    **scripts: str,
) -> Draft:
    profiles = [
        row(name=name, on_login=script, rate_limit="2M/4M", shared_users="2")
        for name, script in ({"harian": DAY} | scripts).items()
    ]
    held = Held(profiles, [*users], [*sales], [], [*schedulers], clock, offset)
    return draft(held, "SERIAL", NOW)


def test_a_plan_becomes_a_package_with_the_limits_of_its_fresh_vouchers() -> None:
    found = drafted(
        user("a", comment=TAG, limit_uptime="2h"),
        *(user(f"b{n}", comment=f"nov/22/2026 0{n}:00:00", uptime="1h") for n in range(5)),
        user("c", "mingguan", comment=TAG),
        mingguan=NOTICE,
        bebas=FREE,
    )
    daily, weekly = found.plans
    assert (daily.profile, daily.price_idr, daily.selling_price_idr) == ("harian", 3_000, 5_000)
    assert (daily.valid_for, daily.limits) == (Span(1, SpanUnit.DAY), Limits(online_s=7_200))
    assert (daily.at_end, daily.lock, daily.rate_limit, daily.devices) == (
        AtEnd.REMOVE, True, "2M/4M", 2,
    )  # fmt: skip
    assert (weekly.at_end, weekly.lock) == (AtEnd.BLOCK, False)
    assert found.odd == {"locked": ["harian"]}


def test_states_first_logins_and_ends() -> None:
    found = drafted(
        user("fresh", comment=TAG),
        user("used", comment="nov/22/2026 08:00:00", uptime="1h"),
        user("over", comment="2026-11-20 08:00:00 X", uptime="1h"),
        user("blocked", comment="nov/20/2026 08:00:00", uptime="1h", limit_uptime="1s"),
        user("cut", comment=TAG, uptime="5s"),
        user("recorded", comment=TAG, uptime="5s"),
        user("lost", comment="jan/02/1970 08:00:00", uptime="5s"),
        user("member", "bebas", comment="", uptime="5s"),
        user("neighbour", comment="pak lurah"),
        sales=(sale("recorded"),),
        bebas=FREE,
    )
    known = {one.code: (one.place, one.first_login_at, one.expires_at) for one in found.vouchers}
    at = datetime(2026, 11, 21, 1, tzinfo=UTC)
    day = timedelta(days=1)
    assert known == {
        "fresh": (Place.READY, None, None),
        "used": (Place.ACTIVE, at, at + day),
        "over": (Place.ACTIVE, at - 2 * day, at - day),
        "blocked": (Place.ENDED, None, at - day),
        "cut": (Place.ACTIVE, NOW, NOW + day),
        "recorded": (Place.ACTIVE, at, at + day),
        "lost": (Place.ACTIVE, NOW, NOW + day),
    }
    assert found.left == 2
    assert found.odd == {"locked": ["harian"], "no-clock-then": ["lost"]}


def test_a_sale_of_an_earlier_user_of_the_same_name_is_not_that_of_the_present_one() -> None:
    found = drafted(
        user("cut", comment=TAG, uptime="5s"),
        user("used", comment=TAG, uptime="5s"),
        sales=(
            sale("cut", on="oct/01/2026"),
            sale("used", on="nov/21/2026"),
            sale("used", on="oct/02/2026"),
        ),
    )
    known = {one.code: one.first_login_at for one in found.vouchers}
    assert known == {"cut": NOW, "used": datetime(2026, 11, 21, 1, tzinfo=UTC)}


def test_a_tag_makes_a_voucher_also_of_a_profile_without_a_plan() -> None:
    found = drafted(user("a", "lain", comment=TAG), user("b", "lain", comment="besok"))
    assert [one.code for one in found.vouchers] == ["a"]
    plan = next(plan for plan in found.plans if plan.profile == "lain")
    assert (plan.valid_for, plan.selling_price_idr, plan.at_end) == (None, 0, AtEnd.BLOCK)
    assert found.odd["no-price"] == ["lain"]
    used = drafted(user("a", "lain", comment=TAG, uptime="1h"))
    assert [(one.place, one.expires_at) for one in used.vouchers] == [(Place.ACTIVE, None)]
    ended = drafted(user("a", "bebas", comment=TAG, uptime="1h"), bebas=FREE)
    assert ended.vouchers[0].expires_at is None


def test_passwords_are_kept_apart_from_codes_and_never_guessed() -> None:
    found = drafted(
        user("a", comment=TAG),
        user("b", comment="up-1-11.20.26-x", password="rahasia"),
        user("c", comment=TAG, password=""),
    )
    assert [(one.code, one.password) for one in found.vouchers] == [("a", None), ("b", "rahasia")]
    assert "rahasia" not in repr(found)
    assert found.odd["no-password"] == ["c"]


def test_a_router_that_hides_passwords_still_gives_those_that_are_the_code() -> None:
    users = [user("a", comment=TAG), user("b", comment="up-1-11.20.26-x"), user("c", comment="")]
    for one in users:
        del one["password"]
    found = drafted(*users)
    assert [one.code for one in found.vouchers] == ["a"]
    assert found.odd["no-password"] == ["b", "c"]


def test_names_that_cannot_be_are_left_and_doubles_are_taken_once() -> None:
    found = drafted(
        user("x" * 65, comment=TAG),
        user("a\x00b", comment=TAG),
        user("c", comment=TAG, server="s" * 121),
        user("d", comment=TAG),
        user("d", comment=TAG, server="hs2"),
    )
    assert [(one.code, one.server) for one in found.vouchers] == [("d", "all")]
    assert found.odd["unfit-user"] == ["x" * 65, "a?b", "c"]
    assert found.odd["same-name"] == ["d"]


def test_sales_have_the_price_of_the_plan_while_it_is_the_same() -> None:
    found = drafted(
        sales=(
            sale("a"),
            sale("b", 2500),
            sale("c", 4000, plan="lama"),
            sale("c", 4000, plan="lama"),
            sale("d", 3_000_000_000),
            sale("e", on="jan/02/1970"),
            row(name="202-21"),
        )
    )
    assert [(one.user, one.price_idr, one.cost_idr) for one in found.sales] == [
        ("a", 5_000, 3_000),
        ("b", 2_500, 2_500),
        ("c", 4_000, 0),
    ]
    assert isinstance(found.sales[0], SaleDraft)
    assert found.sales[0].at == datetime(2026, 11, 21, 1, tzinfo=UTC)
    assert found.odd["price-changed"] == ["harian"]
    assert len(found.odd["unreadable-sale"]) == 3


def test_what_is_odd_is_named() -> None:
    found = drafted(
        user("a", comment="vc-1-01.02.24-x"),
        user("b", comment="2026-11-22 08:00:00", uptime="1h"),
        schedulers=(row(name="harian", on_event='{"jan"="01"}', comment="Monitor Profile harian"),),
        clock=datetime(2026, 11, 21, 12, 30),  # noqa: DTZ001
        fork=SHIFTED,
        aneh=ODD,
    )
    assert found.odd == {
        "clock-off": ["2026-11-21 12:30"],
        "deaf-monitor": ["b"],
        "locked": ["harian"],
        "no-price": ["aneh"],
        "old": ["a"],
        "shifted": ["fork"],
        "unreadable-price": ["aneh"],
        "unreadable-validity": ["aneh"],
    }
    gone = drafted(clock=datetime(1970, 1, 2), offset=None)  # noqa: DTZ001
    assert gone.odd["clock-off"] == ["1970-01-02 00:00"]
    assert drafted(clock=None).odd == {"locked": ["harian"]}


@pytest.mark.parametrize(
    ("values", "is_one"),
    [
        ({"name": "Mikhmon-Expire-Monitor"}, True),
        ({"name": "x", "comment": "Mikhmon Expire Monitor"}, True),
        ({"name": "lama", "comment": "Monitor Profile lama"}, True),
        ({"name": "harian", "on-event": ":log info x"}, True),
        ({"name": "harian"}, False),
        ({"name": "cadangan", "on-event": ":log info x"}, False),
    ],
)
def test_monitors_are_known_by_name_or_comment(values: dict[str, str], is_one: bool) -> None:
    assert is_monitor(values, {"harian"}) is is_one


def test_texts_become_values() -> None:
    assert validity_of("") is None
    assert validity_of("1w2d") == Span(9, SpanUnit.DAY)
    assert validity_of("01:30:00") == Span(90, SpanUnit.MINUTE)
    assert validity_of("36h") == Span(36, SpanUnit.HOUR)
    assert validity_of("90s") == Span(2, SpanUnit.MINUTE)
    for wrong in ("besok", "4000d"):
        with pytest.raises(ValueError, match=wrong):
            validity_of(wrong)
    assert length_of(Span(3, SpanUnit.HOUR)) == timedelta(hours=3)
    plan = MikhmonPlan("rem", 1, "besok", None, lock=False)
    assert length_told(plan) is None
    assert [zone_of(minutes) for minutes in (420, 480, 540, 0)] == ["WIB", "WITA", "WIT", "WIB"]
    assert utc_of(datetime(2026, 1, 1), 420) == datetime(2025, 12, 31, 17, tzinfo=UTC)  # noqa: DTZ001
    assert key_of("A", "x") != key_of("B", "x")
    assert prices_of(3, MikhmonPlan("rem", None, "1d", 5, lock=False)) == (5, 3)
    assert prices_of(3, MikhmonPlan("rem", 3, "1d", 2**40, lock=False)) == (3, 0)
    assert (
        limits_of(row(limit_uptime="besok", limit_bytes_total="9" * 19), blocked=False) == Limits()
    )
    assert limits_of(row(limit_bytes_in="5", limit_uptime="1s"), blocked=True) == Limits(
        quota_upload_bytes=5
    )
    assert [count_of(text, 1, 9) for text in ("3", "", "99", "unlimited")] == [3, 1, 1, 1]


def test_only_a_head_whose_mode_stands_one_further_is_shifted() -> None:
    assert is_shifted(SHIFTED)
    assert not any(is_shifted(script) for script in (DAY, FREE, "", ":put", ":log info"))


def test_a_cut_over_replaces_scripts_and_disables_monitors_and_nothing_else() -> None:
    profiles = [
        row(name="harian", on_login=DAY),
        row(name="m", on_login=NOTICE),
        row(name="default"),
    ]
    jobs = [
        row(name="harian", comment="Monitor Profile harian", disabled="false"),
        row(name="m", comment="Monitor Profile m", disabled="true"),
        row(name="cadangan", on_event="x"),
    ]
    assert changes(profiles, jobs) == [
        Change("/ip/hotspot/user/profile", "harian", "on-login", DAY, LOCK),
        Change("/ip/hotspot/user/profile", "m", "on-login", NOTICE, MARK),
        Change("/system/scheduler", "harian", "disabled", "false", "true"),
    ]
    assert changes([row(name="harian", on_login=LOCK)], []) == []


def test_a_step_is_taken_only_where_nobody_else_was() -> None:
    assert step(None, "b", "a", "on-login") is Step.GONE
    assert step("a", "b", "a", "on-login") is Step.SET
    assert step("b", "b", "a", "on-login") is Step.DONE
    assert step("c", "b", "a", "on-login") is Step.CHANGED
    assert step("yes", "true", "false", "disabled") is Step.DONE
    assert alike("a\r\nb", "a\nb", "on-login")


TEXT = st.text(max_size=30) | st.sampled_from(
    [
        DAY, NOTICE, FREE, ODD, SHIFTED, TAG, "up-1-11.20.26-", "harian", "mingguan", "1s", "2h", "1073741824",
        "nov/22/2026 08:00:01", "0001-01-01 00:00:00", "9999-12-31 23:59:59", sale("harian")["name"],
        "-|-" * 9, "Monitor Profile harian", "true", "a\x00b",
    ]
)  # fmt: skip
NAMES = (
    "name", "comment", "on-login", "password", "profile", "server", "uptime", "limit-uptime",
    "limit-bytes-total", "rate-limit", "shared-users", "on-event", "disabled",
)  # fmt: skip
ROWS = st.lists(st.fixed_dictionaries({}, optional=dict.fromkeys(NAMES, TEXT)), max_size=4)


@settings(max_examples=60, deadline=None)
@given(ROWS, ROWS, ROWS, ROWS, st.none() | st.just(LOCAL), st.none() | st.integers(-720, 840))
def test_whatever_a_router_holds_has_a_draft_that_can_be_stored(
    profiles: Any, users: Any, sales: Any, schedulers: Any, clock: Any, offset: Any
) -> None:
    found = draft(Held(profiles, users, sales, [], schedulers, clock, offset), "S", NOW)
    names = {plan.profile for plan in found.plans}
    codes = [one.code for one in found.vouchers]
    assert len(set(codes)) == len(codes)
    for one in found.vouchers:
        assert one.profile in names
        assert 0 < len(one.code) <= 64
        assert one.password != one.code
        assert one.place is not Place.READY or one.expires_at is None
    for plan in found.plans:
        assert 0 <= plan.selling_price_idr < 2**31
        assert "\x00" not in plan.profile + plan.rate_limit
    assert len({one.key for one in found.sales}) == len(found.sales)
    for change in changes(profiles, schedulers):
        assert step(change.before, change.after, change.before, change.field) is Step.SET
