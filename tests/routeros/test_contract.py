"""What the client promises of any router: every simulated RouterOS, each transport, and a real one.

`ROUTEROS_TEST_URL=api://user:password@host:8728` (or api-ssl, rest-https, rest-http) runs the same
tests on a real router. They make only users and profiles whose names begin with the prefix below,
and remove them.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator
from urllib.parse import unquote, urlsplit

import pytest

from ronda.routeros import queries
from ronda.routeros.errors import (
    AlreadyThere,
    InvalidValue,
    NoSuchItem,
    NoSuchReference,
    Outcome,
    RouterError,
    UnknownToVersion,
    WrongCredentials,
)
from ronda.routeros.links import open_link
from ronda.routeros.port import Link, Query, Target, Transport, Trust
from ronda.simulator.routers.control import SimulatedRouters
from ronda.simulator.routers.furnish import complete
from tests.routeros.adding import add_once
from tests.routeros.peer import run

PREFIX = "ronda-uji-"
USERS = "/ip/hotspot/user"
PROFILES = "/ip/hotspot/user/profile"
VERSIONS = ("v6.42", "v6.49.10", "v7.8", "v7.16", "v7.21", "v7.24")
DOORS = {
    Transport.API: "api",
    Transport.API_TLS: "api-ssl",
    Transport.REST: "www",
    Transport.REST_TLS: "www-ssl",
}
QUICK = {("v6.42", Transport.API), ("v7.24", Transport.API_TLS), ("v7.24", Transport.REST)}


def places() -> Iterator[object]:
    for version in VERSIONS:
        for transport in DOORS:
            if version.startswith("v6") and transport in {Transport.REST, Transport.REST_TLS}:
                continue
            marks = [] if (version, transport) in QUICK else [pytest.mark.slow]
            yield pytest.param((version, transport), id=f"{version}-{transport}", marks=marks)
    yield pytest.param(
        None,
        id="real",
        marks=[
            pytest.mark.real_router,
            pytest.mark.skipif(
                "ROUTEROS_TEST_URL" not in os.environ, reason="no real router named"
            ),
        ],
    )


@pytest.fixture(scope="module")
def routers() -> Iterator[SimulatedRouters]:
    with SimulatedRouters(*VERSIONS, furnish=[complete]) as opened:
        yield opened


@pytest.fixture(params=places())
def target(request: pytest.FixtureRequest) -> Target:
    if request.param is None:
        return real()
    version, transport = request.param
    handle = request.getfixturevalue("routers")[VERSIONS.index(version)]
    return Target(
        handle.host,
        handle.user,
        handle.password,
        transport=transport,
        port=handle.ports[DOORS[transport]],
    )


def real() -> Target:
    url = urlsplit(os.environ["ROUTEROS_TEST_URL"])
    return Target(
        url.hostname or "",
        unquote(url.username or ""),
        unquote(url.password or ""),
        transport=Transport(url.scheme),
        port=url.port,
        trust=Trust.OFF,
        timeout=15.0,
    )


def with_link(target: Target, story: Callable[[Link], Awaitable[None]]) -> None:
    """Run a story with an open link; what it made is removed before and afterwards."""

    async def whole() -> None:
        link = await open_link(target)
        try:
            await clean(link)
            await story(link)
        finally:
            if link.alive:
                await clean(link)
            await link.close()

    run(whole)


async def clean(link: Link) -> None:
    for menu in (USERS, PROFILES):
        rows = await link.print(menu, properties=[".id", "name"])
        ours = [row[".id"] for row in rows if row.get("name", "").startswith(PREFIX)]
        if ours:
            await link.remove(menu, ours)


def test_the_router_says_what_it_is(target: Target) -> None:
    async def story(link: Link) -> None:
        facts = link.facts
        assert (facts.transport, bool(facts.identity)) == (target.transport, True)
        assert facts.capabilities.version >= (6, 0, 0)
        assert facts.version.startswith(".".join(map(str, facts.capabilities.version[:2])))

    with_link(target, story)


@pytest.mark.parametrize(
    "text",
    [
        "true",
        "123456",
        "a=b",
        "=x",
        "Jalan Melati, RT 02/05",
        "dua\r\nbaris",
        "José €",
        "'\"\\$;[]",
    ],
)
def test_text_goes_in_and_out_unchanged(target: Target, text: str) -> None:
    async def story(link: Link) -> None:
        item = await link.add(USERS, {"name": f"{PREFIX}{text}", "comment": text})
        rows = await link.print(USERS, query=Query((f"name={PREFIX}{text}",)))
        assert [(row[".id"], row["name"], row["comment"]) for row in rows] == [
            (item, f"{PREFIX}{text}", text)
        ]

    with_link(target, story)


def test_an_item_lives_and_goes(target: Target) -> None:
    async def story(link: Link) -> None:
        name = f"{PREFIX}siti"
        item = await link.add(USERS, {"name": name, "limit-uptime": "7200s", "disabled": "no"})
        assert item is not None

        async def seen(*properties: str) -> dict[str, str]:
            rows = await link.print(USERS, query=Query((f"name={name}",)), properties=properties)
            return rows[0] if rows else {}

        assert await seen("name", "limit-uptime") == {"name": name, "limit-uptime": "2h"}
        await link.set(USERS, {"limit-uptime": "0s", "comment": "baru"}, id=item)
        assert await seen("limit-uptime", "comment") == {"comment": "baru"}
        await link.set(USERS, {"disabled": "yes"}, id=item)
        assert await seen("disabled") == {"disabled": "true"}
        await link.call(f"{USERS}/reset-counters", {".id": item})
        assert await link.count(USERS, query=Query((f"name={name}",))) == 1
        await link.remove(USERS, [item])
        assert await seen() == {}
        with pytest.raises(NoSuchItem):
            await link.remove(USERS, [item])

    with_link(target, story)


def test_conditions_choose_rows(target: Target) -> None:
    async def story(link: Link) -> None:
        for name, comment in (("a", "x"), ("b", "y"), ("c", "")):
            values = {"name": PREFIX + name} | ({"comment": comment} if comment else {})
            await link.add(USERS, values)

        async def names(query: Query) -> list[str]:
            rows = await link.print(USERS, query=query, properties=["name"])
            return sorted(
                row["name"].removeprefix(PREFIX) for row in rows if row["name"].startswith(PREFIX)
            )

        x, y = queries.equal("comment", "x"), queries.equal("comment", "y")
        assert await names(queries.either(x, y)) == ["a", "b"]
        assert await names(queries.both(queries.has("comment"), queries.no(x))) == ["b"]
        assert await names(queries.both(queries.lacks("comment"), queries.has("name"))) == ["c"]
        assert await names(Query.equal(name=f"{PREFIX}none")) == []

    with_link(target, story)


def test_refusals_are_of_their_kind_and_change_nothing(target: Target) -> None:
    async def story(link: Link) -> None:
        name = f"{PREFIX}siti"
        await link.add(USERS, {"name": name})
        for error, asked in (
            (AlreadyThere, link.add(USERS, {"name": name})),
            (NoSuchReference, link.add(USERS, {"name": f"{PREFIX}b", "profile": f"{PREFIX}none"})),
            (UnknownToVersion, link.add(USERS, {"name": f"{PREFIX}b", "uptime-limit": "1h"})),
            (UnknownToVersion, link.call("/ip/hotspot/nothing/print")),
            (InvalidValue, link.add(PROFILES, {"name": f"{PREFIX}b", "session-timeout": "soon"})),
            (NoSuchItem, link.set(USERS, {"comment": "x"}, id="*FFFFFF0")),
        ):
            with pytest.raises(error) as refused:
                await asked
            assert refused.value.outcome is Outcome.FAILED
            assert link.alive
        rows = await link.print(USERS, properties=["name"])
        assert [row["name"] for row in rows if row["name"].startswith(PREFIX)] == [name]

    with_link(target, story)


def test_many_commands_at_once_each_get_their_own_answer(target: Target) -> None:
    async def story(link: Link) -> None:
        names = [f"{PREFIX}{n}" for n in range(40)]
        ids = await asyncio.gather(*(link.add(USERS, {"name": name}) for name in names))
        held = await asyncio.gather(
            *(link.print(USERS, query=Query((f"name={name}",))) for name in names)
        )
        assert [rows[0][".id"] for rows in held] == ids
        assert len(set(ids)) == 40

    with_link(target, story)


def test_cancelling_leaves_the_connection_in_step(target: Target) -> None:
    async def story(link: Link) -> None:
        for _ in range(3):
            asked = [
                asyncio.get_running_loop().create_task(link.print("/system/resource"))
                for _ in range(4)
            ]
            await asyncio.sleep(0)
            for one in asked[::2]:
                one.cancel()
            await asyncio.wait(asked)
            assert [bool(one.result()) for one in asked[1::2]] == [True, True]
        assert len(await link.print("/system/identity")) == 1

    with_link(target, story)


def test_something_is_added_once(target: Target) -> None:
    async def story(link: Link) -> None:
        values = {"name": f"{PREFIX}sekali", "server": "all"}
        made = await add_once(link, USERS, values)
        assert await add_once(link, USERS, values, doubt=True) == made

    with_link(target, story)


def test_changes_are_pushed(target: Target) -> None:
    if target.transport not in {Transport.API, Transport.API_TLS}:
        pytest.skip("REST cannot push")

    async def story(link: Link) -> None:
        rows = link.stream(f"{USERS}/listen")
        first = asyncio.get_running_loop().create_task(anext(rows))
        # The router answers in order, so that it listens once this has an answer.
        await link.print("/system/identity")
        item = await link.add(USERS, {"name": f"{PREFIX}baru"})
        assert (await asyncio.wait_for(first, 5))[".id"] == item
        await link.remove(USERS, [str(item)])
        while (await asyncio.wait_for(anext(rows), 5)).get(".dead") is None:
            pass
        await rows.aclose()
        assert await link.print(USERS, query=Query((f"name={PREFIX}baru",))) == []

    with_link(target, story)


def test_a_wrong_password_is_refused(target: Target) -> None:
    from dataclasses import replace

    async def story() -> None:
        with pytest.raises(WrongCredentials):
            await open_link(replace(target, password="not-it"))

    run(story)


def test_a_menu_that_is_not_there_costs_its_answer(target: Target) -> None:
    async def story(link: Link) -> None:
        with pytest.raises(RouterError):
            await link.print("/no/such/menu")
        assert link.alive

    with_link(target, story)
