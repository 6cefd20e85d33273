"""Who else can reach the router's services, what its firewall drops, and what its log complains of."""

import ipaddress
import re
from collections import Counter

from ronda.routers.rules.commands import Line, Look, change, change_found
from ronda.routers.rules.findings.finding import Finding, Level, good, on
from ronda.routers.rules.observed import Observed, Row

MANAGEMENT = ("api", "api-ssl", "www", "www-ssl", "ssh", "telnet", "ftp", "winbox")
PLAIN = frozenset({"api", "rest-http"})
EVERYBODY = frozenset({"", "0.0.0.0/0", "::/0"})
MOST_RULES = 10
_FAILURE = re.compile(r"login failure for user (?P<user>.*) from (?P<address>\S+) via (?P<via>\S+)")
_YES = frozenset({"yes", "true"})


def safety(observed: Observed) -> list[Finding]:
    """Exposure, firewall, log."""
    return [*_services(observed), *_own_user(observed), *_firewall(observed), *_log(observed)]


def is_private(host: str) -> bool:
    """Whether this address cannot be reached from the internet; a name counts as reachable."""
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return False


def _services(observed: Observed) -> list[Finding]:
    found: list[Finding] = []
    if observed.transport in PLAIN and not is_private(observed.host):
        found.append(Finding("plain_in_public", "exposure", Level.BAD, {"host": observed.host}))
    rows = observed.rows("/ip/service")
    if rows is None:
        return [*found, Finding("services_unread", "exposure", Level.NOTE)]
    opened = [
        row.get("name", "")
        for row in rows
        if row.get("name") in MANAGEMENT
        and row.get("disabled") not in _YES
        and row.get("dynamic") not in _YES
        and _everybody(row)
    ]
    if not opened:
        return [*found, good("services_ok", "exposure")]
    values = {"names": ", ".join(opened)}
    repair = on(observed.major, *_closing(observed, opened))
    return [*found, Finding("services_open", "exposure", Level.WARN, values, repair)]


def _everybody(row: Row) -> bool:
    return any(part.strip() in EVERYBODY for part in row.get("address", "").split(","))


def _closing(observed: Observed, opened: list[str]) -> list[Line]:
    """Commands for the services nobody needs, and Ronda's address for the one it uses."""
    lines: list[Line] = []
    ours = {"api-ssl": "api-ssl", "api": "api", "rest-https": "www-ssl", "rest-http": "www"}
    for name in opened:
        if name == ours[observed.transport]:
            if observed.server:
                lines.append(change("/ip/service", name, address=_only(observed.server)))
        elif name in {"telnet", "ftp"}:
            lines.append(change("/ip/service", name, disabled="yes"))
    return [*lines, Look("/ip/service")]


def _only(server: str) -> str:
    address = ipaddress.ip_address(server)
    return f"{address}/{address.max_prefixlen}"


def _own_user(observed: Observed) -> list[Finding]:
    rows = observed.rows("/user") or ()
    mine = next((row for row in rows if row.get("name") == observed.user), None)
    if mine is None or mine.get("address", "") not in EVERYBODY or not observed.server:
        return []
    repair = on(
        observed.major,
        change_found("/user", {"name": observed.user}, address=_only(observed.server)),
    )
    values = {"user": observed.user, "server": observed.server}
    return [Finding("user_from_anywhere", "exposure", Level.NOTE, values, repair)]


def _firewall(observed: Observed) -> list[Finding]:
    rows = observed.rows("/ip/firewall/filter")
    if rows is None:
        return []
    drops = [
        row
        for row in rows
        if row.get("chain") == "input"
        and row.get("action") in {"drop", "reject", "tarpit"}
        and row.get("disabled") not in _YES
    ]
    if not drops:
        return [good("firewall_open", "firewall")]
    values = {"count": len(drops), "rules": [_rule(row) for row in drops[:MOST_RULES]]}
    return [Finding("firewall_drops", "firewall", Level.NOTE, values)]


def _rule(row: Row) -> str:
    """A rule in a line, as RouterOS writes its properties."""
    shown = ("action", "protocol", "dst-port", "src-address", "src-address-list", "in-interface")
    more = ("in-interface-list", "connection-state", "comment")
    return " ".join(f"{name}={row[name]}" for name in (*shown, *more) if row.get(name))


def _log(observed: Observed) -> list[Finding]:
    rows = observed.rows("/log")
    if rows is None:
        return [Finding("log_unread", "log", Level.NOTE)]
    failures: Counter[tuple[str, str, str]] = Counter()
    errors: list[str] = []
    for row in rows:
        message, topics = row.get("message", ""), row.get("topics", "").split(",")
        failure = _FAILURE.search(message)
        if failure:
            failures[failure["user"], failure["address"], failure["via"]] += 1
        elif {"error", "critical"} & set(topics):
            errors.append(f"{row.get('time', '')} {message}".strip())
    found: list[Finding] = []
    if failures:
        lines = [
            f"{user} ← {address} ({via}): {count}"
            for (user, address, via), count in failures.most_common(MOST_RULES)
        ]
        values = {"count": failures.total(), "lines": lines}
        found.append(Finding("log_failures", "log", Level.WARN, values))
    if errors:
        values = {"count": len(errors), "lines": errors[-MOST_RULES:]}
        found.append(Finding("log_errors", "log", Level.NOTE, values))
    return found or [good("log_ok", "log")]
