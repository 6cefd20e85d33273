"""A whole router that lives: its scheduler, its log, its guests, snapshots and reboots."""

import pytest

from ronda.simulator.routers.hotspot import script
from ronda.simulator.routers.hotspot.guests import crowd
from ronda.simulator.routers.hotspot.tables import ACTIVE, HOSTS, LEASES, USERS
from ronda.simulator.routers.life import Life
from ronda.simulator.routers.router import VirtualRouter
from ronda.simulator.routers.sessions import Session
from ronda.simulator.routers.traps import Trap
from tests.simulator.routers.village import PHONE

HOUR = 3_600


def with_hotspot(version: str = "v7.16", **server_profile: str) -> VirtualRouter:
    router = VirtualRouter(version, name="Balai")
    add(router, "/ip/pool", name="hs", ranges="10.5.50.2-10.5.50.254")
    add(router, "/ip/hotspot/profile", name="hsprof1", **server_profile)
    add(
        router,
        "/ip/hotspot",
        name="hotspot1",
        interface="bridge1",
        address_pool="hs",
        profile="hsprof1",
        disabled="no",
    )
    return router


def add(router: VirtualRouter, menu: str, **values: str) -> str:
    return router.execute(
        f"{menu}/add", [f"={name.replace('_', '-')}={value}" for name, value in values.items()]
    ).ret


def rows(router: VirtualRouter, menu: str, *words: str) -> list[dict[str, str]]:
    return router.execute(f"{menu}/print", words).dicts()


def messages(router: VirtualRouter) -> list[str]:
    return [row["message"] for row in rows(router, "/log")]


def online(router: VirtualRouter, life: Life, user: str = "ani", mac: str = PHONE) -> None:
    life.world.arrive(mac, "hotspot1")
    life.world.log_in(mac, user, "")


@pytest.fixture
def router():
    return with_hotspot()


@pytest.fixture
def life(router):
    return Life(router)


def test_removing_an_active_user_through_the_router_is_a_kick(router, life):
    add(router, USERS, name="ani")
    online(router, life)
    router.clock.advance(60)
    (row,) = rows(router, ACTIVE)
    router.execute("/ip/hotspot/active/remove", [f"=.id={row['.id']}"])
    assert rows(router, ACTIVE) == []
    assert rows(router, USERS, "?name=ani")[0]["uptime"] == "1m"
    assert messages(router)[-1] == "ani (10.5.50.2): logged out: admin reset"


def test_somebody_can_be_logged_in_by_a_client_and_a_refusal_says_why(router, life):
    add(router, USERS, name="ani", password="1234")
    life.world.arrive(PHONE, "hotspot1")
    words = ["=ip=10.5.50.2", "=user=ani", "=password=0000"]
    with pytest.raises(Trap, match="invalid username or password"):
        router.execute("/ip/hotspot/active/login", words)
    router.execute("/ip/hotspot/active/login", [*words[:2], "=password=1234"])
    assert [row["user"] for row in rows(router, ACTIVE)] == ["ani"]


def test_office_hours_open_and_close_by_the_routers_own_clock(router, life):
    add(router, "/ip/hotspot/user/profile", name="kantor")
    add(router, USERS, name="ani", profile="kantor")
    add(router, USERS, name="budi")
    start = {"start_date": "2026-11-21", "interval": "1d"}
    close = (
        "/ip hotspot user disable [find profile=kantor]\n/ip hotspot active remove [find user=ani]"
    )
    add(
        router,
        "/system/scheduler",
        name="buka",
        start_time="07:00:00",
        on_event='/ip hotspot user enable [find where profile="kantor"]',
        **start,
    )
    add(router, "/system/scheduler", name="tutup", start_time="16:00:00", on_event=close, **start)
    online(router, life)
    assert [row["next-run"] for row in rows(router, "/system/scheduler")] == [
        "2026-11-22 07:00:00",
        "2026-11-21 16:00:00",
    ]
    router.clock.advance(8 * HOUR)
    disabled = {row["name"]: row["disabled"] for row in rows(router, USERS)}
    assert (disabled["ani"], disabled["budi"]) == ("true", "false")
    assert rows(router, ACTIVE) == []
    router.clock.advance(15 * HOUR)
    assert rows(router, USERS, "?name=ani")[0]["disabled"] == "false"
    assert [row["run-count"] for row in rows(router, "/system/scheduler")] == ["1", "1"]


