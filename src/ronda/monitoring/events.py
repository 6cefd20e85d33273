"""What happened in the watch, past tense, frozen.

Every change of what is believed about an ONT or about the poller is one of these. They travel as
JSON through the event feed (`to_dict`, `from_dict`), so names and fields are a contract: a field
may be added with a default, never renamed or given another meaning.

Times are aware UTC datetimes. Each transition carries the reason code and the probes that
convinced us, so that "why is this down" and "why was I not told" can be answered later from the
event alone.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import UTC, datetime
from enum import StrEnum
from typing import ClassVar, NamedTuple, Self


def moment(seconds: float) -> datetime:
    """Epoch seconds as an aware UTC datetime, to the microsecond."""
    return datetime.fromtimestamp(seconds, UTC)


class Reason(StrEnum):
    """Why a transition was made, or made without telling anybody."""

    FIRST_ANSWER = "first-answer"  # never seen before, answered
    MISSED = "missed"  # one probe missed; being confirmed
    ANSWERED_AGAIN = "answered-again"  # a confirm probe was answered: nothing was wrong
    CONFIRMED_SILENT = "confirmed-silent"  # every confirm probe was missed
    CONFIRMED_UNREACHABLE = "confirmed-unreachable"  # the network itself said so (ICMP)
    NEVER_ANSWERED = "never-answered"  # silent since the watch began
    FOUND_AFTER_RESTART = "found-after-restart"  # changed while nobody watched
    TWO_REPLIES = "two-replies"  # back: two replies at least some seconds apart
    POLLER_WAS_BLIND = "poller-was-blind"  # suspicion dropped: we could not see
    MAINTENANCE = "maintenance"  # planned work began or ended around a silent ONT
    OPERATOR = "operator"  # paused or resumed by a person


class Probe(NamedTuple):
    """One probe as evidence. `rtt_us` is None when no reply came; `cause` is the prober's."""

    at: float
    rtt_us: int | None
    cause: int
    confirm: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Base of all events: JSON in and out."""

    kind: ClassVar[str] = ""

    def to_dict(self) -> dict[str, object]:
        """A dict that `json.dumps` accepts, with the event's name under "kind"."""
        values: dict[str, object] = {"kind": self.kind}
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, datetime):
                value = value.isoformat()
            elif isinstance(value, tuple):
                value = [list(item) for item in value]
            values[field.name] = value
        return values

    @classmethod
    def read(cls, values: dict[str, object]) -> Self:
        """The event that `to_dict` wrote. Fields this version does not know are ignored.

        Raises:
            TypeError: a field without a default is missing.
        """
        known = {field.name for field in fields(cls)}
        kept = {name: value for name, value in values.items() if name in known}
        for name, value in kept.items():
            if isinstance(value, str) and name in _TIMES:
                kept[name] = datetime.fromisoformat(value)
            elif name == "reason":
                kept[name] = Reason(str(value))
            elif isinstance(value, list):
                kept[name] = tuple(Probe(*item) for item in value)
        return cls(**kept)


_TIMES = frozenset({"at", "since", "until", "last_ok", "unobserved_from", "unobserved_until"})


@dataclass(frozen=True, slots=True, kw_only=True)
class OntEvent(Event):
    """Something about one ONT. `at` is when the deciding probe was sent, not when we heard."""

    ont: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Appeared(OntEvent):
    """An ONT that was unknown answered: UNKNOWN became UP. Nobody needs telling."""

    kind: ClassVar[str] = "appeared"
    reason: Reason = Reason.FIRST_ANSWER


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspected(OntEvent):
    """A probe was missed; confirm probes are on their way. UP became SUSPECT."""

    kind: ClassVar[str] = "suspected"
    last_ok: datetime | None = None
    reason: Reason = Reason.MISSED


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleared(OntEvent):
    """The suspicion was wrong or could not be judged: SUSPECT became UP again.

    `misses` probes were lost on the way: that is what the site's loss is counted from.
    """

    kind: ClassVar[str] = "cleared"
    since: datetime
    misses: int
    reason: Reason = Reason.ANSWERED_AGAIN


@dataclass(frozen=True, slots=True, kw_only=True)
class WentDown(OntEvent):
    """Confirmed: the ONT is DOWN. The outage begins at `since`, the first missed probe.

    `last_ok` is the last reply known before it (None: never answered). `silent` means: on record,
    but not news (found on the first look after a restart); say it in a summary at most.
    """

    kind: ClassVar[str] = "went-down"
    since: datetime
    last_ok: datetime | None
    reason: Reason
    cause: int
    probes: tuple[Probe, ...]
    silent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CameBack(OntEvent):
    """Two replies: the ONT is UP. The outage ran from `since` to `until`, the first good reply."""

    kind: ClassVar[str] = "came-back"
    since: datetime
    until: datetime
    reason: Reason
    probes: tuple[Probe, ...]
    silent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Paused(OntEvent):
    """A person stopped the watch. An outage open since `since` ends unexplained."""

    kind: ClassVar[str] = "paused"
    since: datetime | None = None
    reason: Reason = Reason.OPERATOR


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumed(OntEvent):
    """A person started the watch again: PAUSED became UNKNOWN."""

    kind: ClassVar[str] = "resumed"
    reason: Reason = Reason.OPERATOR


@dataclass(frozen=True, slots=True, kw_only=True)
class StartedFlapping(OntEvent):
    """The ONT went up and down `changes` times since `since`: one notice stands for all."""

    kind: ClassVar[str] = "started-flapping"
    since: datetime
    changes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledDown(OntEvent):
    """The flapping that began at `since` is over, after `changes` changes in all."""

    kind: ClassVar[str] = "settled-down"
    since: datetime
    changes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Degraded(OntEvent):
    """It answers, but worse than its own past. `what` is "rtt" (ms) or "loss" (share 0-1)."""

    kind: ClassVar[str] = "degraded"
    what: str
    value: float
    usual: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Regained(OntEvent):
    """The degradation that began at `since` is over."""

    kind: ClassVar[str] = "regained"
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BlindBegan(Event):
    """The poller could not see. Nothing after `unobserved_from` is known about any ONT.

    `why` is "canaries" or "share"; `suspects` ONTs were suspected at that time.
    """

    kind: ClassVar[str] = "blind-began"
    at: datetime
    unobserved_from: datetime
    why: str
    suspects: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BlindEnded(Event):
    """The poller sees again and one whole sweep confirmed it; the interval is closed."""

    kind: ClassVar[str] = "blind-ended"
    at: datetime
    unobserved_from: datetime
    unobserved_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockJumped(Event):
    """The wall clock moved by `by` seconds (positive: forward) against the monotonic clock."""

    kind: ClassVar[str] = "clock-jumped"
    at: datetime
    by: float


EVENTS: dict[str, type[Event]] = {
    event.kind: event
    for event in (
        Appeared,
        Suspected,
        Cleared,
        WentDown,
        CameBack,
        Paused,
        Resumed,
        StartedFlapping,
        SettledDown,
        Degraded,
        Regained,
        BlindBegan,
        BlindEnded,
        ClockJumped,
    )
}


def from_dict(values: dict[str, object]) -> Event:
    """The event a `to_dict` came from.

    Raises:
        KeyError: "kind" is missing or names no event.
    """
    return EVENTS[str(values["kind"])].read(values)
