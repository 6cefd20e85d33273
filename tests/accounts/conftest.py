"""Argon2 stays, but cheap: these tests hash hundreds of passwords."""

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher

from ronda.accounts import doors


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Argon2PasswordHasher, "time_cost", 1)
    monkeypatch.setattr(Argon2PasswordHasher, "memory_cost", 64)
    monkeypatch.setattr(Argon2PasswordHasher, "parallelism", 1)


@pytest.fixture(autouse=True)
def work_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """What no door leads to is work here, whichever command a former test ran in this process."""
    monkeypatch.setattr(doors, "_default", ["work"])
