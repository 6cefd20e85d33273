"""What makes a TLS connection trusted, and that no password is sent before it is."""

from pathlib import Path

import pytest

from ronda.routeros.detect import ORDER, Stage, find
from ronda.routeros.errors import (
    RouterHasNoCertificate,
    RouterSpokeNonsense,
    RouterTimedOut,
    RouterUnreachable,
    RouterUntrusted,
    WrongCredentials,
)
from ronda.routeros.links import open_link
from ronda.routeros.port import Target, Transport, Trust
from tests.routeros.certificates import anonymous, with_certificate
from tests.routeros.peer import Peer, listening, run


def target(peer: Peer, trust: Trust = Trust.PIN, **changes: object) -> Target:
    asked = {"transport": Transport.API_TLS, "port": peer.port, "timeout": 5.0} | changes
    return Target("127.0.0.1", "ronda", "rahasia", trust=trust, **asked)


def nobody() -> Peer:
    return Peer(lambda words: [[b"!done"]])


def test_the_first_certificate_is_remembered_and_another_one_is_refused(tmp_path: Path) -> None:
    async def story() -> None:
        first, fingerprint = with_certificate(tmp_path, 1)
        async with listening(nobody(), first) as peer:
            link = await open_link(target(peer))
            assert (link.facts.certificate, link.facts.transport) == (
                fingerprint,
                Transport.API_TLS,
            )
            await link.close()
            again = await open_link(target(peer, pin=fingerprint.upper()))
            await again.close()
        other, changed = with_certificate(tmp_path, 2)
        async with listening(nobody(), other) as peer:
            with pytest.raises(RouterUntrusted, match=f"expected SHA-256 {fingerprint}.*{changed}"):
                await open_link(target(peer, pin=fingerprint))
            assert peer.heard == []

    run(story)


def test_verifying_takes_no_certificate_that_a_router_made_itself(tmp_path: Path) -> None:
    async def story() -> None:
        async with listening(nobody(), with_certificate(tmp_path)[0]) as peer:
            with pytest.raises(RouterUntrusted, match="not trusted"):
                await open_link(target(peer, Trust.VERIFY))
            assert peer.heard == []
            link = await open_link(target(peer, Trust.OFF))
            assert link.facts.certificate == with_certificate(tmp_path)[1]
            await link.close()

    run(story)


def test_a_service_without_a_certificate_is_told_and_can_be_spoken_to_anonymously(
    tmp_path: Path,
) -> None:
    async def story() -> None:
        async with listening(nobody(), anonymous(tmp_path)) as peer:
            with pytest.raises(RouterHasNoCertificate):
                await open_link(target(peer))
            link = await open_link(target(peer, Trust.ANONYMOUS))
            assert link.facts.certificate is None
            await link.close()
        async with listening(nobody(), with_certificate(tmp_path)[0]) as peer:
            with pytest.raises(RouterUntrusted, match="no anonymous TLS"):
                await open_link(target(peer, Trust.ANONYMOUS))

    run(story)


def test_a_port_without_tls_is_told(tmp_path: Path) -> None:
    class Plain(Peer):
        async def serve(self, reader, writer):  # type: ignore[no-untyped-def] # as its base
            writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            await reader.read(1)
            writer.close()

    async def story() -> None:
        async with listening(Plain(lambda words: None)) as peer:
            with pytest.raises(RouterSpokeNonsense, match="does not speak TLS"):
                await open_link(target(peer))

    run(story)


def test_a_port_that_takes_the_connection_and_hangs_costs_the_timeout() -> None:
    class Hanging(Peer):
        async def serve(self, reader, writer):  # type: ignore[no-untyped-def] # as its base
            await reader.read()
            writer.close()

    async def story() -> None:
        async with listening(Hanging(lambda words: None)) as peer:
            with pytest.raises(RouterTimedOut):
                await open_link(target(peer, timeout=0.05))

    run(story)


def test_every_step_of_finding_out_is_on_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new router: api-ssl is on without a certificate, and the plain API works."""

    async def story() -> None:
        async with listening(nobody(), anonymous(tmp_path)) as secure, listening(nobody()) as plain:
            monkeypatch.setattr(
                "ronda.routeros.detect.PORTS",
                {Transport.API_TLS: secure.port, Transport.API: plain.port,
                 Transport.REST_TLS: 443, Transport.REST: 80},
            )  # fmt: skip
            found = await find(target(plain, transport=None, port=None))
            assert found.link is not None
            assert found.link.facts.transport is Transport.API
            await found.link.close()
            assert [(step.transport, step.stage, type(step.error)) for step in found.steps] == [
                (Transport.API_TLS, Stage.NAME, type(None)),
                (Transport.API_TLS, Stage.PORT, type(None)),
                (Transport.API_TLS, Stage.TLS, RouterHasNoCertificate),
                (Transport.API, Stage.NAME, type(None)),
                (Transport.API, Stage.PORT, type(None)),
                (Transport.API, Stage.GREETING, type(None)),
                (Transport.API, Stage.LOGIN, type(None)),
                (Transport.API, Stage.FACTS, type(None)),
            ]
            assert all(step.seconds >= 0 for step in found.steps)
            # A router that had a certificate is not told the password without one.
            wary = await find(target(plain, transport=None, port=None, pin="ab" * 32))
            assert (wary.link, type(wary.error)) == (None, RouterHasNoCertificate)
            # A usual port says which transport is meant.
            told = await find(target(plain, transport=None))
            assert {step.transport for step in told.steps} == {Transport.API}
            assert told.link is not None
            await told.link.close()

    run(story)


def test_a_refused_user_is_not_tried_over_every_transport(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        peer = nobody()
        peer.login = lambda words: [[b"!trap", b"=message=cannot log in"], [b"!done"]]
        async with listening(peer):
            found = await find(target(peer, transport=None), [Transport.API, Transport.API_TLS])
        assert isinstance(found.error, WrongCredentials)
        assert [step.stage for step in found.steps] == [
            Stage.NAME, Stage.PORT, Stage.GREETING, Stage.LOGIN,
        ]  # fmt: skip

    run(story)


def test_where_rest_comes_first_and_does_not_answer_the_api_is_spoken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def story() -> None:
        async with listening(nobody()) as closed:
            pass
        async with listening(nobody()) as plain:
            monkeypatch.setattr(
                "ronda.routeros.detect.PORTS",
                dict.fromkeys(Transport, closed.port) | {Transport.API: plain.port},
            )
            asked = target(plain, transport=None, port=None, rest_first=True, plain_rest=True)
            found = await find(asked)
            assert found.link is not None
            assert found.link.facts.transport is Transport.API
            await found.link.close()
            assert [step.transport for step in found.steps if step.error] == [
                Transport.REST_TLS, Transport.REST, Transport.API_TLS,
            ]  # fmt: skip

    run(story)


def test_nothing_there_is_told_for_each_transport() -> None:
    async def story() -> None:
        async with listening(nobody()) as peer:
            pass
        found = await find(target(peer, transport=None))
        assert isinstance(found.error, RouterUnreachable)
        assert [step.transport for step in found.steps if step.error] == [
            one for one in ORDER if one is not Transport.REST
        ]

    run(story)
