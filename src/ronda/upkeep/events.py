"""What is told on the event feed about the well-being of routers."""

TROUBLE = "upkeep.trouble"
"""A router's trouble began or ended: `{"router": id, "name": …, "kind": …, "on": true, "since": ISO time,
"value": number or null, "text": …}`; kind one of `upkeep.rules.conditions.Kind`."""
