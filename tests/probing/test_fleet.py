"""The order in which a fleet is probed."""

import ipaddress

from hypothesis import given
from hypothesis import strategies as st

from ronda.probing.fleet import Fleet
from ronda.probing.packets import Family, token

fleets = st.dictionaries(st.integers(0, 5_000), st.binary(min_size=4, max_size=4), max_size=50)
wide_fleets = st.dictionaries(
    st.integers(0, 5_000), st.binary(min_size=16, max_size=16), max_size=20
)


@given(st.integers(0, 0xFFFFFF00), st.integers(16, 300))
def test_neighbours_in_address_are_far_apart_in_time(first: int, count: int) -> None:
    first = min(first, 0xFFFFFFFF - count)
    fleet = Fleet(Family.IPV4, [(key, (first + key).to_bytes(4, "big")) for key in range(count)])
    for key in range(count - 1):
        apart = abs(fleet.place[key] - fleet.place[key + 1])
        assert min(apart, count - apart) > count * 0.3


@given(fleets)
def test_every_target_has_one_place_its_own_name_and_its_own_token(
    targets: dict[int, bytes],
) -> None:
    check(Family.IPV4, targets, at=4, width=4)


@given(wide_fleets)
def test_ipv6_targets_do_too(targets: dict[int, bytes]) -> None:
    check(Family.IPV6, targets, at=8, width=16)


def check(family: Family, targets: dict[int, bytes], *, at: int, width: int) -> None:
    fleet = Fleet(family, targets.items())
    assert sorted(fleet.keys) == sorted(targets)
    for position, key in enumerate(fleet.keys):
        name = fleet.name(position)
        assert name[at : at + width] == targets[key]
        assert fleet.position(key) == position
        assert position in fleet.positions(fleet.sources[position])
        assert fleet.tokens[position * 8 : position * 8 + 8] == token(position)
    assert fleet.position(5_001) == -1
    assert fleet.position(-3) == -1


@given(fleets, fleets, st.integers(0, 50))
def test_a_target_keeps_its_moment_when_others_come_and_go(
    old: dict[int, bytes], new: dict[int, bytes], sent: int
) -> None:
    before = Fleet(Family.IPV4, old.items())
    after = Fleet(Family.IPV4, {**new, **old}.items())
    sent = min(sent, before.count)
    start = after.after(before, sent)
    for position, key in enumerate(before.keys):
        assert (after.place[key] < start) == (position < sent)


def test_addresses_are_ready_for_the_kernel() -> None:
    fleet = Fleet(Family.IPV4, [(7, ipaddress.ip_address("10.1.2.3").packed)])
    assert fleet.name(0)[2:] == bytes([0, 0, 10, 1, 2, 3]) + bytes(8)
    assert (fleet.name_bytes, Fleet(Family.IPV6, ()).name_bytes) == (16, 28)
