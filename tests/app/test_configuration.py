"""Secrets handed over in files, as Docker and systemd do."""

from pathlib import Path
from typing import Any

import pytest

from ronda.app.configuration import SECRETS, WrongSettings, configuration, read_secret_files

SECRET = "kq7Zp2Vw9Lx4Rt6Yb8Nc3Md5Fg1Hj0Sa"


@pytest.mark.parametrize("name", sorted(SECRETS))
def test_every_secret_can_lie_in_a_file(name: str, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(f"{SECRET}\n")
    assert read_secret_files({f"RONDA_{name}_FILE": str(file)}) == {name.lower(): SECRET}


def test_the_installation_takes_the_secret_from_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "secret"
    file.write_text(SECRET)
    monkeypatch.setenv("RONDA_SECRET_KEY_FILE", str(file))
    made: Any = configuration.__wrapped__()
    assert made.secret_key.get_secret_value() == SECRET
    assert SECRET not in repr(made)


def test_a_file_beside_the_variable_or_a_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(SECRET)
    for environment in (
        {"RONDA_SECRET_KEY": SECRET, "RONDA_SECRET_KEY_FILE": str(file)},
        {"RONDA_SECRET_KEY_FILE": str(tmp_path / "none")},
    ):
        with pytest.raises(WrongSettings, match="RONDA_SECRET_KEY_FILE") as refused:
            read_secret_files(environment)
        assert SECRET not in str(refused.value)
