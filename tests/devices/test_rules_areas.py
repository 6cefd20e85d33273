"""The areas that names speak of."""

import pytest

from ronda.devices.rules.areas import AreaProposal, NameParts, propose_areas, take_apart


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Kali/Wetan RW 21 RT 3", NameParts("Kali/Wetan", 21, 3)),
        ("Kali Wetan Rt 05 Rw 15", NameParts("Kali Wetan", 15, 5)),
        ("Kali, RT.01/RW.09", NameParts("Kali", 9, 1)),
        ("Padukuhan Kali", NameParts("Kali")),
        ("Dusun", NameParts("Dusun")),
        ("RW 4", NameParts("", 4)),
        ("Kali RW 1 RW 2", NameParts("Kali", 1)),
        ("Kertajaya", NameParts("Kertajaya")),
    ],
)
def test_a_name_is_taken_apart(name: str, parts: NameParts) -> None:
    assert take_apart(name) == parts


def test_spellings_of_one_place_are_gathered_under_the_one_with_both_aliases() -> None:
    names = {
        1: "Kali/Wetan RW 1 RT 1",
        2: "Kali/Wetan RW 1 RT 2",
        3: "wetan kali",
        4: "Kali",
        5: "Kali RW 1",
    }
    assert propose_areas(names) == [
        AreaProposal("Kali/Wetan", (1, 2, 3, 4, 5), ("Kali", "Kali/Wetan", "wetan kali"), False)
    ]


def test_half_an_alias_is_another_place() -> None:
    names = {1: "Kali/Lor Wetan RW 1", 2: "Lor RW 2", 3: "Kali Lor RW 1"}
    assert [(p.name, p.rows) for p in propose_areas(names)] == [
        ("Kali/Lor Wetan", (1, 3)),
        ("Lor", (2,)),
    ]


def test_an_alias_of_two_places_is_left_alone() -> None:
    names = {1: "Kali/Wetan RW 1", 2: "Kali/Kulon RW 2", 3: "Kali RW 3"}
    assert sorted(p.name for p in propose_areas(names)) == ["Kali", "Kali/Kulon", "Kali/Wetan"]


def test_a_capital_is_the_better_spelling() -> None:
    names = {1: "Kali wetan RW 1", 2: "Kali wetan RW 2", 3: "Kali Wetan RW 3"}
    assert [p.name for p in propose_areas(names)] == ["Kali Wetan"]


def test_a_lone_name_without_numbers_is_no_area_unless_it_is_known() -> None:
    names = {1: "Balai Desa", 2: "RT 5"}
    assert propose_areas(names) == []
    assert propose_areas(names, ["Balai desa"]) == [
        AreaProposal("Balai desa", (1,), ("Balai Desa",), True)
    ]


def test_a_place_too_long_for_an_area_is_none() -> None:
    assert propose_areas({1: "K" * 90 + " RW 1", 2: "K" * 90 + " RW 2"}) == []


def test_an_existing_area_keeps_its_spelling() -> None:
    names = {1: "KALI RW 1", 2: "Kali RW 2"}
    assert [(p.name, p.known) for p in propose_areas(names, ["kali"])] == [("kali", True)]
