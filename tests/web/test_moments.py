"""A point in time is told as shortly as nobody can misunderstand."""

from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
import time_machine
from django.utils import timezone, translation

from ronda.web.templatetags.ronda import at


def words(moment: datetime) -> str:
    said: list[str] = []
    parser = HTMLParser()
    parser.handle_data = said.append  # type: ignore[method-assign]
    parser.feed(str(at(moment)))
    return "".join(said)


@pytest.mark.parametrize(
    ("moment", "told"),
    [
        (datetime(2026, 11, 21, 1, 5, tzinfo=UTC), "08:05"),
        (datetime(2026, 11, 20, 16, 59, tzinfo=UTC), "20 Nov 23:59"),
        (datetime(2026, 5, 16, 0, 0, tzinfo=UTC), "16 Mei 07:00"),
        (datetime(2025, 12, 31, 16, 0, tzinfo=UTC), "31 Des 2025 23:00"),
    ],
)
def test_the_day_is_left_out_today_and_the_year_in_this_one(moment: datetime, told: str) -> None:
    with (
        time_machine.travel(datetime(2026, 11, 21, 5, tzinfo=UTC), tick=False),
        timezone.override("Asia/Jakarta"),
        translation.override("id"),
    ):
        assert words(moment) == told
