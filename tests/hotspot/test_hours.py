"""Hours of access: the router's scheduler entries, Ronda's own hand, and the pages that state them."""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ronda.accounts.models import AuditRow
from ronda.hotspot.models import AccessHours, Drift, HotspotProfile, HotspotUser, Wanted
from ronda.hotspot.rules.hours_entries import Repair, Whom, entries, quoted, repair, script
from ronda.hotspot.rules.windows import Window, Zone, edges, shifted
from ronda.hotspot.service import hours
from ronda.routeros.errors import ForbiddenByDeviceMode
from ronda.work.models import Job
from tests.hotspot.factories import furnish, read
from tests.hotspot.scripted import ACTIVE, COOKIE, SCHEDULER, USER, ScriptedLink

OFFICE = Window(frozenset(range(5)), 8 * 60, 17 * 60)
FRIDAY_9 = datetime(2026, 11, 20, 2, tzinfo=UTC)  # 09:00 WIB
FRIDAY_20 = datetime(2026, 11, 20, 13, tzinfo=UTC)  # 20:00 WIB
WHOM = Whom("profile", "1jam")


def made(ahead: int = 420, *, iso: bool = True, whom: Whom = WHOM) -> dict[str, dict[str, str]]:
    found = shifted(edges([OFFICE]), Zone.WIB, ahead)
    return entries(7, whom, found, FRIDAY_9, ahead, iso=iso)


def test_entries_for_both_spellings_of_dates() -> None:
    new, old = made(), made(iso=False)
    assert sorted(new) == sorted(old)
    assert len(new) == 10
    assert new["ronda-hours-7-open-fri-0800"]["start-date"] == "2026-11-20"
    assert old["ronda-hours-7-open-fri-0800"]["start-date"] == "nov/20/2026"
    assert new["ronda-hours-7-close-mon-1700"]["start-date"] == "2026-11-23"
    assert new["ronda-hours-7-close-mon-1700"]["start-time"] == "17:00:00"
    assert {entry["interval"] for entry in new.values()} == {"1w"}


def test_a_router_in_another_zone_is_told_its_own_time() -> None:
    assert "ronda-hours-7-open-fri-0100" in made(ahead=0)
    assert "ronda-hours-7-open-mon-0900" in made(ahead=480)


def test_scripts_spare_whom_staff_disabled_and_quote_names() -> None:
    whom = Whom("profile", 'a"b$c', ("sari", "ñ"))
    assert script(whom, opens=True) == (
        '/ip hotspot user enable [find where profile="a\\"b\\$c" and disabled=yes'
        ' and name!="sari" and name!="\\C3\\B1"]'
    )
    closing = script(Whom("user", "budi"), opens=False)
    assert closing.startswith('/ip hotspot user disable [find where name="budi" and disabled=no]\n')
    assert "/ip hotspot active remove" in closing


@settings(max_examples=40)
@given(st.text(max_size=30))
def test_a_quoted_text_is_one_string_of_printable_ascii(text: str) -> None:
    inside = quoted(text)[1:-1]
    assert inside.isascii()
    assert inside.isprintable() or not inside
    codes = re.findall(r"\\([0-9A-F]{2})|\\(.)|([^\\])", inside)
    plain = bytes(int(code, 16) if code else ord(sign or letter) for code, sign, letter in codes)
    assert plain.decode() == text


def test_entries_that_are_right_are_left_alone_and_those_of_others_too() -> None:
    wanted = made()
    first = next(iter(wanted.values()))
    others = list(wanted.values())[1:]
    held = [{".id": f"*{n}", **entry, "interval": "7d"} for n, entry in enumerate(others, 1)]
    held[0]["on-event"] = "changed by hand"
    held[1]["disabled"] = "true"
    held[2]["interval"] = "soon"
    held[3]["start-date"] = "nov/39/2026"
    held += [
        {".id": "*90", "name": "backup"},
        {".id": "*91", "name": "ronda-hours-9-open-mon-0800"},
    ]
    held.append({**held[5], ".id": "*92"})
    plan = repair(wanted, held)
    assert plan.add == (first,)
    assert [ros_id for ros_id, _texts in plan.change] == ["*1", "*2", "*3", "*4"]
    assert plan.remove == ("*91", "*92")
    assert plan
    assert not Repair((), (), ())


@pytest.fixture
def link() -> ScriptedLink:
    link = furnish()
    set_clock(link, FRIDAY_9)
    return link


