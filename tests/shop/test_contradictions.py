"""What in a package cannot be true together is found, whichever package comes first."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ronda.shop.rules import contradictions
from ronda.shop.rules.contradictions import Clash, Doubt, Found, Prices
from ronda.shop.rules.defaults import OFFERS, profile_of
from ronda.shop.rules.terms import AtEnd, Span, SpanUnit, Terms

GB = 1024**3
OFFICE = [[[0, 1, 2, 3, 4], 480, 1020]]
BASE: dict[str, Any] = {"profile": "harian", "rate_limit": "1M/2M", "windows": OFFICE}


def clashes(terms: Terms, *others: tuple[str, Terms], sync: bool = True) -> list[Found]:
    return contradictions.clashes(terms, sync=sync, others=others)


@pytest.mark.parametrize(
    ("change", "clash"),
    [
        ({"rate_limit": "2M/2M"}, Clash.SPEED),
        ({"rate_limit": "fast"}, Clash.SPEED),
        ({"devices": 2}, Clash.DEVICES),
        ({"windows": []}, Clash.HOURS),
        ({"zone": "WIT"}, Clash.HOURS),
    ],
)
def test_two_packages_of_one_profile_must_agree(change: dict[str, Any], clash: Clash) -> None:
    one, other = Terms(**BASE), Terms(**BASE | change)
    assert clashes(one, ("Lain", other)) == [Found(clash, "Lain")]
    assert clashes(other, ("Lain", one)) == [Found(clash, "Lain")]


@pytest.mark.parametrize(
    "change",
    [
        {"profile": "lain", "devices": 9},
        {"rate_limit": ""},
        {"rate_limit": "1000k/2000k"},
        {"at_end": AtEnd.NOTICE, "online_s": 60},
    ],
)
def test_what_agrees_is_left_alone(change: dict[str, Any]) -> None:
    assert clashes(Terms(**BASE), ("Lain", Terms(**BASE | change))) == []


def test_a_zone_without_hours_is_no_contradiction() -> None:
    assert clashes(Terms(zone="WIB"), ("Lain", Terms(zone="WIT")), sync=False) == []


@pytest.mark.parametrize(
    ("terms", "clash"),
    [
        ({"at_end": AtEnd.SLOW}, Clash.SLOW_MISSING),
        ({"at_end": AtEnd.SLOW, "slow_profile": "harian"}, Clash.SLOW_SAME),
        ({"quota_bytes": GB, "quota_upload_bytes": GB + 1}, Clash.PART_ABOVE_ALL),
        ({"quota_bytes": GB, "quota_download_bytes": GB + 1}, Clash.PART_ABOVE_ALL),
        ({"profile": "default"}, Clash.ROUTERS_OWN),
    ],
)
def test_a_package_may_contradict_itself(terms: dict[str, Any], clash: Clash) -> None:
    assert clashes(Terms(**{"profile": "harian", **terms})) == [Found(clash)]


def test_the_routers_own_profile_may_be_used_as_it_is() -> None:
    assert clashes(Terms(), sync=False) == []
    assert clashes(Terms(profile="x", at_end=AtEnd.SLOW, slow_profile="lambat")) == []


DAY = Span(1, SpanUnit.DAY)


@pytest.mark.parametrize(
    ("terms", "prices", "doubts"),
    [
        (Terms(valid_for=DAY), Prices(1, 2, 2), []),
        (Terms(valid_for=DAY, online_s=86_400), Prices(0, 0, 0), []),
        (Terms(valid_for=DAY, online_s=86_401), Prices(0, 0, 0), [Doubt.NEVER_USED_UP]),
        (
            Terms(valid_for=Span(1, SpanUnit.MONTH), online_s=31 * 86_400),
            Prices(0, 0, 0),
            [],
        ),
        (Terms(), Prices(0, 0, 0), [Doubt.NEVER_ENDS]),
        (Terms(online_s=1), Prices(3, 2, 0), [Doubt.BELOW_COST]),
        (Terms(quota_bytes=1), Prices(3, 4, 2), [Doubt.RESELLER_BELOW_COST]),
        (Terms(quota_bytes=1), Prices(1, 4, 5), [Doubt.RESELLER_ABOVE_PRICE]),
    ],
)
def test_what_is_probably_not_meant_is_doubted(
    terms: Terms, prices: Prices, doubts: list[Doubt]
) -> None:
    assert contradictions.doubts(terms, prices) == doubts


def test_the_packages_offered_at_first_fit_beside_each_other() -> None:
    terms = [(offer.name, Terms(profile=offer.profile)) for offer in OFFERS]
    for place, (_name, one) in enumerate(terms):
        assert clashes(one, *terms[:place], *terms[place + 1 :]) == []


@given(st.text(max_size=80))
def test_a_profile_of_any_name_is_plain(name: str) -> None:
    profile = profile_of(name)
    assert profile.isascii()
    assert profile.isalnum()
    assert 1 <= len(profile) <= 32
