"""What the tags of the page shell write."""

from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any

import pytest
from django.core.paginator import Paginator
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import translation

from ronda.web import durations, words
from ronda.web.navigation import DOORS, may


@pytest.fixture(autouse=True)
def english() -> Any:
    with translation.override("en"):
        yield


def render(source: str, path: str = "/", **context: Any) -> str:
    request = RequestFactory().get(path)
    return Template("{% load ronda %}" + source).render(Context({"request": request} | context))


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (-5, "0 s"),
        (59.9, "59 s"),
        (60, "1 min"),
        (3599, "59 min"),
        (3600, "1 h"),
        (7500, "2 h 5 min"),
        (86400, "1 d"),
        (100_000, "1 d 3 h"),
    ],
)
def test_a_length_has_at_most_two_units(seconds: float, expected: str) -> None:
    assert durations.short(timedelta(seconds=seconds)) == expected


class Digit(Enum):
    DOWN = 3


class Name(Enum):
    DOWN = "down"


@pytest.mark.parametrize("state", [3, "down", "DOWN", Digit.DOWN, Name.DOWN])
def test_a_state_is_known_by_digit_name_and_member(state: Any) -> None:
    assert words.mark_of(state).name == "down"


@pytest.mark.parametrize("state", [None, 99, "", "ON"])
def test_a_state_that_is_not_one_is_unknown(state: Any) -> None:
    assert words.mark_of(state).name == "unknown"


def test_a_badge_has_a_shape_and_a_word_beside_its_colour() -> None:
    badge = render("{% status 'down' %}")
    assert 'class="state state-down" data-status="down"' in badge
    assert "status.svg#down" in badge
    assert "<span>Down</span>" in badge


def test_a_slow_ont_that_is_up_is_shown_as_slow_and_a_slow_one_that_is_down_as_down() -> None:
    assert "status.svg#degraded" in render("{% status 'up' degraded=True %}")
    assert "status.svg#degraded" not in render("{% status 'down' degraded=True %}")


def test_flapping_is_shown_beside_the_state() -> None:
    badge = render("{% status 'up' flapping=True %}")
    assert "status.svg#up" in badge
    assert "status.svg#flapping" in badge


def test_an_age_carries_the_exact_time() -> None:
    moment = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    shown = render("{% age moment %}", moment=moment)
    assert 'datetime="2026-01-02T03:04:05+00:00"' in shown
    assert 'title="2 Jan 2026, 10:04:05 WIB"' in shown


@pytest.mark.parametrize(
    ("share", "shown"), [(0.99999, "99.99 %"), (1, "100.00 %"), (0.3, "30.00 %"), (0, "0.00 %")]
)
def test_a_share_is_never_rounded_up(share: float, shown: str) -> None:
    assert render("{{ share|percent }}", share=share) == shown


def test_numbers_follow_the_language() -> None:
    with translation.override("id"):
        assert render("{{ n|number }} {{ x|number:1 }}", n=12345, x=8.26) == "12.345 8,3"


def test_what_is_not_known_is_a_dash() -> None:
    assert render("{{ x|number }}{{ x|percent }}{{ x|duration }}{% age x %}", x=None) == "–" * 4  # noqa: RUF001 -- the dash


def test_a_heading_sorts_by_itself_then_the_other_way_and_goes_to_the_first_page() -> None:
    fresh = render("{% sortable 'name' 'Name' %}", "/?q=a&page=3")
    assert 'href="?q=a&amp;sort=name"' in fresh
    assert "aria-sort" not in fresh
    again = render("{% sortable 'name' 'Name' %}", "/?sort=name")
    assert 'href="?sort=-name"' in again
    assert 'aria-sort="ascending"' in again


def test_a_heading_may_start_with_the_worst() -> None:
    assert 'href="?sort=-since"' in render("{% sortable 'since' 'Since' descending=True %}")


def test_the_pages_of_a_list_keep_the_filters() -> None:
    page = Paginator(range(100), 10).get_page(2)
    shown = render("{% pagination page %}", "/?q=a&page=2", page=page)
    assert 'href="?q=a&amp;page=3" rel="next"' in shown
    assert "11–20 of 100" in shown  # noqa: RUF001 -- the dash


def test_a_title_cannot_inject_markup() -> None:
    assert "<script>" not in render("{% icon 'bell' label %}", label='"><script>')


@pytest.mark.parametrize(
    ("role", "needed", "expected"),
    [
        ("owner", "admin", True),
        ("noc", "admin", False),
        ("viewer", "viewer", True),
        ("", "viewer", False),
        ("stranger", "viewer", False),
    ],
)
def test_a_door_opens_to_its_role_and_above(role: str, needed: str, expected: bool) -> None:
    assert may(role, needed) is expected


def test_the_menu_hides_what_does_not_exist_or_may_not_be_opened() -> None:
    shown = render("{% main_menu as menu %}{{ menu|length }}", person_role="")
    assert shown == "0"


def test_no_two_doors_of_the_menu_answer_to_one_key() -> None:
    keys = [door.key for door in DOORS]
    assert len(set(keys)) == len(keys)
