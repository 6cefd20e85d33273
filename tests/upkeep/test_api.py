"""`/api/v1` about the well-being of routers."""

from datetime import timedelta

import pytest
from click.testing import CliRunner
from django.test import Client
from django.utils import timezone

from ronda.accounts.models import AuditRow
from ronda.cli.routers import routers as command
from ronda.routeros.errors import RouterUnreachable
from ronda.routers.desk.rules import CallTimes
from ronda.upkeep import tasks
from ronda.upkeep.models import Copy, LogCopy
from ronda.upkeep.service import copying, files, health
from ronda.upkeep.service.connections import ConnectionJournal
from ronda.upkeep.service.reading import Health
from ronda.work import jobs, running
from tests.routers.desk.fakes import facts
from tests.routers.factories import make_router

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(people) -> Client:
    client = Client()
    client.force_login(people["admin"])
    return client


def test_health_says_how_every_router_is(admin):
    well, lost = make_router("Aaa"), make_router("Bbb")
    ConnectionJournal().opened(well.pk, facts())
    sensors = (("cpu-temperature", 51.0, "C"), ("fan-state", "ok", ""))
    reading = Health(cpu=95.0, memory_free=1, memory_total=4, sensors=sensors)
    for number in range(3):
        at = timezone.now() - timedelta(seconds=10 * number)
        health.keep(well.pk, reading, CallTimes(2, 0, 1.5, 2.5, 2.5), at)
    ConnectionJournal().failed(lost.pk, RouterUnreachable("no route to host"))

    first, second = admin.get("/api/v1/routers/health").json()

    assert (first["state"], first["cpu"], first["memory_used"], first["p95_ms"]) == (
        "connected",
        95.0,
        75.0,
        2.5,
    )
    assert first["sensors"] == [["cpu-temperature", 51.0, "C"], ["fan-state", "ok", ""]]
    assert [trouble["kind"] for trouble in first["troubles"]] == ["cpu"]
    assert (second["state"], second["reason"], second["failed_attempts_1d"], second["cpu"]) == (
        "failed",
        "RouterUnreachable",
        1,
        None,
    )
    assert admin.get(f"/api/v1/routers/{well.pk}/health").json()["name"] == "Aaa"
    columns = admin.get(f"/api/v1/routers/{well.pk}/health/history?hours=2").json()
    assert set(columns["cpu"]) == {95.0}
    assert admin.get("/api/v1/routers/999/health").status_code == 404


def test_connections_and_log(admin):
    router = make_router("R1")
    journal = ConnectionJournal()
    journal.opened(router.pk, facts())
    journal.lost(router.pk, RouterUnreachable("cut"))
    spans = admin.get(f"/api/v1/routers/{router.pk}/connections").json()
    assert [(span["connected"], span["reason"]) for span in spans] == [
        (False, "RouterUnreachable"),
        (True, "RouterUnreachable"),
    ]
    assert admin.get(f"/api/v1/routers/{router.pk}/log").json() == {"read_at": None, "lines": []}
    line = ["10:00:00", "system,error", "no space"]
    LogCopy.objects.create(router=router, read_at=timezone.now(), lines=[line])
    found = admin.get(f"/api/v1/routers/{router.pk}/log?severity=error").json()["lines"]
    assert [one["message"] for one in found] == ["no space"]
    begun = admin.post(f"/api/v1/routers/{router.pk}/log")
    assert begun.status_code == 202
    assert jobs.state(begun.json()["job"]).kind == "upkeep.read-log"


def test_copies_are_for_administrators(admin, people, data_folder):
    router = make_router("R1")
    copy, _new = files.keep(router.pk, "rsc", b"/ip dns\n", version="7.16")
    noc = Client()
    noc.force_login(people["noc"])
    assert noc.get(f"/api/v1/routers/{router.pk}/copies").status_code == 403
    assert noc.get(f"/api/v1/routers/copies/{copy.pk}/file").status_code == 403

    (shown,) = admin.get(f"/api/v1/routers/{router.pk}/copies").json()
    assert (shown["name"], shown["sha256"], shown["sensitive"]) == (copy.name, copy.sha256, False)
    assert admin.get(f"/api/v1/routers/copies/{copy.pk}/file").content == b"/ip dns\n"
    assert AuditRow.objects.get(action="router.copy-download").subject == copy.name
    files.path_of(copy).unlink()
    assert admin.get(f"/api/v1/routers/copies/{copy.pk}/file").status_code == 409
    begun = admin.post(
        f"/api/v1/routers/{router.pk}/copies",
        {"sensitive": True},
        content_type="application/json",
    )
    assert begun.status_code == 202
    assert running.claim("test", {copying.KIND}).payload["sensitive"] is True


def test_the_command_waits_for_the_desk_and_says_what_was_made(monkeypatch):
    make_router("R1")
    assert CliRunner().invoke(command, ["backup", "R1", "--wait", "1"]).exit_code == 2

    def done(job: int, _seconds: float) -> jobs.JobState | None:
        claimed = running.claim("test", {copying.KIND})
        if claimed:
            running.succeed(claimed, {"rsc": {"name": "r1.rsc", "new": True}})
        return jobs.state(job)

    monkeypatch.setattr(jobs, "wait", done)
    made = CliRunner().invoke(command, ["backup", "R1"])
    assert (made.exit_code, made.output) == (0, "r1.rsc\n")


def test_copies_of_a_router_that_is_gone_for_good_are_removed(data_folder):
    kept, gone = make_router("R1"), make_router("R2")
    for router in (kept, gone):
        files.keep(router.pk, "rsc", b"/ip dns\n", version="7.16")
    for router, days in ((kept, 29), (gone, 31)):
        router.deleted_at = timezone.now() - timedelta(days=days)
        router.save()
    for task in tasks.tasks():
        task.run()
    assert [copy.router_id for copy in Copy.objects.all()] == [kept.pk]
