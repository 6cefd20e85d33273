"""The operator's own map file, which browsers read in ranges."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.fixture
def base(settings: Any, tmp_path: Path) -> Path:
    path = tmp_path / "base.pmtiles"
    path.write_bytes(b"0123456789")
    settings.RONDA = settings.RONDA.model_copy(update={"pmtiles": path, "public_map": True})
    return path


@pytest.mark.parametrize(
    ("wanted", "status", "part"),
    [
        ("bytes=2-4", 206, b"234"),
        ("bytes=8-", 206, b"89"),
        ("bytes=8-99", 206, b"89"),
        ("bytes=10-11", 416, b""),
        ("bytes=-3", 200, b"0123456789"),
        ("bytes=²-", 200, b"0123456789"),
        ("bytes=2-²", 206, b"23456789"),
        (f"bytes={'9' * 5000}-", 200, b"0123456789"),
    ],
)
@pytest.mark.usefixtures("base")
def test_a_range_is_answered_and_what_is_none_gets_all(
    wanted: str, status: int, part: bytes
) -> None:
    answer = Client().get("/map/base.pmtiles", headers={"range": wanted})
    assert answer.status_code == status
    streaming: Any = answer
    assert (b"".join(streaming.streaming_content) if answer.streaming else answer.content) == part
