"""Copies of configurations from simulated routers of every kind, and logs read from them."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from ronda.accounts.models import AuditRow
from ronda.app import demo_mikhmon
from ronda.routeros.errors import NotPermitted, RouterError, RouterFull
from ronda.routeros.links import open_link
from ronda.routeros.port import Link, Reply, Target, Transport
from ronda.simulator.routers.control import Handle, SimulatedRouters
from ronda.simulator.routers.furnish import complete
from ronda.upkeep.events import TROUBLE
from ronda.upkeep.models import Copy, LogCopy
from ronda.upkeep.service import copying, files, logs
from ronda.work import feed, jobs, tuning
from ronda.work.loops import close_threads
from tests.routers.desk.fakes import V7, FakeRouter, facts
from tests.routers.factories import make_router

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]

VERSIONS = ("v6.49.10", "v7.8", "v7.16", "v7.24")
# The oldest and the newest always, those in between with the slow ones.
EVERY = [
    pytest.param(version, marks=[] if version in {VERSIONS[0], VERSIONS[-1]} else pytest.mark.slow)
    for version in VERSIONS
]
SECRET = "kenari-rahasia-77"


@pytest.fixture(scope="module")
def simulated() -> Iterator[SimulatedRouters]:
    with SimulatedRouters(*VERSIONS, "v6.49.10", furnish=(complete,)) as opened:
        yield opened


async def say(done: int, total: int = 0, text: str = "") -> None:
    """Nobody listens."""


def on_link(handle: Handle, work: Callable[[Link], Awaitable[Any]]) -> Any:
    async def story() -> Any:
        target = Target(
            handle.host,
            handle.user,
            handle.password,
            transport=Transport.API,
            port=handle.port,
        )
        link = await open_link(target)
        try:
            return await work(link)
        finally:
            await link.close()

    try:
        return asyncio.run(story())
    finally:
        close_threads()


def copy_of(handle: Handle, router: int, **payload: Any) -> dict[str, Any]:
    return on_link(handle, lambda link: copying.copy(link, {"router": router, **payload}, say))


@pytest.mark.parametrize("version", EVERY)
def test_a_copy_is_what_the_version_allows_and_nothing_stays_on_the_router(
    simulated, version, data_folder
):
    handle = simulated[VERSIONS.index(version)]
    handle.insert("/ip/hotspot/user", name=f"siti-{version}", password=SECRET)
    router = make_router().pk

    made = copy_of(handle, router)

    readable = version in {"v7.16", "v7.24"}
    assert set(made) == ({"rsc", "backup"} if readable else {"rsc"})
    script = files.content_of(Copy.objects.get(form="rsc"))
    assert script.startswith(b"#")
    assert SECRET.encode() not in script
    if readable:
        binary = files.content_of(Copy.objects.get(form="backup"))
        assert binary.startswith(b"\x88\xac\xa1\xb1")
        assert len(binary) > 24_000
    assert [row["name"] for row in handle.rows("/file") if "ronda-" in row["name"]] == []


def test_an_unchanged_script_makes_no_second_file(simulated, data_folder):
    handle, router = simulated[2], make_router().pk
    first = copy_of(handle, router)["rsc"]
    second = copy_of(handle, router)["rsc"]
    handle.insert("/ip/hotspot/user", name="baru")
    third = copy_of(handle, router)["rsc"]

    assert (first["new"], second, third["new"]) == (True, first | {"new": False}, True)
    row = Copy.objects.get(pk=first["copy"])
    assert row.checked_at > row.at


def test_passwords_are_in_a_copy_only_when_asked_for(simulated, data_folder):
    for place in (0, 3):
        handle, router = simulated[place], make_router(f"R{place}").pk
        handle.insert("/ip/hotspot/user", name=f"tuti-{place}", password=SECRET)
        copy_of(handle, router, sensitive=True)
        copy = Copy.objects.get(router=router, form="rsc")
        assert copy.sensitive
        assert SECRET.encode() in files.content_of(copy)


def test_rest_gives_the_script_and_leaves_the_binary_form(data_folder):
    fake = FakeRouter(
        facts=replace(facts(replace(V7, version=(7, 16, 0))), transport=Transport.REST_TLS)
    )
    router = make_router().pk

    def export(values: dict[str, str]) -> Reply:
        fake.menus["/file"] = [{".id": "*1", "name": f"{values['file']}.rsc", "size": "9"}]
        return Reply([])

    fake.answers = {"/export": export, "/file/read": Reply([{"data": "/ip dns\n#"}])}

    async def story() -> dict[str, Any]:
        return await copying.copy(await fake.open(), {"router": router}, say)

    try:
        made = asyncio.run(story())
    finally:
        close_threads()
    assert set(made) == {"rsc"}
    assert fake.menus["/file"] == []


def test_where_a_script_is_too_long_for_the_version_a_listing_takes_its_place(
    simulated, data_folder
):
    handle, router = simulated[-1], make_router().pk
    handle.insert_many("/ip/hotspot/user", [{"name": f"banyak-{n}"} for n in range(300)])
    handle.insert("/ip/hotspot/user/profile", **{"name": "1jam", "rate-limit": "1M/2M"})

    made = copy_of(handle, router)
    again = copy_of(handle, router)

    assert (set(made), made["txt"]["new"], again["txt"]["new"]) == ({"txt"}, True, False)
    copy = Copy.objects.get()
    text = files.content_of(copy).decode()
    assert "rate-limit=1M/2M" in text
    assert "banyak" not in text
    assert (copy.sensitive, copy.comparable) == (False, True)
    assert feed.read(0, topics={TROUBLE}) == []
    assert [row["name"] for row in handle.rows("/file") if "ronda-" in row["name"]] == []


def test_a_failed_copy_is_told_once_and_once_when_it_works_again(data_folder):
    router = make_router().pk
    fake = FakeRouter(answers={"/export": RouterFull("action failed (6)")})

    async def story() -> None:
        for _ in range(3):
            with pytest.raises(RouterError):
                await copying.copy(await fake.open(), {"router": router}, say)
        await copying.in_thread(copying._judge, router, 0.0, "")

    try:
        asyncio.run(story())
    finally:
        close_threads()
    told = [
        (event.payload["on"], event.payload["text"]) for event in feed.read(0, topics={TROUBLE})
    ]
    assert told == [(True, "action failed (6)"), (False, "")]


def test_a_user_without_the_policies_gets_a_listing_and_nobody_is_told_of_trouble(data_folder):
    router = make_router().pk
    refused = NotPermitted("not enough permissions (9)")
    fake = FakeRouter(
        facts=facts(replace(V7, version=(7, 16, 0))),
        answers={"/export": refused, "/system/backup/save": refused},
    )

    async def story() -> dict[str, Any]:
        return await copying.copy(await fake.open(), {"router": router}, say)

    try:
        made = asyncio.run(story())
    finally:
        close_threads()
    assert set(made) == {"txt"}
    assert b"set name=R1" in files.content_of(Copy.objects.get())
    assert feed.read(0, topics={TROUBLE}) == []


def test_asking_is_audited_and_two_requests_are_one_job(people):
    router = make_router("R1")
    first = copying.ask(router, people["admin"], source="192.0.2.1")
    assert copying.ask(router, people["admin"]) == first
    assert copying.ask(router, people["admin"], sensitive=True) != first
    assert [row.action for row in AuditRow.objects.all()] == ["router.copy"] * 3
    assert "secret" not in json.dumps([job.payload for job in jobs.Job.objects.all()])


def test_every_router_in_use_is_copied_by_the_schedule_and_old_copies_are_told_of():
    old, idle = make_router("Old"), make_router("Idle", active=False)
    type(old).objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=9))
    assert copying.ask_all() == 1
    assert [job.lock for job in jobs.Job.objects.all()] == [f"router:{old.pk}"]
    assert [event.payload["name"] for event in feed.read(0, topics={TROUBLE})] == ["Old"]
    assert not jobs.Job.objects.filter(lock=f"router:{idle.pk}").exists()


def test_retention_thins_the_files_and_a_changed_file_is_not_served(data_folder, monkeypatch):
    monkeypatch.setattr(tuning, "value", lambda _name: 3)
    router = make_router().pk
    now = timezone.now()
    for number in range(6):
        files.keep(
            router, "backup", b"%d" % number, version="7", at=now + timedelta(minutes=number)
        )
    rows = list(Copy.objects.all())
    assert [files.content_of(row) for row in rows] == [b"5", b"4", b"3"]
    assert len(list(files.folder_of(router).iterdir())) == 3
    assert files.path_of(rows[0]).stat().st_mode & 0o777 == 0o600

    files.path_of(rows[0]).write_bytes(b"other")
    with pytest.raises(files.CopyMissing):
        files.content_of(rows[0])
    files.remove_all(router)
    assert (Copy.objects.count(), list(files.folder_of(router).iterdir())) == (0, [])


@pytest.mark.parametrize("version", EVERY)
def test_a_log_is_read_newest_first_and_masked(simulated, version):
    handle, router = simulated[VERSIONS.index(version)], make_router().pk
    on_link(
        handle,
        lambda link: link.call("/log/info", {"message": f"set password={SECRET}"}),
    )
    done = on_link(handle, lambda link: logs.read(link, {"router": router}, say))

    copy = logs.copy_of(router)
    assert copy is not None
    assert done == {"lines": len(copy.lines)}
    messages = [message for _time, _topics, message in copy.lines]
    assert "set password=***" in messages[:3]
    assert SECRET not in json.dumps(copy.lines)


def test_only_one_reading_of_a_log_is_under_way():
    router = make_router().pk
    assert logs.ask(router) == logs.ask(router)
    assert LogCopy.objects.count() == 0


def test_the_demos_router_of_mikhmon_can_be_copied_like_the_others(data_folder):
    with demo_mikhmon.opened(1, timezone.now()) as routers:
        copy_of(routers[0], make_router().pk)
    assert Copy.objects.count() == 1
