"""The ledger of the accounting as JSON text and back: pure."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from ronda.hotspot.rules.amounts import Amount
from ronda.hotspot.rules.readings import Account, Counter, Ledger, Session

VERSION = 1


def write(ledger: Ledger) -> str:
    """The ledger as one line of JSON; `read` gives back an equal one."""
    return json.dumps(
        {
            "version": VERSION,
            "at": ledger.at.isoformat(),
            "uptime_s": ledger.uptime_s,
            "boot": ledger.boot,
            "live": ledger.live,
            "open": [_session(session) for session in ledger.open.values()],
            "gone": [_session(session) for session in ledger.gone.values()],
            "counters": [_counter(counter) for counter in ledger.counters.values()],
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )


def read(text: str) -> Ledger | None:
    """The ledger, None when another version wrote it: counting then begins anew."""
    found = json.loads(text)
    if found.get("version") != VERSION:
        return None
    counters = [_counter_of(row) for row in found["counters"]]
    return Ledger(
        at=datetime.fromisoformat(found["at"]),
        uptime_s=found["uptime_s"],
        boot=found["boot"],
        live=found["live"],
        open={session.id: session for session in map(_session_of, found["open"])},
        gone={session.id: session for session in map(_session_of, found["gone"])},
        counters={counter.account.id: counter for counter in counters},
    )


def _session(session: Session) -> list[Any]:
    return [
        session.key,
        session.id,
        session.user,
        session.server,
        session.mac,
        session.address,
        session.profile,
        session.started_at.isoformat(),
        session.seen_at.isoformat(),
        session.login_s,
        session.amount,
        session.ended_at and session.ended_at.isoformat(),
        session.watched,
    ]


def _session_of(row: list[Any]) -> Session:
    key, id_, user, server, mac, address, profile = row[:7]
    started, seen, login_s, amount, ended, watched = row[7:]
    return Session(
        key=key,
        id=id_,
        user=user,
        server=server,
        mac=mac,
        address=address,
        profile=profile,
        started_at=datetime.fromisoformat(started),
        seen_at=datetime.fromisoformat(seen),
        login_s=login_s,
        amount=Amount(*amount),
        ended_at=datetime.fromisoformat(ended) if ended else None,
        watched=watched,
    )


def _counter(counter: Counter) -> list[Any]:
    last = None if counter.last is None else _session(counter.last)
    return [counter.account, counter.owed, last, counter.missed]


def _counter_of(row: list[Any]) -> Counter:
    (id_, name, server, profile, amount), owed, last, missed = row
    return Counter(
        Account(id_, name, server, profile, Amount(*amount)),
        Amount(*owed),
        None if last is None else _session_of(last),
        missed,
    )
