"""The reports' page, files and JSON: one set of figures, for whoever may read."""

import csv
import io
from datetime import UTC, date, datetime, timedelta

import pytest
from python_calamine import CalamineWorkbook

from ronda.devices.models import Ont
from ronda.monitoring.models import Outage
from ronda.overview.report_files import COLUMNS
from tests.devices.factories import make_area, make_ont, make_site

pytestmark = [pytest.mark.django_db, pytest.mark.database]

ADDRESS = "/reports/"
MONTH = {"period": "month", "day": "2026-10-15"}
BEGIN = datetime(2026, 9, 30, 17, tzinfo=UTC)  # 1 October, 00.00 WIB


def fill(onts: int, **values) -> list[Ont]:
    """So many ONTs, each in an area of its own and with a longer outage than the one before."""
    made = []
    for number in range(1, onts + 1):
        area = make_area(f"Padukuhan {number}")
        made.append(make_ont(number, area=area, **values))
        start = BEGIN + timedelta(days=1)
        end = start + timedelta(minutes=number)
        Outage.objects.create(ont=made[-1], started_at=start, confirmed_at=start, ended_at=end)
    Ont.objects.update(created_at=BEGIN - timedelta(days=90))
    return made


@pytest.fixture
def viewer(client, people):
    client.force_login(people["viewer"])
    return client


@pytest.mark.parametrize("address", [ADDRESS, "/reports/report.csv", "/reports/report.xlsx"])
def test_a_stranger_is_asked_to_sign_in(client, address):
    assert client.get(address).status_code == 302


def test_a_stranger_gets_no_json(client):
    assert client.get("/api/v1/reports").status_code == 401


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("by", ["site", "area", "category", "ont"])
@pytest.mark.parametrize("period", ["day", "week", "month", "any"])
def test_every_level_and_period_has_its_page(viewer, language, by, period):
    fill(3)
    asked = {"period": period, "day": "2026-10-02", "until": "2026-10-09", "by": by}
    viewer.cookies["django_language"] = language

    page = viewer.get(ADDRESS, asked)

    assert page.status_code == 200
    assert page.context["report"].totals.uptime.down == timedelta(minutes=6)
    assert len(page.context["policy"]) == 8


def test_the_worst_comes_first_and_leads_to_its_outages(viewer):
    onts = fill(3)
    viewer.cookies["django_language"] = "en"

    page = viewer.get(ADDRESS, {**MONTH, "by": "ont"})

    assert [row.name for row in page.context["rows"]] == [ont.name for ont in reversed(onts)]
    text = page.content.decode()
    assert f"?ont={onts[2].pk}" in text
    assert text.index(onts[2].name) < text.index(onts[0].name)
    assert "October 2026" in text
    assert "until=" not in page.context["earlier"]
    assert "day=2026-09-01" in page.context["earlier"]
    assert "day=2026-11-01" in page.context["later"]


def test_a_page_shows_the_worst_hundred_and_the_files_all(viewer):
    fill(103)

    page = viewer.get(ADDRESS, {**MONTH, "by": "ont"})
    rows = table(viewer.get("/reports/report.csv", {**MONTH, "by": "ont"}))

    assert (len(page.context["rows"]), page.context["hidden"]) == (100, 3)
    assert len(rows) == 104


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"day": "yesterday"}, "day"),
        ({"period": "decade"}, "period"),
        ({"period": "any", "day": "2026-10-02", "until": "2026-10-01"}, "until"),
        ({"period": "any", "day": "2016-10-02", "until": "2026-10-01"}, "until"),
        ({"day": "1066-10-14"}, "day"),
        ({"by": "router"}, "by"),
        ({"site": "99"}, "site"),
        ({"area": "x"}, "area"),
        ({"category": "\x00"}, "category"),
    ],
)
def test_a_wrong_value_is_named_beside_its_field_and_the_page_stands(viewer, wrong, field):
    fill(1)

    page = viewer.get(ADDRESS, wrong)

    assert page.status_code == 200
    assert list(page.context["form"].errors) == [field]
    assert f'id="id_{field}_error"' in page.content.decode()


