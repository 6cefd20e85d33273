"""The invented neighbourhood: the same for the same seed, and wrong where real lists are wrong."""

from collections import Counter, defaultdict
from itertools import combinations

import pytest

from ronda.simulator.ground import metres
from ronda.simulator.neighbourhood import LARGEST, Neighbourhood, build
from ronda.simulator.network import CANARIES, Layout


@pytest.fixture(scope="module")
def demo() -> Neighbourhood:
    return build()


def test_the_same_seed_gives_the_same_neighbourhood_and_another_seed_another(demo):
    assert build() == demo
    assert build(seed=2).onts != demo.onts


def test_numbers_have_no_gaps_and_customer_ids_are_unique_over_both_lists(demo):
    assert [ont.number for ont in demo.onts] == list(range(1, 401))
    assert [ont.number for ont in demo.town] == list(range(1, 97))
    assert len({ont.customer_id for ont in demo.everyone()}) == 496


def test_names_are_no_key(demo):
    names = Counter(ont.name for ont in demo.onts)
    assert (len(names), len({name.lower() for name in names})) == (248, 244)
    assert sum(1 for times in names.values() if times > 1) == 83
    assert sum("RW" in name for name in names.elements()) == 284
    pairs = Counter((ont.name, ont.location) for ont in demo.onts)
    assert Counter(pairs.values()) == {1: 396, 2: 2}


def test_texts_are_damaged_as_often_as_in_the_lists_we_have_seen(demo):
    locations = [ont.location for ont in demo.onts]
    assert sum("PeRT" in text for text in locations) == 5
    assert sum("Rt 0" in ont.name for ont in demo.onts) == 3
    hamlets = {ont.area for ont in demo.onts}
    slashed = [ont for ont in demo.onts if "/" in ont.name]
    spaced = [
        ont
        for ont in demo.onts
        if "/" not in ont.name
        and any(
            f"{ont.area} {s.name.split('/')[1]}" in ont.name for s in slashed if s.area == ont.area
        )
    ]
    assert (len(hamlets), len(slashed) > 100, len(spaced) >= 8) == (32, True, True)
    assert max(len(ont.name) for ont in demo.onts) <= 32
    assert max(len(text) for text in locations) <= 50
    assert all((ont.name + ont.location).isascii() for ont in demo.everyone())


def test_addresses_are_empty_doubled_and_one_far_away(demo):
    addresses = [ont.address for ont in demo.onts]
    times = Counter(filter(None, addresses))
    assert addresses.count("") == 12
    assert Counter(times.values()) == {1: 382, 2: 3}
    assert Counter(a.split(".")[2] for a in times) == {"1": 135, "2": 115, "3": 134, "255": 1}


def test_one_latitude_is_text_with_a_space_inside(demo):
    odd = [ont for ont in demo.onts if ont.written != ont.spot]
    assert [(ont.number, ont.written[0]) for ont in odd] == [
        (398, f"-7. {str(odd[0].latitude)[3:]}")
    ]


def test_eleven_pairs_stand_closer_than_ten_metres_and_none_on_one_spot(demo):
    distances = [metres(a.spot, b.spot) for a, b in combinations(demo.onts, 2)]
    assert sum(distance < 10 for distance in distances) == 11
    assert min(distances) > 2


def test_two_clusters_lie_nine_kilometres_apart(demo):
    by_olt = defaultdict(list)
    for ont in demo.onts:
        by_olt[ont.olt].append(ont.spot)
    north, south = (
        (sum(s[0] for s in spots) / len(spots), sum(s[1] for s in spots) / len(spots))
        for spots in (by_olt["OLT-1"], by_olt["OLT-2"])
    )
    assert 8_000 < metres(north, south) < 10_500
    assert (len(by_olt["OLT-1"]), len(by_olt["OLT-2"])) == (275, 125)


def test_the_tree_is_a_tree_with_at_most_eight_ports_an_odp(demo):
    for child, parent in (("odp", "odc"), ("odc", "pon"), ("pon", "olt")):
        parents = defaultdict(set)
        for ont in demo.everyone():
            parents[getattr(ont, child)].add(getattr(ont, parent))
        assert {len(above) for above in parents.values()} == {1}
    assert max(Counter(ont.odp for ont in demo.everyone()).values()) <= 8


def test_the_town_list_has_the_faults_of_its_converter(demo):
    written = [ont.written for ont in demo.town]
    assert written.count(("", "")) == 5
    assert sum(str(latitude).endswith("°S") for latitude, _ in written) == 1
    assert sum(isinstance(latitude, float) and latitude > 0 for latitude, _ in written) == 1
    assert Counter(Counter(w for w in written if w[0]).values()) == {1: 89, 2: 1}
    assert Counter(Counter(ont.name for ont in demo.town).values()) == {1: 88, 2: 4}
    assert sum("  " in ont.name for ont in demo.town) == 8
    assert all(ont.address for ont in demo.town)
    shared = {ont.address for ont in demo.onts} & {ont.address for ont in demo.town}
    assert len(shared) == 1


def test_every_address_lies_in_the_prefix_and_none_is_a_canary(demo):
    indices = [demo.layout.index(ont.address) for ont in demo.everyone() if ont.address]
    assert None not in indices
    assert not {*CANARIES, 0, demo.layout.own} & set(indices)


@pytest.mark.parametrize("count", [1, 7, 39, 99, 1_000, 10_000])
def test_any_size_keeps_ids_unique_and_addresses_inside(count):
    drawn = build(seed=3, onts=count, town_onts=0)
    assert len({ont.customer_id for ont in drawn.onts}) == count
    assert all(drawn.layout.index(ont.address) for ont in drawn.onts if ont.address)
    assert sum(ont.address == "" for ont in drawn.onts) == 12 * count // 400


def test_a_smaller_prefix_holds_a_smaller_village_and_says_when_it_does_not():
    drawn = build(prefix="198.19.16.0/20")
    assert all(drawn.layout.index(ont.address) for ont in drawn.everyone() if ont.address)
    with pytest.raises(ValueError, match=r"198\.19\.16\.0/20 has no room for 4000 ONTs"):
        build(onts=4_000, prefix="198.19.16.0/20")
    with pytest.raises(ValueError, match=r"between 1 and 40,000"):
        build(onts=LARGEST + 1)


def test_an_index_is_the_same_box_in_both_families():
    layout = Layout("198.18.0.0/16")
    assert layout.address(258) == "198.18.1.2"
    assert layout.address6(258) == "fd52:6f6e:6461:2000::102"
    assert [layout.index(a) for a in ("198.18.1.2", "fd52:6f6e:6461:2000::102")] == [258, 258]
    assert [layout.index(text) for text in ("198.19.0.1", "ont-7.example.net", "")] == [None] * 3
    assert Layout("198.19.0.0/16").ipv6 != layout.ipv6


@pytest.mark.parametrize("prefix", ["198.18.0.0/30", "fd00::/64", "198.18.0.1/16", "0.0.0.0/0"])
def test_a_prefix_that_is_none_is_refused(prefix):
    with pytest.raises(ValueError, match=prefix.split("/")[0].replace(".", r"\.")):
        Layout(prefix)
