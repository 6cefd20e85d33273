"""The list of places outside that an owner allows."""

import pytest

from ronda.kernel.outside import is_listed

PLACES = ["api.telegram.org", "*.midtrans.com", "203.0.113.0/24", "2001:db8::1"]


def test_without_a_list_every_place_is_allowed() -> None:
    assert is_listed("anywhere.example", [])


@pytest.mark.parametrize(
    "host",
    [
        *("api.telegram.org", "API.telegram.org.", "a.api.telegram.org", "app.midtrans.com"),
        *("midtrans.com", "203.0.113.9", "[2001:db8::1]"),
    ],
)
def test_names_with_what_lies_below_and_networks_are_allowed(host: str) -> None:
    assert is_listed(host, PLACES)


@pytest.mark.parametrize(
    "host",
    ["telegram.org", "xapi.telegram.org", "midtrans.com.evil.example", "203.0.114.9", "::1", ""],
)
def test_nothing_else_is(host: str) -> None:
    assert not is_listed(host, PLACES)
