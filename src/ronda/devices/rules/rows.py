"""What one row of a foreign list means, and what is odd about it.

Reads every dialect of the older systems and the headings people write by hand. Nothing is repaired
silently: what can be read without doubt is read and noted, the rest is proposed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from ronda.devices.rules.columns import Columns, columns_of
from ronda.devices.rules.coordinates import Angle, Axis, How, read_angle, split_pair
from ronda.devices.rules.findings import Finding, Severity, Value, shown
from ronda.devices.rules.places import Place, Surroundings, explain, in_range, surroundings_of
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

#: Fields of a candidate that go into an ONT, in the order in which people read them.
FIELDS = (
    "name",
    "location",
    "latitude",
    "longitude",
    "address",
    "category",
    "area",
    "notes",
    "monitored",
)
PLACE = frozenset({"latitude", "longitude"})
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


class RawRow(NamedTuple):
    """One record as a reader found it.

    `number` is what people count by in that format: the line of a CSV, the row of a sheet, the
    position in a JSON list (from 1).
    """

    number: int
    values: Mapping[str, object]
    problems: tuple[tuple[str, str, str], ...] = ()  # code, column, value; see PROBLEMS


@dataclass(frozen=True, slots=True)
class Candidate:
    """One row understood; `given` names the fields the row really says something about."""

    row: int
    customer_id: str
    name: str = ""
    location: str = ""
    latitude: float | None = None
    longitude: float | None = None
    address: str = ""
    category: str = ""
    area: str = ""
    notes: str = ""
    monitored: bool | None = None
    source_number: int | None = None
    given: frozenset[str] = frozenset()

    def repaired(self, repair: Mapping[str, Value]) -> Candidate:
        """This candidate with a proposal taken over."""
        changes: dict[str, object] = dict(repair)
        return replace(self, **changes, given=self.given | repair.keys())  # type: ignore[arg-type]

    def settled(self) -> Candidate:
        """This candidate as it may be written: half a place says nothing about the place."""
        if len(self.given & PLACE) == 1:
            return replace(self, given=self.given - PLACE)
        return self


@dataclass(frozen=True, slots=True)
class RowReading:
    """A row's candidate (None when refused) and all that was noticed about it."""

    row: int
    candidate: Candidate | None
    findings: tuple[Finding, ...]
    customer_id: str = ""

    @property
    def repairs(self) -> tuple[Finding, ...]:
        """The findings a person can accept."""
        return tuple(f for f in self.findings if f.asks)


@dataclass(slots=True)
class _Row:
    """The work on one row: what is known so far."""

    raw: RawRow
    columns: Columns
    fields: dict[str, object] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    refused: bool = False

    def say(
        self,
        code: str,
        severity: Severity,
        heading: str,
        value: object,
        *,
        repair: Mapping[str, Value] | None = None,
        **params: str | float,
    ) -> None:
        """Note a finding about this row."""
        self.refused = self.refused or severity is Severity.REFUSED
        self.findings.append(
            Finding(code, severity, self.raw.number, shown(heading), shown(value), params, repair)
        )

    def cell(self, name: str) -> tuple[str, object]:
        """The heading and the raw value of one of our fields."""
        heading = self.columns.headings.get(name)
        return ("", None) if heading is None else (heading, self.raw.values.get(heading))


def read_rows(
    rows: Iterable[RawRow], *, near: Iterable[Place] = (), known_areas: Iterable[str] = ()
) -> list[RowReading]:
    """Understand all rows of a file.

    `near` are the coordinates the site's ONTs have now: together with the file's own they show
    which place is wrong. Order and number of rows are kept. `known_areas` are not proposed here
    but a row's area takes their spelling,
    or that of the first row that names it.
    """
    spelling = {name.casefold(): name for name in known_areas}
    seen_columns: dict[tuple[str, ...], Columns] = {}
    works = []
    for raw in rows:
        headings = tuple(raw.values)
        columns = seen_columns.get(headings)
        if columns is None:
            columns = seen_columns[headings] = columns_of(headings)
        works.append(_read_row(raw, columns, spelling))
    _judge_places(works, near)
    _judge_repeats(works)
    _judge_lone_addresses(works)
    return [_finished(work) for work in works]


def _finished(work: _Row) -> RowReading:
    findings = tuple(work.findings)
    customer_id = str(work.fields.get("customer_id", ""))
    if work.refused:
        telling = tuple(f for f in findings if f.severity is not Severity.NOTE)
        return RowReading(work.raw.number, None, telling, customer_id)
    given = frozenset(work.fields) - {"customer_id", "source_number"}
    values: dict[str, object] = dict(work.fields)
    candidate = Candidate(row=work.raw.number, given=given, **values)  # type: ignore[arg-type]
    return RowReading(work.raw.number, candidate, findings, customer_id)


def _read_row(raw: RawRow, columns: Columns, areas: dict[str, str]) -> _Row:
    work = _Row(raw, columns)
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


def _as_text(work: _Row, name: str) -> tuple[str, str | None]:
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


def _flag(work: _Row, heading: str, text: str) -> None:
    if looks_like_formula(text):
        work.say("formula", Severity.HELD, heading, text)
    if looks_like_markup(text):
        work.say("markup", Severity.HELD, heading, text)


def _read_customer_id(work: _Row) -> None:
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


def _read_text(work: _Row, name: str) -> None:
    heading, text = _as_text(work, name)
    if text is None:
        return
    work.fields[name] = text
    _flag(work, heading, text)
    whole = mended(text)
    if whole != text:
        work.say("damaged_text", Severity.NOTE, heading, text, repair={name: whole}, proposed=whole)


