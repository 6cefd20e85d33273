"""The desk's side of the database, and the desk as a process: one at a time, gone within two seconds."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ronda.routeros.errors import RouterError, RouterUnreachable
from ronda.routers.desk.running import News, OurTurn, StatusJournal, posts
from ronda.routers.models import Router, Status
from ronda.routers.service import routers
from tests.routers.desk.fakes import facts
from tests.routers.factories import make_router
from tests.servers import migrated


@pytest.mark.django_db
def test_routers_in_use_are_to_be_connected_and_changes_of_them_are_heard(
    django_assert_num_queries,
):
    news = News()
    assert news() == set()
    first, second = make_router(name="R1"), make_router(name="R2")
    routers.set_active(second.pk, False, None)
    routers.edit(first.pk, replace(routers.settings_of(first), poll_s=60), first.site, None)
    with django_assert_num_queries(1):
        found = posts()

    assert set(found) == {first.pk}
    assert first.pk in news()
    assert news() == set()
    assert found[first.pk] == posts()[first.pk]
    routers.delete(first.pk, None)
    assert news() == {first.pk}
    with pytest.raises(RouterError):
        found[first.pk].aim()


@pytest.mark.django_db
def test_another_interval_of_readings_makes_another_post_which_the_desk_follows():
    router = make_router(name="R1", poll_s=60)
    before = posts()[router.pk]
    routers.edit(router.pk, replace(routers.settings_of(router), poll_s=600), router.site, None)
    after = posts()[router.pk]
    assert (before.poll_s, after.poll_s) == (60, 600)
    assert after != before


@pytest.mark.django_db
def test_connecting_changes_nothing_that_would_ask_for_a_new_connection():
    router = make_router(name="R1")
    before = posts()
    journal = StatusJournal()
    journal.opened(router.pk, facts())
    assert posts() == before
    assert Router.objects.get().connection_status == Status.CONNECTED
    journal.lost(router.pk, RouterUnreachable("cut"))
    assert Router.objects.get().error == "cut"


@pytest.mark.django_db(transaction=True)
@pytest.mark.database
def test_a_turn_that_is_held_is_ours_until_we_stop():
    stop = threading.Event()
    ours = OurTurn(stop)
    try:
        deadline = time.monotonic() + 30
        while not ours():
            assert time.monotonic() < deadline
            time.sleep(0.01)
    finally:
        stop.set()
        ours.end()


class Desks:
    """Real `ronda desk` processes of one installation."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.running: list[subprocess.Popen[bytes]] = []

    def start(self) -> "subprocess.Popen[bytes]":
        with (self.folder / "log").open("ab") as log:
            self.running.append(
                subprocess.Popen(
                    [sys.executable, "-m", "ronda", "desk"],
                    env=migrated.environment(self.folder / "data"),
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    cwd=self.folder,
                )
            )
        return self.running[-1]

    def opened(self) -> list[int]:
        lines = (self.folder / "log").read_text().splitlines()
        return [int(line.split("pid=")[1].split()[0]) for line in lines if "desk_open" in line]


@pytest.fixture
def desks(tmp_path: Path) -> Iterator[Desks]:
    migrated.put_sqlite(tmp_path / "data")
    made = Desks(tmp_path)
    yield made
    for process in made.running:
        if process.poll() is None:
            process.kill()
            process.wait()


def until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.slow
def test_of_two_desks_one_works_and_the_other_takes_over_when_it_is_killed(desks: Desks):
    first = desks.start()
    until(lambda: desks.opened() == [first.pid])
    second = desks.start()
    first.send_signal(signal.SIGKILL)
    first.wait()
    until(lambda: desks.opened() == [first.pid, second.pid])

    second.send_signal(signal.SIGTERM)
    # Two seconds on a quiet machine; this one may be busy with other tests.
    assert second.wait(60) == 0
