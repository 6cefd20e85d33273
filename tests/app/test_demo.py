"""The demo where its network prefix is taken, for example by another demo on the machine."""

from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import pytest

from ronda.app import demo
from ronda.simulator.fibre import FibreUnavailable


def test_a_taken_prefix_lets_the_far_end_answer_inside_and_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    def taken(*_: object, **__: object) -> None:
        raise FibreUnavailable("198.18.0.0/16 is already reached through the interface ronda0.")

    monkeypatch.setattr(demo, "Fibre", taken)
    monkeypatch.setattr(demo, "settle", lambda *_: None)
    monkeypatch.setattr("ronda.app.demo_routers.DemoRouters", lambda _seed: nullcontext())
    monkeypatch.setattr("ronda.app.demo_payments.DemoPayments", nullcontext)

    with demo.standing(SimpleNamespace(data=tmp_path)) as options:
        assert options == {"watch": ["--simulated"]}

    assert "already reached through the interface ronda0" in capsys.readouterr().out
