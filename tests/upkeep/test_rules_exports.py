"""What of a script is configuration, and what differs between two."""

from ronda.upkeep.rules.exports import Change, Kind, commands, difference

V6 = """# nov/21/2026 10:11:12 by RouterOS 6.49.10
# software id = ABCD-1234
#
/ip address
add address=10.5.50.1/24 interface=bridge1 network=\\
    10.5.50.0
/ip dns
set servers=1.1.1.1
"""
V7 = V6.replace(
    "# nov/21/2026 10:11:12 by RouterOS 6.49.10", "# 2026-11-22 00:00:00 by RouterOS 7.16"
)


def test_the_date_line_and_the_wrapping_are_no_configuration():
    assert commands(V6) == [
        "/ip address",
        "add address=10.5.50.1/24 interface=bridge1 network=10.5.50.0",
        "/ip dns",
        "set servers=1.1.1.1",
    ]
    assert difference(V6, V7) == []
    assert commands("# only a comment\n") == []


def test_a_difference_is_shown_below_its_menu():
    newer = V7.replace("1.1.1.1", "9.9.9.9")
    assert difference(V6, newer, context=0) == [
        Change(Kind.CUT, "/ip dns"),
        Change(Kind.GONE, "set servers=1.1.1.1"),
        Change(Kind.NEW, "set servers=9.9.9.9"),
    ]


def test_equal_lines_around_are_shown_and_what_ends_a_script_too():
    shorter = V6[: V6.index("/ip dns")]
    assert difference(V6, shorter, context=1) == [
        Change(Kind.CUT, "/ip address"),
        Change(Kind.SAME, "add address=10.5.50.1/24 interface=bridge1 network=10.5.50.0"),
        Change(Kind.GONE, "/ip dns"),
        Change(Kind.GONE, "set servers=1.1.1.1"),
    ]
    assert [change.kind for change in difference("", V6)][:2] == [Kind.CUT, Kind.NEW]
    assert difference(V6, shorter, context=0)[0] == Change(Kind.CUT, "/ip dns")
