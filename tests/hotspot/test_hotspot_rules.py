"""Choosing a router, speeds, names, on-login scripts, and what differs from what is wanted."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ronda.hotspot.rules.balancing import Candidate, Choice, NoRouter, Rule, choose
from ronda.hotspot.rules.drift import Difference, LogLine, Standing, compare, likely_who
from ronda.hotspot.rules.names import NameProblem, close_to, problem_of
from ronda.hotspot.rules.on_login import MikhmonPlan, mikhmon_plan
from ronda.hotspot.rules.properties import PROFILE, USER, canonical, differing, whole
from ronda.hotspot.rules.rates import Counters, Speed, speed
from ronda.hotspot.rules.standing import Presence, is_stale, presence

CANDIDATES = st.lists(
    st.builds(
        Candidate,
        id=st.integers(1, 50),
        reachable=st.booleans(),
        online=st.integers(0, 600),
        users=st.integers(0, 9000),
        most=st.none() | st.sampled_from([0, 1, 200, 500]),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda one: one.id,
)


@settings(max_examples=40)
@given(st.sampled_from(Rule), CANDIDATES, st.integers(0, 50))
def test_a_user_is_made_now_where_any_router_answers(
    rule: Rule, candidates: list[Candidate], fixed: int
) -> None:
    choice = choose(rule, candidates, fixed)
    reachable = {one.id for one in candidates if one.reachable}
    assert set(choice.now) <= reachable
    assert set(choice.later).isdisjoint(reachable)
    assert bool(choice.now) is bool(reachable)
    assert choice.now or choice.later


def test_least_loaded_goes_by_the_share_of_the_licence_and_skips_full_and_dead_ones() -> None:
    dead = Candidate(1, False, 0, 0)
    full = Candidate(2, True, 200, 10, most=200)
    busy = Candidate(3, True, 100, 10, most=200)
    calm = Candidate(4, True, 120, 10, most=500)
    assert choose(Rule.LEAST_LOADED, [dead, full, busy, calm]) == Choice((4,))
    assert choose(Rule.LEAST_LOADED, [dead, full]) == Choice((2,))
    assert choose(Rule.LEAST_LOADED, [dead]) == Choice((), (1,))


def test_a_fixed_router_that_is_away_is_stood_in_for() -> None:
    one, other = Candidate(1, False, 0, 0), Candidate(2, True, 5, 5)
    assert choose(Rule.FIXED, [one, other], 1) == Choice((2,), stood_in=True)
    assert choose(Rule.FIXED, [one, other], 2) == Choice((2,))
    assert choose(Rule.FIXED, [one], 1) == Choice((), (1,))
    assert choose(Rule.FIXED, [one, other], 9) == Choice((2,))


def test_all_means_all_and_the_missing_ones_later() -> None:
    routers = [Candidate(1, True, 0, 0), Candidate(2, False, 0, 0), Candidate(3, True, 0, 0)]
    assert choose(Rule.ALL, routers) == Choice((1, 3), (2,))
    with pytest.raises(NoRouter):
        choose(Rule.ALL, [])


def test_speed_is_told_only_of_one_and_the_same_session() -> None:
    before = Counters(100.0, 60, 1_000, 10_000)
    assert speed(before, Counters(110.0, 70, 2_000, 60_000)) == Speed(800, 40_000)
    assert speed(None, before) is None
    assert speed(before, Counters(110.0, 5, 2_000, 60_000)) is None
    assert speed(before, Counters(110.0, 70, 0, 60_000)) is None
    assert speed(before, Counters(110.0, 70, 2_000, 0)) is None
    assert speed(before, Counters(100.5, 60, 2_000, 60_000)) is None


def test_names_of_every_alphabet_are_names() -> None:
    for name in ("true", "007", "ñandú", "budi santoso", "用户", "a=b", "?"):
        assert problem_of(name) is None
    assert problem_of("") is NameProblem.EMPTY
    assert problem_of("x" * 65) is NameProblem.TOO_LONG
    assert problem_of(" budi") is NameProblem.SPACE_AT_END
    assert problem_of("a\tb") is NameProblem.CONTROL_CHARACTER


def test_a_name_that_was_probably_meant() -> None:
    known = ["1 Jam", "1Hari", "7-hari", "Bulanan"]
    assert close_to("1jam", known) == ["1 Jam"]
    assert close_to("7 hari", known) == ["7-hari", "1Hari"]
    assert close_to("Bulanan", known) == []
    assert close_to("xyz", known) == []


def test_mikhmon_scripts_are_recognised() -> None:
    script = ':put (",remc,3000,1d,5000,,Enable,"); {:local date [ /system clock get date ]; }'
    assert mikhmon_plan(script) == MikhmonPlan("remc", 3000, "1d", 5000, lock=True)
    shifted = ':put (",",rem,3000,12h,0,,Disable,"); {}'
    assert mikhmon_plan(shifted) == MikhmonPlan("rem", 3000, "12h", None, lock=False)
    none = ':put (",,2000,,,noexp,Disable,")'
    assert mikhmon_plan(none) == MikhmonPlan("", 2000, "", None, lock=False)
    for other in ("", ":log info hello", ':put ("hello, world")', ":put (a,b,c,d,e,f,g,h)"):
        assert mikhmon_plan(other) is None


def test_representation_makes_no_difference() -> None:
    wanted = {"limit-uptime": "7200s", "limit-bytes-total": "1G", "disabled": "no", "comment": "x"}
    held = {"limit-uptime": "2h", "limit-bytes-total": "1073741824", "comment": "x"}
    assert differing(USER, wanted, held) == {}
    assert differing(USER, {"limit-uptime": "0s", "mac-address": ""}, {}) == {}
    assert differing(PROFILE, {"rate-limit": "2000000/512000"}, {"rate-limit": "2M/512k"}) == {}
    assert differing(PROFILE, {"address-pool": "none", "shared-users": "1"}, {}) == {}
    assert differing(PROFILE, {"add-mac-cookie": "yes", "keepalive-timeout": "120"}, {}) == {}
    assert canonical(PROFILE["shared-users"], "unlimited") == "unlimited"
    assert canonical(PROFILE["rate-limit"], "odd text") == "odd text"
    assert canonical(PROFILE["rate-limit"], "none") == ""
    assert canonical(USER["mac-address"], "aa:bb:cc:00:11:22") == "AA:BB:CC:00:11:22"


def test_what_differs_is_told_with_both_texts() -> None:
    wanted = {
        ("budi", "all"): {"profile": "1jam", "limit-uptime": "1h", "no-such": "x"},
        ("sari", "all"): {"profile": "1jam"},
        ("tini", "all"): {"profile": "1jam"},
    }
    held = {
        ("budi", "all"): {"profile": "1hari", "limit-uptime": "3600"},
        ("tini", "all"): {"profile": "1jam"},
        ("tamu", "all"): {},
    }
    differences, foreign = compare("user", wanted, held)
    assert differences == [
        Difference(("budi", "all"), Standing.DIFFERS, {"profile": ("1jam", "1hari")}),
        Difference(("sari", "all"), Standing.MISSING, {}),
    ]
    assert foreign == {("tamu", "all")}


@pytest.mark.parametrize(
    ("messages", "kind", "who"),
    [
        (["hotspot user <budi> changed by admin"], "user", "admin, 10:00"),
        (
            [
                "hotspot user budi changed by winbox-3.41/tcp-msg(winbox):admin@10.0.0.5 (/ip hotspot)"
            ],
            "user",
            "admin (10.0.0.5), 10:00",
        ),
        (
            ["hotspot user changed by admin", "hotspot user budi changed by sari"],
            "user",
            "sari, 10:00",
        ),
        (
            ["hotspot user budi changed by sari", "hotspot user changed by admin"],
            "user",
            "sari, 10:00",
        ),
        (["hotspot user tini changed by sari"], "user", ""),
        (["hotspot user changed by admin"], "user", "admin, 10:00"),
        (["hotspot user profile budi changed by admin"], "profile", "admin, 10:00"),
        (["hotspot user profile budi changed by admin"], "user", ""),
        (["filter rule changed by admin", "user budi logged in"], "user", ""),
    ],
)
def test_who_probably_changed_it(messages: list[str], kind: str, who: str) -> None:
    lines = [LogLine("10:00", message) for message in messages]
    assert likely_who(lines, kind, "budi") == who


def test_where_a_user_is() -> None:
    assert presence(disabled=True, idle_s=3) is Presence.ACTIVE
    assert presence(disabled=False, idle_s=120) is Presence.IDLE
    assert presence(disabled=False, idle_s=None) is Presence.OFFLINE
    assert presence(disabled=True, idle_s=None) is Presence.DISABLED


def test_a_reading_grows_old_by_the_interval_and_never_within_a_minute_and_a_half() -> None:
    now = datetime(2026, 11, 21, 12, tzinfo=UTC)
    assert is_stale(None, now, 300)
    assert not is_stale(now - timedelta(seconds=750), now, 300)
    assert is_stale(now - timedelta(seconds=751), now, 300)
    assert not is_stale(now - timedelta(seconds=90), now, 5)


def test_an_item_has_every_property() -> None:
    assert whole("user", {"comment": "x"}) == {
        **{name: what.default for name, what in USER.items()},
        "comment": "x",
    }
