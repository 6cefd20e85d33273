"""The page of hotspot use and its files say what the readings said, and no more."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client
from python_calamine import CalamineWorkbook

from ronda.devices.service.scope import set_sites
from ronda.hotspot.rules.amounts import Amount
from ronda.hotspot.rules.readings import Active, Reading
from ronda.hotspot.service.usage import analytics, counts, older, recording
from ronda.hotspot.service.usage.counts import Scope
from ronda.hotspot.templatetags.usage import volume, warmth
from ronda.routers.models import Router
from ronda.web.templatetags.ronda import NOTHING
from tests.devices.factories import make_site
from tests.routers.factories import make_router

pytestmark = [pytest.mark.django_db, pytest.mark.database]

ADDRESS = "/hotspot/usage/"
NOON = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)  # Friday 12.00 WIB
DAY = {"period": "day", "day": "2026-11-20"}
MB = 1024 * 1024


def read(router: Router, at: datetime, *rows: Active) -> None:
    recording.record_router(router, Reading(at, int(at.timestamp()), rows))


def online(number: int, minutes: int, megabytes: int = 0, user: str = "") -> Active:
    amount = Amount(megabytes * MB, 2 * megabytes * MB, minutes * 60)
    name = user or f"user{number}"
    return Active(f"*{number:X}", name, "hs1", f"02:00:00:00:00:{number:02X}", "", amount)


def a_day(router: Router, users: int = 3, after: int = 0) -> None:
    """Readings at 12.00, 12.30 and 14.00, all `after` minutes later; nobody counted at 13."""
    noon = NOON + timedelta(minutes=after)
    read(router, noon)
    half = noon + timedelta(minutes=30)
    read(router, half, *(online(n, 30, n) for n in range(1, users + 1)))
    read(router, noon + timedelta(hours=2), online(1, 120, 40))


@pytest.fixture
def viewer(client: Client, people: dict[str, Any]) -> Client:
    client.force_login(people["viewer"])
    return client


def analyse(scope: Scope, first: date = date(2026, 11, 20)) -> analytics.Analytics:
    zone = ZoneInfo("Asia/Jakarta")
    now = NOON + timedelta(hours=12)
    return analytics.analyse(scope, first, date(2026, 11, 20), zone, now)


def test_levels_come_from_hours_in_which_anybody_counted() -> None:
    a_day(make_router())
    found = analyse(Scope())
    assert found.level == analytics.Level(
        peak=3,
        peak_at=NOON,
        lowest=0,
        lowest_at=NOON,
        average=(1.5 + 1) / 2,
        known=2,
    )
    assert found.hours == 24
    friday = found.heat[4]
    assert (friday[12], friday[13], friday[14]) == (1.5, None, 1)
    assert [cell for row in found.heat for cell in row].count(None) == 7 * 24 - 2


def test_bytes_sessions_and_devices_are_those_of_clients() -> None:
    a_day(make_router())
    found = analyse(Scope())
    assert found.used == analytics.Used(45 * MB, 90 * MB, 120 * 60 + 2 * 30 * 60, 3, 3, 3)
    assert [(row.name, row.used.total) for row in found.users] == [
        ("user1", 120 * MB),
        ("user3", 9 * MB),
        ("user2", 6 * MB),
    ]
    assert found.devices[0].name == "02:00:00:00:00:01"


def test_a_router_and_a_site_have_figures_of_their_own() -> None:
    east, west = make_router(), make_router(name="Barat")
    a_day(east)
    a_day(west, users=1, after=4)
    assert analyse(Scope(router=west.pk)).used.sessions == 1
    assert analyse(Scope(sites=frozenset({east.site_id}))).used.sessions == 4
    assert [row.name for row in analyse(Scope()).routers] == ["Balai Desa", "Barat"]


def test_somebody_of_several_sites_sees_these_together_and_no_other(
    viewer: Client, people: dict[str, Any]
) -> None:
    north, south, east = (make_router(name=f"Induk {n}", site=make_site(n)) for n in "USB")
    a_day(north)
    a_day(south, users=1, after=4)
    a_day(east, users=5, after=2)
    sites = frozenset({north.site_id, south.site_id})
    set_sites(people["viewer"], sites, by=None)
    together, each = analyse(Scope(sites)), [analyse(Scope(frozenset({one}))) for one in sites]

    assert together.used.total == sum(one.used.total for one in each)
    assert together.level.average == 2  # 1.5 and 0.5 from twelve on, 1 and 1 from two on
    assert (together.level.peak, together.level.known) == (4, 2)
    chart = counts.chart(Scope(sites), NOON, NOON + timedelta(hours=3), 6)
    nothing = (None, None)
    # At each reading what the others had last; what was not read for an hour adds nothing.
    assert [(point.least, point.most) for point in chart] == [
        (0, 0),
        (3, 4),
        nothing,
        nothing,
        (1, 2),
        nothing,
    ]

    answer = viewer.get(ADDRESS, DAY)
    page = answer.content.decode()
    assert "Induk U" in page
    assert "Induk S" in page
    assert "Induk B" not in page
    assert answer.context["found"].used == together.used
    other = viewer.get(ADDRESS, {**DAY, "site": east.site_id}).content.decode()
    assert "Induk B" not in other
    file = viewer.get(f"{ADDRESS}usage.csv", {**DAY, "by": "router"})
    text = file.content.decode("utf-8-sig")
    assert "Induk U" in text
    assert "Induk B" not in text


def test_what_older_scripts_told_counts_only_where_routers_know_nothing() -> None:
    a_day(make_router())
    row = {"ip": "10.5.50.2", "mac": "02:00:00:00:00:77", "uptime": 60, "bytes_out": 5}
    for at in (NOON - timedelta(days=1), NOON, NOON + timedelta(hours=1)):
        with time_machine.travel(at, tick=False):
            older.log_active([row])
    found = analyse(Scope(), date(2026, 11, 19))
    assert [(day.day.day, day.used.sessions, day.level.peak) for day in found.days] == [
        (19, 1, 1),
        (20, 3, 3),
    ]
    assert found.heat[4][13] == 1


def test_charts_leave_gaps_where_nobody_counted() -> None:
    a_day(make_router())
    points = counts.chart(Scope(), NOON, NOON + timedelta(hours=3), 3)
    assert [(p.average, p.least, p.most) for p in points] == [(1.5, 0, 3), (None,) * 3, (1, 1, 1)]
    long = counts.chart(Scope(), NOON - timedelta(days=20), NOON + timedelta(hours=3), 2000 // 4)
    assert [p.most for p in long if p.most is not None] == [3, 1]
    with pytest.raises(ValueError, match="period"):
        counts.chart(Scope(), NOON, NOON, 3)


def test_now_is_the_sum_of_fresh_readings_with_the_age_of_the_oldest() -> None:
    east, west = make_router(), make_router(name="Barat")
    make_router(name="Selatan")
    assert counts.now(NOON).users is None
    read(east, NOON, online(1, 5), online(2, 5))
    read(west, NOON - timedelta(hours=2), online(1, 5))
    found = counts.now(NOON + timedelta(minutes=1))
    assert (found.users, found.at, found.missing, found.newest) == (2, NOON, 2, NOON)
    assert counts.now(NOON + timedelta(days=1)).users is None


def test_the_page_shows_figures_and_asks_a_fixed_number_of_queries(
    viewer: Client, django_assert_num_queries: Any
) -> None:
    router = make_router()
    with time_machine.travel(NOON + timedelta(hours=12)):
        empty = viewer.get(ADDRESS, DAY)
        assert "Nothing was counted" in empty.content.decode()
        a_day(router, users=1)
        with django_assert_num_queries(QUERIES):
            viewer.get(ADDRESS, DAY)
        a_day(make_router(name="Barat"), users=50)
        with django_assert_num_queries(QUERIES):
            page = viewer.get(ADDRESS, DAY).content.decode()
    assert "02:00:00:00:00:01" in page
    assert page.count("heat-none") == 7 * 24 - 2


QUERIES = 23


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("period", ["day", "week", "month", "any", "nonsense"])
def test_every_period_has_its_page(viewer: Client, language: str, period: str) -> None:
    router = make_router()
    a_day(router)
    viewer.cookies["django_language"] = language
    asked = {"period": period, "day": "2026-11-20", "until": "2026-11-21", "router": router.pk}
    with time_machine.travel(NOON + timedelta(hours=12)):
        assert viewer.get(ADDRESS, asked).status_code == 200


def test_a_period_before_anything_and_one_that_is_wrong_are_pages_too(viewer: Client) -> None:
    assert viewer.get(ADDRESS, {"period": "day", "day": "2200-01-01"}).status_code == 200
    wrong = {"period": "any", "day": "2026-11-20", "until": "2026-11-01"}
    assert "ends before it begins" in viewer.get(ADDRESS, wrong).content.decode()


def test_names_are_shown_as_text_and_files_run_no_formula(viewer: Client) -> None:
    router = make_router()
    read(router, NOON)
    evil = '=cmd|"/c calc"!A1<script>'
    read(router, NOON + timedelta(minutes=5), online(1, 5, 1, user=evil))
    page = viewer.get(ADDRESS, DAY).content.decode()
    assert "<script>" not in page.replace('<script type="module"', "").replace("<script id", "")
    file = viewer.get(f"{ADDRESS}usage.csv", {**DAY, "by": "user"})
    lines = list(csv.DictReader(io.StringIO(file.content.decode("utf-8-sig"))))
    assert [(line["user"], line["bytes_out"]) for line in lines] == [("'" + evil, str(2 * MB))]


def test_files_hold_the_exact_figures_of_every_table(viewer: Client) -> None:
    a_day(make_router())
    file = viewer.get(f"{ADDRESS}usage.csv", DAY).content.decode("utf-8-sig")
    day, total = list(csv.DictReader(io.StringIO(file)))
    assert (day["day"], day["peak"], day["bytes_total"]) == ("2026-11-20", "3", str(135 * MB))
    assert total["devices"] == "3"
    for by in ("device", "profile", "router"):
        assert viewer.get(f"{ADDRESS}usage.csv", {**DAY, "by": by}).status_code == 200
    book = viewer.get(f"{ADDRESS}usage.xlsx", DAY)
    sheets = CalamineWorkbook.from_filelike(io.BytesIO(book.content))
    assert sheets.sheet_names == ["Report", "day", "user", "device", "profile", "router"]
    rows = sheets.get_sheet_by_name("user").to_python()
    assert rows[1][0] == "user1"


def test_the_dashboards_chart_is_columns_of_equal_length(viewer: Client) -> None:
    a_day(make_router())
    with time_machine.travel(NOON + timedelta(hours=12)):
        found = viewer.get(f"{ADDRESS}chart", {"hours": "24"}).json()
        viewer.get(f"{ADDRESS}chart", {"hours": "x"})
    assert {len(column) for column in found.values()} == {len(found["at"])}
    assert max(value for value in found["most"] if value is not None) == 3


def test_figures_are_written_for_people() -> None:
    assert [volume(n) for n in (None, 0, 1023, 1536, 150 * 1024**3)] == [
        NOTHING,
        "0 B",
        "1,023 B",
        "1.5 KB",
        "150 GB",
    ]
    assert [warmth(*pair) for pair in ((None, 5), (0, 0), (5, 5), (0.1, 5))] == [
        "heat-none",
        "heat-0",
        "heat-6",
        "heat-0",
    ]


def test_programs_get_the_same_figures(viewer: Client) -> None:
    router = make_router()
    a_day(router)
    with time_machine.travel(NOON + timedelta(hours=12)):
        found = viewer.get("/api/v1/hotspot/usage", DAY).json()
    assert (found["level"]["peak"], found["used"]["bytes_out"], found["heat"][4][12]) == (
        3,
        90 * MB,
        1.5,
    )
    assert [row["name"] for row in found["users"]] == ["user1", "user3", "user2"]
    wrong = {"period": "any", "day": "2026-11-20", "until": "2026-11-01"}
    assert viewer.get("/api/v1/hotspot/usage", wrong).status_code == 422


def test_sessions_are_listed_newest_first_and_by_client(
    viewer: Client, django_assert_max_num_queries: Any
) -> None:
    router = make_router()
    assert "No session is known" in viewer.get(f"{ADDRESS}sessions/").content.decode()
    a_day(router, users=60)
    with django_assert_max_num_queries(12):
        page = viewer.get(f"{ADDRESS}sessions/").content.decode()
    assert page.count("<tr>") == 51
    assert "?page=2" in page
    assert viewer.get(f"{ADDRESS}sessions/?page=2").content.decode().count("<tr>") == 11
    assert viewer.get(f"{ADDRESS}sessions/?page=x").status_code == 200
    mine = viewer.get(f"{ADDRESS}sessions/", {"user": "user7"}).content.decode()
    assert mine.count("<tr>") == 2
    assert "02:00:00:00:00:07" in mine
    listed = viewer.get("/api/v1/hotspot/sessions", {"mac": "02:00:00:00:00:07"}).json()
    assert [(row["user"], row["bytes_in"]) for row in listed["items"]] == [("user7", 7 * MB)]
    assert listed["more"] is False
    of_router = {"router": router.pk, "per_page": 10, "page": 6}
    assert viewer.get("/api/v1/hotspot/sessions", of_router).json()["more"] is False