@pytest.mark.parametrize("address", [ADDRESS, "/reports/report.csv", "/reports/report.xlsx"])
def test_the_number_of_questions_does_not_grow_with_the_rows(
    viewer, address, django_assert_max_num_queries
):
    fill(1)
    viewer.get(address, MONTH)
    with django_assert_max_num_queries(18) as at_one:
        viewer.get(address, MONTH)
    Outage.objects.all().delete()
    Ont.objects.all().delete()
    fill(50)
    with django_assert_max_num_queries(len(at_one.captured_queries)):
        page = viewer.get(address, MONTH)
    assert page.status_code == 200


def table(answer) -> list[list[str]]:
    """A CSV answer without its heading."""
    content = answer.content.decode("utf-8")
    assert content.startswith("\ufeff")
    heading, *rows = csv.reader(io.StringIO(content.removeprefix("\ufeff"), newline=""))
    assert heading == list(COLUMNS)
    return rows


def number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def test_page_csv_workbook_and_json_say_the_same(viewer):
    viewer.cookies["django_language"] = "en"
    fill(4, category="apbd")
    make_ont(9, make_site("Bantul"), name="Tanpa area")
    Ont.objects.update(created_at=BEGIN - timedelta(days=90))

    page = viewer.get(ADDRESS, MONTH).context["report"]
    rows = table(viewer.get("/reports/report.csv", MONTH))
    found = viewer.get("/api/v1/reports", MONTH).json()
    answer = viewer.get("/reports/report.xlsx", MONTH)
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
    sheet = book.get_sheet_by_name("Areas").to_python()

    assert book.sheet_names == ["Report", "Sites", "Areas", "Categories", "ONT"]
    assert [row.name for row in page.rows] == [row[1] for row in rows[:-1]]
    assert rows[-1][0] == "total"
    down = COLUMNS.index("down_s")
    expected = [240, 180, 120, 60, 0, 600]
    assert [row.uptime.down.total_seconds() for row in (*page.rows, page.totals)] == expected
    assert [float(row[down]) for row in rows] == expected
    assert [_length(row[down]) for row in sheet[1:]] == expected
    json_rows = [*found["items"], found["totals"]]
    for line, values, cells in zip(rows, json_rows, sheet[1:], strict=True):
        for column, text, cell in zip(COLUMNS, line, cells, strict=True):
            value = "" if values[column] is None else values[column]
            assert number(text) == value, column
            if not column.endswith("_s"):
                assert (float(cell) if isinstance(cell, int | float) else cell) == value, column
    assert found["policy"]
    assert found["start"].startswith("2026-10-01T00:00:00+07:00")


def _length(cell) -> float:
    """A duration as the reader of workbooks gives it."""
    return cell.total_seconds() if isinstance(cell, timedelta) else round(cell * 86_400, 3)


def test_no_cell_of_a_file_is_run_by_a_spreadsheet(viewer):
    ont = fill(1, name="=HYPERLINK(1)", location="@cmd", customer_id="+62")[0]
    asked = {**MONTH, "by": "ont"}

    (row, _total) = table(viewer.get("/reports/report.csv", asked))
    answer = viewer.get("/reports/report.xlsx", asked)
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_name("ONT")

    assert [row[1], row[5], row[6]] == ["'=HYPERLINK(1)", "'+62", "'@cmd"]
    assert sheet.to_python()[1][1] == ont.name
    assert b"<f>" not in answer.content


def test_filters_narrow_the_report(viewer):
    onts = fill(3)

    found = viewer.get("/api/v1/reports", {**MONTH, "area": onts[1].area_id}).json()

    assert [row["key"] for row in found["items"]] == [onts[1].area_id]
    assert found["totals"]["down_s"] == 120


def test_json_is_read_page_by_page_and_wrong_periods_are_named(viewer):
    fill(3)
    asked = {**MONTH, "by": "ont", "per_page": 2, "page": 2}

    found = viewer.get("/api/v1/reports", asked).json()
    wrong = viewer.get(
        "/api/v1/reports", {"period": "any", "day": "2026-10-02", "until": "2026-10-01"}
    )

    assert (found["total"], len(found["items"]), found["items"][0]["down_s"]) == (3, 1, 60)
    assert (wrong.status_code, list(wrong.json()["error"]["fields"])) == (422, ["until"])


def test_a_running_period_says_so_and_has_no_later_one(viewer):
    fill(1)

    page = viewer.get(ADDRESS, {"day": date.today().isoformat()})  # noqa: DTZ011 -- any day will do

    assert page.context["report"].running
    assert page.context["later"] == ""
