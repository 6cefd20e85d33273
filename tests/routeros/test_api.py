"""The API client against a scripted peer on loopback."""

import asyncio

import pytest

from ronda.routeros.api import ApiLink
from ronda.routeros.errors import (
    AlreadyThere,
    NoSuchItem,
    Outcome,
    RouterClosed,
    RouterError,
    RouterSpokeNonsense,
    RouterUnreachable,
    WrongCredentials,
)
from ronda.routeros.links import open_link
from ronda.routeros.port import Capabilities, Facts, Query, Target, Transport
from ronda.routeros.words import sentence
from tests.routeros.peer import (
    CANARY,
    Peer,
    Words,
    listening,
    nothing,
    run,
    target,
)


def test_a_link_knows_the_facts_of_its_router() -> None:
    async def story() -> None:
        async with listening(Peer(nothing)) as peer:
            link = await open_link(target(peer))
            assert link.facts == Facts(
                identity="desa-01",
                version="7.16 (stable)",
                board="CHR",
                serial="Ab1/cd",
                capabilities=Capabilities((7, 16, 0), True, False, False),
                transport=Transport.API,
                certificate=None,
            )
            assert isinstance(link, ApiLink)
            assert link.connection.window.cap == 128
            assert peer.heard[0] == [b"/login", b"=name=ronda", b"=password=" + CANARY.encode()]
            await link.close()
            await link.close()
            assert not link.alive

    run(story)


def test_every_kind_of_command_says_what_it_should() -> None:
    replies = {
        b"/ip/hotspot/user/print": [[b"!re", b"=.id=*1", b"=name=siti"], [b"!done"]],
        b"/ip/hotspot/user/add": [[b"!done", b"=ret=*2"]],
    }

    async def story() -> None:
        async with listening(Peer(lambda words: replies.get(words[0], [[b"!done"]]))) as peer:
            link = await open_link(target(peer))
            peer.heard.clear()
            menu = "/ip/hotspot/user"
            rows = await link.print(
                menu, query=Query.equal(profile="1jam"), properties=[".id", "name"]
            )
            assert rows == [{".id": "*1", "name": "siti"}]
            assert await link.add(menu, {"name": "budi", "comment": ""}) == "*2"
            await link.set(menu, {"disabled": "yes"}, id="*2")
            await link.set("/system/identity", {"name": "x"})
            await link.remove(menu, ["*1", "*2"])
            assert (await link.call(f"{menu}/reset-counters", {".id": "*1"})).rows == []
            assert peer.heard == [
                [b"/ip/hotspot/user/print", b"=.proplist=.id,name", b"?profile=1jam"],
                [b"/ip/hotspot/user/add", b"=name=budi", b"=comment="],
                [b"/ip/hotspot/user/set", b"=.id=*2", b"=disabled=yes"],
                [b"/system/identity/set", b"=name=x"],
                [b"/ip/hotspot/user/remove", b"=.id=*1,*2"],
                [b"/ip/hotspot/user/reset-counters", b"=.id=*1"],
            ]
            await link.close()

    run(story)


def test_rows_are_counted_by_the_router() -> None:
    async def story() -> None:
        async with listening(Peer(lambda words: [[b"!done", b"=ret=17"]])) as peer:
            link = await open_link(target(peer))
            assert await link.count("/ip/hotspot/host") == 17
            assert peer.heard[-1] == [b"/ip/hotspot/host/print", b"=count-only="]
            peer.answer = nothing
            with pytest.raises(RouterSpokeNonsense):
                await link.count("/ip/hotspot/host")
            await link.close()

    run(story)


def test_an_old_router_is_answered_its_challenge() -> None:
    challenge = "ebddd18303a54111e2dea05a92ab46b4"

    def login(words: Words) -> list[Words]:
        if words[-1].startswith(b"=response="):
            good = words[1:] == [b"=name=ronda", b"=response=00" + expected]
            return [[b"!done"]] if good else [[b"!trap", b"=message=cannot log in"], [b"!done"]]
        return [[b"!done", b"=ret=" + challenge.encode()]]

    import hashlib

    expected = hashlib.md5(b"\0" + CANARY.encode() + bytes.fromhex(challenge)).hexdigest().encode()

    async def story() -> None:
        peer = Peer(nothing)
        peer.login = login
        async with listening(peer):
            link = await open_link(target(peer))
            assert link.alive
            await link.close()

    run(story)


