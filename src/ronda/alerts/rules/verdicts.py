"""What is decided of one message: it is sent, or held back for one reason: pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Kind(StrEnum):
    """What a message tells."""

    ALARM = "alarm"
    REPEAT = "repeat"
    RECOVERY = "recovery"
    DIGEST = "digest"


class Reason(StrEnum):
    """Why somebody is not told; the names are kept in the database."""

    OFF = "off"  # the rule is switched off
    INACTIVE = "inactive"  # the person was deactivated
    SCOPE = "scope"  # it is at a site that is not theirs
    NOT_ON_CALL = "not-on-call"
    NO_ADDRESS = "no-address"
    MAINTENANCE = "maintenance"
    PARENT = "parent"  # another trouble that they are told of explains it
    ACKNOWLEDGED = "acknowledged"
    SNOOZED = "snoozed"
    ALREADY = "already"  # another rule or step told them
    QUIET = "quiet"
    RATE = "rate"  # too many messages in a short time
    GONE = "gone"  # over before its turn
    NOT_REACHED = "not-reached"  # of the end: the beginning never reached them


#: What is thought of afterwards never replaces the reason that held back at the time.
AFTERTHOUGHTS = frozenset({Reason.ALREADY, Reason.GONE})


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message to one recipient."""

    kind: Kind
    to: str
    rule: int
    step: int
    woken: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    """One message that is not sent; `until` is when that may change, None where nobody knows."""

    kind: Kind
    to: str
    rule: int
    step: int
    reason: Reason
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be done now, and when to ask again (None: not before something happens)."""

    deliveries: tuple[Delivery, ...]
    held: tuple[Held, ...]
    look_at: datetime | None
