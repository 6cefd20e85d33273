"""REST of a simulated router: each row of what was measured on real ones."""

import base64
import http.client
import json
import socket
import time

import pytest

from ronda.simulator.routers.control import SimulatedRouters
from ronda.simulator.routers.fleet import Spec
from ronda.simulator.routers.furnish import complete
from tests.simulator.routers.talk import Talk

USERS = "/rest/ip/hotspot/user"


def router_of(profile: str, **options):
    return SimulatedRouters(
        Spec(profile, options={"tls": "off", "pace": 400, "heals": 1.0, **options}),
        furnish=[complete],
    )


@pytest.fixture(
    scope="module", params=["v7.8", pytest.param("v7.16", marks=pytest.mark.slow), "v7.24"]
)
def any_version(request):
    with router_of(request.param) as routers:
        yield routers[0], routers[0].snapshot()


@pytest.fixture
def router(any_version):
    one, kept = any_version
    yield one
    one.clear()
    one.restore(kept)


@pytest.fixture(scope="module")
def one_of_7_24():
    with router_of("v7.24", pace=60) as routers:
        yield routers[0], routers[0].snapshot()


@pytest.fixture
def steady(one_of_7_24):
    """For what leaves the web server as it was."""
    one, kept = one_of_7_24
    yield one
    one.clear()
    one.restore(kept)


@pytest.fixture
def fresh():
    with router_of("v7.24", pace=60) as routers:
        yield routers[0]


class Web:
    """One kept connection with HTTP Basic."""

    def __init__(self, router, password=None, timeout=5) -> None:
        self.connection = http.client.HTTPConnection(
            router.host, router.ports["www"], timeout=timeout
        )
        word = f"{router.user}:{router.password if password is None else password}".encode()
        self.headers = {"Authorization": "Basic " + base64.b64encode(word).decode()}

    def __enter__(self):
        return self

    def __exit__(self, *_exception):
        self.connection.close()

    def ask(self, method, path, body=None, **headers):
        """Status and JSON (or text, or None)."""
        sent = None if body is None else json.dumps(body)
        usual = {"Content-Type": "application/json"} if body is not None else {}
        self.connection.request(method, path, sent, {**self.headers, **usual, **headers})
        answer = self.connection.getresponse()
        content = answer.read()
        self.answer = answer
        if answer.headers.get("Content-Type") != "application/json":
            return answer.status, content.decode() or None
        return answer.status, json.loads(content)


@pytest.fixture
def web(router):
    with Web(router) as connection:
        yield connection


def not_found():
    return 404, {"error": 404, "message": "Not Found"}


def bad(detail):
    return 400, {"detail": detail, "error": 400, "message": "Bad Request"}


def test_put_adds_and_gives_the_whole_item_back(web):
    status, item = web.ask(
        "PUT", USERS, {"name": "ani", "limit-uptime": "7200s", "disabled": False}
    )
    assert status == 201
    assert (item["name"], item["limit-uptime"], item["disabled"]) == ("ani", "2h", "false")
    assert web.ask("GET", f"{USERS}/{item['.id']}") == (200, item)
    assert web.ask("GET", f"{USERS}/ani") == (200, item)


def test_every_value_is_text(web):
    web.ask("PUT", USERS, {"name": "ani", "limit-bytes-total": 1_000})
    _, rows = web.ask("GET", USERS)
    assert {type(value) for row in rows for value in row.values()} == {str}


def test_get_filters_by_equality_and_gives_only_what_is_asked(web):
    for name, profile in (("ani", "default"), ("budi", "default")):
        web.ask("PUT", USERS, {"name": name, "profile": profile})
    path = f"{USERS}?name=budi&profile=default&.proplist=name,profile"
    assert web.ask("GET", path) == (200, [{"name": "budi", "profile": "default"}])


def test_post_print_takes_queries_with_their_stack(web):
    for name in ("ani", "budi", "citra"):
        web.ask("PUT", USERS, {"name": name})
    body = {".query": ["name=ani", "name=citra", "#|"], ".proplist": ["name"]}
    assert web.ask("POST", f"{USERS}/print", body) == (200, [{"name": "ani"}, {"name": "citra"}])


