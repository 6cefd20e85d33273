"""What is told on the event feed about the hotspot."""

LIMIT = "hotspot.limit"
"""Use of a limit came near or is well below again: `{"router": id, "name": …, "kind": …, "subject": …,
"on": true, "value": …, "limit": …}`; kind one of `hotspot.rules.limits.Kind`, values bytes or counts."""
