"""Each fault does what it says, to the commands it is meant for and no others."""

import socket
import time
from contextlib import suppress

import pytest

from ronda.simulator.routers.control import SimulatedRouters
from ronda.simulator.routers.faults import OPTIONS, Faults, Kind
from tests.simulator.routers.talk import Talk

USERS = "/ip/hotspot/user"
NAME = [["!re", "=name=MikroTik"], ["!done"]]
PRINT = "/system/identity/print"


@pytest.fixture(scope="module")
def routers():
    with SimulatedRouters("v7.16", "v7.16") as opened:
        yield opened


@pytest.fixture
def router(routers):
    snapshot = routers[0].snapshot()
    yield routers[0]
    routers[0].clear()
    routers[0].set_port("open")
    routers[0].ask("disconnect")
    routers[0].restore(snapshot)


def names(router):
    return [row["name"] for row in router.rows(USERS)]


def rest_of(talk):
    """Every byte until the router ends the connection."""
    got = b""
    with suppress(ConnectionError):
        while data := talk.socket.recv(65_536):
            got += data
    return got


def test_a_closed_port_refuses_and_a_dropping_one_is_silent(router):
    router.set_port("refuse")
    with pytest.raises(ConnectionRefusedError):
        Talk(router.host, router.port)
    router.set_port("drop")
    with pytest.raises(TimeoutError):
        socket.create_connection((router.host, router.port), timeout=0.3)
    router.set_port("open")
    with Talk.to(router) as talk:
        assert talk.say(PRINT) == NAME


def test_a_hanging_router_takes_connections_and_says_nothing(router):
    router.fault("hang")
    with Talk(router.host, router.port) as talk:
        talk.socket.settimeout(0.2)
        talk.send("/login", "=name=x", "=password=y")
        with pytest.raises(TimeoutError):
            talk.hear()


def test_garbage_greets_and_a_web_server_answers(router):
    router.fault("garbage", count=1, bytes=40)
    with Talk(router.host, router.port) as talk:
        assert len(talk.socket.recv(100)) == 40
    router.fault("http", count=1)
    with Talk(router.host, router.port) as talk:
        talk.send("/login")
        assert rest_of(talk).startswith(b"HTTP/1.0 400 Bad Request\r\n")


def test_a_reset_comes_without_a_word(router):
    router.fault("reset", count=1)
    assert Talk.is_turned_away(router)


@pytest.mark.parametrize(
    ("at", "arrives"),
    [
        ("before", b""),
        ("before-reply", b""),
        ("mid-sentence", b"\x03!re"),
        ("mid-word", b"\x03!re\x0e=name=MikroTik\0\x05!d"),
        ("after-re", b"\x03!re\x0e=name=MikroTik\0"),
    ],
)
def test_a_connection_ends_in_the_middle_of_a_reply(router, at, arrives):
    with Talk.to(router) as talk:
        router.fault("close", command=PRINT, count=1, at=at)
        talk.send(PRINT)
        got = rest_of(talk)
    assert got == arrives


def test_several_faults_strike_the_same_reply(router):
    with Talk.to(router) as talk:
        router.fault("interleave")
        router.fault("fragment", by="word", count=2)
        router.fault("latency", ms=1)
        assert talk.say(PRINT) == NAME
        router.fault("close", command=PRINT, at="mid-sentence", count=1)
        talk.send(PRINT)
        assert rest_of(talk) == b"\x03!re"


@pytest.mark.parametrize("rst", [False, True])
def test_cut_after_so_many_bytes(router, rst):
    router.fault("cut", count=1, sent=9, rst=rst)
    with Talk(router.host, router.port) as talk:
        talk.send("/login", f"=name={router.user}", f"=password={router.password}")
        talk.send(PRINT)
        assert len(rest_of(talk)) <= 9
    router.fault("cut", count=1, received=9)
    with Talk(router.host, router.port) as talk:
        talk.send("/login", f"=name={router.user}", f"=password={router.password}")
        assert rest_of(talk) == b""


@pytest.mark.parametrize("applied", [True, False])
def test_a_reply_that_never_comes_with_and_without_the_write(router, applied):
    router.fault("no-reply", command=f"{USERS}/add", count=1, applied=applied)
    with Talk.to(router) as talk:
        talk.send(f"{USERS}/add", "=name=siti", ".tag=1")
        assert talk.say(PRINT) == NAME
    assert ("siti" in names(router)) is applied


@pytest.mark.parametrize("by", ["byte", "word"])
def test_replies_in_fragments_are_the_same_replies(router, by):
    router.fault("fragment", by=by)
    with Talk.to(router) as talk:
        assert talk.say(PRINT) == NAME