def test_patch_sets_null_unsets_and_delete_removes(web):
    _, item = web.ask("PUT", USERS, {"name": "ani", "comment": "x", "limit-uptime": "1h"})
    path = f"{USERS}/{item['.id']}"
    status, changed = web.ask(
        "PATCH", path, {"comment": None, "limit-uptime": "", "email": "a@b.c"}
    )
    assert status == 200
    assert (changed.get("comment"), changed.get("limit-uptime"), changed["email"]) == (
        None,
        None,
        "a@b.c",
    )
    assert web.ask("DELETE", path) == (204, None)
    assert web.ask("GET", path) == not_found()


def test_post_does_any_command_and_add_gives_the_id(web):
    status, done = web.ask("POST", f"{USERS}/add", {"name": "ani"})
    assert (status, done["ret"][0]) == (200, "*")
    assert web.ask("POST", f"{USERS}/reset-counters", {".id": done["ret"]}) == (200, [])
    assert web.ask("POST", f"{USERS}/set", {"numbers": "ani", "comment": "x"}) == (200, [])


def test_a_menu_that_is_one_item_is_an_object_and_is_set_by_post_only(web):
    assert web.ask("POST", "/rest/system/identity/set", {"name": "Balai"}) == (200, [])
    assert web.ask("GET", "/rest/system/identity") == (200, {"name": "Balai"})
    assert web.ask("PATCH", "/rest/system/identity", {"name": "Lain"})[0] == 500
    assert web.ask("POST", "/rest/system/identity/print") == (200, [{"name": "Balai"}])


def test_unknown_things_are_400_with_a_detail_and_unknown_items_404_without(web):
    assert web.ask("GET", f"{USERS}/*FFFF") == not_found()
    assert web.ask("PATCH", f"{USERS}/*FFFF", {"comment": "x"}) == not_found()
    assert web.ask("DELETE", f"{USERS}/*FFFF") == not_found()
    assert web.ask("GET", "/rest/ip/nothing") == bad("no such command or directory (nothing)")
    assert web.ask("POST", f"{USERS}/nothing") == bad("no such command or directory (nothing)")
    assert web.ask("POST", USERS, {"name": "ani"}) == bad(
        "no such command or directory (/ip/hotspot/user)"
    )
    assert web.ask("POST", f"{USERS}/unset", {})[0] == 400


@pytest.mark.parametrize(
    ("values", "detail"),
    [
        ({"name": "siti"}, "failure: already have user with this name for this server"),
        ({"name": "x", "uptime-limit": "1h"}, "unknown parameter uptime-limit"),
        ({"name": "x", "profile": "no"}, "input does not match any value of profile"),
        ({"name": "x", "limit-uptime": "soon"}, "invalid value for argument limit-uptime"),
        ({"password": "x"}, "missing =name="),
    ],
)
def test_a_refusal_is_400_with_the_same_words_as_over_the_api(web, values, detail):
    web.ask("PUT", USERS, {"name": "siti"})
    assert web.ask("PUT", USERS, values) == bad(detail)
    assert web.ask("POST", f"{USERS}/add", values) == bad(detail)


def test_bad_json_and_another_content_type_are_refused_and_a_charset_is_not(web):
    assert web.ask("PUT", USERS, {"name": "x"}, **{"Content-Type": "text/plain"})[0] == 415
    kind = {"Content-Type": "application/json; charset=utf-8"}
    assert web.ask("PUT", USERS, {"name": "x"}, **kind)[0] == 201
    web.connection.request("PUT", USERS, "{", {**web.headers, "Content-Type": "application/json"})
    assert web.connection.getresponse().read().endswith(b'"message":"Bad Request"}')


def test_a_wrong_password_is_401_without_detail_and_without_cookies(router):
    with Web(router, password="wrong") as stranger:
        assert stranger.ask("GET", USERS) == (401, {"error": 401, "message": "Unauthorized"})
        assert "Set-Cookie" not in stranger.answer.headers


def test_without_the_policy_rest_api_nobody_is_let_in_and_without_write_it_is_500(router):
    router.ask("user", name="api-only", password="x", policy="read,api")
    router.ask("user", name="reader", password="x", policy="read,rest-api")
    router.user, kept = "api-only", router.user
    try:
        with Web(router, password="x") as web:
            assert web.ask("GET", USERS)[0] == 401
        router.user = "reader"
        with Web(router, password="x") as web:
            assert web.ask("GET", USERS)[0] == 200
            status, body = web.ask("PUT", USERS, {"name": "ani"})
            assert (status, body["detail"]) == (500, "not enough permissions (9)")
    finally:
        router.user = kept


