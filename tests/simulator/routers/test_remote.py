"""`ronda simulate routers`: what it says, and how another process drives it."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request

import pytest
from click.testing import CliRunner

from ronda.cli import main
from ronda.simulator.routers.remote import RoutersProcess
from tests.simulator.routers.talk import Talk

USERS = "/ip/hotspot/user"


@pytest.fixture(scope="module")
def routers():
    with RoutersProcess("v6.49.10", "v7.16", seed=5) as opened:
        yield opened


def test_routers_in_another_process_are_driven_like_others(routers):
    made = routers[1].insert(USERS, name="siti", limit_uptime="1h")
    with Talk.to(routers[1]) as talk:
        words = ["!re", f"=.id={made}", "=limit-uptime=1h"]
        assert talk.say(f"{USERS}/print", "?name=siti", "=.proplist=.id,limit-uptime")[0] == words
        routers[1].fault("trap", message="action failed (6)", count=1)
        assert talk.say(f"{USERS}/add", "=name=x")[0] == ["!trap", "=message=action failed (6)"]
    before = routers[1].snapshot()
    routers[1].insert_many(USERS, [{"name": f"v{n}"} for n in range(3)])
    assert len(routers[1].rows(USERS)) == 5
    routers[1].restore(before)
    assert len(routers[1].rows(USERS)) == 2
    with pytest.raises(ValueError, match="not a valid Kind"):
        routers[0].fault("flood")
    assert routers[0].ask("describe")["name"] == "SIM-01"
    assert len(routers) == len(list(routers)) == 2


def test_nobody_drives_them_without_the_token(routers):
    asked = urllib.request.Request(routers._control, data=b'{"op": "describe"}')
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(asked, timeout=5)
    with refused.value as answer:
        assert answer.status == 401
        assert json.loads(answer.read()) == {"error": "the token is missing or wrong"}


def test_it_introduces_each_router_and_ends_on_ctrl_c():
    command = ["simulate", "routers", "--count=2", "--profile=v7.24", "--password=rahasia"]
    with subprocess.Popen(
        [sys.executable, "-m", "ronda", *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": "src"},
    ) as running:
        said = [running.stdout.readline() for _ in range(7)]
        assert said[0] == "2 simulated routers, reached from this machine only:\n"
        doors = said[1].split()
        assert doors[:3] == ["SIM-01", "v7.24", "api"]
        assert {"api-ssl", "www", "www-ssl"} < set(doors)
        assert said[2].split() == ["user", "ronda", "password", "rahasia"]
        port = int(said[3].split("api 127.0.0.1:")[1].split(",")[0])
        with Talk("127.0.0.1", port) as talk:
            assert talk.say("/login", "=name=ronda", "=password=rahasia") == [["!done"]]
        assert said[6] == "Ctrl-C ends them.\n"
        running.send_signal(signal.SIGINT)
        assert running.wait(10) == 0
        assert running.stderr.read() == ""


@pytest.mark.slow
def test_the_village_has_guests_from_the_start():
    with RoutersProcess(options=("--village", "--speed=0")) as village:
        assert [one.profile for one in village] == ["v6.49.10", "v7.16", "v7.24"]
        with Talk.to(village[1]) as talk:
            said = talk.say("/ip/hotspot/active/print", "=count-only=")
    assert int(said[0][1].removeprefix("=ret=")) > 0


def test_the_village_and_choices_of_routers_exclude_each_other():
    result = CliRunner().invoke(main, ["simulate", "routers", "--village", "--count=2"])
    assert result.exit_code == 2
    assert "--village has routers of its own" in result.output


def test_a_port_that_is_taken_is_said():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = CliRunner().invoke(main, ["simulate", "routers", f"--port={port}"])
    assert result.exit_code == 1
    assert "Choose another --port." in result.output