def test_a_duplicate_reply_comes_twice_and_a_late_one_after_its_end(router):
    with Talk.to(router) as talk:
        router.fault("duplicate", command=PRINT, count=1)
        talk.send(PRINT)
        assert [talk.hear() for _ in range(4)] == NAME * 2
        router.fault("late")
        talk.send(f"{USERS}/listen", ".tag=L")
        talk.send("/cancel", "=tag=L", ".tag=C")
        said = [talk.hear() for _ in range(5)]
    assert said[2] == ["!done", ".tag=C"]
    assert said[3:] == [["!re", ".tag=L", "=.id=*7FFF"], ["!done", ".tag=L"]]


def test_traps_fatal_ends_and_strange_words(router):
    with Talk.to(router) as talk:
        router.fault("trap", command=f"{USERS}/*", count=1)
        assert talk.say(f"{USERS}/add", "=name=x")[0] == ["!trap", "=message=action failed (6)"]
        router.fault("strange-word", command=PRINT, count=1)
        assert talk.say(PRINT) == [["!news"], *NAME]
        router.fault("fatal", command=PRINT, count=1, message="out of memory")
        assert talk.say(PRINT) == [["!fatal", "out of memory"]]
        assert talk.ended()
    assert "x" not in names(router)


@pytest.mark.parametrize(
    ("fault", "first"), [({"kind": "control-byte"}, b"\xf8"), ({"kind": "oversize"}, b"\xf0\xff")]
)
def test_bytes_that_are_no_length(router, fault, first):
    with Talk.to(router) as talk:
        router.fault(**fault, command=PRINT, count=1)
        talk.send(PRINT)
        assert talk.socket.recv(100).startswith(first)


def test_a_wrong_password_by_fault(router):
    router.fault("wrong-password", count=1)
    with Talk(router.host, router.port) as talk:
        said = talk.say("/login", f"=name={router.user}", f"=password={router.password}")
        assert said[0] == ["!trap", "=message=invalid user name or password (6)"]


def test_replies_come_later_together_but_work_is_done_one_by_one(router):
    """Ten commands wait 50 ms together; ten of 10 ms each wait one after the other."""
    with Talk.to(router) as talk:
        router.fault("latency", command=PRINT, ms=50)
        assert 0.05 <= ten_prints(talk) < 0.45
        router.clear()
        router.fault("cost", command=PRINT, ms=10)
        assert ten_prints(talk) >= 0.1
        router.clear()
        router.fault("knee", command=PRINT, fast=5, ms=20)
        assert ten_prints(talk) >= 0.1
        router.clear()
        router.fault("bandwidth", bytes_per_s=2_000)
        assert ten_prints(talk) >= 0.1


def ten_prints(talk):
    began = time.monotonic()
    for tag in range(10):
        talk.send(PRINT, f".tag={tag}")
    done = [sentence for sentence in (talk.hear() for _ in range(20)) if sentence[0] == "!done"]
    assert [sentence[1] for sentence in done] == [f".tag={tag}" for tag in range(10)]
    return time.monotonic() - began


def test_sentences_of_other_tags_come_between(router):
    router.insert_many(USERS, [{"name": f"u{n}"} for n in range(5)])
    router.fault("interleave", ms=3)
    with Talk.to(router) as talk:
        for tag in "ab":
            talk.send(f"{USERS}/print", "=.proplist=name", f".tag={tag}")
        said = [talk.hear() for _ in range(14)]
    tags = "".join(sentence[1].removeprefix(".tag=") for sentence in said)
    assert (tags.count("a"), tags.count("b")) == (7, 7)
    assert tags.rindex("a") > tags.index("b")


def test_the_tag_may_stand_last_and_the_reason_in_an_attribute(router):
    router.ask("style", tag_last=True, fatal_as_attribute=True)
    with Talk.to(router) as talk:
        assert talk.say(PRINT, ".tag=7") == [
            ["!re", "=name=MikroTik", ".tag=7"],
            ["!done", ".tag=7"],
        ]
        assert talk.say("/quit") == [["!fatal", "=message=session terminated on request"]]
    router.ask("style", tag_last=False, fatal_as_attribute=False)


def test_going_back_keeps_who_is_connected_and_their_rows_end_with_them(routers):
    router = routers[1]
    with Talk.to(router) as talk:
        before = router.snapshot()
        router.insert(USERS, name="siti")
        router.restore(before)
        assert names(router) == ["default-trial"]
        assert len(talk.say("/user/active/print", "=.proplist=name")) == 2
        talk.say("/quit")
    assert router.rows("/user/active") == []