def test_umlauts_and_equal_signs_survive(web):
    comment = "warung Bu Sri = 5 rb é \U0001f35c"
    _, item = web.ask("PUT", USERS, {"name": "ani", "comment": comment})
    assert web.ask("GET", f"{USERS}/{item['.id']}")[1]["comment"] == comment


def test_sessions_of_rest_stay_in_user_active_from_7_16_on_and_cannot_be_removed(router, web):
    web.ask("GET", USERS)
    web.ask("GET", USERS)
    rows = [row for row in router.rows("/user/active") if row["via"] == "rest-api"]
    assert len(rows) == (0 if router.profile == "v7.8" else 1)
    for row in rows if router.profile == "v7.24" else ():
        assert web.ask("POST", "/rest/user/active/remove", {".id": row[".id"]}) == bad(
            "action failed (6)"
        )
    router.reboot(seconds=0.0)
    assert router.rows("/user/active") == []


def test_a_monitor_answers_once_if_asked_to_and_after_its_duration(web):
    path = "/rest/interface/monitor-traffic"
    status, rows = web.ask("POST", path, {"interface": "ether1", "once": ""})
    assert (status, rows[0]["name"]) == (200, "ether1")
    assert web.ask("POST", path, {"interface": "ether1", "duration": "2s"})[0] == 200
    assert web.ask("POST", path, {"interface": "ether1", "duration": "90s"}) == bad(
        "Session closed"
    )


@pytest.mark.parametrize("command", ["interface/monitor-traffic", "ip/hotspot/user/listen"])
def test_what_never_ends_never_answers_and_keeps_its_user_waiting(fresh, command):
    body = {"interface": "ether1"} if "monitor" in command else {}
    with Web(fresh, timeout=0.3) as first, Web(fresh, timeout=0.3) as second:
        with pytest.raises(TimeoutError):
            first.ask("POST", f"/rest/{command}", body)
        with pytest.raises(TimeoutError):
            second.ask("GET", USERS)


def test_giving_up_corrupts_the_server_which_heals(fresh):
    with Web(fresh, timeout=0.2) as first, pytest.raises(TimeoutError):
        first.ask("POST", "/rest/ip/hotspot/user/listen", {})
    with Web(fresh) as later:
        assert later.ask("GET", "/")[0] == 401
        with pytest.raises((ConnectionError, http.client.HTTPException)):
            later.ask("GET", "/")
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            with Web(fresh) as web:
                if web.ask("GET", USERS)[0] == 200:
                    return
        except (ConnectionError, http.client.HTTPException):
            continue
    raise AssertionError("it never heals")


@pytest.mark.parametrize("applied", [True, False])
def test_an_answer_that_never_comes_leaves_it_open_whether_it_was_done(fresh, applied):
    fresh.fault("no-reply", command="/ip/hotspot/user/add", applied=applied)
    with Web(fresh, timeout=0.2) as web, pytest.raises(TimeoutError):
        web.ask("PUT", USERS, {"name": "ani"})
    names = [row["name"] for row in fresh.rows("/ip/hotspot/user")]
    assert ("ani" in names) is applied


def test_requests_in_small_pieces_and_two_at_once_are_answered_in_turn(router):
    word = base64.b64encode(f"{router.user}:{router.password}".encode()).decode()
    request = (
        f"GET /rest/system/identity HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {word}\r\n\r\n"
    )
    with socket.create_connection((router.host, router.ports["www"]), timeout=5) as plain:
        for byte in (request * 2).encode():
            plain.sendall(bytes((byte,)))
        heard = b""
        while heard.count(b"HTTP/1.1 200 OK") < 2 or not heard.endswith(b"}"):
            heard += plain.recv(65_536)


def test_what_is_no_http_is_turned_away(router):
    with socket.create_connection((router.host, router.ports["www"]), timeout=5) as plain:
        plain.sendall(b"\x06/login\x00\r\n\r\n")
        assert plain.recv(65_536).startswith(b"HTTP/1.1 400")


def test_version_6_has_a_web_page_and_no_rest():
    with router_of("v6.49.10") as routers, Web(routers[0]) as web:
        assert web.ask("GET", USERS)[0] == 404
        assert web.ask("GET", "/")[0] == 200


def test_rest_can_be_switched_off_from_7_21_on(fresh):
    with Web(fresh) as web:
        assert web.ask("POST", "/rest/ip/service/webserver/set", {"rest-plain": "no"}) == (200, [])
        assert web.ask("GET", USERS)[0] == 404