def test_a_voucher_expires_by_a_scheduler_that_finds_it(router, life):
    add(router, USERS, name="ani", comment="2026-11-21 09:00:00")
    source = (
        ':foreach i in=[/ip hotspot user find where comment~"2026-11-21 09"] '
        'do={ /ip hotspot user set $i limit-uptime=1s; :log warning "habis" }'
    )
    add(router, "/system/script", name="habis", source=source)
    add(router, "/system/scheduler", name="monitor", interval="10m", on_event="habis")
    router.clock.advance(600)
    assert rows(router, USERS, "?name=ani")[0]["limit-uptime"] == "1s"
    assert messages(router)[-1] == "habis"


def test_closing_hours_put_out_whom_they_concern_and_take_their_cookies(router, life):
    add(router, "/ip/hotspot/user/profile", name='kan"tor')
    for name, profile in (("b$di é", 'kan"tor'), ("siti", "default")):
        add(router, USERS, name=name, profile=profile)
    each = "[/ip hotspot user get $i name]"
    close = (
        '/ip hotspot user disable [find where profile="kan\\"tor" and disabled=no]\n'
        ':foreach i in=[/ip hotspot user find where name="b\\$di \\C3\\A9"] do={'
        f" /ip hotspot cookie remove [find where user={each}];"
        f" /ip hotspot active remove [find where user={each}] }}"
    )
    opens = '/ip hotspot user enable [find where profile="kan\\"tor" and name!="siti"]'
    add(router, "/system/scheduler", name="tutup", start_time="09:00:00", on_event=close)
    add(router, "/system/scheduler", name="buka", start_time="10:00:00", on_event=opens)
    online(router, life, "b$di é")
    online(router, life, "siti", "02:00:00:00:00:02")
    router.clock.advance(HOUR + 1)
    assert [row["user"] for row in rows(router, ACTIVE)] == ["siti"]
    assert [row["user"] for row in rows(router, "/ip/hotspot/cookie")] == ["siti"]
    assert rows(router, USERS, "?disabled=true")[0]["name"] == "b$di é"
    router.clock.advance(HOUR)
    assert rows(router, USERS, "?disabled=true") == []
    assert not [text for text in messages(router) if "failed" in text]


@pytest.mark.parametrize(
    "on_event",
    [
        ":if (1>0) do={ }",
        "/ip hotspot user set [find",
        'ip hotspot user print "',
        "/ip/nothing/at all=1",
    ],
)
def test_a_script_that_is_not_understood_is_counted_and_logged(router, life, on_event):
    add(router, "/system/scheduler", name="broken", interval="1h", on_event=on_event)
    router.clock.advance(HOUR)
    assert rows(router, "/system/scheduler")[0]["run-count"] == "1"
    assert messages(router)[-1].startswith("executing script broken failed: ")


def test_a_disabled_entry_does_not_run_and_one_without_interval_runs_once(router, life):
    add(router, "/system/scheduler", name="never", interval="1m", disabled="yes")
    add(router, "/system/scheduler", name="once", start_time="09:00:00", start_date="2026-11-21")
    router.clock.advance(48 * HOUR)
    entries = {row["name"]: row for row in rows(router, "/system/scheduler")}
    assert {name: row["run-count"] for name, row in entries.items()} == {"never": "0", "once": "1"}
    assert "next-run" not in entries["once"]


def test_days_of_the_week_are_heeded_where_the_version_has_them():
    router = with_hotspot("v7.24")
    Life(router)
    add(
        router,
        "/system/scheduler",
        name="senin",
        start_time="07:00:00",
        interval="1d",
        days="mon,tue",
    )
    assert rows(router, "/system/scheduler")[0]["next-run"] == "2026-11-23 07:00:00"


def test_a_clock_that_learns_the_time_runs_nothing_that_lies_between(router, life):
    router.lose_clock()
    add(
        router,
        "/system/scheduler",
        name="jam",
        interval="1h",
        start_time="00:00:00",
        start_date="1970-01-01",
    )
    router.clock.advance(60)
    router.execute("/system/clock/print")
    router.learn_time()
    assert rows(router, "/system/scheduler")[0]["next-run"] == "2026-11-21 09:00:00"
    assert rows(router, "/system/scheduler")[0]["run-count"] == "0"


