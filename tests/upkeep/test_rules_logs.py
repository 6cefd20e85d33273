"""Lines of a router's log: no password survives, and the wanted ones are found."""

import pytest

from ronda.upkeep.rules.logs import Line, chosen, masked


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("user added password=rahasia123 profile=1jam", "user added password=*** profile=1jam"),
        ('set wpa2-pre-shared-key="dua kata" by admin', "set wpa2-pre-shared-key=*** by admin"),
        ("API-Token: abc, ok", "API-Token: ***, ok"),
        ("new password is kenari", "new password is ***"),
        ("login failure for user admin via winbox", "login failure for user admin via winbox"),
        ("password changed by admin", "password changed by admin"),
    ],
)
def test_what_follows_a_word_for_secrets_is_masked(message, shown):
    assert masked(message) == shown


LINES = [
    ["10:11:12", "hotspot,info,debug", "siti (10.5.50.9): logged in"],
    ["10:11:13", "system,error,critical", "login failure for user admin"],
    ["jan/02 10:11:14", "dhcp,warning", "dhcp1 offering lease without success"],
    ["10:11:15", "script", "done"],
]


def test_lines_are_chosen_by_words_severity_and_topic():
    assert [line.severity for line in chosen(LINES)] == ["info", "critical", "warning", "info"]
    assert chosen(LINES, text="USER login") == [Line(*LINES[1])]
    assert [line.time for line in chosen(LINES, severity="warning")] == [
        "10:11:13",
        "jan/02 10:11:14",
    ]
    assert chosen(LINES, topic="hotspot") == [Line(*LINES[0])]
    assert chosen(LINES, topic="hot") == []
