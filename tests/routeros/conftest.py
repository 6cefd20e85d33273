"""What several files of this folder use."""

from typing import Any

import pytest

from ronda.routeros import detect
from ronda.routeros.exchange import Exchange


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses of REST that are seconds in life are milliseconds here."""

    class Hasty(Exchange):
        def __init__(self, *of: Any) -> None:
            super().__init__(*of, patience=1.5, pause=0.02)

    monkeypatch.setattr(detect, "Exchange", Hasty)