@pytest.mark.parametrize(
    ("version", "same_day", "next_day"),
    [
        ("v6.49.10", "20:00:00", "nov/21 20:00:00"),
        ("v7.8", "20:00:00", "nov/21 20:00:00"),
        ("v7.16", "2026-11-21 20:00:00", "2026-11-21 20:00:00"),
    ],
)
def test_log_lines_carry_the_date_as_the_version_prints_it(version, same_day, next_day):
    router = with_hotspot(version)
    life = Life(router)
    router.clock.advance(12 * HOUR)
    life.pass_to(router.clock.seconds())
    life.world.arrive(PHONE, "hotspot1")
    life.world.log_in(PHONE, "nobody", "")
    (*_, row) = rows(router, "/log")
    assert (row["time"], row["topics"]) == (same_day, "hotspot,account,info,debug")
    assert row["message"] == "nobody (10.5.50.2): login failed: invalid username or password"
    router.clock.advance(12 * HOUR)
    assert rows(router, "/log")[-1]["time"] == next_day


def full(version: str = "v7.16", seed: int = 3, count: int = 30) -> tuple[VirtualRouter, Life]:
    router = with_hotspot(version, login_by="http-chap,cookie,mac-cookie")
    add(router, "/ip/hotspot/user/profile", name="warga", shared_users="3", rate_limit="2M/5M")
    add(router, "/ip/hotspot/user/profile", name="1jam", session_timeout="1h")
    members = [(f"warga{n}", str(n)) for n in range(12)]
    for name, password in members:
        add(router, USERS, name=name, password=password, profile="warga")
    for n in range(60):
        add(router, USERS, name=f"vc{n}", password=f"vc{n}", profile="1jam", limit_uptime="1h")
    return router, Life(router, crowd(seed, count, server="hotspot1", members=members))


def day(router: VirtualRouter, step: int) -> list[list[dict[str, str]]]:
    for _ in range(0, 6 * HOUR, step):
        router.clock.advance(step)
        router.tick()
    return [rows(router, menu) for menu in (ACTIVE, HOSTS, LEASES, USERS, "/log")]


def test_the_same_seed_gives_the_same_world_however_often_one_looks():
    seldom, often = full(), full()
    assert day(seldom[0], 3 * HOUR) == day(often[0], 60)
    assert len(rows(seldom[0], ACTIVE)) > 1


def test_another_seed_gives_another_world():
    assert day(full(seed=1)[0], HOUR) != day(full(seed=2)[0], HOUR)


@pytest.mark.slow
def test_the_evening_is_busier_than_the_night_and_nobody_breaks_the_rules():
    router, _ = full()
    counts = {}
    for hour in range(8, 32):
        router.clock.advance(HOUR)
        active = rows(router, ACTIVE)
        counts[(hour + 1) % 24] = len(active)
        assert len({row[".id"] for row in active}) == len(active)
        for user in {row["user"] for row in active}:
            sessions = sum(row["user"] == user for row in active)
            assert sessions <= (3 if user.startswith("warga") else 1)
    assert counts[20] > 2 * counts[4]


def test_a_snapshot_brings_people_sessions_and_cookies_back():
    router, _ = full()
    router.clock.advance(8 * HOUR)
    router.tick()
    before = {row[".id"]: int(row["bytes-out"]) for row in rows(router, ACTIVE)}
    kept = router.snapshot()
    router.clock.advance(6 * HOUR)
    router.tick()
    router.restore(kept)
    assert {row[".id"]: int(row["bytes-out"]) for row in rows(router, ACTIVE)} == before
    router.clock.advance(600)
    after = {row[".id"]: int(row["bytes-out"]) for row in rows(router, ACTIVE)}
    assert all(after[name] >= before[name] for name in before.keys() & after.keys())
    told = rows(router, "/log")[-1]
    router.clock.advance(3 * HOUR)
    assert rows(router, "/log")[-1] != told


def test_after_a_reboot_guests_come_back_by_themselves():
    router, _ = full()
    router.clock.advance(8 * HOUR)
    router.tick()
    assert len(rows(router, ACTIVE)) > 1
    router.reboot()
    assert (rows(router, ACTIVE), rows(router, HOSTS)) == ([], [])
    router.learn_time()
    router.clock.advance(300)
    assert rows(router, ACTIVE)


