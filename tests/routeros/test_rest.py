"""REST against a small web server: its rules, and what is made of its failures."""

import asyncio
import traceback
from pathlib import Path
from typing import Any

import pytest

from ronda.routeros import exchange
from ronda.routeros.errors import (
    AlreadyThere,
    InvalidValue,
    NoSuchItem,
    NotPermitted,
    Outcome,
    RouterError,
    RouterRefused,
    RouterSpokeNonsense,
    RouterTimedOut,
    RouterUnreachable,
    UnknownToVersion,
    WrongCredentials,
)
from ronda.routeros.http import Answer
from ronda.routeros.links import open_link
from ronda.routeros.port import Query, Target, Transport
from tests.routeros.certificates import with_certificate
from tests.routeros.peer import listening, run
from tests.routeros.web import Told, Web

MENU = "/ip/hotspot/user"


pytestmark = pytest.mark.usefixtures("hasty")


def target(web: Web, **changes: object) -> Target:
    asked = {"transport": Transport.REST, "port": web.port, "timeout": 5.0} | changes
    return Target("127.0.0.1", "ronda", "rahasia", **asked)


def nothing(method: str, path: str, body: Any) -> Told:
    return 200, []


def test_a_nul_over_rest_is_shown_as_what_it_is_not() -> None:
    body = rb'{"a": "x\u0000\\\u0000y", "b": "\\u0000", "c": "\u0041"}'
    told = exchange._read(Answer(200, body))
    assert told == {"a": "x\ufffd\\\ufffdy", "b": r"\u0000", "c": "A"}


def test_every_call_is_the_request_it_should_be(tmp_path: Path) -> None:
    item = {".id": "*1", "name": "siti", "disabled": "false"}

    def answer(method: str, path: str, body: Any) -> Told:
        if method == "DELETE":
            gone.append(path)
            return 204, None
        if method == "GET":
            return (404, {"error": 404, "message": "Not Found"}) if path in gone else (200, item)
        if body and "count-only" in body:
            return 200, {"ret": "12"}
        return 200, [item] if path.endswith("print") else item

    gone: list[str] = []

    async def story() -> None:
        tls, fingerprint = with_certificate(tmp_path)
        async with listening(Web(answer), tls) as web:
            link = await open_link(target(web, transport=Transport.REST_TLS))
            assert link.facts.certificate == fingerprint
            assert (link.facts.identity, link.facts.serial) == ("desa-02", "HF1")
            query = Query.equal(name="siti")
            assert await link.print(MENU, query=query, properties=["name"]) == [item]
            assert await link.count(MENU, query=query) == 12
            assert await link.add(MENU, {"name": "siti"}) == "*1"
            await link.set(MENU, {"comment": ""}, id="*1")
            await link.set("/system/identity", {"name": "x"})
            await link.remove(MENU, ["*1"])
            assert (await link.call(f"{MENU}/reset-counters", {".id": "*2"})).rows == [item]
            one = f"/rest{MENU}/*1"
            assert web.heard == [
                ("POST", f"/rest{MENU}/print", {".query": ["name=siti"], ".proplist": ["name"]}),
                ("POST", f"/rest{MENU}/print", {"count-only": "", ".query": ["name=siti"]}),
                ("PUT", f"/rest{MENU}", {"name": "siti"}),
                ("GET", one, None),
                ("PATCH", one, {"comment": ""}),
                ("GET", one, None),
                ("POST", "/rest/system/identity/set", {"name": "x"}),
                ("DELETE", one, None),
                ("GET", one, None),
                ("POST", f"/rest{MENU}/reset-counters", {".id": "*2"}),
            ]
            assert web.connections == 1
            await link.close()
            assert not link.alive
            with pytest.raises(RouterUnreachable):
                await link.print(MENU)

    run(story)


def test_requests_go_one_by_one_whoever_asks() -> None:
    async def story() -> None:
        async with listening(Web(nothing)) as web:
            link = await open_link(target(web))
            await asyncio.gather(*(link.print(MENU) for _ in range(20)))
            assert (web.most_open, len(web.heard), web.connections) == (1, 20, 1)
            await link.close()

    run(story)


