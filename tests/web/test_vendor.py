"""The vendored front-end files are the ones that were taken, and nothing else."""

import hashlib
import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("vendor", ROOT / "scripts" / "vendor.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def folder_with(tmp_path: Path, body: bytes) -> Path:
    (tmp_path / "thing@1.0").mkdir()
    (tmp_path / "thing@1.0" / "thing.js").write_bytes(body)
    (tmp_path / "LICENSES.md").write_text("## thing 1.0\n\ntext\n")
    sums = {
        name: hashlib.sha256((tmp_path / name).read_bytes()).hexdigest()
        for name in ("thing@1.0/thing.js", "LICENSES.md")
    }
    manifest = {"packages": {"thing": {"package": "thing", "version": "1.0"}}, "sha256": sums}
    (tmp_path / "vendor.json").write_text(json.dumps(manifest))
    return tmp_path


def test_the_shipped_files_are_whole_and_licensed(script: ModuleType) -> None:
    assert script.check(script.TARGET) == []


def test_a_changed_byte_is_noticed(script: ModuleType, tmp_path: Path) -> None:
    folder = folder_with(tmp_path, b"let a = 1;\n")
    (folder / "thing@1.0" / "thing.js").write_bytes(b"let a = 2;\n")
    assert script.check(folder) == ["thing@1.0/thing.js is not the file that was vendored"]


def test_an_unknown_and_a_missing_file_are_noticed(script: ModuleType, tmp_path: Path) -> None:
    folder = folder_with(tmp_path, b"let a = 1;\n")
    (folder / "thing@1.0" / "thing.js").rename(folder / "other.js")
    assert script.check(folder) == [
        "thing@1.0/thing.js is missing",
        "other.js is not in vendor.json",
    ]


def test_a_licence_text_that_was_lost_is_noticed(script: ModuleType, tmp_path: Path) -> None:
    folder = folder_with(tmp_path, b"let a = 1;\n")
    (folder / "LICENSES.md").write_text("")
    assert script.check(folder) == [
        "LICENSES.md is not the file that was vendored",
        "LICENSES.md has no text for thing 1.0",
    ]


@pytest.mark.parametrize(
    "body",
    [b"@import '//cdn.example/x.css'", b"a{background:url(https://example.org/x.png)}"],
)
def test_a_file_that_loads_from_elsewhere_is_noticed(
    script: ModuleType, tmp_path: Path, body: bytes
) -> None:
    folder = folder_with(tmp_path, body)
    assert script.check(folder) == ["thing@1.0/thing.js loads from another address"]


def test_the_lock_file_names_no_registry_address() -> None:
    lock = (ROOT / "package-lock.json").read_text()
    assert '"resolved"' not in lock
    assert '"integrity"' in lock
