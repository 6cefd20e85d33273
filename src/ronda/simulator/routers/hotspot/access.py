"""Who may log in to a hotspot, how, and in which words he is refused. Pure.

The words are those of RouterOS's own hotspot pages (`errors.txt`), which its log repeats.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from ronda.simulator.routers.hotspot.session import Limits

Row = Mapping[str, str]

# Hotspot active users by licence level (MikroTik manual, "RouterOS licenses"); others: no limit.
LICENCE_USERS = {1: 1, 3: 1, 4: 200, 5: 500}

TYPED = ("http-chap", "https", "http-pap")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Nobody is logged in, and these are the router's words."""

    text: str
    may_pass: bool = False  # trying again later may help


@dataclass(frozen=True, slots=True)
class Used:
    """What a user's own counters hold, without his live sessions."""

    uptime_s: float = 0.0
    bytes_in: int = 0
    bytes_out: int = 0


@dataclass(frozen=True, slots=True)
class Grants:
    """A user's row and his profile's, read once: seconds and bytes, None where there is no limit."""

    name: str
    password: str
    disabled: bool
    server: str
    mac: str
    shared_users: int | None
    session_s: float | None
    idle_s: float | None
    keepalive_s: float | None
    uptime_s: float | None
    bytes_in: int | None
    bytes_out: int | None
    bytes_total: int | None


def decide(
    grants: Grants | None,
    *,
    password: str | None,
    mac: str,
    server: str,
    used: Used,
    live: int,
    everybody: int,
    licence_level: int,
) -> Limits | Refusal:
    """The limits of a new session, or why there is none.

    `password` None is a login that needs none (cookie, MAC). `live` are the sessions of this user,
    `everybody` those of the whole router.
    """
    if grants is None or grants.disabled or grants.server not in ("", "all", server):
        return Refusal("invalid username or password")
    if password is not None and password != grants.password:
        return Refusal("invalid username or password")
    if grants.mac and grants.mac != mac:
        return Refusal(f"user {grants.name} is not allowed to log in from this MAC address")
    if grants.uptime_s is not None and used.uptime_s >= grants.uptime_s:
        return Refusal(f"user {grants.name} has reached uptime limit")
    left_in = _left(grants.bytes_in, used.bytes_in)
    left_out = _left(grants.bytes_out, used.bytes_out)
    left_total = _left(grants.bytes_total, used.bytes_in + used.bytes_out)
    if 0 in (left_in, left_out, left_total):
        return Refusal(f"user {grants.name} has reached traffic limit")
    if grants.shared_users is not None and live >= grants.shared_users:
        return Refusal(f"no more sessions are allowed for user {grants.name}", may_pass=True)
    allowed = LICENCE_USERS.get(licence_level)
    if allowed is not None and everybody >= allowed:
        return Refusal(f"session limit reached (licence allows {allowed} users)", may_pass=True)
    return Limits(
        session_s=grants.session_s,
        uptime_s=None if grants.uptime_s is None else grants.uptime_s - used.uptime_s,
        bytes_in=left_in,
        bytes_out=left_out,
        bytes_total=left_total,
        idle_s=grants.idle_s,
        keepalive_s=grants.keepalive_s,
    )


def _left(limit: int | None, used: int) -> int | None:
    return None if limit is None else max(0, limit - used)


def methods(login_by: str) -> list[str]:
    """How people may log in by a hotspot profile's `login-by`, in the order a router tries them."""
    offered = {word.strip() for word in login_by.split(",")}
    order = ("mac", "mac-cookie", "cookie", *TYPED, "trial")
    return [method for method in order if method in offered]
