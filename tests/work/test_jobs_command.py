"""`ronda jobs` shows what needs a person."""

import json

import pytest
from click.testing import CliRunner

from ronda.cli.jobs import jobs as command
from ronda.work import jobs, running

pytestmark = pytest.mark.django_db


def test_a_failed_job_is_listed_and_a_waiting_one_can_be_taken_back():
    failed = jobs.enqueue("hotspot.kick", {"id": "*1"}, lock="router:1")
    claimed = running.claim("a", {"hotspot.kick"})
    assert claimed is not None
    running.fail(claimed, "no such item", "NoSuchItem")
    waiting = jobs.enqueue("hotspot.kick", {"id": "*2"}, lock="router:1")
    run = CliRunner().invoke

    text, listed = run(command), run(command, ["--json"])
    taken, again = run(command, ["--cancel", str(waiting)]), run(command, ["--cancel", str(failed)])

    assert (text.exit_code, listed.exit_code, taken.exit_code, again.exit_code) == (1, 1, 0, 1)
    assert "no such item" in text.output
    assert [row["id"] for row in json.loads(listed.output)["jobs"]] == [failed]
    assert jobs.state(waiting).code == jobs.CANCELLED


def test_nothing_to_do_is_said_and_is_no_failure():
    done = CliRunner().invoke(command)
    assert (done.exit_code, done.output) == (0, "No job needs attention.\n")
