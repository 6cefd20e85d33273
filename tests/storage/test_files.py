"""Files that are whole or absent."""

import os
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ronda.storage.files import replacing, stamped, sweep_parts


def test_a_file_appears_whole_and_private(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "a.json"
    with replacing(path) as file:
        file.write(b"new")
        assert not path.exists()
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_a_failure_leaves_the_former_file_and_no_rest(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b"former")

    def fail() -> None:
        with replacing(path) as file:
            file.write(b"half")
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        fail()
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("a.json", b"former")]


def test_what_killed_writers_left_is_swept_and_living_ones_are_not(tmp_path: Path) -> None:
    (tmp_path / ".a.json.999999999.part").write_bytes(b"x")
    own = tmp_path / f".b.json.{os.getpid()}.part"
    own.write_bytes(b"x")
    assert sweep_parts(tmp_path) == 1
    assert list(tmp_path.iterdir()) == [own]


def test_names_of_one_second_get_numbers(tmp_path: Path) -> None:
    at = datetime(2026, 11, 21, 3, 4, 5, tzinfo=UTC)
    names = []
    for _turn in range(3):
        path = stamped(tmp_path, "onts", ".json", at)
        path.touch()
        names.append(path.name)
    assert names == [
        "onts-20261121-030405.json",
        "onts-20261121-030405-2.json",
        "onts-20261121-030405-3.json",
    ]