def _read_notes(work: _Row) -> None:
    heading, text = _as_text(work, "notes")
    if text is not None:
        work.fields["notes"] = text
        _flag(work, heading, text)


def _address_of(text: str) -> str | AddressRefused:
    try:
        return str(parse_address(text))
    except AddressRefused as refused:
        return refused


_DOTTED = re.compile(r"[\d.]+")
#: So many addresses make a network a usual one; so many crowded ones to each lone one make it odd.
CROWD = 20
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


def _read_address(work: _Row) -> None:
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


def _read_category(work: _Row) -> None:
    heading, text = _as_text(work, "category")
    if text is None:
        return
    category = CATEGORIES.get(text.casefold())
    if category is None:
        work.say("category_unknown", Severity.NOTE, heading, text)
    else:
        work.fields["category"] = category


def _read_monitored(work: _Row) -> None:
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


def _read_coordinates(work: _Row) -> None:
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


def _say_swapped(work: _Row, place: Place, heading: str, raw: object) -> None:
    if not in_range(place):
        work.say("not_on_earth", Severity.SUSPICIOUS, heading, _pair_text(place))
        return
    work.say(
        "swapped",
        Severity.SUSPICIOUS,
        heading,
        raw,
        repair={"latitude": place[0], "longitude": place[1]},
        proposed=_pair_text(place),
    )


def _take_angle(work: _Row, axis: Axis, angle: Angle, heading: str, raw: object) -> None:
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


def _pair_text(place: Place) -> str:
    return f"{place[0]:.7g}, {place[1]:.8g}"


def _place_of(work: _Row) -> Place | None:
    latitude, longitude = work.fields.get("latitude"), work.fields.get("longitude")
    if isinstance(latitude, float) and isinstance(longitude, float):
        return latitude, longitude
    return None


def _judge_places(works: Sequence[_Row], near: Iterable[Place]) -> None:
    """Look at all places together; propose what would explain those that are far off."""
    around = surroundings_of([*near, *(p for p in map(_place_of, works) if p)])
    for work in works:
        place = _place_of(work)
        if place is not None and not (around and around.believes(place)):
            _judge_place(work, place, around)


def _judge_place(work: _Row, place: Place, around: Surroundings | None) -> None:
    heading = work.cell("latitude")[0] or work.cell("coordinates")[0]
    value = _pair_text(place)
    on_earth = in_range(place) and place != (0.0, 0.0)
    if not on_earth:  # cannot be kept whatever a person says
        del work.fields["latitude"], work.fields["longitude"]
    slip = explain(place, around) if around and place != (0.0, 0.0) else None
    if slip is not None:
        latitude, longitude = (round(v, 9) for v in slip.place)
        work.say(
            slip.code,
            Severity.SUSPICIOUS,
            heading,
            value,
            repair={"latitude": latitude, "longitude": longitude},
            proposed=_pair_text((latitude, longitude)),
        )
    elif not on_earth:
        work.say("not_on_earth", Severity.SUSPICIOUS, heading, value)
    elif around:
        work.say("far_away", Severity.SUSPICIOUS, heading, value)


def _judge_repeats(works: Sequence[_Row]) -> None:
    """Customer ids, addresses and places that come up more than once in the file."""
    first_with_id: dict[str, _Row] = {}
    spelt: dict[str, _Row] = {}
    first_with_address: dict[str, _Row] = {}
    first_with_text: dict[tuple[object, object], _Row] = {}
    for work in works:
        if work.refused:
            continue
        customer_id = str(work.fields["customer_id"])
        heading = work.columns.headings["customer_id"]
        earlier = first_with_id.setdefault(customer_id, work)
        if earlier is not work:
            same = earlier.fields | {"source_number": 0} == work.fields | {"source_number": 0}
            code = "row_repeated" if same else "customer_id_repeated"
            work.say(code, Severity.REFUSED, heading, customer_id, first=earlier.raw.number)
            continue
        twin = spelt.setdefault(customer_id.casefold(), work)
        if twin is not work:
            work.say(
                "customer_id_case",
                Severity.SUSPICIOUS,
                heading,
                customer_id,
                first=twin.raw.number,
                other=str(twin.fields["customer_id"]),
            )
        _say_twin(work, "address", first_with_address, "address_repeated", Severity.SUSPICIOUS)
        name, location = work.fields.get("name"), work.fields.get("location")
        if name and location:
            double = first_with_text.setdefault((name, location), work)
            if double is not work:
                work.say(
                    "name_repeated",
                    Severity.NOTE,
                    work.columns.headings["name"],
                    name,
                    first=double.raw.number,
                )


def _judge_lone_addresses(works: Sequence[_Row]) -> None:
    """An address alone in its /24 while all others crowd in a few is probably a slip."""
    by_net: dict[str, list[_Row]] = {}
    for work in works:
        address = str(work.fields.get("address", ""))
        if not work.refused and _DOTTED.fullmatch(address):
            by_net.setdefault(address.rpartition(".")[0], []).append(work)
    crowded = sum(len(members) for members in by_net.values() if len(members) >= CROWD)
    lone = [members[0] for members in by_net.values() if len(members) == 1]
    if len(lone) * CROWD > crowded:
        return
    for work in lone:
        heading = work.columns.headings["address"]
        work.say("address_alone", Severity.NOTE, heading, work.fields["address"])


def _say_twin(
    work: _Row, name: str, firsts: dict[str, _Row], code: str, severity: Severity
) -> None:
    value = work.fields.get(name)
    if isinstance(value, str) and value:
        first = firsts.setdefault(value, work)
        if first is not work:
            heading = work.columns.headings[name]
            work.say(code, severity, heading, value, first=first.raw.number)
