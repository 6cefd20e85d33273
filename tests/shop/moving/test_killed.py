"""kill -9 in the middle of a cut-over: what was kept goes on, and puts back exactly what was."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.servers import migrated
from tests.shop.moving.test_on_routers import opened, state_of

PROGRAM = [sys.executable, str(Path(__file__).with_name("mortal.py"))]
FOLDER = Path(__file__).parents[3]


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_cut_over_that_is_killed_goes_on_and_can_be_put_back(tmp_path: Path) -> None:
    migrated.put_sqlite(tmp_path)
    values = {name: value for name, value in os.environ.items() if not name.startswith("RONDA_")}
    values |= {
        "RONDA_DATA": str(tmp_path),
        "RONDA_LOG_LEVEL": "error",
        "RONDA_LOCAL_TARGETS": "true",
        "DJANGO_SETTINGS_MODULE": "ronda.app.settings",
        "PYTHONPATH": f"{FOLDER / 'src'}{os.pathsep}{FOLDER}",
    }
    with opened("v3") as routers:
        handle = routers[0]
        before = state_of(handle)

        def start(*stories: str) -> subprocess.Popen[str]:
            where = (handle.host, str(handle.ports["api"]), handle.password)
            return subprocess.Popen(
                [*PROGRAM, *where, *stories], env=values, stdout=subprocess.PIPE, text=True
            )

        def done(*stories: str) -> dict[str, Any]:
            with start(*stories) as child:
                lines = child.communicate()[0].splitlines()
            assert child.returncode == 0
            told = (line.partition(" ") for line in lines if not line.startswith("step"))
            return {story: json.loads(text) for story, _, text in told}

        assert done("take")["take"]["vouchers"] == 51
        handle.fault("latency", ms=20)
        with start("cut") as child:
            assert child.stdout is not None
            for line in child.stdout:
                if line == "step 3\n":
                    break
            child.send_signal(signal.SIGKILL)
        assert child.returncode == -signal.SIGKILL
        handle.clear()
        assert before != state_of(handle)
        assert done("cut", "back") == {
            "cut": {"done": 8, "left_alone": []},
            "back": {"done": 8, "left_alone": []},
        }
        assert state_of(handle) == before
