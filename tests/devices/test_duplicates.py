"""ONTs that may be the same one twice."""

import random  # noqa: TID251 -- seeded places

import pytest

from ronda.devices.rules.duplicates import Group, Kind, Listed, find_duplicates


def test_each_kind_of_agreement_is_found_worst_first() -> None:
    onts = [
        Listed(1, "WJ1", "Kali", "Pos", "198.18.1.1", -7.7, 110.36),
        Listed(2, "wj1", "Kali", "pos", "198.18.1.1", -7.7, 110.36),
        Listed(3, "WJ3", "Kali", "Masjid", "198.18.1.3", -7.70005, 110.36),
        Listed(4, "WJ4"),
        Listed(5, "WJ5", "Lor"),
        Listed(6, "WJ6", "Lor"),
    ]
    assert find_duplicates(onts) == [
        Group(Kind.CUSTOMER_ID, "WJ1", (1, 2)),
        Group(Kind.ADDRESS, "198.18.1.1", (1, 2)),
        Group(Kind.NAME, "Kali (Pos)", (1, 2)),
        Group(Kind.NAME, "Lor", (5, 6)),
        Group(Kind.COORDINATES, "-7.7, 110.36", (1, 2)),
        Group(Kind.NEAR, "5.6 m", (1, 3), 5.56),
    ]


def test_equal_customer_ids_and_names_of_two_sites_are_different() -> None:
    onts = [Listed(1, "WJ1", "Kali", site="A"), Listed(2, "WJ1", "Kali", site="B")]
    assert find_duplicates(onts) == []


def test_neighbours_just_beyond_ten_metres_are_left_alone() -> None:
    onts = [Listed(1, "a", latitude=-7.7, longitude=110.36)]
    onts.append(Listed(2, "b", latitude=-7.70009, longitude=110.36))
    assert find_duplicates(onts) == []
    assert len(find_duplicates(onts, near_metres=11)) == 1


def test_neighbours_are_found_across_the_edges_of_the_grid() -> None:
    generator = random.Random(3)
    onts = [
        Listed(
            n,
            f"WJ{n}",
            latitude=-7.7 + generator.random() / 500,
            longitude=110.36 + generator.random() / 500,
        )
        for n in range(300)
    ]
    from ronda.devices.rules.places import metres_between

    expected = {
        (a.ref, b.ref)
        for i, a in enumerate(onts)
        for b in onts[i + 1 :]
        if metres_between((a.latitude, a.longitude), (b.latitude, b.longitude)) < 10  # type: ignore[arg-type]
    }
    found = {g.members for g in find_duplicates(onts)}
    assert expected
    assert found == expected


@pytest.mark.parametrize(
    "spread",
    [
        pytest.param(0.3, marks=pytest.mark.slow),
        pytest.param(1e-5, marks=pytest.mark.slow),
        0.0,
    ],
)
def test_fifty_thousand_onts_are_compared_in_time_even_all_in_one_heap(spread: float) -> None:
    generator = random.Random(3)
    onts = [
        Listed(
            n,
            f"WJ{n}",
            f"Kali RW {n}",
            "Pos",
            f"198.18.{n % 250}.{n % 249}",
            -7.7 + generator.random() * spread,
            110.36 + generator.random() * spread,
        )
        for n in range(50_000)
    ]
    assert find_duplicates(onts)