@pytest.mark.parametrize("text", [b"invalid user name or password (6)", b"cannot log in"])
def test_a_wrong_password_is_told_and_appears_nowhere(
    text: bytes, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    import traceback

    async def story() -> None:
        peer = Peer(nothing)
        peer.login = lambda words: [[b"!trap", b"=message=" + text], [b"!done"]]
        async with listening(peer):
            with pytest.raises(WrongCredentials) as refused:
                await open_link(target(peer))
            error = refused.value
            assert error.text == text.decode()
            told = "".join(traceback.format_exception(error)) + repr(error) + str(error)
            assert CANARY not in told + repr(target(peer))
            assert peer.connections == 1

    run(story)
    assert CANARY not in caplog.text + "".join(capsys.readouterr())


def test_replies_of_many_commands_may_interleave() -> None:
    """Each answer is held back until the next command came, so that two are always mixed."""
    held: list[Words] = []

    def answer(words: Words) -> list[Words]:
        nonlocal held
        number = words[-1].removeprefix(b"=number=")
        tag = b".tag=" + str(int(number) + first).encode()
        mine = [[b"!re", b"=n=" + number, tag], [b"!done", tag]]
        out = [mine[0], *held, mine[0]]
        held = mine[1:]
        return out if number != b"39" else [*out, *held]

    first = 0

    async def story() -> None:
        nonlocal first
        async with listening(Peer(answer)) as peer:
            link = await open_link(target(peer))
            first = 6  # the login and four menus took tags 1 to 5
            replies = await asyncio.gather(
                *(link.call("/x/print", {"number": str(n)}) for n in range(40))
            )
            assert [reply.rows for reply in replies] == [[{"n": str(n)}] * 2 for n in range(40)]
            await link.close()

    run(story)


def test_a_refusal_is_typed_and_the_connection_goes_on() -> None:
    def answer(words: Words) -> list[Words]:
        if words[0].endswith(b"/add"):
            text = b"=message=failure: already have user with this name for this server"
            return [[b"!trap", text], [b"!done"]]
        return [[b"!trap", b"=category=0", b"=message=no such item (4)"], [b"!done"]]

    async def story() -> None:
        async with listening(Peer(answer)) as peer:
            link = await open_link(target(peer))
            with pytest.raises(AlreadyThere) as there:
                await link.add("/ip/hotspot/user", {"name": "siti", "password": CANARY})
            assert there.value.outcome is Outcome.FAILED
            with pytest.raises(NoSuchItem) as missing:
                await link.remove("/ip/hotspot/user", ["*9"])
            assert (missing.value.category, missing.value.text) == (0, "no such item (4)")
            assert link.alive
            await link.close()

    run(story)


def test_what_a_version_adds_to_the_protocol_is_passed_over() -> None:
    replies = [[b"!empty"], [b"!novel", b"=x=1"], [b"!done"]]

    async def story() -> None:
        async with listening(Peer(lambda words: replies)) as peer:
            link = await open_link(target(peer))
            assert await link.print("/ip/hotspot/user") == []
            await link.close()

    run(story)


@pytest.mark.parametrize("place", [1, 2, 3])
def test_the_tag_may_stand_anywhere(place: int) -> None:
    def answer(words: Words) -> list[Words]:
        row = [b"!re", b"=.id=*1", b"=name=a"]
        row.insert(place, b".tag=6")
        return [row, [b"!done", b"=ret=x", b".tag=6"]]

    async def story() -> None:
        async with listening(Peer(answer)) as peer:
            link = await open_link(target(peer))
            reply = await link.call("/a/print")
            assert (reply.rows, reply.ret) == ([{".id": "*1", "name": "a"}], "x")
            await link.close()

    run(story)


@pytest.mark.parametrize("fatal", [[b"!fatal", b"too long"], [b"!fatal", b"=message=too long"]])
def test_the_last_word_of_a_router_ends_everything(fatal: Words) -> None:
    async def story() -> None:
        async with listening(Peer(lambda words: None)) as peer:
            link = await open_link(target(peer))
            waiting = asyncio.gather(
                link.print("/a"), link.add("/b", {"name": "x"}), return_exceptions=True
            )
            await peer.until(lambda heard: len(heard) == 7)
            peer.answer = lambda words: sentence(fatal)
            with pytest.raises(RouterClosed):
                await link.call("/c")
            errors = await waiting
            assert [(type(error), error.text) for error in errors] == [
                (RouterClosed, "too long")
            ] * 2
            # Reading may be repeated; whether the item was made is not known.
            assert [error.outcome for error in errors] == [Outcome.FAILED, Outcome.UNKNOWN]
            assert not link.alive
            with pytest.raises(RouterError) as gone:
                await link.add("/b", {"name": "y"})
            assert gone.value.outcome is Outcome.FAILED
            await link.close()

    run(story)


@pytest.mark.parametrize(
    "said", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"SSH-2.0-ROSSSH\r\n", b"\xf8\0\0", b"\x03abc\0"]
)
def test_another_service_is_recognised(said: bytes) -> None:
    async def story() -> None:
        peer = Peer(nothing)
        peer.login = lambda words: said
        async with listening(peer):
            with pytest.raises(RouterSpokeNonsense):
                await open_link(target(peer))

    run(story)


def test_no_service_and_no_name_are_told_apart() -> None:
    async def story() -> None:
        async with listening(Peer(nothing)) as peer:
            pass
        with pytest.raises(RouterUnreachable, match="refused"):
            await open_link(target(peer))
        with pytest.raises(RouterUnreachable, match="no address for the name"):
            await open_link(Target("a" * 70, "ronda", CANARY, transport=Transport.API))

    run(story)
