"""Rows of the router's configuration as the rules of access need them: numbers instead of text."""

from ronda.simulator.routers.hotspot.access import Grants, Row, Used
from ronda.simulator.routers.hotspot.session import packets
from ronda.simulator.routers.values import duration, seconds_of


def grants(user: Row, profile: Row) -> Grants:
    """What a user may, by his row and his profile's.

    The timeouts of a hotspot server are for those who have not logged in; the profile's for the rest.
    """
    shared = profile.get("shared-users", "1")
    return Grants(
        name=user.get("name", ""),
        password=user.get("password", ""),
        disabled=yes(user, "disabled"),
        server=user.get("server", "all"),
        mac=user.get("mac-address", "").upper().replace("00:00:00:00:00:00", ""),
        shared_users=int(shared) if shared.isdigit() and shared != "0" else None,
        session_s=time_limit(profile, "session-timeout"),
        idle_s=time_limit(profile, "idle-timeout"),
        keepalive_s=time_limit(profile, "keepalive-timeout"),
        uptime_s=time_limit(user, "limit-uptime"),
        bytes_in=byte_limit(user, "limit-bytes-in"),
        bytes_out=byte_limit(user, "limit-bytes-out"),
        bytes_total=byte_limit(user, "limit-bytes-total"),
    )


def used(user: Row) -> Used:
    """What the user's counters hold."""
    return Used(
        seconds_of(user.get("uptime", "0s")) or 0.0,
        int(user.get("bytes-in", "0")),
        int(user.get("bytes-out", "0")),
    )


def counters(uptime_s: float, bytes_in: int, bytes_out: int) -> dict[str, str]:
    """A user's counters as the router keeps them; time counts in whole seconds."""
    return {
        "uptime": duration(int(uptime_s)),
        "bytes-in": str(bytes_in),
        "bytes-out": str(bytes_out),
        "packets-in": str(packets(bytes_in)),
        "packets-out": str(packets(bytes_out)),
    }


def time_limit(row: Row, name: str) -> float | None:
    """A time in seconds; None where it is not set, `none` or zero, which all mean no limit."""
    return seconds_of(row.get(name, "")) or None


def byte_limit(row: Row, name: str) -> int | None:
    """A number of bytes; None where it is not set or zero."""
    text = row.get(name, "")
    return int(text) or None if text.isdigit() else None


def yes(row: Row, name: str) -> bool:
    """Whether a flag is set."""
    return row.get(name, "") in ("true", "yes")


def rates(limit: str) -> tuple[float | None, float | None]:
    """Bytes per second up and down of a `rate-limit`: its first word, `rx/tx` in bits or `512k`.

    One rate alone is for both directions; what cannot be read limits nothing.
    """
    first = limit.split(maxsplit=1)[0] if limit.split() else ""
    up, slash, down = first.partition("/")
    return _rate(up), _rate(down if slash else up)


def _rate(text: str) -> float | None:
    unit = {"k": 1_000, "m": 1_000_000, "g": 1_000_000_000}.get(text[-1:].lower(), 1)
    digits = text[:-1] if unit != 1 else text
    return int(digits) * unit / 8 if digits.isdigit() and int(digits) else None


def bits(limit: str) -> str:
    """The same as a queue prints it: `2000000/5000000`, 0 where nothing is limited."""
    return "/".join(str(int((rate or 0.0) * 8)) for rate in rates(limit))
