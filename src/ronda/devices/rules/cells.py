"""What the cells of one row mean, read without its neighbours."""

from __future__ import annotations

import re

from ronda.devices.rules.columns import Columns
from ronda.devices.rules.coordinates import Angle, Axis, How, read_angle, split_pair
from ronda.devices.rules.findings import Severity
from ronda.devices.rules.places import Place, in_range, pair_text
from ronda.devices.rules.rows import RawRow, Row
from ronda.devices.rules.text import (
    LIMITS,
    control_character,
    looks_like_formula,
    looks_like_markup,
    mended,
    tidy,
    tidy_lines,
)
from ronda.kernel.addresses import AddressRefused, parse_address

CATEGORIES = {
    "csr": "csr",
    "apbd": "apbd",
    "general": "general",
    "umum": "general",
    "lainnya": "general",
    "lain": "general",
}
_YES = {"true", "1", "yes", "ya", "y", "on", "aktif"}
_NO = {"false", "0", "no", "tidak", "n", "off", "nonaktif"}
_BLANK_ADDRESS = {"-", "\u2013", "null", "none", "n/a", "na", "kosong", "0.0.0.0"}  # noqa: S104 -- text, not a bind
#: What a reader may say about a row, and how much it matters; all else is refused.
PROBLEMS = {"formula_cell": Severity.HELD}


def read_cells(raw: RawRow, columns: Columns, areas: dict[str, str]) -> Row:
    """A row by itself; `areas` are the spellings by folded name, to which it adds its own."""
    work = Row(raw, columns)
    for code, column, value in raw.problems:
        work.say(code, PROBLEMS.get(code, Severity.REFUSED), column, value)
    _read_customer_id(work)
    for name in ("name", "location", "area"):
        _read_text(work, name)
    area = work.fields.get("area")
    if isinstance(area, str):
        work.fields["area"] = areas.setdefault(area.casefold(), area)
    _read_notes(work)
    _read_address(work)
    _read_category(work)
    _read_monitored(work)
    _read_coordinates(work)
    return work


def _as_text(work: Row, name: str) -> tuple[str, str | None]:
    """The heading and text of a cell; None when it is empty or cannot be kept (then refused)."""
    heading, value = work.cell(name)
    if value is None:
        return heading, None
    if isinstance(value, str):
        text = value
    elif isinstance(value, bool | list | dict | tuple):
        work.say("not_text", Severity.REFUSED, heading, value)
        return heading, None
    elif isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        text = str(int(value))  # spreadsheets hand whole numbers over as 3.0
    else:
        text = str(value)
    control = control_character(text)
    if control is not None:
        work.say("control_character", Severity.REFUSED, heading, text, character=control)
        return heading, None
    text = tidy_lines(text) if name == "notes" else tidy(text)
    limit = LIMITS.get(name, LIMITS["notes"])
    if len(text) > limit:
        work.say("too_long", Severity.REFUSED, heading, text, length=len(text), limit=limit)
        return heading, None
    return heading, text or None


def _flag(work: Row, heading: str, text: str) -> None:
    if looks_like_formula(text):
        work.say("formula", Severity.HELD, heading, text)
    if looks_like_markup(text):
        work.say("markup", Severity.HELD, heading, text)


def _read_customer_id(work: Row) -> None:
    if not work.columns.has_customer_id:
        work.say("customer_id_missing", Severity.REFUSED, "", "")
        return
    heading, text = _as_text(work, "customer_id")
    if text is None:
        if not work.refused:
            work.say("customer_id_missing", Severity.REFUSED, heading, "")
        return
    work.fields["customer_id"] = text
    _flag(work, heading, text)
    number = work.raw.values.get(work.columns.number) if work.columns.number else None
    with_number = re.fullmatch(r"\d{1,9}", str(number).strip()) if number is not None else None
    if with_number:
        work.fields["source_number"] = int(with_number.group())


def _read_text(work: Row, name: str) -> None:
    heading, text = _as_text(work, name)
    if text is None:
        return
    work.fields[name] = text
    _flag(work, heading, text)
    whole = mended(text)
    if whole != text:
        work.say("damaged_text", Severity.NOTE, heading, text, repair={name: whole}, proposed=whole)


def _read_notes(work: Row) -> None:
    heading, text = _as_text(work, "notes")
    if text is not None:
        work.fields["notes"] = text
        _flag(work, heading, text)


def _address_of(text: str) -> str | AddressRefused:
    try:
        return str(parse_address(text))
    except AddressRefused as refused:
        return refused


_SCHEME = re.compile(r"^[a-z]{2,10}://", re.IGNORECASE)
_QUAD = re.compile(
    r"(\d{1,3})[.,](\d{1,3})[.,](\d{1,3})[.,](\d{1,3})(?:/\d{1,2}|:\d{1,5})?(?:/.*)?"
)


