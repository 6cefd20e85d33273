"""How fast a session is, told from two readings of its counters."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Counters:
    """A session's counters at one moment: seconds of our clock, the router's uptime of it, bytes."""

    at: float
    uptime_s: int
    bytes_in: int
    bytes_out: int


@dataclass(frozen=True, slots=True)
class Speed:
    """Bits per second, as the customer sees them."""

    upload: int
    download: int


def speed(before: Counters | None, now: Counters) -> Speed | None:
    """The speed between two readings; None where they are not of one session or too close together.

    A counter that fell, or an uptime that did, is a new session or a restarted router.
    """
    if before is None:
        return None
    passed = now.at - before.at
    if (
        passed < 1
        or now.uptime_s < before.uptime_s
        or now.bytes_in < before.bytes_in
        or now.bytes_out < before.bytes_out
    ):
        return None
    return Speed(
        int((now.bytes_in - before.bytes_in) * 8 / passed),
        int((now.bytes_out - before.bytes_out) * 8 / passed),
    )
