"""Menus and commands of each version: what they take, refuse, keep and never do twice."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from ronda.simulator.routers.replies import Frame
from ronda.simulator.routers.router import VirtualRouter
from ronda.simulator.routers.schema import PROFILES, menus_of
from ronda.simulator.routers.sessions import Session
from ronda.simulator.routers.traps import Trap

USERS = "/ip/hotspot/user"
PROFILE = "/ip/hotspot/user/profile"


def said(router, command, *words, session=None):
    """Rows, the `ret`, or the text of the trap."""
    try:
        answer = router.execute(command, words, *([session] if session else []))
    except Trap as trap:
        return trap.message
    return answer.ret if answer.ret is not None else answer.dicts()


@pytest.fixture
def router():
    return VirtualRouter("v7.16")


@pytest.mark.parametrize(
    ("profile", "command", "argument", "takes"),
    [
        ("v7.16", f"{USERS}/add", "otp-secret", False),
        ("v7.21", f"{USERS}/add", "totp-secret", True),
        ("v7.24", f"{USERS}/add", "otp-secret", True),
        ("v7.8", "/ip/service/set", "max-sessions", False),
        ("v7.16", "/ip/service/set", "max-sessions", True),
        ("v7.21", "/ip/service/set", "available-from", False),
        ("v7.24", "/system/scheduler/add", "days", True),
        ("v7.21", "/system/scheduler/add", "days", False),
        ("v6.49.10", "/ip/service/set", "vrf", False),
        ("v7.16", f"{USERS}/print", "show-sensitive", False),
        ("v7.21", f"{USERS}/print", "show-sensitive", True),
        ("v6.42", PROFILE + "/add", "uptime-limit", False),
    ],
)
def test_arguments_are_those_of_the_version(profile, command, argument, takes):
    menu, _, verb = command.rpartition("/")
    assert (argument in menus_of(PROFILES[profile])[menu].commands[verb]) is takes
    if not takes:
        router = VirtualRouter(profile)
        assert said(router, command, f"={argument}=x") == f"unknown parameter {argument}"


@pytest.mark.parametrize(
    ("profile", "there"),
    [("v6.49.10", False), ("v7.8", True), ("v7.24", True)],
)
def test_menus_are_those_of_the_version(profile, there):
    router = VirtualRouter(profile)
    assert ("/system/device-mode" in router.menus) is there
    if not there:
        assert said(router, "/system/device-mode/print") == "no such command prefix"


@pytest.mark.parametrize(
    ("command", "words", "says"),
    [
        ("/no/such/print", [], "no such command prefix"),
        (f"{USERS}/fly", [], "no such command"),
        ("/ip/hotspot/cookie/add", [], "no such command"),
        ("/system/resource/set", [], "no such command"),
        (f"{USERS}/add", [], "missing =name="),
        (f"{USERS}/add", ["=name="], "invalid value for argument name"),
        (f"{USERS}/add", ["=name=x", "=uptime=5s"], "unknown parameter uptime"),
        (f"{USERS}/add", ["=name=x", "=profile=gold"], "input does not match any value of profile"),
        (f"{USERS}/add", ["=name=x", "=server=h9"], "input does not match any value of server"),
        (
            f"{USERS}/add",
            ["=name=x", "=limit-uptime=soon"],
            "invalid value for argument limit-uptime",
        ),
        (
            f"{PROFILE}/add",
            ["=name=x", "=shared-users=0"],
            "value of shared-users out of range (1..4294967295)",
        ),
        (f"{USERS}/set", ["=.id=*77", "=comment=x"], "no such item"),
        (f"{USERS}/remove", [], "missing =.id="),
        (f"{USERS}/remove", ["=.id=*0"], "failure: can not remove default item"),
        (
            f"{USERS}/add",
            ["=name=budi"],
            "failure: already have user with this name for this server",
        ),
        (
            f"{USERS}/add",
            ["=name=budi", "=server=all"],
            "failure: already have user with this name for this server",
        ),
        (
            f"{USERS}/set",
            ["=.id=tono", "=name=budi"],
            "failure: already have user with this name for this server",
        ),
        (f"{PROFILE}/remove", ["=.id=1jam"], "failure: profile in use"),
        (
            "/interface/monitor-traffic",
            ["=interface=ether9"],
            "input does not match any value of interface",
        ),
        (f"{USERS}/print", ["?#x"], "unknown query #x"),
    ],
)
def test_what_is_refused_and_changes_nothing(router, command, words, says):
    furnish(router)
    before = {path: menu.state() for path, menu in router.menus.items()}
    assert said(router, command, *words) == says
    assert {path: menu.state() for path, menu in router.menus.items()} == before


def furnish(router):
    router.execute(f"{PROFILE}/add", ["=name=1jam", "=session-timeout=1h"])
    router.execute(f"{USERS}/add", ["=name=budi", "=profile=1jam", "=password=rahasia"])
    router.execute(f"{USERS}/add", ["=name=tono"])
    router.execute("/ip/hotspot/add", ["=name=h1", "=interface=bridge1", "=disabled=no"])


def test_the_older_text_for_a_missing_item_ends_with_its_number():
    assert said(VirtualRouter("v6.49.10"), f"{USERS}/remove", "=.id=*77") == "no such item (4)"


def test_the_same_name_may_exist_on_another_server(router):
    furnish(router)
    assert said(router, f"{USERS}/add", "=name=budi", "=server=h1").startswith("*")


def test_only_what_is_set_is_shown_and_limits_go_away_with_zero(router):
    made = said(router, f"{USERS}/add", "=name=x", "=limit-uptime=1h", "=limit-bytes-total=1M")
    row = said(router, f"{USERS}/print", f"?.id={made}")[0]
    assert row == {
        ".id": made,
        "name": "x",
        "profile": "default",
        "limit-uptime": "1h",
        "limit-bytes-total": "1048576",
        "uptime": "0s",
        "bytes-in": "0",
        "bytes-out": "0",
        "packets-in": "0",
        "packets-out": "0",
        "dynamic": "false",
        "disabled": "false",
    }
    said(
        router,
        f"{USERS}/set",
        f"=.id={made}",
        "=limit-uptime=0s",
        "=limit-bytes-total=0",
        "=comment=hi",
    )
    row = said(router, f"{USERS}/print", f"?.id={made}")[0]
    assert {"limit-uptime", "limit-bytes-total"}.isdisjoint(row)
    said(router, f"{USERS}/set", f"=.id={made}", "=comment")
    assert "comment" not in said(router, f"{USERS}/print", f"?.id={made}")[0]


def test_rows_are_meant_by_id_name_and_lists_of_both(router):
    furnish(router)
    ids = {row["name"]: row[".id"] for row in said(router, f"{USERS}/print")}
    said(router, f"{USERS}/disable", f"=numbers={ids['budi']},tono")
    assert said(router, f"{USERS}/print", "?disabled=true", "=.proplist=name") == [
        {"name": "budi"},
        {"name": "tono"},
    ]
    said(router, f"{USERS}/enable", "=.id=budi")
    assert said(router, f"{USERS}/print", "?disabled=true", "=count-only=") == "1"
    said(router, f"{USERS}/remove", "=.id=budi,tono")
    assert said(router, f"{USERS}/print", "=.proplist=name,no-such") == [{"name": "default-trial"}]


def test_a_profile_that_is_renamed_keeps_its_users(router):
    furnish(router)
    said(router, f"{PROFILE}/set", "=.id=1jam", "=name=60menit")
    assert said(router, f"{USERS}/print", "?name=budi", "=.proplist=profile") == [
        {"profile": "60menit"}
    ]
    assert said(router, f"{PROFILE}/unset", "=.id=60menit", "=value-name=session-timeout") == []
    assert "session-timeout" not in said(router, f"{PROFILE}/print", "?name=60menit")[0]


def test_singletons_have_no_id_and_are_set_without_one(router):
    assert said(router, "/system/identity/set", "=name=WARUNG") == []
    assert said(router, "/system/identity/getall") == [{"name": "WARUNG"}]


def test_copies_places_and_moves(router):
    bindings = "/ip/hotspot/ip-binding"
    first = said(router, f"{bindings}/add", "=mac-address=aa:bb:cc:00:00:01", "=type=blocked")
    second = said(router, f"{bindings}/add", f"=copy-from={first}", f"=place-before={first}")
    order = [row[".id"] for row in said(router, f"{bindings}/print")]
    assert order == [second, first]
    assert said(router, f"{bindings}/print", f"?.id={second}")[0]["type"] == "blocked"
    said(router, f"{bindings}/move", f"=numbers={first}", f"=destination={second}")
    assert [row[".id"] for row in said(router, f"{bindings}/print")] == [first, second]


def test_a_host_becomes_a_binding_and_counters_start_again(router):
    host = router.menus["/ip/hotspot/host"].insert(
        {"mac-address": "AA:BB:CC:00:00:01", "address": "10.5.50.9"}
    )
    said(router, "/ip/hotspot/host/make-binding", f"=.id={host.id}", "=type=bypassed")
    made = said(router, "/ip/hotspot/ip-binding/print", "=.proplist=mac-address,type")
    assert made == [{"mac-address": "AA:BB:CC:00:00:01", "type": "bypassed"}]
    user = router.menus[USERS].insert({"name": "x", "bytes-in": "7", "uptime": "1h"})
    said(router, f"{USERS}/reset-counters", f"=.id={user.id}")
    assert (user["bytes-in"], user["uptime"]) == ("0", "0s")


def test_a_certificate_is_signed_and_a_reference_to_nothing_is_refused(router):
    said(router, "/certificate/add", "=name=ronda-api", "=common-name=192.0.2.1", "=days-valid=10")
    assert said(router, "/certificate/sign", "=number=ronda-api") == []
    row = said(router, "/certificate/print")[0]
    assert (row["private-key"], row["invalid-after"]) == ("true", "2026-12-01 08:00:00")
    refused = said(router, "/ip/firewall/nat/add", "=chain=srcnat", "=out-interface=lte9")
    assert refused == "input does not match any value of out-interface"


def test_passwords_need_a_policy_and_from_7_21_a_word():
    for profile, words, seen in (
        ("v7.16", [], True),
        ("v7.24", [], False),
        ("v7.24", ["=show-sensitive="], True),
    ):
        router = VirtualRouter(profile)
        furnish(router)
        for policies in ({"read", "sensitive"}, {"read"}):
            eye = Session("eye", policies=frozenset(policies))
            row = said(router, f"{USERS}/print", "?name=budi", *words, session=eye)[0]
            assert (row.get("password") == "rahasia") is (seen and "sensitive" in policies)
    assert "password" not in said(router, "/user/print", "=show-sensitive=")


def test_dates_change_with_7_10():
    for profile, date in (
        ("v6.49.10", "nov/21/2026"),
        ("v7.8", "nov/21/2026"),
        ("v7.16", "2026-11-21"),
    ):
        assert said(VirtualRouter(profile), "/system/clock/print", "=.proplist=date") == [
            {"date": date}
        ]


def test_reading_traffic_once_gives_the_rate_since_the_last_look(router):
    answer = said(router, "/interface/monitor-traffic", "=interface=ether1", "=once=")
    assert answer[0]["rx-bits-per-second"] == "0"


WORKING = st.sampled_from(["a", "b", "c", "d"])


class Users(RuleBasedStateMachine):
    """Adds, changes and removals against a dictionary; ids are never given twice."""

    def __init__(self):
        super().__init__()
        self.router = VirtualRouter("v7.24", seed=3)
        self.model = {}
        self.given = {"*0"}

    @rule(name=WORKING)
    def add(self, name):
        got = said(self.router, f"{USERS}/add", f"=name={name}")
        if name in self.model.values():
            assert got == "failure: already have user with this name for this server"
        else:
            assert got not in self.given
            self.given.add(got)
            self.model[got] = name

    @rule(old=WORKING, new=WORKING)
    def rename(self, old, new):
        got = said(self.router, f"{USERS}/set", f"=.id={old}", f"=name={new}")
        found = next((key for key, name in self.model.items() if name == old), None)
        if found is None:
            assert got == "no such item"
        elif new in self.model.values() and new != old:
            assert got == "failure: already have user with this name for this server"
        else:
            self.model[found] = new

    @rule(name=WORKING)
    def remove(self, name):
        said(self.router, f"{USERS}/remove", f"=.id={name}")
        self.model = {key: value for key, value in self.model.items() if value != name}

    @rule()
    def snapshot_and_back(self):
        state = self.router.snapshot()
        self.router.execute(f"{USERS}/add", ["=name=aside"])
        self.router.menus[USERS].find(name="aside")["comment"] = "x"
        self.router.restore(state)

    @invariant()
    def both_hold_the_same(self):
        rows = said(self.router, f"{USERS}/print", "=.proplist=.id,name")
        assert {row[".id"]: row["name"] for row in rows if row[".id"] != "*0"} == self.model


def test_users_come_and_go_as_in_a_dictionary():
    run_state_machine_as_test(
        Users, settings=settings(max_examples=12, stateful_step_count=20, deadline=None)
    )


@given(
    st.lists(st.tuples(st.sampled_from(["add", "set", "remove", "print"]), WORKING), max_size=12)
)
@settings(max_examples=15, deadline=None)
def test_the_same_seed_gives_the_same_bytes(steps):
    first, second = (replies(VirtualRouter("v7.21", seed=9), steps) for _ in range(2))
    assert first == second


def replies(router, steps):
    data = b""
    for verb, name in steps:
        words = {"add": [f"=name={name}"], "set": [f"=.id={name}", "=comment=x"]}
        try:
            answer = router.execute(f"{USERS}/{verb}", words.get(verb, [f"=.id={name}"]))
            data += Frame(b".tag=1").answer(answer, has_empty=True)
        except Trap as trap:
            data += Frame(None).trap(trap)
    return data


def test_after_going_back_everything_goes_on_as_it_did(router):
    furnish(router)
    state = router.snapshot()
    first = replies(router, [("add", "a"), ("add", "b"), ("print", "a")])
    router.restore(state)
    assert replies(router, [("add", "a"), ("add", "b"), ("print", "a")]) == first
