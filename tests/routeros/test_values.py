"""Values of RouterOS in and out."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ronda.routeros import menus, queries, values
from ronda.routeros.capabilities import capabilities_of, window_cap
from ronda.routeros.port import Capabilities, Query
from ronda.routeros.values import Speed

H = timedelta(hours=1)


def moment(*parts: int) -> datetime:
    """A time of the router's own zone, which it does not name."""
    return datetime(*parts)  # noqa: DTZ001 -- see above


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("1w2d3h4m5s", timedelta(weeks=1, days=2, hours=3, minutes=4, seconds=5)),
        ("0s", timedelta()),
        ("170ms", timedelta(milliseconds=170)),
        ("350us", timedelta(microseconds=350)),
        ("1.5s", timedelta(seconds=1.5)),
        ("2h", 2 * H),
        ("7200", 2 * H),
        ("01:30:00", 1.5 * H),
        ("1d 02:00:00", 26 * H),
        ("1w1d02:00:00", (8 * 24 + 2) * H),
        ("02:05", timedelta(minutes=2, seconds=5)),
        ("none", None),
        ("never", None),
        ("", None),
        ("2h x", None),
        ("²", None),
        ("9999999999", None),
    ],
)
def test_durations_are_read_in_every_form(text: str, meant: timedelta | None) -> None:
    assert values.duration_of(text) == meant


@given(st.integers(0, 10**12))
def test_durations_come_back(milliseconds: int) -> None:
    value = timedelta(milliseconds=milliseconds)
    assert values.duration_of(values.duration(value)) == value


def test_durations_are_written_as_the_router_prints_them() -> None:
    assert values.duration(timedelta(seconds=7200)) == "2h"
    assert values.duration(timedelta()) == "0s"
    assert values.duration(timedelta(days=9, seconds=1, milliseconds=20)) == "1w2d1s20ms"
    with pytest.raises(ValueError, match="negative"):
        values.duration(timedelta(seconds=-1))


@settings(deadline=None, max_examples=50)
@given(st.text(max_size=30))
def test_no_text_is_too_odd_to_be_read(text: str) -> None:
    for read in (
        values.duration_of, values.integer_of, values.boolean_of, values.rate_of, values.speed_of,
        values.pair_of, values.list_of, values.date_of, values.moment_of, values.version_of,
    ):  # fmt: skip
        read(text)
    values.moment_of(text, today=date(2026, 11, 21))


def test_numbers_and_truths() -> None:
    assert [values.integer_of(text) for text in ("12", "-3", "1_0", "x", "\u0661", "9" * 30)] == [
        12, -3, None, None, None, None,
    ]  # fmt: skip
    assert [values.boolean_of(text) for text in ("true", "yes", "false", "no", "ok")] == [
        True, True, False, False, None,
    ]  # fmt: skip
    assert [values.flag_of(text) for text in (None, "", "true", "false", "no")] == [
        False, True, True, False, False,
    ]  # fmt: skip


def test_rates_are_powers_of_ten_and_speeds_the_customers() -> None:
    assert [values.rate_of(text) for text in ("512k", "2M", "1G", "0", "64000bps", "x")] == [
        512_000, 2_000_000, 1_000_000_000, 0, 64_000, None,
    ]  # fmt: skip
    assert [values.rate(bits) for bits in (2_000_000, 1_500_000, 1_500, 0, 3_000_000_000)] == [
        "2M", "1500k", "1500", "0", "3G",
    ]  # fmt: skip
    assert values.speed_of("1M/2M 3M/4M 1M/2M 8/8") == Speed(upload=1_000_000, download=2_000_000)
    assert values.speed_of("512k") == Speed(512_000, 512_000)
    assert [values.speed_of(text) for text in ("", "x/1M", "1M/x")] == [None, None, None]


