"""docs/security.md and docs/asvs.toml are true at least in this: what they name exists."""

import ast
import importlib.machinery
import importlib.util
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent.parent
REQUIREMENTS = tomllib.loads((ROOT / "docs/asvs.toml").read_text(encoding="utf-8"))


def script(name: str) -> Any:
    """A script of the project as a module."""
    loader = importlib.machinery.SourceFileLoader(name, str(ROOT / "scripts" / name))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(name, loader))
    loader.exec_module(module)
    return module


def test_every_threat_names_tests_that_exist():
    page = (ROOT / "docs/security.md").read_text(encoding="utf-8")
    table = page.partition("## Who attacks what")[2].partition("\n## ")[0]
    rows = [line.split("|")[1:-1] for line in table.splitlines() if line.startswith("| ")][1:]
    assert len(rows) > 20
    assert [row for row in rows if len(row) != 4 or not row[3].strip()] == []
    named = set(re.findall(r"tests/[\w/]+\.py", table))
    assert sorted(path for path in named if not (ROOT / path).is_file()) == []


def test_every_requirement_of_both_levels_is_there_once_in_order():
    # ASVS 5.0.0 has 70 requirements of level 1 and 183 of level 2.
    levels = [row["level"] for row in REQUIREMENTS.values()]
    assert (levels.count(1), levels.count(2)) == (70, 183)
    numbers = [tuple(map(int, name[1:].split("."))) for name in REQUIREMENTS]
    assert numbers == sorted(numbers)


def test_what_is_done_names_tests_and_the_rest_says_why():
    wrong = [
        name
        for name, row in REQUIREMENTS.items()
        if row["state"] not in ("done", "not applicable", "argued", "open")
        or (row["state"] == "done") != bool(row.get("tests"))
        or len(row["how"]) < 4
    ]
    assert wrong == []
    named = {test for row in REQUIREMENTS.values() for test in row.get("tests", [])}
    assert sorted(test for test in named if not (ROOT / test).is_file()) == []


def test_every_noun_of_the_trail_is_described():
    page = (ROOT / "docs/logged.md").read_text(encoding="utf-8")
    described = set(re.findall(r"`([a-z-]+)`", page.partition("## Actions of the trail")[2]))
    recorded = set()
    for path in (ROOT / "src/ronda").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        # Reading a file as a program takes long.
        for node in ast.walk(ast.parse(text if ".record" in text else "")):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in (
                "record",
                "record_request",
            ):
                recorded |= {
                    part.value.partition(".")[0]
                    for part in node.args[:2]
                    if isinstance(part, ast.Constant)
                    and re.fullmatch(r"[a-z-]+\.[a-z_]+", str(part.value))
                }
    assert len(recorded) > 30
    assert sorted(recorded - described) == []


def test_the_page_of_the_requirements_is_made_of_them():
    made = script("asvs").page(REQUIREMENTS)
    assert (ROOT / "docs/asvs.md").read_text(encoding="utf-8") == made


@pytest.mark.parametrize(
    ("python", "scripts", "status", "says"),
    [
        (None, None, 0, "could not be had"),
        ({"dependencies": [{"name": "a", "skip_reason": "x"}]}, {}, 0, "could not be had"),
        (
            {"dependencies": [{"name": "a", "version": "1", "vulns": [{"id": "CVE-1"}]}]},
            {"vulnerabilities": {}},
            1,
            "a 1: CVE-1",
        ),
        (
            {"dependencies": [{"name": "a", "version": "1", "vulns": []}]},
            {"vulnerabilities": {"b": {"severity": "high"}}},
            1,
            "b: high",
        ),
        (
            {"dependencies": [{"name": "a", "version": "1", "vulns": []}]},
            {"vulnerabilities": {}},
            0,
            "Python: no known holes",
        ),
    ],
    ids=["offline", "skipped", "python", "scripts", "none"],
)
def test_silence_is_neither_a_hole_nor_a_promise(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    python: Any,
    scripts: Any,
    status: int,
    says: str,
) -> None:
    holes = script("holes")
    monkeypatch.setattr(holes.shutil, "which", lambda _name: "uv")
    monkeypatch.setattr(holes, "told", lambda c: scripts if c[0] == "npm" else python)
    assert holes.main() == status
    assert says in capsys.readouterr().out
