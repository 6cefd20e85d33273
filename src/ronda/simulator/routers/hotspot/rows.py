"""Rows of active users and of the queues that a login makes, as the router prints them."""

from ronda.simulator.routers.hotspot.session import Session, packets
from ronda.simulator.routers.hotspot.terms import bits
from ronda.simulator.routers.values import duration


def active_row(session: Session, now: float) -> dict[str, str]:
    """A row of `/ip/hotspot/active`; limits and times are there only where there are some."""
    limits = session.limits
    row = {
        "server": session.server,
        "user": session.user,
        "address": session.address,
        "mac-address": session.mac,
        "login-by": session.login_by,
        "radius": "false",
        "blocked": "false",
    }
    times = {"idle-timeout": limits.idle_s, "keepalive-timeout": limits.keepalive_s}
    row.update({name: duration(int(limit)) for name, limit in times.items() if limit is not None})
    quotas = {
        "limit-bytes-in": limits.bytes_in,
        "limit-bytes-out": limits.bytes_out,
        "limit-bytes-total": limits.bytes_total,
    }
    row.update({name: str(limit) for name, limit in quotas.items() if limit is not None})
    return row | active_counters(session, now)


def active_counters(session: Session, now: float) -> dict[str, str]:
    """What grows in such a row."""
    bytes_in, bytes_out = session.meter.at(now)
    row = {
        "uptime": duration(int(session.uptime(now))),
        "idle-time": duration(int(session.meter.idle(now))),
        "bytes-in": str(bytes_in),
        "bytes-out": str(bytes_out),
        "packets-in": str(packets(bytes_in)),
        "packets-out": str(packets(bytes_out)),
    }
    left = session.time_left(now)
    if left is not None:
        row["session-time-left"] = duration(int(left))
    return row


def queue_row(session: Session, limit: str) -> dict[str, str]:
    """The dynamic queue of somebody whose profile limits his rate."""
    return {
        "name": f"<hotspot-{session.user}>",
        "target": f"{session.address}/32",
        "parent": "none",
        "packet-marks": "",
        "priority": "8/8",
        "queue": "default-small/default-small",
        "limit-at": "0/0",
        "max-limit": bits(limit),
        "burst-limit": "0/0",
        "burst-threshold": "0/0",
        "burst-time": "0s/0s",
        "dropped": "0/0",
        "invalid": "false",
        "dynamic": "true",
        "disabled": "false",
    } | queue_counters(session, session.started)


def queue_counters(session: Session, now: float) -> dict[str, str]:
    """What grows in such a row: upload/download, as everywhere in queues."""
    bytes_in, bytes_out = session.meter.at(now)
    return {
        "bytes": f"{bytes_in}/{bytes_out}",
        "packets": f"{packets(bytes_in)}/{packets(bytes_out)}",
        "rate": f"{session.meter.rate_in * 8:.0f}/{session.meter.rate_out * 8:.0f}",
    }
