"""Every code of rules and formats has its sentence, and every sentence its parameters."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import translation

import ronda.devices
from ronda.devices.formats import FormatError, Kind
from ronda.devices.rules.compare import Outcome
from ronda.devices.rules.findings import Finding, Severity
from ronda.devices.rules.rows import FIELDS
from ronda.devices.service import wording


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


FOLDER = Path(ronda.devices.__file__).parent
PARAMETERS = re.compile(r"%\((\w+)\)s")


def codes(folder: str, pattern: str) -> set[str]:
    return {
        code
        for path in (FOLDER / folder).glob("*.py")
        for code in re.findall(pattern, path.read_text(encoding="utf-8"))
    }


def test_every_refusal_of_a_file_has_its_sentence() -> None:
    raised = codes(
        "formats", r'(?:Error|Large|Empty|Truncated|Encoding|Unreadable|Dangerous)\(\s*"(\w+)"'
    )
    raised |= {"old_office_file", "compressed_file", "no_list", "cell_too_long", "csv_mistake"}
    assert raised == set(wording.PROBLEMS)


def test_every_finding_has_its_sentence() -> None:
    said = codes("rules", r'\.say\(\s*"(\w+)"') | codes("rules", r'Slip\("(\w+)"')
    said |= codes(
        "formats", r'\(+"(\w+)", (?:heading|names\[|f"#|"geometry"|"Point"|"coordinates")'
    )
    said |= {"row_repeated", "customer_id_repeated", "address_repeated"}
    assert said == set(wording.FINDINGS)


def test_what_a_row_can_be_and_hold_has_its_words() -> None:
    assert set(wording.OUTCOMES) == set(Outcome)
    assert set(wording.FIELDS) == set(FIELDS)
    assert set(wording.KINDS) == set(Kind)
    assert set(wording.GROUPS) <= set(wording.FINDINGS)


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (FormatError("json_mistake", row=3, column=4, near="x"), "Line 3, column 4: This is not"),
        (FormatError("too_many_columns", row=3, limit=200), "Row 3: The file has more than 200"),
        (FormatError("csv_cut_off", row=3, column="IP", records=2), "Row 3, column IP: The last"),
        (FormatError("empty_file"), "The file is empty."),
        (FormatError("unheard_of", column="IP"), "Column IP: unheard_of"),
    ],
)
def test_a_place_stands_before_the_sentence(error: FormatError, text: str) -> None:
    assert wording.problem(error).startswith(text)


def test_a_reason_is_put_into_the_sentence() -> None:
    found = Finding(
        "address_refused", Severity.REFUSED, 7, "ip", "127.0.0.1", {"reason": "loopback"}
    )
    assert (
        wording.finding_at(found)
        == "Row 7, column ip: “127.0.0.1” cannot be watched: it is this machine itself."
    )
