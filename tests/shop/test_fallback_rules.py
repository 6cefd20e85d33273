"""What a router does by itself: few entries, the right moment in either spelling, nobody else's rows touched."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ronda.shop.rules import fallback
from ronda.shop.rules.fallback import COMMENT, FAR, GRACE, MOST_ENTRIES, Living, Plan, plan

NOW = datetime(2026, 11, 30, 16, 10, tzinfo=UTC)
SOON = timedelta(hours=1)


def living(name: str, **after: float) -> Living:
    return Living(name, "all", NOW + timedelta(**after))


def test_ends_of_an_hour_share_an_entry_in_the_routers_own_time() -> None:
    found = plan([living("B2", minutes=15), living("A1", minutes=20), living("C3", hours=3)], NOW)
    assert [(group.name, group.users) for group in found.groups] == [
        ("ronda-end-20261130T17-0", ("B2", "A1")),
        ("ronda-end-20261130T20-0", ("C3",)),
    ]
    for iso, date in ((True, "2026-12-01"), (False, "dec/01/2026")):
        entry = fallback.entries(found, 420, iso=iso)["ronda-end-20261130T17-0"]
        assert (entry["start-date"], entry["start-time"]) == (date, "00:00:00")
        assert (entry["interval"], entry["comment"]) == ("1h", COMMENT)
        assert entry["on-event"].splitlines() == [
            '/ip hotspot user disable [find where name="A1" or name="B2"]',
            '/ip hotspot cookie remove [find where user="A1" or user="B2"]',
            '/ip hotspot active remove [find where user="A1" or user="B2"]',
        ]


def test_what_a_script_could_not_say_safely_is_left_out_and_counted() -> None:
    odd = [
        living('x"; /system reset', hours=1),
        Living("ANI", "hotspot1", NOW + SOON),
        living("OVER", hours=-1),
        living("NEXTYEAR", days=300),
    ]
    found = plan([*odd, living("BUDI", hours=1)], NOW)
    assert [group.users for group in found.groups] == [("BUDI",)]
    assert (found.users, found.left_out) == (1, 4)


def test_no_router_gets_more_entries_than_it_can_carry() -> None:
    many = [living(f"V{number:05}", minutes=number) for number in range(30_000)]
    found = plan(many, NOW)
    assert len(found.groups) == MOST_ENTRIES
    assert found.users + found.left_out == 30_000
    assert max(len(group.users) for group in found.groups) <= 50


@given(st.integers(1, int(FAR.total_seconds())))
def test_nobody_is_ended_before_the_end_or_much_later(seconds: int) -> None:
    (group,) = plan([living("A", seconds=seconds)], NOW).groups
    late = group.at - NOW - timedelta(seconds=seconds)
    assert GRACE <= late < GRACE + timedelta(hours=1 if seconds <= 48 * 3600 else 6)
    assert group.at.minute == group.at.second == 0


def row(**values: str) -> dict[str, str]:
    return {".id": "*1", "disabled": "false", "run-count": "0"} | values


def test_only_our_own_entries_are_put_right() -> None:
    wanted = fallback.entries(
        plan([living("A", hours=1), living("B", hours=4)], NOW), 420, iso=True
    )
    first, second = wanted.values()
    as_read = row(**first) | {"interval": "1h", "on-event": first["on-event"].replace("\n", "\r\n")}
    assert not fallback.repair(wanted, [as_read, row(**second), row(name="backup")])
    gone = fallback.repair(wanted, [as_read])
    assert (gone.add, gone.change, gone.remove) == ((second,), (), ())
    for change in (
        {"disabled": "true"},
        {"on-event": "/system reboot"},
        {"start-time": "02:30:00"},
        {"start-date": "1970-01-01"},
        {"interval": "0s"},
        {"interval": "?"},
    ):
        found = fallback.repair(wanted, [row(**first) | change, row(**second)])
        assert found.change == (("*1", {**first, "disabled": "no"}),)
    twice = fallback.repair(wanted, [as_read, as_read | {".id": "*2"}, row(**second)])
    assert twice.remove == ("*2",)
    assert fallback.repair({}, [as_read, row(name="backup")]).remove == ("*1",)


def test_whom_an_entry_has_ended_is_read_from_what_it_says() -> None:
    (entry,) = fallback.entries(
        plan([living("A", hours=1), living("B", hours=1)], NOW), 0, iso=True
    ).values()
    assert fallback.fired([row(**entry)]) == frozenset()
    assert fallback.fired([row(**entry) | {"run-count": "3"}]) == {"A", "B"}
    assert fallback.fired([row(name="other", **{"run-count": "3"})]) == frozenset()
    assert Plan((), 0).users == 0
