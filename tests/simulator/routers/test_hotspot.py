"""The hotspot of a simulated router: each rule of RouterOS that the product depends on."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ronda.simulator.routers.hotspot.access import Refusal
from ronda.simulator.routers.hotspot.session import Session
from ronda.simulator.routers.hotspot.tables import (
    ACTIVE,
    BINDINGS,
    COOKIES,
    HOSTS,
    LEASES,
    PROFILES,
    QUEUES,
    SERVERS,
    USERS,
)
from tests.simulator.routers.village import PHONE, SERVER, TABLET, Village

KEPT = {"keepalive_timeout": "none"}


@pytest.fixture
def village():
    """A hotspot with one profile without timeouts."""
    built = Village(login_by="http-chap,cookie,mac-cookie")
    built.profile("free", **KEPT)
    return built


def refused(outcome) -> str:
    assert isinstance(outcome, Refusal)
    return outcome.text


def test_who_logs_in_is_active_under_an_id_that_is_his_address_in_hexadecimal(village):
    village.user("ani", profile="free")
    village.online()
    village.world.advance(90)
    village.world.spend(PHONE, bytes_in=1_000, bytes_out=9_000)
    row = village.row(ACTIVE)
    assert row == {
        ".id": "*A053202",
        "server": SERVER,
        "user": "ani",
        "address": "10.5.50.2",
        "mac-address": PHONE,
        "login-by": "http-chap",
        "uptime": "1m30s",
        "idle-time": "0s",
        "bytes-in": "1000",
        "bytes-out": "9000",
        "packets-in": "2",
        "packets-out": "10",
        "radius": "false",
        "blocked": "false",
    }


def test_the_users_own_counters_are_written_when_he_logs_out_and_not_before(village):
    village.user("ani", profile="free")
    village.online()
    village.world.advance(60)
    village.world.spend(PHONE, bytes_in=10, bytes_out=20)
    assert village.counters("ani") == ("0s", 0, 0)
    village.world.log_out(PHONE)
    assert village.counters("ani") == ("1m", 10, 20)
    assert village.rows(ACTIVE) == []


def test_limit_uptime_counts_over_all_sessions_and_then_refuses(village):
    village.user("ani", profile="free", limit_uptime="10m")
    village.online()
    village.world.advance(240)
    village.world.log_out(PHONE)
    village.world.log_in(PHONE, "ani", "")
    village.world.advance(300)
    assert village.row(ACTIVE)["session-time-left"] == "5m"
    village.world.advance(3_600)
    assert village.counters("ani")[0] == "10m"
    assert village.lines[-1] == "ani (10.5.50.2): logged out: uptime limit reached"
    assert refused(village.world.log_in(PHONE, "ani", "")) == "user ani has reached uptime limit"


def test_session_timeout_starts_again_with_each_login(village):
    village.profile("hour", session_timeout="1h", **KEPT)
    village.user("ani", profile="hour")
    village.online()
    village.world.advance(3_600)
    assert village.lines[-1] == "ani (10.5.50.2): logged out: session timeout"
    village.world.log_in(PHONE, "ani", "")
    village.world.advance(5_400)
    assert village.row(ACTIVE)["session-time-left"] == "30m"


def test_time_left_is_shown_only_where_time_is_limited(village):
    village.user("ani", profile="free")
    village.online()
    assert "session-time-left" not in village.row(ACTIVE)


@pytest.mark.parametrize(
    ("limit", "spent"),
    [
        ("limit_bytes_in", {"bytes_in": 5_000}),
        ("limit_bytes_out", {"bytes_out": 5_000}),
        ("limit_bytes_total", {"bytes_in": 2_000, "bytes_out": 3_000}),
    ],
)
def test_a_quota_ends_the_session_and_refuses_the_next(village, limit, spent):
    village.user("ani", profile="free", **{limit: "5000"})
    village.online()
    village.world.spend(PHONE, **spent)
    assert village.lines[-1] == "ani (10.5.50.2): logged out: traffic limit reached"
    assert refused(village.world.log_in(PHONE, "ani", "")) == "user ani has reached traffic limit"


def test_a_quota_that_flows_away_ends_exactly_at_its_last_byte(village):
    village.user("ani", profile="free", limit_bytes_total="1000000")
    village.online()
    village.world.pace(PHONE, 700, 3_100)
    village.world.advance(3_600)
    assert sum(village.counters("ani")[1:]) == 1_000_000


def test_idle_timeout_ends_who_is_there_and_moves_nothing(village):
    village.profile("idle", idle_timeout="5m", **KEPT)
    village.user("ani", profile="idle")
    village.online()
    village.world.pace(PHONE, 100, 100)
    village.world.advance(1_000)
    village.world.pace(PHONE, 0, 0)
    village.world.advance(1_299)
    assert village.row(ACTIVE)["idle-time"] == "4m59s"
    village.world.advance(1_300)
    assert village.lines[-1] == "ani (10.5.50.2): logged out: idle timeout"


def test_keepalive_timeout_notices_who_has_walked_away_and_forgets_his_host(village):
    village.user("ani", profile="default")
    village.online()
    village.world.advance(600)
    village.world.leave(PHONE)
    village.world.advance(719)
    assert len(village.rows(ACTIVE)) == 1
    village.world.advance(720)
    assert village.lines[-1] == "ani (10.5.50.2): logged out: keepalive timeout"
    assert village.rows(HOSTS) == []


def test_who_comes_back_before_that_is_still_logged_in(village):
    village.user("ani", profile="default")
    village.online()
    village.world.leave(PHONE)
    village.world.advance(60)
    village.world.arrive(PHONE, SERVER)
    village.world.advance(600)
    assert village.row(ACTIVE)["uptime"] == "10m"


def test_shared_users_refuses_one_device_too_many(village):
    village.profile("pair", shared_users="2", **KEPT)
    village.user("ani", profile="pair")
    village.online(PHONE)
    village.online(TABLET)
    village.world.arrive("02:00:00:00:00:03", SERVER)
    third = village.world.log_in("02:00:00:00:00:03", "ani", "")
    assert refused(third) == "no more sessions are allowed for user ani"
    assert len(village.rows(ACTIVE)) == 2


@pytest.mark.parametrize(
    ("user", "password", "values"),
    [
        ("nobody", "", {}),
        ("ani", "wrong", {}),
        ("ani", "secret", {"disabled": "true"}),
        ("ani", "secret", {"server": "hotspot2"}),
    ],
)
def test_a_wrong_password_and_a_disabled_user_get_the_same_words(village, user, password, values):
    village.user("ani", "secret", profile="free", **values)
    village.world.arrive(PHONE, SERVER)
    outcome = village.world.log_in(PHONE, user, password)
    assert refused(outcome) == "invalid username or password"
    assert village.lines[-1].endswith("login failed: invalid username or password")


def test_a_user_tied_to_a_device_is_refused_on_another(village):
    village.user("ani", profile="free", mac_address=TABLET)
    village.world.arrive(PHONE, SERVER)
    outcome = village.world.log_in(PHONE, "ani", "")
    assert refused(outcome) == "user ani is not allowed to log in from this MAC address"


def test_of_two_users_of_one_name_the_one_of_this_server_is_meant(village):
    village.user("ani", "everywhere", profile="free")
    village.user("ani", "here", profile="free", server=SERVER)
    village.world.arrive(PHONE, SERVER)
    assert refused(village.world.log_in(PHONE, "ani", "everywhere"))
    assert isinstance(village.world.log_in(PHONE, "ani", "here"), Session)


def test_a_licence_of_level_1_lets_one_user_in(village):
    village.world.logins.licence_level = 1
    village.user("ani", profile="free")
    village.user("budi", profile="free")
    village.online()
    village.world.arrive(TABLET, SERVER)
    assert "session limit reached" in refused(village.world.log_in(TABLET, "budi", ""))


def test_a_method_that_the_server_does_not_offer_lets_nobody_in():
    village = Village(login_by="mac")
    village.user("ani")
    village.world.arrive(PHONE, SERVER)
    assert refused(village.world.log_in(PHONE, "ani", "", "http-chap"))


def test_where_radius_is_asked_local_users_count_for_nothing():
    village = Village(use_radius="true")
    village.user("ani")
    village.world.arrive(PHONE, SERVER)
    assert refused(village.world.log_in(PHONE, "ani", "")) == "RADIUS server is not responding"


def test_a_device_whose_address_is_a_user_is_in_at_once_where_mac_is_offered():
    village = Village(login_by="mac")
    village.user(PHONE)
    village.world.arrive(PHONE, SERVER)
    assert village.row(ACTIVE)["login-by"] == "mac"


def test_a_trial_lasts_as_long_as_the_server_says_and_comes_back_after_a_day():
    village = Village(login_by="trial", trial_uptime_limit="15m", trial_uptime_reset="1d")
    host = village.world.arrive(PHONE, SERVER)
    village.world.logins.log_in_on_trial(host)
    assert village.row(ACTIVE)["user"] == f"T-{PHONE}"
    village.world.advance(3_600)
    assert village.rows(ACTIVE) == []
    assert refused(village.world.logins.log_in_on_trial(host)).endswith("reached uptime limit")
    village.world.advance(86_400 + 1)
    assert isinstance(village.world.logins.log_in_on_trial(host), Session)


def test_a_kicked_user_with_a_cookie_is_let_back_in_and_without_one_is_not(village):
    village.user("ani", profile="free")
    village.online()
    village.menus[ACTIVE].remove(village.menus[ACTIVE].find(user="ani"))
    assert village.lines[-1] == "ani (10.5.50.2): logged out: admin reset"
    village.world.arrive(PHONE, SERVER)
    assert village.row(ACTIVE)["login-by"] == "mac-cookie"
    village.menus[COOKIES].clear()
    village.menus[ACTIVE].clear()
    village.world.arrive(PHONE, SERVER)
    assert village.rows(ACTIVE) == []


def test_a_browser_cookie_lets_in_where_mac_cookies_are_not_offered():
    village = Village(login_by="http-chap,cookie", http_cookie_lifetime="1d")
    village.user("ani")
    village.online()
    assert village.row(COOKIES)["expires-in"] == "1d"
    village.world.log_out(PHONE)
    village.world.arrive(PHONE, SERVER)
    assert village.row(ACTIVE)["login-by"] == "cookie"
    village.world.log_out(PHONE)
    village.world.advance(86_400)
    assert village.rows(COOKIES) == []


def test_the_cookie_of_a_user_who_may_not_come_in_any_more_is_forgotten(village):
    village.user("ani", profile="free")
    village.online()
    village.menus[USERS].change(village.menus[USERS].find(name="ani"), {"disabled": "true"})
    village.menus[ACTIVE].clear()
    village.world.arrive(PHONE, SERVER)
    assert village.rows(ACTIVE) == []
    assert [row["mac-cookie"] for row in village.rows(COOKIES)] == ["false"]


@pytest.mark.parametrize("how", ["disabled", "removed"])
def test_a_user_who_is_disabled_or_removed_stays_online(village, how):
    village.user("ani", profile="free")
    village.online()
    row = village.menus[USERS].find(name="ani")
    if how == "disabled":
        village.menus[USERS].change(row, {"disabled": "true"})
    else:
        village.menus[USERS].remove(row)
    village.world.advance(600)
    assert village.row(ACTIVE)["user"] == "ani"
    village.world.log_out(PHONE)


def test_limits_are_taken_over_at_the_login_and_changed_ones_count_from_the_next(village):
    village.user("ani", profile="free", limit_uptime="1h")
    village.online()
    village.menus[USERS].change(village.menus[USERS].find(name="ani"), {"limit-uptime": "2h"})
    assert village.row(ACTIVE)["session-time-left"] == "1h"
    village.world.log_out(PHONE)
    village.world.log_in(PHONE, "ani", "")
    assert village.row(ACTIVE)["session-time-left"] == "2h"


def test_a_bypassed_device_needs_no_login_and_a_blocked_one_gets_none(village):
    village.user("ani", profile="free")
    village.tables.add(BINDINGS, {"mac-address": PHONE, "type": "bypassed"})
    village.tables.add(BINDINGS, {"mac-address": TABLET, "type": "blocked"})
    village.world.arrive(PHONE, SERVER)
    village.world.pace(PHONE, 10, 100)
    village.world.arrive(TABLET, SERVER)
    village.world.advance(10)
    assert [
        (row["bypassed"], row["authorized"], row["bytes-out"]) for row in village.rows(HOSTS)
    ] == [("true", "false", "1000"), ("false", "false", "0")]
    assert refused(village.world.log_in(TABLET, "ani", "")) == "host is blocked"


def test_one_device_may_be_seen_twice_and_the_live_row_is_the_less_idle(village):
    village.world.advance(1_000)
    village.world.arrive(PHONE, SERVER)
    village.world.hosts.stale(PHONE, SERVER, "198.51.100.7", 200)
    assert {
        row["address"]: (row["mac-address"], row["idle-time"]) for row in village.rows(HOSTS)
    } == {
        "10.5.50.2": (PHONE, "0s"),
        "198.51.100.7": (PHONE, "3m20s"),
    }
    assert village.world.there(PHONE).address == "10.5.50.2"
    village.world.advance(1_300)
    assert [row["address"] for row in village.rows(HOSTS)] == ["10.5.50.2"]


def test_a_lease_is_bound_while_the_device_is_there_and_ends_half_an_hour_after(village):
    village.world.arrive(PHONE, SERVER, device="Galaxy-A14")
    row = village.row(LEASES)
    assert (row["status"], row["active-address"], row["host-name"], row["dynamic"]) == (
        "bound",
        "10.5.50.2",
        "Galaxy-A14",
        "true",
    )
    village.world.leave(PHONE)
    village.world.advance(600)
    assert village.row(LEASES)["last-seen"] == "10m"
    village.world.advance(1_800)
    assert village.rows(LEASES) == []


def test_a_static_lease_that_was_never_bound_has_nothing_active_and_is_kept(village):
    village.tables.add(
        LEASES,
        {"address": "10.5.50.9", "mac-address": PHONE, "status": "waiting", "last-seen": "never"},
    )
    assert not [name for name in village.row(LEASES) if name.startswith("active-")]
    village.world.arrive(PHONE, SERVER)
    assert village.row(LEASES)["active-address"] == "10.5.50.9"
    village.world.leave(PHONE)
    village.world.advance(1_800)
    row = village.row(LEASES)
    assert (row["status"], [name for name in row if name.startswith("active-")]) == ("waiting", [])


def test_whose_address_is_given_to_another_device_is_logged_out(village):
    village.user("ani", profile="free")
    village.online()
    village.world.leave(PHONE)
    village.world.advance(3_600)
    assert len(village.rows(ACTIVE)) == 1
    assert village.world.arrive(TABLET, SERVER).address == "10.5.50.2"
    assert village.lines[-1] == "ani (10.5.50.2): logged out: lost dhcp lease"
    assert [row["mac-address"] for row in village.rows(HOSTS)] == [TABLET]


def test_an_empty_pool_gives_no_address_and_no_host(village):
    for n in range(19):
        assert village.world.arrive(f"02:00:00:00:01:{n:02X}", SERVER) is not None
    assert village.world.arrive(PHONE, SERVER) is None


def test_a_rate_limit_makes_a_dynamic_queue_that_goes_with_the_session(village):
    village.profile("slow", rate_limit="512k/2M 1M/4M", **KEPT)
    village.user("ani", profile="slow")
    village.online()
    village.world.spend(PHONE, bytes_in=7, bytes_out=8)
    row = village.row(QUEUES)
    assert {name: row[name] for name in ("name", "target", "max-limit", "bytes", "dynamic")} == {
        "name": "<hotspot-ani>",
        "target": "10.5.50.2/32",
        "max-limit": "512000/2000000",
        "bytes": "7/8",
        "dynamic": "true",
    }
    village.world.log_out(PHONE)
    assert village.rows(QUEUES) == []


@pytest.mark.parametrize("change", [{"disabled": "true"}, {"invalid": "true"}])
def test_a_hotspot_server_that_does_not_work_sees_nobody(village, change):
    village.menus[SERVERS].change(village.menus[SERVERS].find(name=SERVER), change)
    assert village.world.arrive(PHONE, SERVER) is None
    assert village.rows(HOSTS) == []


@pytest.mark.parametrize("clean", [True, False])
def test_a_reboot_ends_all_and_keeps_cookies_and_a_power_cut_forgets_what_was_used(village, clean):
    village.user("ani", profile="free")
    village.online()
    village.world.spend(PHONE, bytes_in=1, bytes_out=2)
    village.world.reboot(clean=clean)
    assert (village.rows(ACTIVE), village.rows(HOSTS), village.rows(LEASES)) == ([], [], [])
    assert len(village.rows(COOKIES)) == 2
    assert village.counters("ani")[1:] == ((1, 2) if clean else (0, 0))


def test_the_text_of_a_profiles_on_login_is_kept_as_it_is(village):
    text = ':put (",rem,2000,1d,3000,,Enable,"); {:local x "a=b"}\n'
    village.profile("voucher", on_login=text)
    assert village.tables.find(PROFILES, name="voucher")["on-login"] == text


step = st.one_of(
    st.tuples(st.just("pace"), st.integers(0, 5_000), st.integers(0, 50_000)),
    st.tuples(st.just("spend"), st.integers(0, 10**7), st.integers(0, 10**8)),
    st.tuples(st.just("wait"), st.integers(0, 3_000), st.just(0)),
)


@settings(max_examples=25)
@given(st.lists(step, max_size=20))
def test_bytes_never_decrease_and_sessions_add_up_to_the_users_counters(steps):
    village = Village()
    village.profile("free", keepalive_timeout="none", session_timeout="1h")
    village.user("ani", profile="free", limit_bytes_total="3000000000")
    total = [0, 0]
    village.world.logins.on_end.append(
        lambda session, _: total.__setitem__(
            slice(None),
            [a + b for a, b in zip(total, session.meter.at(session.meter.since), strict=True)],
        )
    )
    village.online()
    now, seen = 0.0, (0, 0)
    for kind, first, second in steps:
        host = village.world.there(PHONE)
        if village.world.session_of(host) is None:
            seen = (0, 0)
            if isinstance(village.world.log_in(PHONE, "ani", ""), Refusal):
                break
        if kind == "wait":
            now += first
            village.world.advance(now)
        elif kind == "pace":
            village.world.pace(PHONE, first, second)
        else:
            village.world.spend(PHONE, bytes_in=first, bytes_out=second)
        session = village.world.session_of(host)
        if session is not None:
            counted = session.meter.at(now)
            assert counted[0] >= seen[0]
            assert counted[1] >= seen[1]
            seen = counted
    village.world.log_out(PHONE)
    assert list(village.counters("ani")[1:]) == total


@settings(max_examples=25)
@given(st.integers(1, 4), st.lists(st.tuples(st.booleans(), st.integers(0, 6)), max_size=20))
def test_there_are_never_more_sessions_than_shared_users(shared, moves):
    village = Village()
    village.profile("some", shared_users=str(shared), **KEPT)
    village.user("ani", profile="some")
    for comes, n in moves:
        mac = f"02:00:00:00:00:{n:02X}"
        if comes:
            village.online(mac)
        elif village.world.hosts.by_mac(mac) is not None:
            village.world.log_out(mac)
        assert len(village.rows(ACTIVE)) <= shared
