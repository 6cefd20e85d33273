"""The test of a router over each of its doors, and on boards that forbid or lack something."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from ronda.routers.models import Router
from ronda.routers.rules.observed import Observed
from ronda.routers.service import examining, reports
from ronda.routers.service.credentials import target_with
from ronda.simulator.routers.control import Handle, SimulatedRouters
from ronda.simulator.routers.fleet import Spec
from ronda.simulator.routers.furnish import complete

pytestmark = pytest.mark.slow

DOORS = {"api-ssl": "api-ssl", "api": "api", "rest-https": "www-ssl", "rest-http": "www"}


@pytest.fixture(scope="module")
def routers() -> Iterator[SimulatedRouters]:
    specs = (Spec("v7.24"), Spec("v6.49.10"), Spec("v7.21", options={"tls": "anonymous"}))
    with SimulatedRouters(*specs, furnish=[complete]) as opened:
        yield opened


async def silent(done: int, total: int = 0, text: str = "") -> None:
    """Nobody watches."""


def examined(one: Handle, transport: str, **values: Any) -> Observed:
    router = Router(
        name="Balai",
        host=one.host,
        port=one.ports[DOORS[transport]],
        user=one.user,
        prefer="pinned",
        transport=transport,
        timeout_ms=5000,
        **values,
    )
    observed, _facts = asyncio.run(
        examining.examine(router, target_with(router, one.password), silent)
    )
    return observed


def codes(observed: Observed) -> set[str]:
    return {said.code for said in reports.report(observed).said}


@pytest.mark.parametrize("transport", list(DOORS))
def test_each_door_of_v7_is_read_and_judged_alike(
    routers: SimulatedRouters, transport: str
) -> None:
    observed = examined(routers[0], transport)
    assert observed.transport == transport
    found = codes(observed)
    assert {"connected", "version_ok", "profiles_ok"} <= found
    assert ("plain" in found) is (transport in {"api", "rest-http"})
    assert ("tls_first" in found) is (transport in {"api-ssl", "rest-https"})


def test_another_certificate_than_the_pinned_one_is_refused_before_anything_is_sent(
    routers: SimulatedRouters,
) -> None:
    first = examined(routers[0], "api-ssl")
    assert "tls_pinned" in codes(examined(routers[0], "api-ssl", pin=first.certificate))
    assert codes(examined(routers[0], "api-ssl", pin="ab" * 32)) == {"tls_changed"}
    assert codes(examined(routers[0], "api-ssl", trust="verify")) == {"tls_untrusted"}


def test_tls_without_a_certificate_gets_the_commands_that_make_one(
    routers: SimulatedRouters,
) -> None:
    (said,) = reports.report(examined(routers[2], "api-ssl")).said
    assert said.code == "tls_none"
    assert "/certificate sign ronda-api" in said.repairs[0][1]
    assert "tls_anybody" in codes(examined(routers[2], "api-ssl", trust="anonymous"))


def test_v6_has_no_rest_and_the_test_says_so(routers: SimulatedRouters) -> None:
    assert "connected" in codes(examined(routers[1], "api-ssl"))
    observed = examined(routers[1], "rest-http")
    assert not observed.connected
    assert codes(observed) <= {"other_service", "port_refused", "hung", "login_wrong"}


def test_a_board_that_forbids_the_hotspot_is_told_how_to_allow_it(
    routers: SimulatedRouters,
) -> None:
    kept = routers[0].snapshot()
    routers[0].ask("device-mode", hotspot="no")
    found = {said.code: said for said in reports.report(examined(routers[0], "api")).said}
    routers[0].restore(kept)
    assert "/system device-mode update hotspot=yes" in found["device_mode_forbids"].repairs[0][1]
