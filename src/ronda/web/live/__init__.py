"""The live snapshot server: the fleet as bytes, encoded once a version, and a stream of what changed.

It knows nothing of ONTs' meaning and never touches the database: `ronda.overview` fills it, and
docs/live.md is its contract with the browser.
"""

from ronda.web.live.rows import Row
from ronda.web.live.server import LiveServer
from ronda.web.live.snapshot import Snapshot
from ronda.web.live.verdicts import Caller

__all__ = ["Caller", "LiveServer", "Row", "Snapshot"]
