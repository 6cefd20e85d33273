"""A router's password changed: whatever is cut off in between, somebody still knows the one that holds."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import CliRunner
from django.test import Client

from ronda.accounts.models import AuditRow
from ronda.cli import routers as command
from ronda.routeros.errors import NotPermitted, RouterError
from ronda.routeros.links import open_link
from ronda.routers.models import Router
from ronda.routers.service import rotation, terminal
from ronda.routers.service.credentials import candidate_of, password_of, seal, target_with
from ronda.simulator.routers.control import Handle, SimulatedRouters
from ronda.work import jobs, running
from ronda.work.loops import close_threads
from tests.routers.factories import CANARY, make_router
from tests.routers.test_router_pages import text_of

LEAST = "read,write,api,test,password"
whole = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def simulated() -> Iterator[SimulatedRouters]:
    with SimulatedRouters("v6.49.10", "v7.24") as routers:
        yield routers


@pytest.fixture
def one(simulated: SimulatedRouters, ground: Any) -> Iterator[Handle]:
    """A router with the user `ronda-kecil`, who may change his own password and little more."""
    handle = simulated[1]
    kept = handle.snapshot()
    handle.ask("user", name="ronda-kecil", password=CANARY, policy=LEAST)
    yield handle
    handle.clear()
    handle.restore(kept)
    close_threads()


async def silent(done: int, total: int = 0, text: str = "") -> None:
    """Nobody watches."""


def entered(handle: Handle, **values: Any) -> Router:
    given = {"host": handle.host, "port": handle.port, "user": "ronda-kecil", "timeout_ms": 1000}
    return make_router(prefer="pinned", transport="api", **given | values)


def rotate(router: Router, **payload: Any) -> Any:
    return asyncio.run(rotation.run({"router": router.pk, **payload}, silent))


def signs_in(router: Router) -> bool:
    """Whether the stored password is the one that the router takes."""

    async def attempt() -> bool:
        link = await open_link(target_with(router, password_of(router)))
        await link.close()
        return True

    return asyncio.run(attempt())


@whole
@pytest.mark.parametrize("place", [pytest.param(0, marks=pytest.mark.slow), 1])
def test_a_new_password_is_set_proved_and_stored(
    ground: Any, simulated: SimulatedRouters, place: int
) -> None:
    handle = simulated[place]
    handle.ask("user", name="pertama", password=CANARY, policy=LEAST)
    router = entered(handle, user="pertama")
    assert rotate(router) == {"changed": True}
    router.refresh_from_db()
    assert (password_of(router) != CANARY, router.secret_next) == (True, "")
    assert signs_in(router)
    close_threads()
    rows = list(AuditRow.objects.values_list("action", "before", "after"))
    assert rows == [("router.rotated", None, None)]


@whole
@pytest.mark.slow
def test_without_the_policy_nothing_changes(one: Handle) -> None:
    one.ask("user", name="tanpa-hak", password=CANARY, policy="read,write,api,test")
    router = entered(one, user="tanpa-hak")
    with pytest.raises(NotPermitted):
        rotate(router)
    router.refresh_from_db()
    assert (password_of(router), router.secret_next) == (CANARY, "")


@whole
@pytest.mark.parametrize("applied", [True, False])
def test_an_answer_that_never_comes_is_found_out_by_signing_in(one: Handle, applied: bool) -> None:
    one.fault("no-reply", command="/password", count=1, applied=applied)
    router = entered(one)
    if applied:
        assert rotate(router) == {"changed": True}
    else:
        with pytest.raises(RouterError, match="kept its former"):
            rotate(router)
    router.refresh_from_db()
    assert router.secret_next == ""
    assert (password_of(router) == CANARY) is not applied
    assert signs_in(router)


@whole
@pytest.mark.parametrize("set_already", [True, False])
def test_a_run_that_was_killed_in_between_is_settled_by_the_next(
    one: Handle, set_already: bool
) -> None:
    router = entered(one, secret_next=seal("baru-" + CANARY))
    if set_already:
        one.ask("execute", command="/user/set", words=[
            "=numbers=ronda-kecil", f"=password=baru-{CANARY}"])  # fmt: skip
    assert rotate(router, settle_only=True) == {"changed": set_already}
    router.refresh_from_db()
    assert password_of(router) == ("baru-" + CANARY if set_already else CANARY)
    assert router.secret_next == ""


@whole
@pytest.mark.slow
def test_while_the_router_is_away_both_passwords_stay(one: Handle) -> None:
    router = entered(one, secret_next=seal("baru"))
    one.set_port("refuse")
    with pytest.raises(RouterError):
        rotate(router)
    one.set_port("open")
    router.refresh_from_db()
    assert (password_of(router), candidate_of(router)) == (CANARY, "baru")
    one.ask("execute", command="/user/set", words=["=numbers=ronda-kecil", "=password=lain"])
    with pytest.raises(rotation.NothingHolds):
        rotate(router)
    router.refresh_from_db()
    assert (password_of(router), candidate_of(router)) == (CANARY, "baru")


@whole
def test_a_password_typed_meanwhile_is_never_overwritten(one: Handle) -> None:
    router = entered(one)
    Router.objects.filter(pk=router.pk).update(secret=seal("diketik"))
    with pytest.raises(RouterError, match="somebody else"):
        asyncio.run(rotation.change(router, silent))
    router.secret_next = seal("baru")
    with pytest.raises(RouterError, match="somebody else"):
        rotation.keep(router, rotation.Holds.NEW)
    stored = Router.objects.get()
    assert (password_of(stored), stored.secret_next) == ("diketik", "")
    assert not AuditRow.objects.exists()


@whole
@pytest.mark.slow
def test_a_terminal_changes_it_without_a_desk(one: Handle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "_ready", lambda: None)
    monkeypatch.setattr(terminal, "PATIENCE_S", 0.0)
    router = entered(one)
    answer = CliRunner().invoke(command.routers, ["rotate", "Balai Desa"])
    assert answer.output == "Balai Desa has a new password\n"
    router.refresh_from_db()
    assert signs_in(router)
    one.ask("user", name="tanpa-hak", password=CANARY, policy="read,write,api,test")
    entered(one, name="Posko", user="tanpa-hak")
    refused = CliRunner().invoke(command.routers, ["rotate", "Posko"])
    assert refused.exit_code == 1
    assert "lacks the policy password" in refused.output


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("", "proved by a fresh sign-in"),
        ("NotPermitted", "lacks the policy password"),
        ("NothingHolds", "takes neither"),
        ("WrongCredentials", "refuses the stored password"),
        ("RouterTimedOut", "finds out by itself"),
        (jobs.TOO_LATE, "did not take the test up"),
    ],
)
def test_the_page_begins_it_and_says_how_it_ended(admin: Client, code: str, says: str) -> None:
    router = make_router()
    assert "makes a random password" in text_of(admin.get(f"/routers/{router.pk}/password/"))
    url = admin.post(f"/routers/{router.pk}/password/").url
    assert "Waiting for the desk" in text_of(admin.get(url))
    job = running.claim("desk", {rotation.KIND})
    assert job is not None
    running.report(job, 2, 4, "change")
    fragment = f"/routers/{router.pk}/test/{job.id}/"
    assert "Setting the new password" in text_of(admin.get(fragment))
    if code:
        running.fail(job, "", code)
    else:
        running.succeed(job, {"changed": True})
    assert admin.get(fragment)["HX-Redirect"] == url
    assert says in text_of(admin.get(url))
    assert AuditRow.objects.filter(action="router.rotate", actor="budi").count() == 1


@pytest.mark.django_db
def test_unsettled_routers_are_taken_up_again(ground: Any) -> None:
    make_router(secret_next=seal("baru"))
    make_router("Posko")
    assert rotation.start_unsettled() == 1
    job = running.claim("desk", {rotation.KIND})
    assert job is not None
    assert job.payload["settle_only"] is True


@pytest.mark.django_db
def test_only_administrators_change_passwords(noc: Client) -> None:
    router = make_router()
    assert noc.post(f"/routers/{router.pk}/password/").status_code == 403


@whole
def test_a_change_that_is_asked_for_never_meets_one_that_only_finds_out(ground: Any) -> None:
    router = make_router(secret_next=seal("baru"))
    assert rotation.start_unsettled() == 1
    job = rotation.start(router.pk, None)
    assert job == rotation.start(router.pk, None)
    found = jobs.newest(rotation.KIND, f"router-password:{router.pk}")
    assert found is not None
    assert found.id == job


@whole
def test_a_proved_password_is_not_called_kept_when_another_was_typed(ground: Any) -> None:
    router = make_router(secret_next=seal("baru"))
    typed = seal("diketik")
    Router.objects.filter(pk=router.pk).update(secret=typed, secret_next="")
    with pytest.raises(RouterError, match="somebody else"):
        rotation.keep(router, rotation.Holds.NEW)
    router.refresh_from_db()
    assert router.secret == typed
    assert not AuditRow.objects.filter(action="router.rotated").exists()
