"""What is shipped for running as a service agrees with the program: commands, settings, files."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from ronda.app.configuration import PREFIX, SECRETS, Configuration
from ronda.cli import COMMANDS, main

ROOT = Path(__file__).parents[2]
UNITS = sorted((ROOT / "deploy" / "systemd").glob("*.service"))
KNOWN = {f"{PREFIX}{name.upper()}" for name in Configuration.model_fields}
KNOWN |= {f"{PREFIX}{name}_FILE" for name in SECRETS}
SHIPPED = [
    path
    for path in (*(ROOT / "deploy").rglob("*"), ROOT / "docs" / "install.md")
    if path.is_file() and path.suffix != ".pyc"
]


def lines(unit: Path, name: str) -> list[str]:
    text = unit.read_text(encoding="utf-8")
    return re.findall(rf"^{name}=(.*)$", text, flags=re.MULTILINE)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_every_setting_that_is_named_exists(path: Path) -> None:
    named = set(re.findall(r"\bRONDA_[A-Z_]+[A-Z]\b", path.read_text(encoding="utf-8")))
    assert named - KNOWN == set()


def test_every_command_of_the_guide_exists() -> None:
    text = (ROOT / "docs" / "install.md").read_text(encoding="utf-8")
    used = set(
        re.findall(r"(?:bin/|Scripts\\|`|docker exec ronda )ronda ([a-z]+)(?: ([a-z]+))?", text)
    )
    assert used
    for first, second in used:
        command = main.get_command(click.Context(main), first)
        assert command is not None, first
        if isinstance(command, click.Group):
            assert second in command.commands, f"{first} {second}"


def test_there_is_one_unit_for_everything_and_one_for_each_part() -> None:
    commands = {unit.name: lines(unit, "ExecStart") for unit in UNITS}
    assert commands == {
        "ronda.service": ["/opt/ronda/bin/ronda run"],
        "ronda-watch.service": ["/opt/ronda/bin/ronda watch"],
        "ronda-web.service": ["/opt/ronda/bin/ronda web"],
        "ronda-work.service": ["/opt/ronda/bin/ronda work"],
        "ronda-desk.service": ["/opt/ronda/bin/ronda desk"],
    }
    assert {line.split()[1] for found in commands.values() for line in found} <= set(COMMANDS)


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_comes_back_by_itself_and_may_do_little(unit: Path) -> None:
    probes = unit.name in {"ronda.service", "ronda-watch.service"}
    assert lines(unit, "Restart") == ["always"]
    assert lines(unit, "WantedBy") == ["multi-user.target"]
    assert lines(unit, "User") == ["ronda"]
    assert lines(unit, "CapabilityBoundingSet") == ["CAP_NET_RAW" if probes else ""]
    assert lines(unit, "AmbientCapabilities") == (["CAP_NET_RAW"] if probes else [])
    for name, value in (("NoNewPrivileges", "yes"), ("ProtectSystem", "strict"), ("UMask", "0077")):
        assert lines(unit, name) == [value]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="apt-get install systemd")
def test_systemd_understands_every_line_of_the_units() -> None:
    answer = subprocess.run(
        ["systemd-analyze", "verify", *map(str, UNITS)], capture_output=True, text=True, check=False
    )
    said = [line for line in answer.stderr.splitlines() if "is not executable" not in line]
    assert [line for line in said if any(unit.name in line for unit in UNITS)] == []


def test_the_compose_file_starts_every_part_without_rights_it_does_not_need() -> None:
    compose: dict[str, Any] = yaml.safe_load(
        (ROOT / "deploy" / "docker" / "compose.yaml").read_text(encoding="utf-8")
    )
    services = compose["services"]
    assert {name: services[name]["command"] for name in ("web", "watch", "work", "desk")} == {
        "web": ["web"],
        "watch": ["watch"],
        "work": ["work"],
        "desk": ["desk"],
    }
    for name in ("web", "watch", "work", "desk"):
        assert services[name]["cap_drop"] == ["ALL"]
        assert services[name]["read_only"] is True
    assert services["web"]["ports"] == ["127.0.0.1:8000:8000"]
    assert "ports" not in services["database"]
    assert "ports" not in services["valkey"]


def test_the_image_is_built_from_files_that_exist() -> None:
    text = (ROOT / "deploy" / "docker" / "Dockerfile").read_text(encoding="utf-8")
    sources = [
        word
        for line in re.findall(r"^COPY (?!--from)(.*)$", text, flags=re.MULTILINE)
        for word in line.split()[:-1]
    ]
    assert sources
    assert [source for source in sources if not (ROOT / source).exists()] == []
    allowed = (ROOT / ".dockerignore").read_text(encoding="utf-8")
    assert [source for source in sources if f"!{source}" not in allowed] == []
    assert "USER ronda" in text


def test_the_guide_names_files_that_exist() -> None:
    text = (ROOT / "docs" / "install.md").read_text(encoding="utf-8").replace("\\", "/")
    named = set(re.findall(r"\b(?:deploy|requirements)/[\w/-]+\.\w+", text))
    assert named
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


def test_no_secret_is_shipped() -> None:
    for path in SHIPPED:
        text = path.read_text(encoding="utf-8")
        assert not re.search(
            r"(?i)password\s*[:=]\s*['\"]?[a-z0-9]{6,}", text.replace("_FILE", "")
        ), path
