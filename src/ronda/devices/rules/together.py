"""What only shows when the rows of a list are looked at together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ronda.devices.rules.findings import Severity
from ronda.devices.rules.places import (
    Place,
    Surroundings,
    explain,
    in_range,
    pair_text,
    surroundings_of,
)
from ronda.devices.rules.rows import Row

_DOTTED = re.compile(r"[\d.]+")
#: So many addresses make a network a usual one; so many crowded ones to each lone one make it odd.
CROWD = 20


def judge_places(works: Sequence[Row], near: Iterable[Place]) -> None:
    """Look at all places together; propose what would explain those that are far off."""
    around = surroundings_of([*near, *(work.place for work in works if work.place)])
    for work in works:
        place = work.place
        if place is not None and not (around and around.believes(place)):
            _judge_place(work, place, around)


def _judge_place(work: Row, place: Place, around: Surroundings | None) -> None:
    heading = work.cell("latitude")[0] or work.cell("coordinates")[0]
    value = pair_text(place)
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
            proposed=pair_text((latitude, longitude)),
        )
    elif not on_earth:
        work.say("not_on_earth", Severity.SUSPICIOUS, heading, value)
    elif around:
        work.say("far_away", Severity.SUSPICIOUS, heading, value)


def judge_repeats(works: Sequence[Row]) -> None:
    """Customer ids, addresses and places that come up more than once in the file."""
    first_with_id: dict[str, Row] = {}
    spelt: dict[str, Row] = {}
    first_with_address: dict[str, Row] = {}
    first_with_text: dict[tuple[object, object], Row] = {}
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


def judge_lone_addresses(works: Sequence[Row]) -> None:
    """An address alone in its /24 while all others crowd in a few is probably a slip."""
    by_net: dict[str, list[Row]] = {}
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


def _say_twin(work: Row, name: str, firsts: dict[str, Row], code: str, severity: Severity) -> None:
    value = work.fields.get(name)
    if isinstance(value, str) and value:
        first = firsts.setdefault(value, work)
        if first is not work:
            heading = work.columns.headings[name]
            work.say(code, severity, heading, value, first=first.raw.number)
