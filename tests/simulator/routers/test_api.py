"""The API as it comes over a socket: logins, tags, cancel, and who may do what."""

import hashlib

import pytest

from ronda.simulator.routers.control import SimulatedRouters
from tests.simulator.routers.talk import Talk

WRONG = [["!trap", "=message=invalid user name or password (6)"], ["!done"]]
USERS = "/ip/hotspot/user"


@pytest.fixture(scope="module")
def routers():
    with SimulatedRouters("v6.42", "v6.49.10", "v7.8", "v7.16", "v7.21", "v7.24") as opened:
        yield opened


@pytest.fixture
def router(routers):
    snapshot = routers[3].snapshot()
    yield routers[3]
    routers[3].clear()
    routers[3].restore(snapshot)


def test_a_wrong_password_is_refused_and_the_connection_stays(router):
    with Talk(router.host, router.port) as talk:
        assert talk.say("/login", "=name=ronda", "=password=wrong") == WRONG
        assert talk.say("/login", f"=name={router.user}", f"=password={router.password}") == [
            ["!done"]
        ]


def test_before_6_43_a_challenge_is_answered(routers):
    old = routers[0]
    with Talk(old.host, old.port) as talk:
        ret = talk.say("/login")[0][1].removeprefix("=ret=")
        proof = hashlib.md5(b"\0" + old.password.encode() + bytes.fromhex(ret)).hexdigest()
        wrong = talk.say("/login", f"=name={old.user}", "=response=00" + "0" * 32)
        assert wrong == [["!trap", "=message=cannot log in"], ["!done"]]
        ret = talk.say("/login", "=name=x", "=password=y")[0][1].removeprefix("=ret=")
        proof = hashlib.md5(b"\0" + old.password.encode() + bytes.fromhex(ret)).hexdigest()
        assert talk.say("/login", f"=name={old.user}", f"=response=00{proof}") == [["!done"]]
        assert talk.say("/system/identity/print") == [["!re", "=name=MikroTik"], ["!done"]]


def test_nobody_does_anything_without_logging_in(router):
    with Talk(router.host, router.port) as talk:
        talk.send("/system/identity/print")
        assert talk.hear() == ["!fatal", "not logged in"]
        assert talk.ended()


def test_every_reply_of_a_tagged_command_has_its_tag(router):
    with Talk.to(router) as talk:
        assert talk.say("/system/identity/print", ".tag=a b") == [
            ["!re", ".tag=a b", "=name=MikroTik"],
            ["!done", ".tag=a b"],
        ]
        trap = ["!trap", ".tag=7", "=category=0", "=message=no such command"]
        assert talk.say("/system/identity/fly", ".tag=7") == [trap, ["!done", ".tag=7"]]


def test_an_empty_list_says_so_from_7_18_on(routers):
    for router, said in ((routers[3], [["!done"]]), (routers[5], [["!empty"], ["!done"]])):
        with Talk.to(router) as talk:
            assert talk.say("/ip/hotspot/active/print") == said


def test_listening_tells_of_changes_until_it_is_cancelled(router):
    with Talk.to(router) as talk:
        talk.send(f"{USERS}/listen", "=.proplist=.id,name", ".tag=ears")
        row_id = talk.say(f"{USERS}/add", "=name=siti", ".tag=1")
        assert row_id[0][:2] == ["!re", ".tag=ears"]
        made = row_id[-1][2].removeprefix("=ret=")
        assert talk.say(f"{USERS}/remove", f"=.id={made}", ".tag=2") == [
            ["!re", ".tag=ears", f"=.id={made}", "=.dead=yes"],
            ["!done", ".tag=2"],
        ]
        talk.send("/cancel", "=tag=ears", ".tag=3")
        assert [talk.hear() for _ in range(3)] == [
            ["!trap", ".tag=ears", "=category=2", "=message=interrupted"],
            ["!done", ".tag=ears"],
            ["!done", ".tag=3"],
        ]


def test_quitting_ends_the_session_and_its_row(router):
    with Talk.to(router) as talk:
        assert len(router.rows("/user/active")) == 1
        assert talk.say("/quit") == [["!fatal", "session terminated on request"]]
        assert talk.ended()
    assert router.rows("/user/active") == []


def test_a_group_without_a_policy_may_not(router):
    router.ask("user", name="eye", password="x", policy="read,api")
    router.ask("user", name="web", password="x", policy="read,write,web")
    denied = [["!trap", "=message=not enough permissions (9)"], ["!done"]]
    with Talk.to(router, user="eye", password="x") as talk:
        assert talk.say(f"{USERS}/print", "=count-only=") == [["!done", "=ret=1"]]
        assert talk.say(f"{USERS}/add", "=name=siti") == denied
    with Talk(router.host, router.port) as talk:
        assert talk.say("/login", "=name=web", "=password=x") == WRONG


def test_a_service_that_is_off_or_meant_for_others_turns_away(router):
    service = next(row[".id"] for row in router.rows("/ip/service") if row["name"] == "api")
    for values in ({"disabled": "true"}, {"disabled": "false", "address": "192.0.2.0/24"}):
        router.ask("change", menu="/ip/service", id=service, values=values)
        assert Talk.is_turned_away(router)


def test_one_session_more_than_allowed_is_turned_away(router):
    service = next(row[".id"] for row in router.rows("/ip/service") if row["name"] == "api")
    router.ask("change", menu="/ip/service", id=service, values={"max-sessions": "1"})
    with Talk.to(router):
        assert Talk.is_turned_away(router)


def test_recent_versions_list_each_connection_among_the_services(routers):
    router = routers[4]
    with Talk.to(router) as talk:
        port = talk.socket.getsockname()[1]
        said = talk.say("/ip/service/print", "?dynamic=true", "=.proplist=name,remote")
        assert said == [["!re", "=name=api", f"=remote=127.0.0.1:{port}"], ["!done"]]


@pytest.mark.parametrize("split", [1, 3, 1000])
def test_a_sentence_may_come_in_any_pieces(router, split):
    with Talk.to(router) as talk:
        from ronda.simulator.routers.wire import encode_sentence

        data = b"\0" + encode_sentence([b"/system/identity/print", b"=.proplist=name"]) + b"\0"
        for at in range(0, len(data), split):
            talk.socket.sendall(data[at : at + split])
        assert talk.hear() == ["!re", "=name=MikroTik"]
