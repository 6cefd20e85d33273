"""Secrets at rest: sealed, opened, and still opened while keys change."""

import stat
from pathlib import Path

import pytest

from ronda.storage.sealing import KEPT, Keyring, SealBroken, is_key, new_key


def test_a_secret_is_sealed_and_opened_again(tmp_path: Path) -> None:
    keys = Keyring(tmp_path / "seal.keys")
    sealed = keys.seal("rahasia €")
    assert "rahasia" not in sealed
    assert keys.seal("rahasia €") != sealed
    assert keys.open(sealed) == "rahasia €"


def test_the_key_file_is_for_this_account_alone_and_made_once(tmp_path: Path) -> None:
    keys = Keyring(tmp_path / "seal.keys")
    keys.make()
    first = keys.file.read_text()
    keys.make()
    assert keys.file.read_text() == first
    assert stat.S_IMODE(keys.file.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["seal.keys"]


def test_a_new_key_seals_and_the_former_still_opens(tmp_path: Path) -> None:
    keys = Keyring(tmp_path / "seal.keys")
    other_process = Keyring(tmp_path / "seal.keys")
    old = keys.seal("rahasia")
    keys.add_key()
    new = other_process.reseal(old)
    for _again in range(KEPT - 1):
        keys.add_key()
    with pytest.raises(SealBroken):
        other_process.open(old)
    assert other_process.open(new) == "rahasia"
    assert stat.S_IMODE(keys.file.stat().st_mode) == 0o600


def test_a_foreign_or_damaged_secret_says_so_without_telling_it(tmp_path: Path) -> None:
    sealed = Keyring(tmp_path / "a").seal("rahasia")
    for text in (sealed, "nonsense", sealed[:-4]):
        with pytest.raises(SealBroken) as caught:
            Keyring(tmp_path / "b").open(text)
        assert caught.value.__context__ is None or caught.value.__suppress_context__
    with pytest.raises(SealBroken):
        Keyring(tmp_path / "b").reseal(sealed)


def test_keys_from_the_settings_win_and_no_file_is_made(tmp_path: Path) -> None:
    old, new = new_key(), new_key()
    sealed = Keyring(tmp_path / "k", (old,)).seal("rahasia")
    both = Keyring(tmp_path / "k", (new, old))
    assert Keyring(tmp_path / "k", (new,)).open(both.reseal(sealed)) == "rahasia"
    assert not (tmp_path / "k").exists()
    assert old not in repr(both)
    with pytest.raises(ValueError, match="settings"):
        both.add_key()


def test_only_a_key_is_taken_for_one() -> None:
    assert is_key(new_key())
    assert not is_key("short")
    assert not is_key("ä" * 44)
