"""The test of a router against simulated ones, its page, and the older endpoint of it."""

import asyncio
import re
import socket
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from click.testing import CliRunner
from django.test import Client

from ronda.cli import routers as command
from ronda.routeros.port import Target
from ronda.routers import older
from ronda.routers.models import Router
from ronda.routers.rules.observed import Observed, to_json
from ronda.routers.service import examining, reports, terminal
from ronda.routers.service.credentials import target_with
from ronda.simulator.routers.control import SimulatedRouters
from ronda.work import jobs, running
from ronda.work.loops import close_threads
from tests.routers.factories import CANARY, make_router
from tests.routers.test_rules_findings import FINE


@pytest.fixture(scope="module")
def simulated() -> Iterator[SimulatedRouters]:
    with SimulatedRouters("v6.49.10", "v7.24") as routers:
        yield routers


async def silent(done: int, total: int = 0, text: str = "") -> None:
    """Nobody watches."""


def examined(router: Router, password: str, **changes: Any) -> Observed:
    target = replace(target_with(router, password), **changes)
    observed, _facts = asyncio.run(examining.examine(router, target, silent))
    return observed


def entered(host: str, port: int, user: str = "ronda") -> Router:
    # Finding out would try TLS first and wait for it; that is proved where it is done.
    way = {"prefer": "pinned", "transport": "api"}
    return Router(name="Balai", host=host, port=port, user=user, **way)


@pytest.mark.parametrize("place", [0, 1])
def test_a_router_of_each_version_is_read_and_judged(
    simulated: SimulatedRouters, place: int
) -> None:
    one = simulated[place]
    observed = examined(entered(one.host, one.port, one.user), one.password)
    assert observed.transport == "api"
    assert observed.release[0] == (6, 7)[place]
    assert observed.rows("/ip/hotspot/user/profile")
    assert observed.rows("/user/group")
    assert observed.server == "127.0.0.1"
    report = reports.report(observed)
    codes = {said.code for said in report.said}
    assert {"connected", "plain", "version_ok"} <= codes
    assert all("%(" not in said.title for said in report.said)
    assert one.password not in str(to_json(observed))


def test_a_wrong_password_and_a_closed_port_are_told_apart(simulated: SimulatedRouters) -> None:
    one = simulated[0]
    wrong = examined(entered(one.host, one.port, one.user), CANARY)
    assert [finding.code for finding in reports.report(wrong).said] == ["login_wrong"]
    assert CANARY not in str(to_json(wrong))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        closed = examined(entered("127.0.0.1", taken.getsockname()[1]), CANARY)
    assert [finding.code for finding in reports.report(closed).said] == ["port_refused"]


def test_a_peer_that_accepts_and_hangs_ends_the_test_in_bounded_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        router = entered("127.0.0.1", server.getsockname()[1])
        observed = examined(router, CANARY, timeout=0.2)
    assert [finding.code for finding in reports.report(observed).said] == ["hung"]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_test_in_a_terminal_works_without_a_desk_and_is_kept(
    ground: Any, simulated: SimulatedRouters, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "_ready", lambda: None)
    monkeypatch.setattr(terminal, "PATIENCE_S", 0.0)
    one = simulated[1]
    way = {"host": one.host, "port": one.port, "prefer": "pinned", "transport": "api"}
    router = make_router(user=one.user, password=one.password, **way)
    answer = CliRunner().invoke(command.routers, ["test", "Balai Desa"])
    close_threads()
    assert answer.exit_code in {0, 1}, answer.output
    assert "Signed in by api" in answer.output
    assert one.password not in answer.output
    router.refresh_from_db()
    assert router.connection_status == "connected"
    assert router.report["identity"] == router.facts["identity"]


