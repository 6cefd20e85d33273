"""Each fault a simulated router can have, and what the client makes of it."""

import asyncio
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ronda.routeros.commands import words_of
from ronda.routeros.connection import Connection
from ronda.routeros.errors import (
    Outcome,
    RouterClosed,
    RouterError,
    RouterFull,
    RouterSpokeNonsense,
    RouterTimedOut,
    RouterUnreachable,
    WrongCredentials,
)
from ronda.routeros.links import open_link
from ronda.routeros.port import Target, Transport
from ronda.routeros.words import sentence
from ronda.simulator.routers.control import Handle, SimulatedRouters
from tests.routeros.adding import add_once
from tests.routeros.peer import hurry, run

USERS = "/ip/hotspot/user"
PRINT, ADD = f"{USERS}/print", f"{USERS}/add"


@pytest.fixture(scope="module")
def opened() -> Iterator[SimulatedRouters]:
    with SimulatedRouters("v7.16") as routers:
        yield routers


@pytest.fixture
def router(opened: SimulatedRouters) -> Iterator[Handle]:
    snapshot = opened[0].snapshot()
    yield opened[0]
    opened[0].clear()
    opened[0].restore(snapshot)


def target(router: Handle, within: float = 5.0) -> Target:
    return Target(
        router.host,
        router.user,
        router.password,
        transport=Transport.API,
        port=router.port,
        timeout=within,
    )


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"kind": "hang"}, RouterTimedOut),
        ({"kind": "reset", "count": 1}, RouterUnreachable),
        ({"kind": "garbage", "count": 1, "bytes": 200}, RouterSpokeNonsense),
        ({"kind": "http", "count": 1}, RouterSpokeNonsense),
        ({"kind": "wrong-password", "count": 1}, WrongCredentials),
    ],
)
def test_what_is_wrong_at_the_door(
    router: Handle, fault: dict[str, object], error: type[RouterError]
) -> None:
    router.fault(**fault)

    async def story() -> None:
        with pytest.raises(error) as refused:
            await open_link(target(router, 0.2 if error is RouterTimedOut else 5.0))
        assert refused.value.outcome is Outcome.FAILED

    run(story)


@pytest.mark.parametrize(
    ("fault", "error", "outcome"),
    [
        ({"kind": "close", "at": "before"}, RouterUnreachable, "unknown"),
        ({"kind": "close", "at": "before-reply"}, RouterUnreachable, "unknown"),
        ({"kind": "close", "at": "mid-word"}, RouterUnreachable, "unknown"),
        ({"kind": "close", "at": "mid-sentence", "rst": True}, RouterUnreachable, "unknown"),
        ({"kind": "no-reply", "applied": True}, RouterTimedOut, "unknown"),
        ({"kind": "no-reply", "applied": False}, RouterTimedOut, "unknown"),
        ({"kind": "trap", "message": "action failed (6)"}, RouterFull, "failed"),
        ({"kind": "fatal", "message": "out of memory"}, RouterClosed, "unknown"),
        ({"kind": "control-byte"}, RouterSpokeNonsense, "unknown"),
        ({"kind": "oversize"}, RouterSpokeNonsense, "unknown"),
    ],
)
def test_what_goes_wrong_with_an_addition(
    router: Handle, fault: dict[str, object], error: type[RouterError], outcome: str
) -> None:
    async def story() -> None:
        link = await open_link(target(router))
        if error is RouterTimedOut:
            hurry(link)
        router.fault(**fault, command=ADD, count=1)
        with pytest.raises(error) as refused:
            await link.add(USERS, {"name": "siti", "password": "kenari-91"})
        assert refused.value.outcome == outcome
        assert "kenari-91" not in repr(refused.value) + refused.value.text
        await link.close()
        again = await open_link(target(router))
        item = await add_once(again, USERS, {"name": "siti"}, doubt=True)
        assert [row[".id"] for row in router.rows(USERS) if row["name"] == "siti"] == [item]
        await again.close()

    run(story)


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "fragment", "by": "byte"},
        {"kind": "fragment", "by": "word"},
        {"kind": "duplicate", "command": PRINT, "count": 1},
        {"kind": "strange-word", "command": PRINT, "count": 1},
        {"kind": "latency", "ms": 5, "jitter_ms": 10},
        {"kind": "bandwidth", "bytes_per_s": 20_000},
    ],
)
def test_what_does_not_hurt(router: Handle, fault: dict[str, object]) -> None:
    router.insert_many(USERS, [{"name": f"vc-{n}", "comment": "x"} for n in range(6)])

    async def story() -> None:
        link = await open_link(target(router))
        router.fault(**fault)
        tables = await asyncio.gather(*(link.print(USERS, properties=["name"]) for _ in range(3)))
        for rows in tables:
            assert len([row for row in rows if row["name"].startswith("vc-")]) == 6
        assert len(await link.print("/system/identity")) == 1
        assert link.alive
        await link.close()

    run(story)


def test_replies_that_come_after_a_cancel_are_swallowed(router: Handle) -> None:
    async def story() -> None:
        link = await open_link(target(router))
        router.fault("late")
        router.fault("latency", command=PRINT, ms=30)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await link.print(USERS)
        assert len(await link.print("/system/identity")) == 1
        router.clear()
        assert await link.count(USERS) == len(router.rows(USERS))
        await link.close()

    run(story)


class NoTransport(asyncio.Transport):
    """Takes what is written and forgets it."""

    def __init__(self) -> None:
        super().__init__()
        self.gone = False

    def write(self, data: object) -> None: ...

    def abort(self) -> None:
        self.gone = True


replies = st.sampled_from(
    [
        sentence(words)
        for words in (
            [b"!re", b".tag=1", b"=a=b"], [b"!re", b"=a=\xff", b".tag=2"], [b"!done", b".tag=1"],
            [b"!done", b".tag=2", b"=ret=x"], [b"!trap", b".tag=1"], [b"!trap", b"=category=x"],
            [b"!done"], [b"!re"], [b"!fatal"], [b"!fatal", b"why"], [b"!empty", b".tag=2"], [b"!odd"],
            [b"!done", b".tag=9"], [],
        )
    ]
)  # fmt: skip


@settings(deadline=None, max_examples=60)
@given(st.lists(st.one_of(replies, replies, replies, st.binary(max_size=20)), max_size=12))
def test_whatever_a_peer_says_only_our_own_errors_come_of_it(said: list[bytes]) -> None:
    async def story() -> None:
        connection = Connection(5.0)
        transport = NoTransport()
        connection.connection_made(transport)
        asked = asyncio.gather(
            connection.ask(words_of("/a/print")),
            connection.ask(words_of("/b/add")),
            return_exceptions=True,
        )
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        for piece in said:
            connection.data_received(piece)
        connection.eof_received()
        connection.connection_lost(None)
        for outcome in await asked:
            assert isinstance(outcome, RouterError) or outcome.rows is not None
        assert not connection.alive
        assert not connection._pending
        assert not connection._waiting
        assert transport.gone

    asyncio.run(story())