def test_an_upgrade_does_not_put_anybody_out():
    router, _ = full("v6.49.10")
    router.clock.advance(6 * HOUR)
    before = rows(router, ACTIVE)
    router.upgrade("v7.16")
    router.clock.advance(1)
    assert {row["user"] for row in rows(router, ACTIVE)} >= {row["user"] for row in before[:3]}
    (*_, last) = rows(router, ACTIVE)
    router.execute("/ip/hotspot/active/remove", [f"=.id={last['.id']}"])
    assert messages(router)[-1].endswith("logged out: admin reset")


def test_device_mode_without_hotspot_makes_servers_invalid_and_empty(router, life):
    add(router, USERS, name="ani")
    online(router, life)
    router.menus["/system/device-mode"].one["hotspot"] = "no"
    router.tick()
    (server,) = rows(router, "/ip/hotspot")
    assert (server["invalid"], server["comment"]) == (
        "true",
        "inactivated, not allowed by device-mode",
    )
    assert (rows(router, ACTIVE), rows(router, HOSTS)) == ([], [])
    router.menus["/system/device-mode"].one["hotspot"] = "yes"
    (server,) = rows(router, "/ip/hotspot")
    assert (server["invalid"], "comment" in server) == ("false", False)


def test_scripts_are_read_with_both_ways_of_writing_a_path():
    first, second = (
        script.parsed(text)
        for text in (
            "/ip hotspot user disable [find name=a]",
            "/ip/hotspot/user/disable [/ip/hotspot/user/find where name=a]",
        )
    )
    assert (first[0].menu, first[0].verb) == (second[0].menu, second[0].verb)
    assert (first[0].target.menu, second[0].target.menu) == ("", "/ip/hotspot/user")


def test_changes_of_hotspot_users_are_logged_with_who_made_them(router, life):
    session = Session("ronda", "10.0.0.2", "api", None)
    router.execute("/ip/hotspot/user/add", ["=name=ani"], session)
    router.execute("/ip/hotspot/user/set", ["=.id=ani", "=comment=x"], session)
    router.execute("/ip/hotspot/user/remove", ["=.id=ani"], session)
    assert messages(router)[-3:] == [
        "hotspot user ani added by ronda",
        "hotspot user ani changed by ronda",
        "hotspot user ani removed by ronda",
    ]


def test_a_power_cut_loses_what_live_sessions_had_used(router, life):
    add(router, USERS, name="ani")
    online(router, life)
    life.world.spend(PHONE, bytes_out=1_000)
    life.power_cut()
    assert rows(router, USERS, "?name=ani")[0]["bytes-out"] == "0"
    assert (rows(router, ACTIVE), router.uptime()) == ([], 0)


def test_what_starts_with_the_router_runs_after_each_start(router, life):
    add(router, "/system/scheduler", name="awal", start_time="startup", on_event=":log info mulai")
    router.clock.advance(60)
    router.reboot(clock_lost=False)
    router.clock.advance(10)
    router.tick()
    assert messages(router)[-1] == "mulai"


@pytest.mark.parametrize(
    ("date", "time"),
    [("2026-02-30", "07:00:00"), ("soon", "07:00:00"), ("", "25:00:00"), ("", "7")],
)
def test_an_entry_whose_start_is_no_moment_never_runs(router, life, date, time):
    add(router, "/system/scheduler", name="salah", start_date=date, start_time=time, interval="1h")
    router.clock.advance(48 * HOUR)
    (row,) = rows(router, "/system/scheduler")
    assert (row["run-count"], "next-run" in row) == ("0", False)


def test_guests_without_a_voucher_use_the_trial_where_there_is_one():
    router = with_hotspot(login_by="http-chap,trial", trial_uptime_limit="10m")
    Life(router, crowd(2, 12, server="hotspot1"))
    router.clock.advance(6 * HOUR)
    assert any(" trying to log in by trial" in text for text in messages(router))
    assert all(row["user"].startswith("T-") for row in rows(router, ACTIVE))


@pytest.mark.parametrize(
    "text", ["/ foo", "/", "/log", "/log info", "/ip hotspot user disable [get"]
)
def test_half_a_command_is_a_syntax_error(text):
    with pytest.raises(script.SyntaxTrouble):
        script.parsed(text)


def test_a_command_may_name_what_it_works_on():
    (step,) = script.parsed("/ip hotspot user disable ani")
    assert (step.menu, step.verb, step.target) == ("/ip/hotspot/user", "disable", "ani")
