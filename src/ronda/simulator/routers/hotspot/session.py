"""One hotspot session: what it has counted, and when and why it will end. Pure.

Moments are seconds of the router's steady clock. RouterOS takes the limits over from user and
profile when somebody logs in; what is changed afterwards counts from the next login on.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from math import ceil

PACKET_BYTES = 900

# Moments are kept to a microsecond or so, in which a fast customer moves this many bytes.
ROUNDING = range(1, 4096)


class Cause(StrEnum):
    """Why a session ended, in the words of the router's log."""

    USER = "user request"
    ADMIN = "admin reset"
    SESSION = "session timeout"
    UPTIME = "uptime limit reached"
    TRAFFIC = "traffic limit reached"
    IDLE = "idle timeout"
    KEEPALIVE = "keepalive timeout"
    LEASE = "lost dhcp lease"
    REBOOT = "service shutdown"


@dataclass(frozen=True, slots=True)
class Limits:
    """What ends a session, already reduced by what the user has used; None is no limit.

    `bytes_in` is what comes from the customer (upload), `bytes_out` what goes to him.
    """

    session_s: float | None = None
    uptime_s: float | None = None
    bytes_in: int | None = None
    bytes_out: int | None = None
    bytes_total: int | None = None
    idle_s: float | None = None
    keepalive_s: float | None = None

    @property
    def time_s(self) -> float | None:
        """How long the session may last, whichever time limit comes first."""
        both = [limit for limit in (self.session_s, self.uptime_s) if limit is not None]
        return min(both, default=None)


@dataclass(slots=True)
class Meter:
    """Bytes that flow at a steady pace between two changes of pace; never runs backwards."""

    since: float
    bytes_in: int = 0
    bytes_out: int = 0
    rate_in: float = 0.0
    rate_out: float = 0.0
    idle_since: float = -1.0

    def __post_init__(self) -> None:
        if self.idle_since < 0:
            self.idle_since = self.since

    def at(self, now: float) -> tuple[int, int]:
        """Bytes in and out until now."""
        elapsed = max(0.0, now - self.since)
        return (
            self.bytes_in + int(self.rate_in * elapsed),
            self.bytes_out + int(self.rate_out * elapsed),
        )

    def pace(self, now: float, rate_in: float, rate_out: float) -> None:
        """From now on bytes flow at these rates, in bytes per second."""
        if self.flows:
            self.idle_since = now
        self.bytes_in, self.bytes_out = self.at(now)
        self.since, self.rate_in, self.rate_out = now, rate_in, rate_out

    def add(self, now: float, bytes_in: int, bytes_out: int) -> None:
        """Count this much at once."""
        self.pace(now, self.rate_in, self.rate_out)
        self.bytes_in += bytes_in
        self.bytes_out += bytes_out
        self.idle_since = now

    def moved(self, later: float) -> "Meter":
        """The same with every moment so many seconds later."""
        return replace(self, since=self.since + later, idle_since=self.idle_since + later)

    @property
    def flows(self) -> bool:
        """Whether anything flows."""
        return self.rate_in > 0 or self.rate_out > 0

    def idle(self, now: float) -> float:
        """For how many seconds nothing has flowed."""
        return 0.0 if self.flows else max(0.0, now - self.idle_since)


def packets(count: int) -> int:
    """How many packets carry so many bytes."""
    return ceil(count / PACKET_BYTES)


@dataclass(slots=True)
class Session:
    """Somebody who is logged in; `id` is the client's address in hexadecimal."""

    id: str
    user: str
    mac: str
    address: str
    server: str
    login_by: str
    started: float
    limits: Limits
    meter: Meter
    ceiling: tuple[float | None, float | None] = (None, None)  # bytes per second up and down
    gone: float | None = None
    plan: int = 0

    def uptime(self, now: float) -> float:
        """Seconds since the login, never more than the time that was allowed."""
        allowed = self.limits.time_s
        elapsed = max(0.0, now - self.started)
        return elapsed if allowed is None else min(elapsed, allowed)

    def time_left(self, now: float) -> float | None:
        """Seconds until a time limit ends the session; None without one."""
        allowed = self.limits.time_s
        return None if allowed is None else max(0.0, allowed - self.uptime(now))

    def finish(self, now: float, cause: Cause) -> None:
        """Stop counting; whoever used up a quota has used exactly that."""
        self.meter.pace(now, 0.0, 0.0)
        if cause is not Cause.TRAFFIC:
            return
        meter, limits = self.meter, self.limits
        if limits.bytes_in is not None and limits.bytes_in - meter.bytes_in in ROUNDING:
            meter.bytes_in = limits.bytes_in
        if limits.bytes_out is not None and limits.bytes_out - meter.bytes_out in ROUNDING:
            meter.bytes_out = limits.bytes_out
        if limits.bytes_total is not None:
            missing = limits.bytes_total - meter.bytes_in - meter.bytes_out
            meter.bytes_out += missing if missing in ROUNDING else 0

    def end(self) -> tuple[float, Cause] | None:
        """When and why it ends if nothing changes any more; None if it goes on for ever."""
        found = [*self._by_time(), *self._by_traffic(), *self._by_silence()]
        return min(found, key=lambda ending: ending[0], default=None)

    def _by_time(self) -> list[tuple[float, Cause]]:
        limits = self.limits
        return [
            (self.started + limit, cause)
            for limit, cause in (
                (limits.session_s, Cause.SESSION),
                (limits.uptime_s, Cause.UPTIME),
            )
            if limit is not None
        ]

    def _by_traffic(self) -> list[tuple[float, Cause]]:
        meter, limits = self.meter, self.limits
        counted = (
            (limits.bytes_in, meter.bytes_in, meter.rate_in),
            (limits.bytes_out, meter.bytes_out, meter.rate_out),
            (
                limits.bytes_total,
                meter.bytes_in + meter.bytes_out,
                meter.rate_in + meter.rate_out,
            ),
        )
        found = []
        for limit, used, rate in counted:
            if limit is None:
                continue
            if used >= limit:
                found.append((meter.since, Cause.TRAFFIC))
            elif rate > 0:
                found.append((meter.since + (limit - used) / rate, Cause.TRAFFIC))
        return found

    def _by_silence(self) -> list[tuple[float, Cause]]:
        found = []
        if self.limits.idle_s is not None and not self.meter.flows:
            found.append((self.meter.idle_since + self.limits.idle_s, Cause.IDLE))
        if self.limits.keepalive_s is not None and self.gone is not None:
            found.append((self.gone + self.limits.keepalive_s, Cause.KEEPALIVE))
        return found
