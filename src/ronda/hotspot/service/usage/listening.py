"""From what a poll read to the accounting: every whole reading is recorded where it was stored."""

from __future__ import annotations

from ronda.hotspot.models import Part
from ronda.hotspot.rules.amounts import Amount
from ronda.hotspot.rules.readings import Account, Active, Reading
from ronda.hotspot.service import shapes
from ronda.hotspot.service.reading import Snapshot
from ronda.hotspot.service.usage import recording
from ronda.routeros.port import Row
from ronda.routers.models import Router


def take(router: Router, snapshot: Snapshot) -> None:
    """Record a reading that has users, active users and the uptime; others tell too little.

    The quick readings of the live view leave the users out: they are not counted, and the next
    whole one finds all that they saw.
    """
    if snapshot.uptime_s is None or not {Part.USERS, Part.ACTIVE} <= snapshot.parts.keys():
        return
    reading = Reading(
        snapshot.at,
        snapshot.uptime_s,
        tuple(_active(row) for row in snapshot.parts[Part.ACTIVE]),
        tuple(_account(row) for row in snapshot.parts[Part.USERS] if row.get("name")),
    )
    recording.record_router(router, reading)


def _active(row: Row) -> Active:
    user = shapes.text(row, "user")
    mac = shapes.text(row, "mac-address")
    address = shapes.text(row, "address")
    id_ = row.get(".id") or f"{user}@{address or mac}"
    return Active(id_, user, shapes.text(row, "server"), mac, address, _amount(row))


def _account(row: Row) -> Account:
    name = shapes.text(row, "name")
    server = shapes.text(row, "server")
    profile = shapes.text(row, "profile") or "default"
    return Account(row.get(".id") or f"{name}@{server}", name, server, profile, _amount(row))


def _amount(row: Row) -> Amount:
    return Amount(
        shapes.number(row, "bytes-in") or 0,
        shapes.number(row, "bytes-out") or 0,
        shapes.seconds(row, "uptime") or 0,
    )