def test_a_refusal_may_have_been_done_all_the_same(steady):
    made = steady.insert("/ip/hotspot/user", name="ani")
    steady.fault("trap", command="/ip/hotspot/user/set", message="action failed (6)", applied=True)
    with Web(steady) as web:
        status, body = web.ask("PATCH", f"{USERS}/{made}", {"comment": "new"})
    assert (status, body["detail"]) == (400, "action failed (6)")
    (row,) = [row for row in steady.rows("/ip/hotspot/user") if row["name"] == "ani"]
    assert row["comment"] == "new"


@pytest.mark.parametrize(
    ("way", "byte"),
    [("sent", 0), ("sent", 1), ("sent", 200), ("received", 1), ("received", 40), ("received", 300)],
)
def test_a_line_that_is_cut_after_so_many_bytes_ends_there(steady, way, byte):
    steady.fault("cut", count=1, **{way: byte})
    with Web(steady) as web, pytest.raises((ConnectionError, http.client.HTTPException)):
        web.ask("PUT", USERS, {"name": "ani", "comment": "x" * 400})
    with Web(steady) as web:
        assert web.ask("GET", USERS)[0] == 200


@pytest.mark.parametrize(
    ("fault", "how"),
    [
        ("fragment", {}),
        ("bandwidth", {"bytes_per_s": 20_000}),
        ("knee", {"fast": 1, "ms": 20}),
        ("latency", {"ms": 20, "jitter_ms": 10}),
        ("cost", {"ms": 20}),
    ],
)
def test_a_slow_or_broken_up_answer_is_whole_in_the_end(steady, fault, how):
    steady.fault(fault, **how)
    with Web(steady) as web:
        answers = [web.ask("GET", "/rest/system/identity") for _ in range(3)]
    assert answers == [(200, {"name": "MikroTik"})] * 3


@pytest.mark.parametrize("at", ["before", "before-reply", "mid-sentence"])
def test_an_answer_may_end_in_the_middle_with_the_command_done_or_not(steady, at):
    steady.fault("close", command="/ip/hotspot/user/add", at=at, count=1)
    with Web(steady) as web, pytest.raises((ConnectionError, http.client.HTTPException)):
        web.ask("PUT", USERS, {"name": "ani"})
    names = [row["name"] for row in steady.rows("/ip/hotspot/user")]
    assert ("ani" in names) is (at != "before")


def test_a_change_of_device_mode_stalls_the_web_server_for_everybody(fresh):
    path = "/rest/system/device-mode/update"
    fresh.ask("user", name="other", password="x")
    with Web(fresh, timeout=0.2) as first, pytest.raises(TimeoutError):
        first.ask("POST", path, {"hotspot": "yes", "activation-timeout": "30s"})
    other = Web(fresh, password="x", timeout=0.2)
    other.headers["Authorization"] = "Basic " + base64.b64encode(b"other:x").decode()
    with other, pytest.raises(TimeoutError):
        other.ask("GET", USERS)
    assert fresh.ask("button") is True


def test_connections_of_the_web_server_are_listed_in_ip_service_from_7_21_on(router, web):
    web.ask("GET", USERS)
    listed = [row for row in router.rows("/ip/service") if row.get("dynamic") == "true"]
    assert [row["name"] for row in listed] == (["www"] if router.profile == "v7.24" else [])


def test_long_files_are_too_long_for_rest(steady):
    steady.insert("/file", name="a.txt", contents="x" * 61_441)
    with Web(steady) as web:
        assert web.ask("GET", "/rest/file/a.txt") == bad("failure: contents too long")


def test_after_a_reboot_lists_may_be_empty_though_nothing_is_gone():
    with router_of("v7.24", boots=5) as routers:
        routers[0].insert("/ip/hotspot/user", name="ani")
        with Web(routers[0]) as web:
            assert len(web.ask("GET", USERS)[1]) == 2
        routers[0].reboot(seconds=0.0, clock_lost=False)
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            try:
                with Web(routers[0]) as web:
                    assert web.ask("GET", USERS) == (200, [])
                    routers[0].advance(6)
                    assert len(web.ask("GET", USERS)[1]) == 2
                    return
            except ConnectionError:
                continue
        raise AssertionError("it never comes back")


def test_the_api_sees_what_rest_did(router, web):
    web.ask("PUT", USERS, {"name": "ani"})
    with Talk.to(router) as talk:
        said = talk.say("/ip/hotspot/user/print", "?name=ani", "=.proplist=name")
    assert said[0] == ["!re", "=name=ani"]