def test_a_request_nobody_waits_for_runs_to_its_end_before_the_next() -> None:
    async def story() -> None:
        async with listening(Web(nothing)) as web:
            link = await open_link(target(web))
            web.hold.clear()
            with pytest.raises(RouterTimedOut) as late:
                await link.call(f"{MENU}/add", {"name": "a"}, within=0.05)
            assert late.value.outcome is Outcome.UNKNOWN
            asyncio.get_running_loop().call_later(0.05, web.hold.set)
            assert await link.print(MENU) == []
            assert (web.connections, len(web.heard)) == (1, 2)
            await link.close()

    run(story)


def test_a_request_without_an_answer_is_given_up_and_the_next_gets_a_new_connection() -> None:
    async def story() -> None:
        async with listening(Web(lambda *_: None)) as web:
            link = await open_link(target(web))
            with pytest.raises(RouterUnreachable) as cut:
                await link.remove(MENU, ["*1"])
            assert cut.value.outcome is Outcome.UNKNOWN
            web.answer = nothing
            assert await link.print(MENU) == []
            assert web.connections == 2
            await link.close()

    run(story)


@pytest.mark.parametrize(
    ("told", "error", "outcome"),
    [
        (
            (400, "failure: already have user with this name for this server"),
            AlreadyThere,
            "failed",
        ),
        ((500, "not enough permissions (9)"), NotPermitted, "failed"),
        ((400, "unknown parameter uptime-limit"), UnknownToVersion, "failed"),
        ((400, "Session closed"), RouterTimedOut, "unknown"),
        ((400, "something new"), RouterRefused, "unknown"),
        ((503, ""), RouterRefused, "unknown"),
        ((404, ""), NoSuchItem, "failed"),
    ],
)
def test_a_refusal_says_whether_it_may_have_been_done(
    told: tuple[int, str], error: type[RouterError], outcome: str
) -> None:
    status, detail = told
    body = {"error": status, "message": "X"} | ({"detail": detail} if detail else {})

    async def story() -> None:
        async with listening(Web(lambda *_: (status, body))) as web:
            link = await open_link(target(web))
            with pytest.raises(error) as refused:
                await link.call(f"{MENU}/reset-counters", {".id": "*1"})
            assert (type(refused.value), refused.value.outcome) == (error, Outcome(outcome))
            with pytest.raises(error) as unread:
                await link.print(MENU)
            assert unread.value.outcome is Outcome.FAILED
            await link.close()

    run(story)


def test_an_item_that_was_made_in_spite_of_a_500_is_found_and_not_made_twice() -> None:
    def answer(method: str, path: str, body: Any) -> Told:
        if method == "PUT":
            return 500, {"error": 500, "message": "Internal Server Error"}
        if path.endswith("/print"):
            return 200, [{".id": "*5"}] if made else []
        if path.endswith("/add"):
            return 200, {"ret": "*6"}
        return 200, {".id": path.rpartition("/")[2]}

    made = True

    async def story() -> None:
        nonlocal made
        async with listening(Web(answer)) as web:
            link = await open_link(target(web))
            assert await link.add(MENU, {"name": "a", "server": "hs1", "profile": "p"}) == "*5"
            assert web.heard[-1][2] == {".query": ["name=a", "server=hs1"], ".proplist": [".id"]}
            made = False
            assert await link.add(MENU, {"name": "a", "server": "hs1"}) == "*6"
            with pytest.raises(RouterRefused) as unsure:
                await link.add("/ip/hotspot/ip-binding", {"address": "10.0.0.1"})
            assert unsure.value.outcome is Outcome.UNKNOWN
            await link.close()

    run(story)


