"""`ronda simulate` as people and programs start it."""

import json
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from ronda.cli import main
from ronda.simulator import tun
from tests.fibre import require_fibre, reserved_layout
from tests.simulator.probe import ping


@pytest.fixture
def prefix():
    require_fibre()
    with reserved_layout(8_000) as layout:
        yield layout.prefix


def start(*arguments: str, stdout: int = subprocess.PIPE) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "ronda", "simulate", *arguments],
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": "src"},
    )


def test_it_introduces_itself_tells_what_happens_and_ends_on_ctrl_c(prefix, tmp_path):
    folder = tmp_path / "lists"
    arguments = ("--prefix", prefix, "--scenario", "quiet", "--lists", str(folder))
    with start(*arguments) as running:
        said = [running.stdout.readline().rstrip() for _ in range(8)]
        interface = said[0].split()[3].rstrip(":")
        assert said[0].startswith(f"Simulated fibre on {interface}: {prefix}")
        assert said[1] == "480 ONTs of Wringinjalu and the town nearby; nobody real."
        assert said[3] == ("Scenario quiet: nothing goes wrong. Seed 1, a lap of 60 minutes.")
        assert said[4] == "Silent now: 0 of 480 ONTs."
        assert len(ping([said[5].split()[2].rstrip(",")] * 1, wait=2.0)) == 1
        assert said[7] == "Ctrl-C ends it and takes the interface away."
        running.send_signal(signal.SIGINT)
        assert running.wait() == 0
        assert running.stderr.read() == ""
    assert not Path("/sys/class/net", interface).exists()
    assert len(json.loads((folder / "onts.json").read_text(encoding="utf-8"))) == 400


def test_json_is_one_document_that_names_every_address(prefix):
    with start("--prefix", prefix, "--onts", "30", "--seconds", "0.1", "--json") as running:
        document = json.loads(running.stdout.read())
        assert running.wait() == 0
    assert list(document) == [
        "interface",
        "prefix",
        "prefix_ipv6",
        "canaries",
        "scenario",
        "seed",
        "lap_seconds",
        "onts",
    ]
    assert len(document["onts"]) == 30 + 96 - 1
    assert document["onts"][0].keys() == {"address", "address_ipv6", "name", "odp", "silent"}


def test_on_a_terminal_one_line_shows_where_the_story_stands(prefix):
    ours, theirs = pty.openpty()
    with start(
        "--prefix", prefix, "--scenario", "quiet", "--seconds", "0.1", stdout=theirs
    ) as running:
        os.close(theirs)
        assert running.wait() == 0
    with os.fdopen(ours, "rb", buffering=0) as terminal:
        assert b"\r\x1b[K0:00  Silent now: 0 of 480 ONTs." in terminal.read(65_536)


def test_without_permission_it_says_what_helps(monkeypatch):
    monkeypatch.setattr("ronda.cli.simulate.Fibre", refuse)
    result = CliRunner().invoke(main, ["simulate", "--seconds", "0"])
    assert result.exit_code == 1
    assert result.output == (
        "Error: Needs root.\n"
        "`ronda run --demo` works without: there the village answers inside the process.\n"
    )


def refuse(*_arguments, **_options):
    raise tun.FibreUnavailable("Needs root.")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--prefix", "198.18.0.0/24"], "198.18.0.0/24 has no room for 400 ONTs"),
        (["--prefix", "everything"], "'everything' does not appear to be an IPv4 or IPv6 network"),
        (["--onts", "50000"], "50000 ONTs: between 1 and 40,000 are possible"),
        (["--scenario", "flood"], "'flood' is not one of 'quiet', 'evening'"),
    ],
)
def test_what_cannot_be_played_is_a_usage_error(arguments, says):
    result = CliRunner().invoke(main, ["simulate", *arguments])
    assert result.exit_code == 2
    assert says in result.output
