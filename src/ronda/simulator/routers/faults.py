"""What can be wrong with a router and the way to it, set by a test or a person.

A fault may be for some commands only (a pattern such as `/ip/hotspot/user/*`), for the next
`count` times, after the first `after`, or with a probability; the dice are seeded.
"""

import random  # noqa: TID251 -- seeded simulation
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any


class Kind(StrEnum):
    """Each fault; the comment names its options."""

    HANG = "hang"  # connections are taken and nothing is ever answered
    RESET = "reset"  # connections are taken and reset at once
    GARBAGE = "garbage"  # random bytes greet whoever connects: bytes
    HTTP = "http"  # a web server answers on this port
    CUT = "cut"  # the connection ends after so many bytes: sent, received, rst
    WRONG_PASSWORD = "wrong-password"  # noqa: S105 -- the name of a fault
    LATENCY = "latency"  # replies come later, all as much: ms, jitter_ms
    COST = "cost"  # the router works on one command at a time: ms each
    KNEE = "knee"  # fast for the first commands of a burst, then ms each: fast, ms
    BANDWIDTH = "bandwidth"  # replies trickle: bytes_per_s
    FRAGMENT = "fragment"  # by "byte" or "word", each piece in a send of its own
    INTERLEAVE = "interleave"  # sentences ms apart, so that those of other tags come between: ms
    CLOSE = "close"  # at "before", "before-reply", "mid-word", "mid-sentence", "after-re"; rst
    NO_REPLY = "no-reply"  # applied true or false
    DUPLICATE = "duplicate"  # the reply is sent twice
    LATE = "late"  # a cancelled command still sends a row and its end: ms
    TRAP = "trap"  # message, category; over REST also: applied all the same
    FATAL = "fatal"  # message
    CONTROL_BYTE = "control-byte"  # a reserved byte >= 0xF8 where a length belongs: byte
    OVERSIZE = "oversize"  # a word that claims so many bytes: length
    STRANGE_WORD = "strange-word"  # a reply word nobody knows, before the reply: word


OPTIONS: dict[Kind, dict[str, Any]] = {
    Kind.GARBAGE: {"bytes": 64},
    Kind.CUT: {"sent": -1, "received": -1, "rst": False},
    Kind.LATENCY: {"ms": 0.0, "jitter_ms": 0.0},
    Kind.COST: {"ms": 1.0},
    Kind.KNEE: {"fast": 120, "ms": 20.0},
    Kind.BANDWIDTH: {"bytes_per_s": 10_000.0},
    Kind.FRAGMENT: {"by": "byte"},
    Kind.INTERLEAVE: {"ms": 1.0},
    Kind.CLOSE: {"at": "before-reply", "rst": False},
    Kind.NO_REPLY: {"applied": True},
    Kind.LATE: {"ms": 0.0},
    Kind.TRAP: {"message": "action failed (6)", "category": "", "applied": False},
    Kind.FATAL: {"message": "session terminated"},
    Kind.CONTROL_BYTE: {"byte": 0xF8},
    Kind.OVERSIZE: {"length": 0xFFFFFFFF},
    Kind.STRANGE_WORD: {"word": "!news"},
}


@dataclass
class Fault:
    """One thing that goes wrong."""

    kind: Kind
    command: str = "*"
    count: int | None = None
    after: int = 0
    probability: float = 1.0
    options: dict[str, Any] = field(default_factory=dict)

    def __getitem__(self, option: str) -> Any:
        return self.options.get(option, OPTIONS[self.kind][option])


class Faults:
    """The faults of one router."""

    def __init__(self, seed: str) -> None:
        self._random = random.Random(f"faults {seed}")  # noqa: S311 -- seeded simulation
        self._set: list[Fault] = []

    def __iter__(self) -> Iterator[Fault]:
        return iter(self._set)

    def __bool__(self) -> bool:
        return bool(self._set)

    def put(
        self,
        kind: str,
        *,
        command: str = "*",
        count: int | None = None,
        after: int = 0,
        probability: float = 1.0,
        **options: Any,
    ) -> Fault:
        """From now on this is wrong.

        Raises:
            ValueError: no such fault, or it has no such option.
        """
        fault = Fault(Kind(kind), command, count, after, probability, options)
        unknown = set(options) - set(OPTIONS.get(fault.kind, {}))
        if unknown:
            raise ValueError(f"the fault {kind} has no option {', '.join(sorted(unknown))}")
        self._set.append(fault)
        return fault

    def clear(self, kind: str | None = None) -> None:
        """These faults are over; all of them when none is named."""
        self._set = [fault for fault in self._set if kind is not None and fault.kind != kind]

    def take(self, kind: Kind, command: str = "*") -> Fault | None:
        """The fault of this kind that strikes now; a counted one is used up by it."""
        for fault in self._set:
            meant = fault.kind is kind and (command == "*" or fnmatchcase(command, fault.command))
            if meant and self._strikes(fault):
                return fault
        return None

    def drawn(self, low: float, high: float) -> float:
        """A number between these, by the faults' own dice."""
        return self._random.uniform(low, high)

    def noise(self, size: int) -> bytes:
        """Random bytes."""
        return self._random.randbytes(size)

    def state(self) -> dict[str, Any]:
        """What is set, for `restore`."""
        return {"set": [asdict(fault) for fault in self._set], "random": self._random.getstate()}

    def restore(self, state: dict[str, Any]) -> None:
        """Go back to it."""
        self._set = [Fault(**{**fault, "kind": Kind(fault["kind"])}) for fault in state["set"]]
        self._random.setstate(state["random"])

    def _strikes(self, fault: Fault) -> bool:
        if fault.count == 0:
            return False
        if fault.after > 0:
            fault.after -= 1
            return False
        if fault.probability < 1 and self._random.random() >= fault.probability:
            return False
        if fault.count is not None:
            fault.count -= 1
        return True
