"""The fleet at its newest version, its last thousand changes, and its bytes made once a version.

One thread changes it (`replace`, `apply`); any thread reads it. What readers see is an immutable
`Version` swapped in whole, so they need no lock and never see half a change.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ronda.web.live import encode
from ronda.web.live.encoded import Encoded, Version
from ronda.web.live.rows import Row

RING = 1000
#: So many different sets of sites are kept encoded: about 1 MB each at 10,000 ONTs.
PARTS = 16


@dataclass(slots=True)
class _Step:
    """Which ONTs one version touched."""

    base: int
    version: int
    touched: frozenset[int]
    described: frozenset[int]
    gone: frozenset[int]
    # ONTs that were deleted or went to another site, with the site they left.
    left: Mapping[int, int]


@dataclass(slots=True)
class Steps:
    """All that happened up to a version; `left` are ONTs with a site they left."""

    now: Version
    touched: set[int] = field(default_factory=set)
    described: set[int] = field(default_factory=set)
    gone: set[int] = field(default_factory=set)
    left: set[tuple[int, int]] = field(default_factory=set)


class Snapshot(Encoded):
    """The live fleet."""

    def __init__(self, first_version: int = 0, build: str = "") -> None:
        """`build` names what makes the bytes: those of another one are never taken for the same."""
        super().__init__(build, self.fragment)
        self._parts: OrderedDict[frozenset[int], Part] = OrderedDict()
        self._parts_lock = threading.Lock()
        self._ring: deque[_Step] = deque(maxlen=RING)
        self._fragments: dict[int, tuple[Row, bytes]] = {}
        self._ring_lock = threading.Lock()
        # Deltas to one version, by where they start: after a restart many ask the same.
        self._deltas: tuple[Version | None, dict[tuple[int, bool], bytes]] = (None, {})
        self.ready = False
        self.now = Version(
            first_version,
            first_version,
            first_version,
            0,
            {},
            encode.counts(()),
            {"state": "starting", "swept_at": None, "interval": None},
        )

    def replace(
        self,
        rows: Iterable[Row],
        *,
        at: int,
        watch: Mapping[str, Any],
        number: int | None = None,
    ) -> None:
        """Take a whole new fleet as version `number`, the next one where none is given."""
        fleet = {row.id: row for row in rows}
        number = self.now.number + 1 if number is None else number
        with self._ring_lock:
            self._ring.clear()
        self.now = Version(number, number, number, at, fleet, encode.counts(fleet.values()), watch)
        self.ready = True

    def apply(
        self,
        *,
        at: int,
        rows: Iterable[Row] = (),
        changed: Iterable[Row] = (),
        gone: Iterable[int] = (),
        watch: Mapping[str, Any] | None = None,
        number: int | None = None,
    ) -> int:
        """Fold in what changed and return the version's number.

        `rows` differ in state only, `changed` also in their texts or are new. Without a `number` it is the
        next one, or the same where nothing of an ONT changed.
        """
        old = self.now
        fleet = dict(old.rows)
        removed = frozenset(ont for ont in gone if fleet.pop(ont, None) is not None)
        described = {row.id: row for row in changed}
        left = {ont: old.rows[ont].site_id for ont in removed}
        for ont, row in described.items():
            if ont in old.rows and old.rows[ont].site_id != row.site_id:
                left[ont] = old.rows[ont].site_id
        touched = {row.id: row for row in rows if row.id in fleet or row.id in described}
        fleet.update(described)
        fleet.update(touched)
        quiet = not (removed or described or touched)
        if number is None:
            number = old.number if quiet else old.number + 1
        new = Version(
            number,
            old.names_number if not (removed or described) else number,
            old.rows_number if quiet else number,
            at,
            old.rows if quiet else fleet,
            old.counts if quiet else encode.counts(fleet.values()),
            old.watch if watch is None else watch,
        )
        with self._ring_lock:
            if number > old.number:
                self._ring.append(
                    _Step(
                        old.number, number, frozenset(touched), frozenset(described), removed, left
                    )
                )
            self.now = new
        return number

    def delta(self, since: int, *, public: bool = False) -> bytes | None:
        """One merged delta from version `since` to now, or None when `since` is not in the ring."""
        version, kept = self._deltas
        if version is self.now and (ready := kept.get((since, public))) is not None:
            return ready
        steps = self.steps(since)
        if steps is None:
            return None
        now = steps.now
        made = encode.delta(
            since,
            now.number,
            now.at,
            rows=[
                now.rows[ont] for ont in sorted(steps.touched - steps.described) if ont in now.rows
            ],
            changed=[now.rows[ont] for ont in sorted(steps.described) if ont in now.rows],
            gone=sorted(ont for ont in steps.gone if ont not in now.rows),
            totals=now.counts,
            watch=now.watch,
            public=public,
        )
        if self._deltas[0] is not now:
            self._deltas = (now, {})
        version, kept = self._deltas
        if version is now and len(kept) < RING:
            kept[since, public] = made
        return made

    def steps(self, since: int) -> Steps | None:
        """What happened from version `since` to now; None when `since` is not in the ring."""
        with self._ring_lock:
            now = self.now
            if since == now.number:
                found: list[_Step] = []
            else:
                found = [step for step in self._ring if step.version > since]
                if not found or found[0].base > since or since > now.number:
                    return None
        steps = Steps(now)
        for step in found:
            steps.touched |= step.touched
            steps.described |= step.described
            steps.gone |= step.gone
            steps.left |= {(ont, site) for ont, site in step.left.items()}
        return steps

    def part(self, sites: frozenset[int]) -> Part:
        """What of it belongs to these sites; the newest few are kept, each encoded once a version."""
        with self._parts_lock:
            found = self._parts.get(sites)
            if found is None:
                found = self._parts[sites] = Part(self, self._build_name, sites)
                if len(self._parts) > PARTS:
                    self._parts.popitem(last=False)
            self._parts.move_to_end(sites)
        return found

    def fragment(self, row: Row) -> bytes:
        """The older JSON of one row, kept while the row is the same: joining 10,000 takes 1 ms."""
        kept = self._fragments.get(row.id)
        if kept is not None and kept[0] is row:
            return kept[1]
        made = encode.older(row)
        self._fragments[row.id] = (row, made)
        return made


class Part(Encoded):
    """What people who are narrowed to some sites see of a snapshot: its versions, less the rest's rows."""

    def __init__(self, whole: Snapshot, build: str, sites: frozenset[int]) -> None:
        digest = hashlib.blake2b(repr(sorted(sites)).encode(), digest_size=6).hexdigest()
        super().__init__(f"{build}-{digest}", whole.fragment)
        self._whole, self._sites = whole, sites
        self._seen: tuple[Version, Version] | None = None

    @property
    def ready(self) -> bool:
        """Whether the whole is."""
        return self._whole.ready

    @property
    def now(self) -> Version:  # type: ignore[override] # computed here, kept there
        """The newest version, with these sites' rows and counts alone."""
        whole, seen = self._whole.now, self._seen
        if seen is not None and seen[0] is whole:
            return seen[1]
        if seen is not None and seen[0].rows is whole.rows:
            made = replace(whole, rows=seen[1].rows, counts=seen[1].counts)
        else:
            rows = {ont: row for ont, row in whole.rows.items() if row.site_id in self._sites}
            made = replace(whole, rows=rows, counts=encode.counts(rows.values()))
        self._seen = (whole, made)
        return made

    def delta(self, since: int) -> bytes | None:
        """As that of the whole; an ONT that went to another site is gone."""
        steps = self._whole.steps(since)
        if steps is None:
            return None
        now = self.now
        gone = {ont for ont, site in steps.left if site in self._sites and ont not in now.rows}
        return encode.delta(
            since,
            now.number,
            now.at,
            rows=[now.rows[o] for o in sorted(steps.touched - steps.described) if o in now.rows],
            changed=[now.rows[ont] for ont in sorted(steps.described) if ont in now.rows],
            gone=sorted(gone),
            totals=now.counts,
            watch=now.watch,
        )