def test_a_reboot_ends_everything_and_starts_the_uptime_again(router):
    router.insert("/ip/hotspot/cookie", user="siti", mac_address="AA:BB:CC:00:00:01")
    router.insert("/ip/hotspot/active", user="siti", address="10.5.50.2")
    router.advance(3_600)
    with Talk.to(router) as talk:
        router.reboot(seconds=3_600, reason="system rebooting", ntp_after=None)
        assert talk.hear() == ["!fatal", "system rebooting"]
        assert talk.ended()
    with pytest.raises(ConnectionRefusedError):
        Talk(router.host, router.port)
    router.set_port("open")
    with Talk.to(router) as talk:
        clock = talk.say("/system/clock/print", "=.proplist=date")
        assert clock[0] == ["!re", "=date=1970-01-02"]
        assert talk.say("/system/resource/print", "=.proplist=uptime")[0] == ["!re", "=uptime=0s"]
        assert talk.say("/ip/hotspot/active/print") == [["!done"]]
        assert talk.say("/ip/hotspot/cookie/print", "=.proplist=user")[0] == ["!re", "=user=siti"]


def test_a_command_reboots_too(router):
    with Talk.to(router) as talk:
        assert talk.say("/system/reboot") == [["!done"]]
        assert talk.ended()
    again(router).socket.close()


def again(router):
    """Connected as soon as the router is back."""
    for _ in range(200):
        try:
            return Talk.to(router)
        except ConnectionError:
            time.sleep(0.02)
    raise AssertionError("the router does not come back")


def test_an_upgrade_between_two_connections_keeps_the_users(router):
    with Talk.to(router) as talk:
        assert talk.say(f"{USERS}/add", "=name=siti", "=otp-secret=x")[0] == [
            "!trap",
            "=message=unknown parameter otp-secret",
        ]
        talk.say(f"{USERS}/add", "=name=siti")
        router.ask("upgrade", profile="v7.24")
        assert talk.ended()
    with Talk.to(router) as talk:
        said = talk.say("/system/resource/print", "=.proplist=version")
        assert said[0] == ["!re", "=version=7.24.4 (stable)"]
        assert len(talk.say(f"{USERS}/set", "=.id=siti", "=otp-secret=x")) == 1
        found = talk.say(
            f"{USERS}/print", "?name=siti", "=.proplist=name,otp-secret", "=show-sensitive="
        )
        assert found[0] == ["!re", "=name=siti", "=otp-secret=x"]


def test_full_tables_device_mode_clocks_and_another_router_behind_the_address(router):
    with Talk.to(router) as talk:
        router.ask("limit", menu=USERS, rows=1)
        assert talk.say(f"{USERS}/add", "=name=x")[0] == ["!trap", "=message=action failed (6)"]
        router.insert("/ip/hotspot", name="hotspot1", interface="bridge1")
        router.ask("device-mode", hotspot="no")
        added = talk.say("/ip/hotspot/add", "=name=h", "=interface=ether1")
        assert added[0] == ["!trap", "=message=failure: not allowed by device-mode"]
        row = router.rows("/ip/hotspot")[0]
        assert (row["invalid"], row["comment"]) == (
            "true",
            "inactivated, not allowed by device-mode",
        )
        router.ask("clock", offset=86_400)
        assert talk.say("/system/clock/print", "=.proplist=date")[0] == ["!re", "=date=2026-11-22"]
        before = router.ask("describe")["serial"]
        router.ask("identity", name="TETANGGA", serial="ABCDEF012345")
        assert talk.say(PRINT)[0] == ["!re", "=name=TETANGGA"]
        board = talk.say("/system/routerboard/print", "=.proplist=serial-number")
        assert board[0] == ["!re", "=serial-number=ABCDEF012345"] != ["!re", before]


def test_a_fault_of_one_router_is_none_of_the_other(routers):
    routers[0].fault("hang")
    with Talk.to(routers[1]) as talk:
        assert talk.say(PRINT) == NAME
    routers[0].clear()


def test_counts_patterns_and_dice_say_when_a_fault_strikes():
    faults = Faults("1")
    faults.put("trap", command="/ip/*", count=2, after=1)
    commands = ["/ip/a", "/log/print", "/ip/a", "/ip/b", "/ip/c"]
    struck = [faults.take(Kind.TRAP, command) is not None for command in commands]
    assert struck == [False, False, True, True, False]
    again = [Faults("2"), Faults("2")]
    for each in again:
        each.put("trap", probability=0.5)
    first, second = ([each.take(Kind.TRAP) is None for _ in range(40)] for each in again)
    assert first == second
    assert 5 < sum(first) < 35


@pytest.mark.parametrize(
    ("fault", "says"),
    [({"kind": "flood"}, "not a valid Kind"), ({"kind": "trap", "ms": 3}, "no option ms")],
)
def test_a_fault_that_does_not_exist_is_refused(fault, says):
    with pytest.raises(ValueError, match=says):
        Faults("1").put(**fault)


def test_options_are_options_of_faults():
    assert set(OPTIONS) <= set(Kind)
