"""kill -9 of a real worker in the middle of a job: another takes it over, or says it does not know."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from ronda.work import jobs
from ronda.work.jobs import State

FOLDER = Path(__file__).parents[2]
pytestmark = [pytest.mark.slow, pytest.mark.database]


def live(folder: Path, silent_s: float) -> "subprocess.Popen[bytes]":
    database = connection.settings_dict
    values = {name: value for name, value in os.environ.items() if not name.startswith("RONDA_")}
    values |= {
        "RONDA_DATA": str(folder),
        "RONDA_LOG_LEVEL": "error",
        "DJANGO_SETTINGS_MODULE": "ronda.app.settings",
        "PYTHONPATH": f"{FOLDER / 'src'}{os.pathsep}{FOLDER}",
    }
    if connection.vendor == "postgresql":
        whole = settings.RONDA.database_url.get_secret_value()
        values["RONDA_DATABASE_URL"] = f"{whole.rsplit('/', 1)[0]}/{database['NAME']}"
    else:
        file = folder / "ronda.sqlite3"
        if not file.exists():
            file.symlink_to(database["NAME"])
    program = [sys.executable, str(Path(__file__).with_name("mortal_worker.py")), str(silent_s)]
    return subprocess.Popen(program, env=values)


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.django_db(transaction=True)
def test_a_job_whose_worker_was_killed_is_taken_over_by_another(tmp_path):
    ran = tmp_path / "ran.log"
    ran.touch()
    harmless = jobs.enqueue("harmless", {"n": 1, "hang": True}, lock="a")
    behind = jobs.enqueue("harmless", {"n": 2}, lock="a")
    first = live(tmp_path, 60)
    until(lambda: "begin 1" in ran.read_text())
    first.kill()
    first.wait()

    careful = jobs.enqueue("careful", {"n": 3, "hang": True}, lock="b")
    second = live(tmp_path, 60)
    until(lambda: "begin 3" in ran.read_text())
    second.kill()
    second.wait()

    third = live(tmp_path, 0.5)
    try:
        found = [jobs.wait(job, 30) for job in (harmless, behind, careful)]
    finally:
        third.kill()
        third.wait()

    assert [(job.state, job.result) for job in found] == [
        (State.DONE, {"n": 1}),
        (State.DONE, {"n": 2}),
        (State.UNKNOWN, None),
    ]
    assert ran.read_text().split("\n") == [
        "begin 1 False",
        "begin 3 False",
        "begin 1 True",
        "end 1",
        "begin 2 False",
        "end 2",
        "",
    ]