@pytest.mark.parametrize("write", ["add", "set", "remove"])
def test_a_write_that_cannot_be_read_again_is_in_doubt(write: str) -> None:
    def answer(method: str, path: str, body: Any) -> Told:
        return b"" if method == "GET" else (200, {".id": "*1"})

    async def story() -> None:
        async with listening(Web(answer)) as web:
            link = await open_link(target(web))
            writes = {
                "add": link.add(MENU, {"name": "a"}),
                "set": link.set(MENU, {"name": "a"}, id="*1"),
                "remove": link.remove(MENU, ["*1"]),
            }
            for name, one in writes.items():
                if name != write:
                    one.close()
            with pytest.raises(RouterUnreachable) as unsure:
                await writes[write]
            assert unsure.value.outcome is Outcome.UNKNOWN
            await link.close()

    run(story)


def test_a_change_that_was_made_in_spite_of_a_400_counts() -> None:
    def answer(method: str, path: str, body: Any) -> Told:
        if method == "PATCH":
            return 400, {"error": 400, "message": "Bad Request", "detail": "odd"}
        return 200, {".id": "*1", "comment": "baru"}

    async def story() -> None:
        async with listening(Web(answer)) as web:
            link = await open_link(target(web))
            await link.set(MENU, {"comment": "baru"}, id="*1")
            with pytest.raises(RouterRefused):
                await link.set(MENU, {"comment": "lain"}, id="*1")
            await link.close()

    run(story)


def test_a_401_meant_for_somebody_else_is_told_from_a_wrong_password() -> None:
    unauthorized = (401, {"error": 401, "message": "Unauthorized"})

    def answer(method: str, path: str, body: Any) -> Told:
        return unauthorized if len(web_heard()) == strange else (200, [])

    strange = 1

    async def story() -> None:
        nonlocal strange
        async with listening(web) as _:
            link = await open_link(target(web))
            assert await link.print(MENU) == []
            assert len(web.heard) == 2
            strange = 3
            with pytest.raises(RouterUnreachable) as unsure:
                await link.call(f"{MENU}/add", {"name": "a"})
            assert unsure.value.outcome is Outcome.UNKNOWN
            web.basic = "changed"
            with pytest.raises(WrongCredentials):
                await link.call(f"{MENU}/add", {"name": "a"})
            await link.close()

    web: Any = None

    def web_heard() -> list[Any]:
        return web.heard

    async def begin() -> None:
        nonlocal web
        web = Web(answer)
        await story()

    run(begin)


@pytest.mark.parametrize(
    "said",
    [
        b"SSH-2.0-ROSSSH\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>",
        b"HTTP/1.1 404 Not Found\r\nContent-Length: 6\r\n\r\n<html>",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]",
    ],
)
def test_another_web_server_is_recognised(said: bytes) -> None:
    class Other(Web):
        def _told(self, *_: Any) -> Told:
            return said

    async def story() -> None:
        async with listening(Other(nothing)) as web:
            with pytest.raises(RouterSpokeNonsense):
                await open_link(target(web))

    run(story)


def test_a_router_before_7_1_answers_404_and_that_is_told() -> None:
    class Old(Web):
        def _told(self, *_: Any) -> Told:
            return 404, {"error": 404, "message": "Not Found"}

    async def story() -> None:
        async with listening(Old(nothing)) as web:
            with pytest.raises(RouterSpokeNonsense, match=r"before 7\.1"):
                await open_link(target(web))

    run(story)


def test_a_wrong_password_is_told_and_appears_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    async def story() -> None:
        async with listening(Web(nothing, password="other")) as web:
            with pytest.raises(WrongCredentials) as refused:
                await open_link(target(web))
            told = "".join(traceback.format_exception(refused.value)) + repr(refused.value)
            assert "rahasia" not in told + caplog.text
            assert "cm9uZGE6" not in told + caplog.text

    run(story)


def test_what_would_never_end_is_not_asked() -> None:
    async def story() -> None:
        async with listening(Web(lambda *_: (200, [{"rx-bits-per-second": "1"}]))) as web:
            link = await open_link(target(web))
            with pytest.raises(InvalidValue):
                await link.call("/interface/monitor-traffic", {"interface": "ether1"})
            once = {"interface": "ether1", "once": ""}
            assert (await link.call("/interface/monitor-traffic", once)).rows
            with pytest.raises(UnknownToVersion):
                link.stream("/ip/hotspot/active/listen")
            await link.close()

    run(story)
