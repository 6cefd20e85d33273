"""`ronda run` as a person starts it: parts that die come back, and a killed parent leaves nothing."""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.servers import migrated
from tests.servers.postgres import free_port

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

PATIENCE_S = 400


def until(question: Callable[[], object], what: str) -> object:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if answer := question():
            return answer
        time.sleep(0.2)
    raise AssertionError(f"not within {PATIENCE_S} s: {what}")


def status_of(url: str) -> int:
    """The status of a page, without following it elsewhere; 0 when nobody answers."""

    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_arguments: object) -> None:
            return None

    try:
        with urllib.request.build_opener(Stay).open(url, timeout=60) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        with error:
            return error.code
    except OSError:
        return 0


class Installation:
    """A running `ronda run` with its log."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.port = free_port()
        self.log = folder / "log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "ronda", "run", "--bind", f"127.0.0.1:{self.port}"],
                env=migrated.environment(folder / "data") | settings,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=folder,
            )

    def answers(self) -> int:
        return status_of(f"http://127.0.0.1:{self.port}/accounts/login/")

    def pids(self, part: str) -> list[int]:
        return [int(pid) for pid in re.findall(rf"part={part} pid=(\d+)", self.log.read_text())]

    def link(self) -> str | None:
        found = re.search(r"http://\S+/setup/\S+/", self.log.read_text())
        return found[0] if found else None


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    migrated.put_sqlite(tmp_path / "data")
    yield from running(tmp_path)


@pytest.fixture
def doubled(tmp_path: Path) -> Iterator[Installation]:
    """One with two web processes, on SQLite."""
    migrated.put_sqlite(tmp_path / "data")
    yield from running(tmp_path, RONDA_WEB_PROCESSES="2")


@pytest.fixture
def new_installation(tmp_path: Path) -> Iterator[Installation]:
    """One that makes its own database."""
    yield from running(tmp_path)


def running(folder: Path, **settings: str) -> Iterator[Installation]:
    made = Installation(folder, **settings)
    yield made
    if made.process.poll() is None:
        made.process.terminate()
        try:
            made.process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:  # what a stop takes has a test of its own
            made.process.kill()
            made.process.wait()


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_a_part_that_is_killed_comes_back_and_a_stop_is_quiet_and_quick(
    installation: Installation,
):
    until(installation.answers, "the first page")
    (first,) = installation.pids("web")

    os.kill(first, signal.SIGKILL)

    until(lambda: len(installation.pids("web")) == 2, "a new web part")
    until(installation.answers, "a page from the new part")

    installation.process.send_signal(signal.SIGTERM)

    assert installation.process.wait(PATIENCE_S) == 0
    assert "Traceback" not in installation.log.read_text()
    assert "prober process ended" not in installation.log.read_text()


@pytest.mark.skipif(sys.platform == "win32", reason="sockets are not inherited there")
def test_one_of_two_web_processes_may_die_and_nobody_is_refused(doubled: Installation):
    serving = "Application startup complete"
    until(lambda: doubled.log.read_text().count(serving) == 2, "two web parts")
    first, _second = doubled.pids("web")

    os.kill(first, signal.SIGKILL)

    until(lambda: not alive(first), "its end")
    assert {doubled.answers() for _ in range(20)} == {302}  # to the sign-in
    until(lambda: doubled.log.read_text().count(serving) == 3, "a new web part")
    assert {doubled.answers() for _ in range(20)} == {302}  # to the sign-in


def test_the_first_start_prints_a_link_that_works_and_a_killed_parent_leaves_nothing_running(
    new_installation: Installation,
):
    until(lambda: "Making the database ready" in new_installation.log.read_text(), "a first word")
    until(new_installation.answers, "the first page")
    link = until(new_installation.link, "the link")

    assert status_of(str(link)) == 200
    # No default password lets anybody in.
    assert status_of(f"http://127.0.0.1:{new_installation.port}/") in {302, 303}

    children = [new_installation.pids(part)[0] for part in ("web", "watch", "work", "desk")]
    new_installation.process.kill()
    new_installation.process.wait()

    until(lambda: not any(alive(pid) for pid in children), "the end of all parts")


def test_a_wrong_setting_stops_the_start_and_names_the_variable(tmp_path: Path):
    environment = {
        **os.environ,
        "RONDA_DATA": str(tmp_path),
        "RONDA_INTERVAL_S": "soon",
        "RONDA_SECRET_KEY": "changeme",
    }
    done = subprocess.run(
        [sys.executable, "-m", "ronda", "run"],
        env=environment,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 2
    assert "RONDA_INTERVAL_S" in done.stderr
    assert "RONDA_SECRET_KEY" in done.stderr
    assert "changeme" not in done.stderr + done.stdout


def test_strangers_cannot_reach_an_installation_without_an_owner(tmp_path: Path):
    migrated.put_sqlite(tmp_path)
    done = subprocess.run(
        [sys.executable, "-m", "ronda", "run", "--bind", f"0.0.0.0:{free_port()}"],
        env=migrated.environment(tmp_path),
        capture_output=True,
        text=True,
    )

    assert done.returncode == 2
    assert "ronda user add" in done.stderr
