"""The scripts' own tests, run by Node where there is one."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    "path", sorted((ROOT / "tests/web").glob("*.test.mjs")), ids=lambda p: p.name
)
def test_the_scripts_keep_their_promises(path: Path) -> None:
    node = shutil.which("node")
    if node is None:
        if os.environ.get("CI") == "true":
            pytest.fail("node is missing: apt-get install nodejs")
        pytest.skip("node is missing: apt-get install nodejs")
    run = subprocess.run(
        [node, "--test", str(path)], capture_output=True, text=True, timeout=60, check=False
    )
    assert run.returncode == 0, run.stdout[-4000:] + run.stderr[-2000:]


@pytest.mark.parametrize(
    "command", [("tsc", "-p", "tsconfig.json"), ("biome", "check", "src/ronda", "tests/web")]
)
def test_types_and_style_of_the_scripts_hold(command: tuple[str, ...]) -> None:
    tool = ROOT / "node_modules" / ".bin" / command[0]
    if not tool.exists():
        missing = "development tools are missing: npm ci --ignore-scripts"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    run = subprocess.run(
        [str(tool), *command[1:]],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-4000:]
