"""One ONT as the live pages know it."""

from dataclasses import dataclass

# The digits of docs/live.md.
STATES = ("unknown", "up", "suspect", "down", "unreachable", "maintenance", "paused")
UP = STATES.index("up")
FLAPPING, DEGRADED = 1, 2


@dataclass(frozen=True, slots=True)
class Row:
    """One ONT: what it is and what is believed about it; times in epoch seconds."""

    id: int
    name: str
    customer_id: str
    location: str
    address: str
    lat: float | None
    lon: float | None
    area: int | None
    area_name: str
    site: str
    category: int
    state: int = 0
    overlay: int = 0
    since: int | None = None
    rtt_ms: float | None = None
    # The word that older readers of /api/onts expect.
    status: str = "UNKNOWN"
    # By which people who are narrowed to some sites are given theirs; never sent.
    site_id: int = 0

    @property
    def is_plain(self) -> bool:
        """Whether there is nothing to say but that it is up."""
        return self.state == UP and not self.overlay


def short(row: Row) -> list[int | float | None]:
    """The row of a delta: id, state, overlay, since, RTT."""
    return [row.id, row.state, row.overlay, row.since, row.rtt_ms]


def full(row: Row, *, public: bool) -> dict[str, int | float | str | None]:
    """Everything a page may know; the public page is not told customer ids and addresses."""
    return {
        "id": row.id,
        "name": row.name,
        "customer_id": None if public else row.customer_id,
        "location": row.location,
        "address": None if public else row.address,
        "lat": row.lat,
        "lon": row.lon,
        "area": row.area,
        "area_name": row.area_name,
        "site": row.site,
        "category": row.category,
        "state": row.state,
        "overlay": row.overlay,
        "since": row.since,
        "rtt_ms": row.rtt_ms,
    }