@pytest.mark.django_db
def test_a_test_is_begun_once_watched_and_read(
    admin: Client, django_assert_num_queries: Any
) -> None:
    router = make_router()
    begun = admin.post(f"/routers/{router.pk}/test/")
    again = admin.post(f"/routers/{router.pk}/test/")
    assert begun.url == again.url
    page = admin.get(begun.url).content.decode()
    assert "Waiting for the desk" in page
    fragment = re.search(r'hx-get="([^"]+)"', page)
    assert fragment
    job = running.claim("desk", {examining.KIND})
    assert job is not None
    running.report(job, 3, 17, "/system/clock")
    assert "Reading /system/clock" in admin.get(fragment[1]).content.decode()
    Router.objects.filter(pk=router.pk).update(report=to_json(FINE), reported_at=FINE.at)
    running.succeed(job, {})
    assert admin.get(fragment[1])["HX-Redirect"] == begun.url
    with django_assert_num_queries(5):
        page = admin.get(begun.url).content.decode()
    assert "Everything works" in page


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("code", "says"),
    [
        (jobs.TOO_LATE, "did not take the test up"),
        ("PasswordUnreadable", "type it again"),
        ("internal", "cut off: internal"),
    ],
)
def test_a_test_without_a_report_says_why(admin: Client, code: str, says: str) -> None:
    router = make_router()
    url = admin.post(f"/routers/{router.pk}/test/").url
    job = running.claim("desk", {examining.KIND})
    assert job is not None
    running.fail(job, "", code)
    assert says in admin.get(url).content.decode()


@pytest.mark.django_db
def test_the_report_is_there_as_json_too(admin: Client) -> None:
    router = make_router()
    assert admin.get(f"/api/v1/routers/{router.pk}/test").json()["level"] is None
    begun = admin.post(f"/api/v1/routers/{router.pk}/test")
    assert begun.status_code == 202
    Router.objects.filter(pk=router.pk).update(
        report=to_json(replace(FINE, hotspot_name="Hotspot")), reported_at=FINE.at
    )
    found = admin.get(f"/api/v1/routers/{router.pk}/test?job={begun.json()['job']}").json()
    assert (found["running"], found["level"], found["connected"]) == (True, "bad", True)
    (missing,) = [one for one in found["findings"] if one["code"] == "hotspot_unknown"]
    assert missing["hint"] == "Was hotspot1 meant?"


@pytest.mark.django_db
def test_the_older_test_answers_in_its_shape_and_waits_no_longer_than_it_says(
    admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(older, "WAIT_S", 0)
    router = make_router()
    late = admin.post("/api/mikrotik/test", {"settingsId": router.pk}, "application/json").json()
    assert (late["success"], late["systemInfo"], late["profiles"]) == (False, None, [])
    job = running.claim("desk", {examining.KIND})
    assert job is not None
    monkeypatch.setattr(jobs, "wait", lambda job, _seconds: jobs.state(job))
    monkeypatch.setattr(examining, "start", lambda _pk: job.id)
    Router.objects.filter(pk=router.pk).update(report=to_json(FINE), reported_at=FINE.at)
    running.succeed(job, {})
    body = {"settingsId": str(router.pk)}
    answer = admin.post("/api/mikrotik/test", body, "application/json").json()
    assert set(answer) == {"success", "systemInfo", "profiles", "message"}
    assert (answer["success"], answer["message"]) == (True, "Everything works.")
    assert set(answer["systemInfo"]) == {"resource", "identity"}
    assert [row["name"] for row in answer["profiles"]] == ["default", "1jam"]
    for wrong in ("x", "999999"):
        unknown = admin.post("/api/mikrotik/test", {"settingsId": wrong}, "application/json")
        assert unknown.status_code == 404


def test_our_address_towards_a_router_is_found_without_sending_anything() -> None:
    found = examining._our_address(Target("127.0.0.1", "u", "p"))
    assert found == "127.0.0.1"


@pytest.mark.django_db
def test_a_profile_that_is_not_there_leads_to_the_entry_and_to_the_profiles(admin: Client) -> None:
    seen = to_json(replace(FINE, default_profile="1 Jam"))
    router = make_router(report=seen, reported_at=FINE.at)
    page = admin.get(f"/routers/{router.pk}/test/").content.decode()
    assert "Was 1jam meant?" in page
    assert f'href="/routers/{router.pk}/edit/"' in page
    assert 'href="/hotspot/profiles/"' in page