def repaired_address(text: str) -> str | None:
    """The IPv4 address that a slip hides (spaces, commas, a scheme, a port, zeros in front)."""
    squeezed = _SCHEME.sub("", "".join(text.split()))
    match = _QUAD.fullmatch(squeezed)
    if match is None:
        return None
    address = _address_of(".".join(str(int(part)) for part in match.groups()))
    return address if isinstance(address, str) else None


def _read_address(work: Row) -> None:
    heading, text = _as_text(work, "address")
    if text is None or text.casefold() in _BLANK_ADDRESS:
        if heading and not work.refused:
            work.say("address_missing", Severity.NOTE, heading, text)
        return
    address = _address_of(text)
    if isinstance(address, str):
        work.fields["address"] = address
        return
    proposed = repaired_address(text)
    if proposed is None:
        work.say("address_refused", Severity.REFUSED, heading, text, reason=address.reason.value)
        return
    work.say(
        "address_unclear",
        Severity.SUSPICIOUS,
        heading,
        text,
        repair={"address": proposed},
        proposed=proposed,
    )


def _read_category(work: Row) -> None:
    heading, text = _as_text(work, "category")
    if text is None:
        return
    category = CATEGORIES.get(text.casefold())
    if category is None:
        work.say("category_unknown", Severity.NOTE, heading, text)
    else:
        work.fields["category"] = category


def _read_monitored(work: Row) -> None:
    heading, value = work.cell("monitored")
    if isinstance(value, float):
        value = int(value) if value in (0.0, 1.0) else value
    word = str(value).strip().casefold()
    if value is None or not word:
        return
    if word in _YES or word in _NO:
        work.fields["monitored"] = word in _YES
    else:
        work.say("yes_or_no_expected", Severity.NOTE, heading, value)


def _read_coordinates(work: Row) -> None:
    cells = {axis: work.cell(axis.value) for axis in Axis}
    heading, pair = work.cell("coordinates")
    if all(value in (None, "") for _, value in cells.values()) and pair not in (None, ""):
        parts = split_pair(pair)
        if parts is None:
            work.say("coordinates_unreadable", Severity.SUSPICIOUS, heading, pair)
            return
        cells = {Axis.LATITUDE: (heading, parts[0]), Axis.LONGITUDE: (heading, parts[1])}
    angles = {axis: read_angle(value) for axis, (_, value) in cells.items()}
    if all(a.axis is not None and a.axis is not axis for axis, a in angles.items()):
        # Both say S/N and E/W in the other's column: the columns themselves are swapped.
        place = (angles[Axis.LONGITUDE].value or 0.0, angles[Axis.LATITUDE].value or 0.0)
        _say_swapped(work, place, *cells[Axis.LATITUDE])
        return
    for axis, angle in angles.items():
        _take_angle(work, axis, angle, *cells[axis])
    given = [axis for axis in Axis if axis.value in work.fields]
    if len(given) == 1 and all(a.how is How.EMPTY for x, a in angles.items() if x not in given):
        work.say("half_a_place", Severity.SUSPICIOUS, cells[given[0]][0], cells[given[0]][1])
        del work.fields[given[0].value]


def _say_swapped(work: Row, place: Place, heading: str, raw: object) -> None:
    if not in_range(place):
        work.say("not_on_earth", Severity.SUSPICIOUS, heading, pair_text(place))
        return
    work.say(
        "swapped",
        Severity.SUSPICIOUS,
        heading,
        raw,
        repair={"latitude": place[0], "longitude": place[1]},
        proposed=pair_text(place),
    )


def _take_angle(work: Row, axis: Axis, angle: Angle, heading: str, raw: object) -> None:
    if angle.how is How.EMPTY:
        return
    wrong_axis = angle.axis not in (None, axis)
    if angle.value is None or wrong_axis or _impossible(angle.value, axis, angle.how):
        work.say("angle_unreadable", Severity.SUSPICIOUS, heading, raw)
    elif angle.how is How.SPACES:
        work.say(
            "angle_with_spaces",
            Severity.SUSPICIOUS,
            heading,
            raw,
            repair={axis.value: angle.value},
            proposed=angle.value,
        )
    else:
        if angle.how is not How.PLAIN:
            work.say("angle_read_as", Severity.NOTE, heading, raw, read_as=angle.value)
        work.fields[axis.value] = angle.value


def _impossible(value: float, axis: Axis, how: How) -> bool:
    """A number that needs a repair to be read and even then is nowhere on Earth."""
    return how is How.SPACES and abs(value) > axis.limit