def set_clock(link: ScriptedLink, now: datetime, off: timedelta = timedelta()) -> None:
    local = now + timedelta(hours=7) + off
    link.menus["/system/clock"] = [
        {
            ".id": "*1",
            "date": f"{local:%Y-%m-%d}",
            "time": f"{local:%H:%M:%S}",
            "gmt-offset": "+07:00",
        }
    ]


@pytest.fixture
def router(link: ScriptedLink, in_english: None) -> Any:
    return read(link)


def keep(link: ScriptedLink, router: Any, now: datetime) -> None:
    set_clock(link, now)
    keep_as_it_is(link, router, now)


def keep_as_it_is(link: ScriptedLink, router: Any, now: datetime, monkeypatch: Any = None) -> None:
    hours.note(
        router.pk, asyncio.run(hours.keep(link, hours.hours_at(router.pk), now, clock=lambda: now))
    )


def state_of(link: ScriptedLink) -> dict[str, bool]:
    return {row["name"]: row.get("disabled") in {"true", "yes"} for row in link.menus[USER]}


@pytest.mark.django_db
def test_hours_are_kept_at_the_router_and_by_ronda(link: ScriptedLink, router: Any) -> None:
    hours.set_hours(router, "profile", "1jam", "all", Zone.WIB, [OFFICE], None)
    assert Job.objects.get().kind == "hotspot.hours"
    keep(link, router, FRIDAY_9)
    row = AccessHours.objects.get()
    assert (row.keeper, row.is_open, row.trouble) == ("router", True, "")
    assert len(link.menus[SCHEDULER]) == 10
    before = [dict(one) for one in link.menus[SCHEDULER]]
    keep(link, router, FRIDAY_9 + timedelta(minutes=5))
    assert link.menus[SCHEDULER] == before
    keep(link, router, FRIDAY_20)
    assert state_of(link) == {"budi": True, "007": True, "sari": True, "true": False}
    assert (link.menus[ACTIVE], link.menus[COOKIE]) == ([], [])
    keep(link, router, FRIDAY_9 + timedelta(days=3))
    assert state_of(link) == {"budi": False, "007": False, "sari": True, "true": False}


@pytest.mark.django_db
def test_whom_staff_disabled_stays_disabled_when_it_opens(link: ScriptedLink, router: Any) -> None:
    hours.set_hours(router, "profile", "1jam", "all", Zone.WIB, [OFFICE], None)
    keep(link, router, FRIDAY_9)
    link.menus[USER][0]["disabled"] = "yes"
    keep(link, router, FRIDAY_9 + timedelta(minutes=5))
    assert AccessHours.objects.get().held_off == ["budi"]
    keep(link, router, FRIDAY_20)
    hours.switched(router.pk, "007", "1jam", off=True)
    hours.switched(router.pk, "true", "1hari", off=True)
    assert "007" in AccessHours.objects.get().held_off
    hours.switched(router.pk, "007", "1jam", off=False)
    keep(link, router, FRIDAY_9 + timedelta(days=3))
    assert not state_of(link)["007"]
    assert state_of(link)["budi"]


def all_off(link: ScriptedLink) -> None:
    for row in link.menus[USER]:
        if row["profile"] == "1jam":
            row["disabled"] = "yes"


@pytest.mark.django_db
def test_whom_a_fast_router_closed_early_is_let_in_the_next_day(
    link: ScriptedLink, router: Any
) -> None:
    hours.set_hours(router, "profile", "1jam", "all", Zone.WIB, [OFFICE], None)
    closing = FRIDAY_9 + timedelta(hours=8)
    keep(link, router, FRIDAY_9)
    keep(link, router, closing - timedelta(minutes=5))
    all_off(link)  # by the scheduler of a router whose clock is 60 s fast
    before = closing - timedelta(seconds=30)
    set_clock(link, before, timedelta(seconds=60))
    keep_as_it_is(link, router, before)
    assert AccessHours.objects.get().held_off == []
    keep(link, router, closing + timedelta(seconds=3))
    assert state_of(link)["budi"]
    keep(link, router, FRIDAY_9 + timedelta(days=3))
    assert state_of(link) == {"budi": False, "007": False, "sari": True, "true": False}


