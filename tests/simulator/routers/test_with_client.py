"""Our client and simulated routers, which were written apart: TLS of every kind, REST and its damage."""

import asyncio

import pytest

from ronda.routeros.errors import RouterError, RouterHasNoCertificate, RouterUntrusted
from ronda.routeros.links import open_link
from ronda.routeros.port import Query, Target, Transport, Trust
from ronda.simulator.routers.control import Handle, SimulatedRouters
from ronda.simulator.routers.fleet import Spec
from ronda.simulator.routers.furnish import complete

DOORS = {Transport.API_TLS: "api-ssl", Transport.REST_TLS: "www-ssl", Transport.REST: "www"}
KINDS = ("self-signed", "other-host", "expired", "anonymous")


@pytest.fixture(scope="module")
def routers():
    specs = [Spec("v7.16", name=kind, options={"tls": kind, "heals": 0.5}) for kind in KINDS]
    with SimulatedRouters(*specs, furnish=[complete]) as opened:
        yield dict(zip(KINDS, opened, strict=True))


def target(router: Handle, transport=Transport.API_TLS, trust=Trust.PIN, **more) -> Target:
    return Target(
        router.host,
        router.user,
        router.password,
        transport=transport,
        port=router.ports[DOORS[transport]],
        trust=trust,
        **{"timeout": 5.0, **more},
    )


def facts(wanted: Target):
    async def story():
        link = await open_link(wanted)
        await link.close()
        return link.facts

    return asyncio.run(story())


@pytest.mark.parametrize("kind", ["self-signed", "other-host", "expired"])
@pytest.mark.parametrize("transport", [Transport.API_TLS, Transport.REST_TLS])
def test_whatever_certificate_a_router_has_is_pinned_at_the_first_connection(
    routers, kind, transport
):
    shown = routers[kind].ask("shown")["fingerprint"]
    assert facts(target(routers[kind], transport)).certificate == shown
    assert facts(target(routers[kind], transport, pin=shown)).identity == kind


@pytest.mark.parametrize("kind", ["self-signed", "other-host", "expired"])
def test_no_certificate_that_a_router_made_itself_can_be_verified(routers, kind):
    with pytest.raises(RouterUntrusted):
        facts(target(routers[kind], trust=Trust.VERIFY))
    assert facts(target(routers[kind], trust=Trust.OFF)).identity == kind


def test_a_certificate_that_changes_in_mid_life_breaks_the_pin_but_not_what_is_open(routers):
    router = routers["self-signed"]

    async def story():
        pin = router.ask("shown")["fingerprint"]
        link = await open_link(target(router, pin=pin))
        await asyncio.to_thread(router.ask, "certificate")
        assert await link.print("/system/identity") == [{"name": "self-signed"}]
        await link.close()
        with pytest.raises(RouterUntrusted):
            await open_link(target(router, pin=pin))

    asyncio.run(story())


def test_api_ssl_without_a_certificate_is_spoken_to_anonymously_or_not_at_all(routers):
    with pytest.raises(RouterHasNoCertificate):
        facts(target(routers["anonymous"]))
    assert facts(target(routers["anonymous"], trust=Trust.ANONYMOUS)).identity == "anonymous"


def test_rest_reads_and_writes_like_the_api(routers):
    router = routers["expired"]

    async def story():
        link = await open_link(target(router, Transport.REST))
        made = await link.add("/ip/hotspot/user", {"name": "ani", "comment": "a=b"})
        await link.set("/ip/hotspot/user", {"limit-uptime": "1h"}, id=made)
        rows = await link.print("/ip/hotspot/user", query=Query.equal(name="ani"))
        await link.remove("/ip/hotspot/user", [made])
        await link.close()
        return rows

    (row,) = asyncio.run(story())
    assert (row["comment"], row["limit-uptime"]) == ("a=b", "1h")
    assert "ani" not in [row["name"] for row in router.rows("/ip/hotspot/user")]


@pytest.mark.slow
def test_after_rest_was_given_up_by_somebody_the_client_gets_through_again(routers):
    """Another program at the same address aborts; what it breaks heals, and nothing is done twice."""
    router = routers["other-host"]

    async def story():
        reader, writer = await asyncio.open_connection(router.host, router.ports["www"])
        writer.write(b"GET /rest/x HTTP/1.1\r\n\r\n")
        await writer.drain()
        assert (await reader.read(12)) == b"HTTP/1.1 401"
        writer.close()
        router.fault("latency", command="/ip/hotspot/user/print", count=1, ms=300)
        hasty = await open_link(target(router, Transport.REST))
        task = asyncio.create_task(hasty.print("/ip/hotspot/user"))  # noqa: TID251 -- a test's own
        await asyncio.sleep(0.05)
        task.cancel()
        await hasty.close()
        for _ in range(100):
            try:
                link = await open_link(target(router, Transport.REST))
                found = await link.print("/system/identity")
                await link.close()
            except RouterError:
                await asyncio.sleep(0.1)
            else:
                return found
        raise AssertionError("it never heals")

    assert asyncio.run(story()) == [{"name": "other-host"}]
