"""The live snapshot of this process, for pages that are rendered beside it."""

from ronda.web.live.snapshot import Snapshot

_snapshots: list[Snapshot] = []


def serve(snapshot: Snapshot) -> None:
    """Make this the process's snapshot."""
    _snapshots[:] = [snapshot]


def version() -> int | None:
    """The newest version, or None where no live server runs in this process."""
    return _snapshots[0].now.number if _snapshots and _snapshots[0].ready else None
