"""Values: what is taken, how it is printed back, and what is refused with which words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ronda.simulator.routers.traps import Trap
from ronda.simulator.routers.values import duration, kind_of, seconds_of


def taken(kind, value, major=7):
    return kind_of(kind).taken("x", value, lambda _menu, name: name == "there", major)


@pytest.mark.parametrize(
    ("kind", "given", "printed"),
    [
        ("duration", "7200", "2h"),
        ("duration", "01:30:00", "1h30m"),
        ("duration", "00:05", "5m"),
        ("duration", "1d 02:00:00", "1d2h"),
        ("duration", "1w2d3h4m5s", "1w2d3h4m5s"),
        ("duration", "90s", "1m30s"),
        ("duration", "170ms", "170ms"),
        ("duration", "0", "0s"),
        ("duration(none)", "none", "none"),
        ("duration(1m..1d)", "24h", "1d"),
        ("size", "1G", "1073741824"),
        ("size", "512k", "524288"),
        ("size", "007", "7"),
        ("int(1..4|unlimited)", "unlimited", "unlimited"),
        ("bool", "yes", "true"),
        ("bool", "false", "false"),
        ("rate", "512000/2048k", "512k/2048k"),
        ("rate", "1M", "1M/1M"),
        ("mac", "aa-bb-cc-dd-ee-ff", "AA:BB:CC:DD:EE:FF"),
        ("mac", "aabbccddeeff", "AA:BB:CC:DD:EE:FF"),
        ("ip", "10.5.50.1", "10.5.50.1"),
        ("enum(regular|blocked)", "blocked", "blocked"),
        ("flags(cookie|http-chap|mac)", "mac,cookie", "cookie,mac"),
        ("ref(/ip/pool|none)", "none", "none"),
        ("ref(/ip/pool|none)", "there", "there"),
        ("text", " a=b\r\n", " a=b\r\n"),
    ],
)
def test_a_value_is_printed_as_the_router_prints_it(kind, given, printed):
    assert taken(kind, given) == printed


@pytest.mark.parametrize(
    ("kind", "given", "says"),
    [
        ("duration", "soon", "invalid value for argument x"),
        ("duration", "", "invalid value for argument x"),
        ("duration(1m..1d)", "30s", "value of x out of range (1m..1d)"),
        ("size", "1.5G", "invalid value for argument x"),
        ("size", "99999999999T", "value of x out of range (0..18446744073709551615)"),
        ("int(1..4)", "5", "value of x out of range (1..4)"),
        ("int(1..4)", "-1", "invalid value for argument x"),
        ("bool", "maybe", "invalid value for argument x"),
        ("rate", "fast", "invalid value for argument x"),
        ("mac", "AA:BB", "invalid value for argument x"),
        ("ip", "10.5.50.256", "invalid value for argument x"),
        ("enum(regular|blocked)", "free", "input does not match any value of x"),
        ("flags(cookie|mac)", "cookie,smile", "input does not match any value of x"),
        ("ref(/ip/pool|none)", "gone", "input does not match any value of x"),
        ("policies", "read,fly", "input does not match any value of x"),
    ],
)
def test_what_is_no_value_is_refused_in_the_routers_words(kind, given, says):
    with pytest.raises(Trap) as refused:
        taken(kind, given)
    assert refused.value.message == says


def test_policies_say_what_a_group_may_not_too():
    assert taken("policies", "api,read") == (
        "read,api,!local,!telnet,!ssh,!ftp,!reboot,!write,!policy,!test,!winbox,!password,!web,!sniff,"
        "!sensitive,!romon,!rest-api"
    )
    assert "!dude" in taken("policies", "api", major=6)


@given(st.integers(0, 10_000_000_000))
def test_a_duration_is_read_back_and_has_no_part_that_is_zero(milliseconds):
    text = duration(milliseconds / 1000)
    assert round(seconds_of(text) * 1000) == milliseconds
    assert text == "0s" or not any(part in text for part in ("d0", "w0", "h0", "m0", "s0"))
