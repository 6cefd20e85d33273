"""The pages of health, log and configuration."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from ronda.accounts.models import AuditRow
from ronda.routeros.errors import RouterUnreachable
from ronda.routers.desk.rules import CallTimes
from ronda.upkeep.models import Copy, LogCopy
from ronda.upkeep.service import copying, files, health, logs
from ronda.upkeep.service.connections import ConnectionJournal
from ronda.upkeep.service.reading import Health
from ronda.upkeep.views import parts
from ronda.work import jobs, running
from tests.routers.desk.fakes import facts
from tests.routers.factories import make_router

pytestmark = pytest.mark.django_db


@pytest.fixture
def noc(people) -> Client:
    client = Client()
    client.force_login(people["noc"])
    return client


@pytest.fixture
def admin(people) -> Client:
    client = Client()
    client.force_login(people["admin"])
    return client


def read(router: int, **values: object) -> None:
    usual = {"cpu": 12.0, "memory_free": 25, "memory_total": 100, "uptime_s": 7200}
    calls = CallTimes(9, 0, 3.5, 8.5, 9.0)
    health.keep(router, Health(**(usual | values)), calls, timezone.now())


def text_of(answer) -> str:
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_all_routers_at_a_glance_worst_first_with_reasons(noc, django_assert_num_queries):
    well, lost = make_router("Aaa"), make_router("Zzz")
    journal = ConnectionJournal()
    journal.opened(well.pk, facts())
    read(well.pk)
    journal.failed(lost.pk, RouterUnreachable("no route to host"))
    for number in range(20):
        make_router(f"M{number}", site=well.site)

    noc.get("/routers/health/")
    with django_assert_num_queries(9):
        page = text_of(noc.get("/routers/health/"))

    # The names alone might stand in a token, too.
    assert page.index(">Zzz<") < page.index(">Aaa<") < page.index(">M1<")
    assert "Not reachable" in page
    assert "75 %" in page
    assert "p95 8.5 ms" in page


def test_one_router_with_its_sensors_and_every_connection(noc):
    router = make_router("R1")
    journal = ConnectionJournal()
    journal.opened(router.pk, facts())
    journal.lost(router.pk, RouterUnreachable("cut"))
    journal.failed(router.pk, RouterUnreachable("refused"))
    read(router.pk, sensors=(("cpu-temperature", 51.0, "C"),), clock_off_s=-300.0)

    page = text_of(noc.get(f"/routers/{router.pk}/health/"))

    assert "cpu-temperature" in page
    assert "51.0 °C" in page
    assert "wrong by -300 s" in page
    assert page.count('<small class="text-secondary d-block">') >= 2
    assert "refused" in page
    part = text_of(noc.get(f"/routers/{router.pk}/health/part/"))
    assert "<html" not in part
    assert "12 %" in part


def test_columns_for_the_charts(noc):
    router = make_router("R1")
    read(router.pk)
    found = noc.get(f"/routers/{router.pk}/health.json?hours=6").json()
    assert (found["cpu"], found["memory"], found["p50_ms"]) == ([12.0], [75.0], [3.5])
    for odd in ("", "x", "-1", "9" * 40, "999999"):
        assert noc.get(f"/routers/{router.pk}/health.json?hours={odd}").status_code == 200


def test_a_router_that_does_not_exist_is_not_found(admin):
    make_router("R1", deleted_at=timezone.now())
    for path in ("health/", "health.json", "log/", "copies/", "health/part/"):
        assert admin.get(f"/routers/1/{path}").status_code == 404
        assert admin.get(f"/routers/{2**70}/{path}").status_code == 404
    assert admin.get(f"/routers/copies/{2**70}/file/").status_code == 404


def test_the_log_is_filtered_and_shown_safely(noc):
    router = make_router("R1")
    assert "has not been read yet" in text_of(noc.get(f"/routers/{router.pk}/log/"))
    lines = [["10:00:00", "system,error,critical", "login failure for <b>x</b>"]]
    lines += [["10:00:01", "hotspot,info", f"siti-{n} logged in"] for n in range(150)]
    LogCopy.objects.create(router=router, read_at=timezone.now(), lines=lines)

    page = text_of(noc.get(f"/routers/{router.pk}/log/"))
    assert "&lt;b&gt;x&lt;/b&gt;" in page
    assert "151 lines" in page
    found = text_of(noc.get(f"/routers/{router.pk}/log/?q=siti-149"))
    assert "1 line" in found
    assert "siti-148" not in found
    assert "siti" not in text_of(noc.get(f"/routers/{router.pk}/log/?severity=error"))
    assert "No such line" in text_of(noc.get(f"/routers/{router.pk}/log/?topic=dhcp"))


def test_reading_the_log_waits_a_little_and_then_says_so(noc, monkeypatch):
    monkeypatch.setattr(parts, "PATIENCE_S", 0)
    router = make_router("R1")
    answer = noc.post(f"/routers/{router.pk}/log/read/", follow=True)
    assert "taking its time" in text_of(answer)
    job = running.claim("test", {logs.KIND})
    running.fail(job, "no route to host", "RouterUnreachable")

    def failed_at_once(_job: int, _seconds: float) -> jobs.JobState | None:
        return jobs.state(job.id)

    monkeypatch.setattr(jobs, "wait", failed_at_once)
    answer = noc.post(f"/routers/{router.pk}/log/read/", follow=True)
    assert "That did not work: no route to host" in text_of(answer)


OLD = "# nov/20/2026 by RouterOS 7.16\n/ip dns\nset servers=1.1.1.1\n"


def make_copies(router: int) -> list[Copy]:
    now = timezone.now()
    made = [
        files.keep(router, "rsc", OLD.encode(), version="7.16", at=now - timedelta(days=1)),
        files.keep(router, "rsc", OLD.replace("1.1.1.1", "9.9.9.9").encode(), version="7.16"),
        files.keep(router, "backup", b"\x88\xac\0", version="7.16", sensitive=True),
    ]
    return [copy for copy, _new in made]


def test_copies_are_listed_compared_and_downloaded_and_that_is_recorded(admin, data_folder):
    router = make_router("Balai Desa")
    assert "No copy yet" in text_of(admin.get(f"/routers/{router.pk}/copies/"))
    first, second, binary = make_copies(router.pk)

    page = text_of(admin.get(f"/routers/{router.pk}/copies/"))
    assert all(copy.name in page for copy in (first, second, binary))
    assert page.count("holds passwords") == 1

    difference = text_of(admin.get(f"/routers/copies/{second.pk}/difference/"))
    assert "<del>- set servers=1.1.1.1</del>" in difference
    assert "<ins>+ set servers=9.9.9.9</ins>" in difference
    same = f"/routers/copies/{second.pk}/difference/?from={second.pk}"
    assert "both say the same" in text_of(admin.get(same))
    assert "nothing to compare" in text_of(admin.get(f"/routers/copies/{first.pk}/difference/"))
    assert admin.get(f"/routers/copies/{binary.pk}/difference/").status_code == 404

    answer = admin.get(f"/routers/copies/{binary.pk}/file/")
    assert answer.content == b"\x88\xac\0"
    assert answer["Content-Disposition"] == f'attachment; filename="{binary.name}"'
    assert binary.name.startswith("balai-desa-")
    assert AuditRow.objects.get(action="router.copy-download").subject == binary.name


def test_a_file_that_was_changed_outside_is_not_offered(admin, data_folder):
    router = make_router("R1")
    first, second, _binary = make_copies(router.pk)
    files.path_of(second).write_text("other")
    answer = admin.get(f"/routers/copies/{second.pk}/file/", follow=True)
    assert "was changed outside of Ronda" in text_of(answer)
    assert "was changed outside" in text_of(
        admin.get(f"/routers/copies/{second.pk}/difference/?from={first.pk}")
    )


def test_copying_now_is_for_administrators_and_recorded(admin, noc, monkeypatch):
    monkeypatch.setattr(parts, "PATIENCE_S", 0)
    router = make_router("R1")
    assert noc.post(f"/routers/{router.pk}/copies/make/").status_code == 403
    answer = admin.post(f"/routers/{router.pk}/copies/make/", {"sensitive": "1"}, follow=True)
    assert "taking its time" in text_of(answer)
    job = running.claim("test", {copying.KIND})
    assert (job.payload["sensitive"], job.payload["by"]) == (True, "budi")
    assert AuditRow.objects.get(action="router.copy").after == {"with_passwords": True}
