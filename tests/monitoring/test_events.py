"""Events travel as JSON and come back as they were."""

import json
from dataclasses import fields
from datetime import UTC, datetime

import pytest

from ronda.monitoring.events import EVENTS, Event, Probe, Reason, from_dict, moment

EXAMPLES: dict[str, object] = {
    "ont": 7,
    "misses": 3,
    "cause": 1,
    "changes": 4,
    "suspects": 9,
    "value": 0.25,
    "usual": 6.5,
    "by": -3.5,
    "what": "rtt",
    "why": "canaries",
    "silent": True,
    "reason": Reason.CONFIRMED_SILENT,
    "probes": (Probe(1.5, None, 1, True), Probe(2.5, 6000, 0, False)),
}
WHEN = datetime(2026, 11, 21, 9, 8, 7, 654321, tzinfo=UTC)


@pytest.mark.parametrize("kind", sorted(EVENTS))
def test_every_event_survives_json(kind: str) -> None:
    cls = EVENTS[kind]
    event = cls(**{field.name: EXAMPLES.get(field.name, WHEN) for field in fields(cls)})
    written = json.loads(json.dumps(event.to_dict()))
    assert written["kind"] == kind
    assert from_dict(written) == event
    assert from_dict({**written, "a field of a later version": 1}) == event


def test_a_dict_of_no_known_kind_is_refused() -> None:
    with pytest.raises(KeyError):
        from_dict({"kind": "vanished"})
    with pytest.raises(KeyError):
        from_dict({})


def test_times_are_aware_and_whole_microseconds() -> None:
    assert moment(1_790_000_000.25) == datetime(2026, 9, 21, 14, 13, 20, 250000, tzinfo=UTC)
    assert Event().to_dict() == {"kind": ""}
