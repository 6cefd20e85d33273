"""Tests of people, doors and what is on record."""

import pytest

from ronda.accounts import doors


@pytest.fixture(autouse=True)
def work_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """What no door leads to is work here, whichever command a former test ran in this process."""
    monkeypatch.setattr(doors, "_default", ["work"])
