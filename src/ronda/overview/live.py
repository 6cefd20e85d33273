"""Fills the live snapshot: the whole fleet once, then whatever the event feed tells of."""

import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from ronda.accounts.events import ENDED
from ronda.devices.models import Category, Ont
from ronda.monitoring.models import Poller, State, Watch
from ronda.monitoring.service import legacy_status
from ronda.monitoring.service.reported import REPORTED
from ronda.web.live import Row, Snapshot
from ronda.web.live.rows import DEGRADED, FLAPPING, STATES
from ronda.work import feed, running
from ronda.work.loops import run_forever
from ronda.work.models import Event

TOPICS = frozenset({"monitoring.transitions", "monitoring.misses", "devices.changed"})
#: Handed on as they are: pages ask the server again, and the server who its listeners are.
RELAYED = frozenset({"hotspot.read", "incidents.changed", running.MOVED, ENDED})
EVERY_S = 0.25
WATCH_EVERY_S = 1.0
CATEGORIES = {Category.GENERAL: 0, Category.CSR: 1, Category.APBD: 2}
# A poller that has not said so for this long is not alive.
SILENT_AFTER_S = 30


class Feeder:
    """Keeps one process's snapshot equal to the database, at most a quarter of a second behind."""

    def __init__(
        self,
        snapshot: Snapshot,
        on_change: Callable[[], None],
        relay: Callable[[str, dict[str, Any]], None] | None = None,
    ) -> None:
        """`on_change` is called after each new version, `relay` with what else pages are told.

        Both are called from the feeder's thread.
        """
        self.snapshot = snapshot
        self._on_change = on_change
        self._relay = relay
        self._last_id = 0
        self._watch: dict[str, Any] = {}
        self._watch_due = 0.0

    def run(self, stop: threading.Event) -> None:
        """Follow the feed until `stop` is set."""
        run_forever("live", self.step, every=EVERY_S, stop=stop)

    def step(self) -> float | None:
        """Take in what is new."""
        if not self.snapshot.ready:
            self._last_id = feed.last_id()
            self._watch = watch_of_pollers()
            self.snapshot.replace(
                (row_of(ont) for ont in present()),
                at=int(time.time()),
                watch=self._watch,
                number=self._last_id + 1,
            )
            self._on_change()
            return None
        events = self._relayed(feed.read(self._last_id))
        watch = self._look_at_watch()
        if events or watch is not None:
            self._apply(events, watch)
        return None

    def _relayed(self, events: list[Event]) -> list[Event]:
        """Pass on what is only relayed; what is left is about ONTs."""
        others = [event for event in events if event.topic in RELAYED]
        if not others:
            return events
        for event in others:
            if self._relay is not None:
                self._relay(event.topic, event.payload)
        left = [event for event in events if event.topic not in RELAYED]
        if not left:
            self._last_id = events[-1].pk
        return left

    def _apply(self, events: list[Event], watch: dict[str, Any] | None) -> None:
        changed, moved = onts_of(events)
        gone: set[int] = set()
        described: list[Row] = []
        if changed:
            described = [row_of(ont) for ont in present(changed)]
            gone = changed - {row.id for row in described}
        rows = [row_of(ont) for ont in present(moved - changed)] if moved - changed else []
        self.snapshot.apply(
            at=int(time.time()),
            rows=rows,
            changed=described,
            gone=gone,
            watch=watch,
            # The place in the feed, so that every web process calls the same state by the same number.
            number=(events[-1].pk if events else self._last_id) + 1,
        )
        # Only now: had the database failed above, the same events are read again.
        if events:
            self._last_id = events[-1].pk
        if watch is not None:
            self._watch = watch
        self._on_change()

    def _look_at_watch(self) -> dict[str, Any] | None:
        """The state of the watching, once a second, and only when it is new."""
        moment = time.monotonic()
        if moment < self._watch_due:
            return None
        self._watch_due = moment + WATCH_EVERY_S
        watch = watch_of_pollers()
        return None if watch == self._watch else watch


def onts_of(events: Iterable[Event]) -> tuple[set[int], set[int]]:
    """Ids of the ONTs whose texts may have changed, and of those whose state did."""
    changed: set[int] = set()
    moved: set[int] = set()
    for event in events:
        if event.topic not in TOPICS:
            continue
        for entry in event.payload["onts"]:
            if event.topic == "devices.changed":
                changed.add(entry)
            else:
                moved.add(entry if event.topic == "monitoring.misses" else entry["id"])
    return changed, moved


def present(ids: Iterable[int] | None = None) -> QuerySet[Ont]:
    """ONTs that are not deleted, with all that a row needs in one query."""
    onts = Ont.objects.present().select_related("watch", "area", "site")
    return onts if ids is None else onts.filter(id__in=list(ids))


def _state(ont: Ont, watch: Watch | None) -> str:
    if ont.address and not ont.monitored:
        return "paused"
    # What has no address is probed by nobody; another system may tell of it.
    is_known = watch is not None and (ont.address or watch.reason == REPORTED)
    return watch.state if watch is not None and is_known else "unknown"


def row_of(ont: Ont) -> Row:
    """What the live pages know of one ONT."""
    watch: Watch | None = getattr(ont, "watch", None)
    state = _state(ont, watch)
    return Row(
        id=ont.pk,
        name=ont.name,
        customer_id=ont.customer_id,
        location=ont.location,
        address=ont.address,
        lat=ont.latitude,
        lon=ont.longitude,
        area=ont.area_id,
        area_name=ont.area.name if ont.area else "",
        site=ont.site.name,
        category=CATEGORIES[Category(ont.category)],
        state=STATES.index(state),
        overlay=(FLAPPING * watch.flapping + DEGRADED * watch.degraded)
        if watch and state != State.PAUSED
        else 0,
        since=_since(watch),
        rtt_ms=watch.rtt_us / 1000 if watch and watch.rtt_us is not None else None,
        status=legacy_status(state, watch.misses if watch else 0),
        site_id=ont.site_id,
    )


def _since(watch: Watch | None) -> int | None:
    """When the shown state began: a suspicion began with its first missed probe."""
    if watch is None:
        return None
    began = watch.first_miss_at if watch.state == State.SUSPECT else watch.since
    return int(began.timestamp()) if began else None


def watch_of_pollers() -> dict[str, Any]:
    """The state of the watching itself, as docs/live.md has it; the worst poller speaks."""
    pollers = list(Poller.objects.all())
    if not pollers:
        return {"state": "starting", "swept_at": None, "interval": None}
    now = timezone.now()
    oldest = min((poller.swept_to for poller in pollers if poller.swept_to), default=None)
    if any((now - poller.alive_at).total_seconds() > SILENT_AFTER_S for poller in pollers):
        state = "silent"
    elif any(poller.blind_since for poller in pollers):
        state = "blind"
    else:
        state = "ok" if oldest else "starting"
    return {
        "state": state,
        "swept_at": int(oldest.timestamp()) if oldest else None,
        "interval": max(poller.interval_s for poller in pollers),
    }


def detail(ont_id: int) -> dict[str, Any] | None:
    """One full row for a popup, with the RTT of the newest sweep, or None if there is no such ONT."""
    from ronda.monitoring.service import newest_rtt_ms
    from ronda.web.live.rows import full

    ont = present([ont_id]).first()
    if ont is None:
        return None
    row = full(row_of(ont), public=False)
    rtt_ms = newest_rtt_ms(ont_id)
    return {**row, "rtt_ms": rtt_ms if rtt_ms is not None else row["rtt_ms"]}
