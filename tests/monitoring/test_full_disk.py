"""A disk that is really full: the keeper keeps what it saw and writes it when there is room again."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0 or shutil.which("unshare") is None,
    reason="needs root and unshare for a small disk of its own",
)
def test_a_full_disk_loses_nothing_and_is_told_of(tmp_path: Path) -> None:
    mounted = f"mount -t tmpfs -o size=24m tmpfs {tmp_path}"
    if subprocess.run(["unshare", "-m", "sh", "-c", mounted], check=False).returncode:
        pytest.skip("a tmpfs cannot be mounted here")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RONDA_")}
    program = Path(__file__).with_name("full_disk.py")
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", f"{mounted} && exec {sys.executable} {program}"],
        env=kept
        | {
            "RONDA_DATA": str(tmp_path),
            "RONDA_LOG_LEVEL": "error",
            "DJANGO_SETTINGS_MODULE": "ronda.app.settings",
            "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout.splitlines()[-1])
    # The write-ahead log reuses what it has, so the first changes may still be written.
    assert found.pop("down_while_full") < 100
    assert found == {
        "away": True,
        "down": 100,
        "outages": 100,
        "sweeps": 0,
        "told": [["recovered", "database"]],
    }