@pytest.mark.django_db
@pytest.mark.parametrize("taken_away", [False, True])
def test_whom_a_missed_opening_left_disabled_is_let_in(
    link: ScriptedLink, router: Any, taken_away: bool
) -> None:
    hours.set_hours(router, "profile", "1jam", "all", Zone.WIB, [OFFICE], None)
    keep(link, router, FRIDAY_9)
    all_off(link)  # it closed while Ronda was away, and a power cut kept it from opening
    if taken_away:
        hours.set_hours(router, "profile", "1jam", "all", Zone.WIB, [], None)
    keep(link, router, FRIDAY_9 + timedelta(days=3))
    assert state_of(link) == {"budi": False, "007": False, "sari": True, "true": False}
    assert AccessHours.objects.exists() is not taken_away


def test_scripts_leave_users_with_hours_of_their_own_alone() -> None:
    whom = Whom("profile", "1jam", ("budi", "sari"), ("budi",))
    those = 'profile="1jam" and name!="budi"'
    assert script(whom, opens=True).endswith(
        f'[find where {those} and disabled=yes and name!="sari"]'
    )
    assert script(whom, opens=False).count(f"find where {those}") == 2


@pytest.mark.django_db
def test_the_hours_of_a_user_win_over_those_of_the_profile(link: ScriptedLink, router: Any) -> None:
    evening = Window(frozenset(range(7)), 18 * 60, 22 * 60)
    hours.set_hours(router, "profile", "1jam", "all", Zone.WIB, [OFFICE], None)
    hours.set_hours(router, "user", "budi", "all", Zone.WIB, [evening], None)
    for minutes in (0, 5):
        keep(link, router, FRIDAY_9 + timedelta(minutes=minutes))
        assert state_of(link) == {"budi": True, "007": False, "sari": True, "true": False}
    assert [row.held_off for row in AccessHours.objects.all()] == [[], []]
    for minutes in (0, 5):
        keep(link, router, FRIDAY_20 + timedelta(minutes=minutes))
        assert state_of(link) == {"budi": False, "007": True, "sari": True, "true": False}
    keep(link, router, FRIDAY_9 + timedelta(days=3))
    hours.set_hours(router, "user", "budi", "all", Zone.WIB, [], None)
    keep(link, router, FRIDAY_9 + timedelta(days=3, minutes=5))
    assert not state_of(link)["budi"]
    keep(link, router, FRIDAY_20 + timedelta(days=3))
    assert state_of(link)["budi"]


@pytest.mark.django_db
@pytest.mark.parametrize("by_staff", [False, True])
def test_whom_the_profile_closed_is_not_taken_for_disabled_by_staff_in_hours_of_his_own(
    link: ScriptedLink, router: Any, by_staff: bool
) -> None:
    evening = Window(frozenset(range(7)), 18 * 60, 22 * 60)
    hours.set_hours(router, "profile", "1jam", "all", Zone.WIB, [OFFICE], None)
    keep(link, router, FRIDAY_20)
    if by_staff:
        hours.switched(router.pk, "budi", "1jam", off=True)
    read(link, router)
    hours.set_hours(router, "user", "budi", "all", Zone.WIB, [evening], None)
    keep(link, router, FRIDAY_20 + timedelta(minutes=1))
    assert state_of(link)["budi"] is by_staff


@pytest.mark.django_db
def test_a_router_with_a_wrong_clock_is_given_no_entries_and_ronda_keeps_the_hours(
    link: ScriptedLink, router: Any
) -> None:
    hours.set_hours(router, "profile", "1jam", "all", Zone.WIB, [OFFICE], None)
    keep(link, router, FRIDAY_9)
    set_clock(link, FRIDAY_20, timedelta(hours=-3))
    keep_as_it_is(link, router, FRIDAY_20)
    row = AccessHours.objects.get()
    assert (row.keeper, row.why, row.is_open) == ("ronda", "clock", False)
    assert link.menus[SCHEDULER] == []
    assert state_of(link)["budi"]


@pytest.mark.django_db
def test_a_router_that_refuses_schedulers_is_kept_by_ronda(link: ScriptedLink, router: Any) -> None:
    hours.set_hours(router, "profile", "1jam", "all", Zone.WIB, [OFFICE], None)
    set_clock(link, FRIDAY_20)
    link.fail_at(2, ForbiddenByDeviceMode("not allowed by device-mode"))
    keep_as_it_is(link, router, FRIDAY_20)
    row = AccessHours.objects.get()
    assert (row.keeper, row.why, row.trouble) == ("ronda", "refused", "not allowed by device-mode")
    assert state_of(link)["budi"]


