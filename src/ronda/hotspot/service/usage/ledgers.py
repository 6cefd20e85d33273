"""What the accounting remembers of a series, packed into its row."""

from __future__ import annotations

import zlib

import structlog

from ronda.hotspot.models import UsageSeries
from ronda.hotspot.rules import ledger_text
from ronda.hotspot.rules.readings import Ledger

log = structlog.get_logger(__name__)


def unpack(series: UsageSeries) -> Ledger | None:
    """The ledger; None for a series without one, and for one that cannot be read any more."""
    if series.ledger is None:
        return None
    try:
        return ledger_text.read(zlib.decompress(bytes(series.ledger)).decode())
    except (zlib.error, ValueError, KeyError, TypeError):
        log.warning("usage.ledger_unreadable", series=series.pk)
        return None


def pack(ledger: Ledger) -> bytes:
    """The bytes for `UsageSeries.ledger`."""
    return zlib.compress(ledger_text.write(ledger).encode(), 6)