def test_pairs_and_lists() -> None:
    assert [values.pair_of(text) for text in ("1/2", "3,4", "5")] == [("1", "2"), ("3", "4"), None]
    assert [values.list_of(text) for text in ("", "a", "a,b")] == [[], ["a"], ["a", "b"]]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("nov/21/2026", date(2026, 11, 21)),
        ("Nov/21/2026", date(2026, 11, 21)),
        ("2026-11-21", date(2026, 11, 21)),
        ("foo/21/2026", None),
        ("feb/30/2026", None),
        ("2026-13-01", None),
        ("yesterday", None),
    ],
)
def test_dates_of_before_and_after_7_10(text: str, meant: date | None) -> None:
    assert values.date_of(text) == meant


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("nov/21/2026 10:11:12", moment(2026, 11, 21, 10, 11, 12)),
        ("2026-11-21 10:11:12", moment(2026, 11, 21, 10, 11, 12)),
        ("10:11:12", moment(2026, 11, 21, 10, 11, 12)),
        ("nov/20 23:00:00", moment(2026, 11, 20, 23, 0, 0)),
        ("dec/31 23:00:00", moment(2025, 12, 31, 23, 0, 0)),
        ("feb/30 10:00:00", None),
        ("2026-11-21 24:00:00", None),
        ("2026-11-21 10:11", None),
        ("someday 10:11:12", None),
    ],
)
def test_moments_of_logs_are_dated_with_the_routers_day(text: str, meant: datetime | None) -> None:
    assert values.moment_of(text, today=date(2026, 11, 21)) == meant


def test_a_short_moment_needs_the_routers_day() -> None:
    assert values.moment_of("10:11:12") is None
    assert values.moment_of("jan/02 10:11:12") is None


def test_versions_and_what_they_can_do() -> None:
    assert values.version_of("6.49.10 (long-term)") == (6, 49, 10)
    assert values.version_of("7.22rc1 (testing)") == (7, 22, 0)
    assert values.version_of("unknown") is None
    assert capabilities_of("6.49.10 (long-term)") == Capabilities((6, 49, 10), False, False, False)
    assert capabilities_of("7.10 (stable)") == Capabilities((7, 10, 0), True, False, False)
    assert capabilities_of("7.21.4 (stable)") == Capabilities((7, 21, 4), True, True, True)
    assert capabilities_of("?").version == (0, 0, 0)
    assert [window_cap(board) for board in ("CCR2004-1G", "CHR", "hAP ac2", "")] == [
        128,
        128,
        32,
        32,
    ]


def test_rows_are_typed_by_their_menu_and_lose_nothing() -> None:
    row = {
        ".id": "*1", "name": "123456", "password": "true", "limit-uptime": "2h", "bytes-in": "9",
        "disabled": "false", "default": "", "otp-secret": "x", "uptime": "odd",
    }  # fmt: skip
    assert menus.typed("/ip/hotspot/user", row) == {
        ".id": "*1", "name": "123456", "password": "true", "limit-uptime": 2 * H, "bytes-in": 9,
        "disabled": False, "default": True, "otp-secret": "x", "uptime": None,
    }  # fmt: skip
    assert menus.typed("/no/such/menu", {"a": "1"}) == {"a": "1"}
    assert menus.QUEUES.typed({"max-limit": "1M/2M", "bytes": "3/4"}) == {
        "max-limit": Speed(1_000_000, 2_000_000), "bytes": ("3", "4"),
    }  # fmt: skip
    assert menus.SERVER_PROFILES.typed({"login-by": "cookie,http-chap"}) == {
        "login-by": ["cookie", "http-chap"]
    }


def test_queries_keep_their_order_on_the_stack() -> None:
    here = Query.equal(server="a", profile="b")
    late = queries.above("uptime", "1h")
    assert queries.either(here, late).words == ("server=a", "profile=b", "#&", ">uptime=1h", "#|")
    assert queries.no(here).words == ("server=a", "profile=b", "#&", "#!")
    assert queries.both(queries.has("comment"), queries.lacks("dynamic"), late).words == (
        "comment", "-dynamic", "#&", ">uptime=1h", "#&",
    )  # fmt: skip
    assert queries.no(queries.either(late, queries.below("a", "1"))).words == (
        ">uptime=1h", "<a=1", "#|", "#!",
    )  # fmt: skip
    assert queries.equal("name", "x=y").words == ("name=x=y",)