@pytest.mark.django_db
def test_closing_is_no_drift(link: ScriptedLink, router: Any) -> None:
    Wanted.objects.create(
        router=router,
        kind="user",
        name="budi",
        values={"profile": "1jam", "disabled": ""},
        since=FRIDAY_9,
    )
    hours.set_hours(router, "profile", "1jam", "all", Zone.WIB, [OFFICE], None)
    keep(link, router, FRIDAY_20)
    read(link, router)
    assert HotspotUser.objects.get(name="budi").disabled
    assert not Drift.objects.exists()


@pytest.mark.django_db
def test_hours_that_are_taken_away_leave_no_entry_and_nobody_disabled(
    link: ScriptedLink, router: Any
) -> None:
    hours.set_hours(router, "profile", "1jam", "all", Zone.WIB, [OFFICE], None)
    keep(link, router, FRIDAY_20)
    hours.set_hours(router, "profile", "1jam", "all", Zone.WIB, [], None)
    keep(link, router, FRIDAY_20)
    assert link.menus[SCHEDULER] == []
    assert not state_of(link)["budi"]
    assert not AccessHours.objects.exists()


@pytest.mark.django_db
def test_the_next_look_is_right_after_the_next_edge(link: ScriptedLink, router: Any) -> None:
    assert hours.next_look_s(router.pk, FRIDAY_9) == hours.LOOK_S
    hours.set_hours(router, "user", "budi", "all", Zone.WIB, [OFFICE], None)
    almost = datetime(2026, 11, 20, 9, 59, 30, tzinfo=UTC)
    assert hours.next_look_s(router.pk, almost) == 33.0


@pytest.mark.slow
@pytest.mark.django_db
def test_hours_are_stated_on_a_page(as_: Any, router: Any) -> None:
    client = as_("admin")
    pk = HotspotProfile.objects.get(name="1jam").pk
    form = {"zone": "WITA", "days_0": ["0", "4"], "from_0": "08:00", "till_0": "17.00"}
    answer = client.post(f"/hotspot/profiles/{pk}/hours/", form)
    assert answer.headers["Location"] == f"/hotspot/profiles/{pk}/"
    row = AccessHours.objects.get()
    assert (row.zone, row.windows) == ("WITA", [[[0, 4], 480, 1020]])
    assert AuditRow.objects.filter(action="hotspot-hours.edit", actor="budi").exists()
    for path in (
        f"/hotspot/profiles/{pk}/",
        "/hotspot/hours/",
        f"/hotspot/users/{HotspotUser.objects.get(name='007').pk}/",
    ):
        text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", client.get(path).content.decode()))
        assert "Mon, Fri: 08:00\u201317:00 WITA" in text
    html = client.get(f"/hotspot/profiles/{pk}/hours/").content.decode()
    assert 'value="17:00"' in html
    user = HotspotUser.objects.get(name="budi").pk
    client.post(
        f"/hotspot/users/{user}/hours/",
        {"zone": "WIB", "days_0": ["6"], "from_0": "22:00", "till_0": "02:00"},
    )
    assert AccessHours.objects.filter(kind="user", name="budi").exists()


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"days_0": ["0"], "from_0": "08:00"}, "write both times"),
        ({"from_0": "08:00", "till_0": "09:00"}, "Choose days"),
        ({"days_0": ["0"], "from_0": "8", "till_0": "09:00"}, "is no time of day"),
        ({"days_0": ["9"], "from_0": "08:00", "till_0": "09:00"}, "valid choice"),
    ],
)
def test_hours_that_make_no_sense_are_said(
    as_: Any, router: Any, values: dict[str, Any], says: str
) -> None:
    pk = HotspotProfile.objects.get(name="1jam").pk
    answer = as_("admin").post(f"/hotspot/profiles/{pk}/hours/", {"zone": "WIB"} | values)
    assert says in answer.content.decode()
    assert not AccessHours.objects.exists()


@pytest.mark.slow
@pytest.mark.django_db
def test_where_users_are_made_is_stated_on_the_page(as_: Any, router: Any) -> None:
    client = as_("admin")
    client.post(f"/hotspot/hours/site/{router.site_id}/", {"rule": "fixed"})
    assert "Choose the router." in client.get("/hotspot/hours/").content.decode()
    client.post(f"/hotspot/hours/site/{router.site_id}/", {"rule": "fixed", "fixed": router.pk})
    assert AuditRow.objects.get(action="hotspot-placement.edit").after == {
        "rule": "fixed",
        "router": "Balai Desa",
    }
    assert as_("viewer").post(f"/hotspot/hours/site/{router.site_id}/").status_code == 403
