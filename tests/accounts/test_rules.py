"""Rights, caps and lifetimes: pure."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ronda.accounts import rules, secrecy
from ronda.accounts.models import Role
from ronda.accounts.rules import agents, lockout, passwords, scopes
from ronda.accounts.rules.scopes import Scope
from ronda.kernel.roles import ANYONE, INCLUDES

ROLES = st.sampled_from(sorted(INCLUDES))
NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


def test_every_role_of_the_table_has_rights() -> None:
    assert set(INCLUDES) == set(Role.values)
    assert all(rules.holds(role, role) for role in INCLUDES)


@given(ROLES, ROLES, ROLES)
def test_rights_are_handed_down(high: str, middle: str, low: str) -> None:
    if rules.holds(high, middle) and rules.holds(middle, low):
        assert rules.holds(high, low)


def test_those_who_sell_and_those_who_watch_share_nothing_but_being_signed_in() -> None:
    for seller in ("cashier", "reseller"):
        for watcher in ("noc", "technician", "viewer"):
            assert not rules.holds(seller, watcher)
            assert not rules.holds(watcher, seller)
            assert rules.capped(seller, watcher) == ""
        assert rules.holds(seller, ANYONE)


@given(ROLES, ROLES)
def test_a_token_never_does_more_than_its_person(token: str, person: str) -> None:
    granted = rules.capped(token, person)
    assert granted in {token, person, ""}
    assert granted == "" or (rules.holds(person, granted) and rules.holds(token, granted))


@given(st.text(max_size=8), ROLES)
def test_an_unknown_role_holds_nothing(role: str, needed: str) -> None:
    assert role in INCLUDES or not (rules.holds(role, needed) or rules.holds(role, ANYONE))


@pytest.mark.parametrize(
    ("actor", "given"),
    [
        ("owner", list(INCLUDES)),
        ("admin", [role for role in INCLUDES if role != "owner"]),
        ("noc", []),
        ("viewer", []),
        ("", []),
    ],
)
def test_only_owners_make_owners(actor: str, given: list[str]) -> None:
    assert rules.roles_to_give(actor) == given


@given(st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=3)))
def test_a_link_lives_a_day(age: timedelta) -> None:
    live = rules.link_is_live(NOW, NOW + rules.LINK_LIFETIME, None, NOW + age)
    assert live == (age < timedelta(hours=24))


def test_a_used_link_and_one_from_the_future_are_dead() -> None:
    later = NOW + timedelta(hours=1)
    assert not rules.link_is_live(NOW, NOW + rules.LINK_LIFETIME, NOW, NOW)
    assert not rules.link_is_live(later, later + rules.LINK_LIFETIME, None, NOW)


def test_a_token_is_live_until_it_expires_or_is_revoked() -> None:
    assert rules.token_is_live(None, None, NOW)
    assert rules.token_is_live(None, NOW + timedelta(seconds=1), NOW)
    assert not rules.token_is_live(None, NOW, NOW)
    assert not rules.token_is_live(NOW, None, NOW)


@given(st.sets(st.integers(1, 5)), st.integers(1, 5))
def test_somebody_else_must_remain_an_owner(owners: set[int], leaving: int) -> None:
    assert rules.leaves_no_owner(owners, leaving) == (owners <= {leaving})


def test_tokens_differ_and_show_their_mark() -> None:
    one, two = secrecy.new_token(), secrecy.new_token()
    assert one != two
    assert one.startswith("rnd_")
    assert one.isascii()
    assert len(one) == 55
    assert secrecy.matches(one, secrecy.digest(one))
    assert not secrecy.matches(two, secrecy.digest(one))


@given(st.times(), st.times(), st.times())
def test_quiet_hours_and_their_turn_share_out_the_whole_day(a: time, b: time, local: time) -> None:
    if a == b:
        assert not rules.is_quiet(a, b, local)
    else:
        assert rules.is_quiet(a, b, local) != rules.is_quiet(b, a, local)
    assert not rules.is_quiet(None, b, local)
    assert not rules.is_quiet(a, None, local)


@pytest.mark.parametrize(
    ("hours", "quiet"),
    [("21:59", False), ("22:00", True), ("00:00", True), ("05:59", True), ("06:00", False)],
)
def test_quiet_hours_go_over_midnight(hours: str, quiet: bool) -> None:
    assert rules.is_quiet(time(22), time(6), time.fromisoformat(hours)) is quiet


MOMENTS = st.lists(st.integers(-4000, 0).map(lambda s: NOW + timedelta(seconds=s)), max_size=12)


@given(MOMENTS)
def test_after_the_wait_one_more_try_is_allowed_and_not_a_moment_before(
    wrong: list[datetime],
) -> None:
    wait = lockout.wait(wrong, lockout.OWN, NOW)
    assert timedelta() <= wait <= lockout.OWN.within
    assert lockout.wait(wrong, lockout.OWN, NOW + wait) == timedelta()
    if wait:
        assert (
            lockout.wait(wrong, lockout.OWN, NOW + wait - timedelta(microseconds=1)) > timedelta()
        )


@pytest.mark.parametrize(
    ("agent", "names"),
    [
        (
            "Mozilla/5.0 (Linux; Android 14) Chrome/126.0 Mobile Safari/537.36",
            ("Chrome", "Android"),
        ),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/126 Safari/537.36 Edg/126", ("Edge", "Windows")),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) CriOS/126", ("Chrome", "iPhone")),
        ("curl/8.5.0", ("curl", "")),
        ("", ("", "")),
    ],
)
def test_browsers_are_called_what_people_call_them(agent: str, names: tuple[str, str]) -> None:
    assert agents.named(agent) == names


@pytest.mark.parametrize(
    ("path", "group"),
    [
        ("/api/v1/onts/7", "devices"),
        ("/api/onts", "devices"),
        ("/api/v1/incidents", "alerts"),
        ("/api/v1/me", ""),
        ("/api/v1/something-new", "other"),
        ("/metrics", "monitoring"),
        ("/", "other"),
    ],
)
def test_every_address_of_the_api_has_a_group(path: str, group: str) -> None:
    assert scopes.group_of(path) == group


NARROW = Scope(True, frozenset({"shop"}), scopes.networks("10.0.0.0/8, 192.0.2.7 2001:db8::/32"))


@pytest.mark.parametrize(
    ("use", "why"),
    [
        ({"reads": True, "group": "shop", "address": "10.1.2.3"}, None),
        ({"reads": True, "group": "shop", "address": "::ffff:192.0.2.7"}, None),
        ({"reads": True, "group": "", "address": "2001:db8::1"}, None),
        ({"reads": True, "group": "shop", "address": "192.0.2.8"}, "address"),
        ({"reads": True, "group": "shop", "address": ""}, "address"),
        ({"reads": False, "group": "shop", "address": "10.1.2.3"}, "read"),
        ({"reads": True, "group": "devices", "address": "10.1.2.3"}, "group"),
        ({"reads": True, "group": "other", "address": "10.1.2.3"}, "group"),
    ],
)
def test_a_narrow_token_is_good_for_what_it_names(use: dict[str, object], why: str | None) -> None:
    assert scopes.refusal(NARROW, **use) == why  # type: ignore[arg-type] # the table above
    assert scopes.refusal(scopes.EVERYTHING, **use) is None  # type: ignore[arg-type] # as above


def test_what_is_no_network_is_named() -> None:
    assert scopes.networks(" ") == ()
    with pytest.raises(ValueError, match="besok"):
        scopes.networks("10.0.0.0/8 besok")


def test_only_owners_hand_out_the_role_of_owner() -> None:
    assert rules.roles_to_give("owner") == list(INCLUDES)
    assert rules.roles_to_give("admin") == [role for role in INCLUDES if role != "owner"]
    assert rules.roles_to_give("noc") == []


@pytest.mark.parametrize(("ago", "worth"), [(None, True), (59, False), (60, True)])
def test_a_use_is_noted_once_a_minute(ago: int | None, worth: bool) -> None:
    used_at = None if ago is None else NOW - timedelta(seconds=ago)
    assert rules.use_is_worth_noting(used_at, NOW) is worth


@pytest.mark.parametrize(
    ("password", "bare"),
    [
        ("mikrotik123!", True),
        ("M1kr0t1k-2026", True),
        ("Sumber-Wringin-99", True),
        ("sumberxy1234", True),
        ("sumber gajah mandi", False),
        ("tujuh-gajah-lewat", False),
        ("8362910475", False),
    ],
)
def test_a_password_has_to_be_more_than_words_of_the_place(password: str, bare: bool) -> None:
    words = passwords.words_in(["Sumber Wringin", "RT 3"])
    assert words == {"sumber", "wringin"}
    assert passwords.is_of_the_place(password, words) is bare
