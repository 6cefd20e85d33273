"""From the name to the login: what went wrong, whose doing it is, and what to type."""

import ipaddress
from collections.abc import Mapping, Sequence

from ronda.routers.rules.commands import Line, Look, add, change, change_found
from ronda.routers.rules.findings.finding import Finding, Level, both, good
from ronda.routers.rules.guide import CERTIFICATE, GROUP, LEAST_POLICIES, certificate
from ronda.routers.rules.observed import Observed, StepSeen
from ronda.routers.rules.settings import TLS

SERVICES: Mapping[str, str] = {
    "api-ssl": "api-ssl",
    "api": "api",
    "rest-https": "www-ssl",
    "rest-http": "www",
}
SERVICE_MENU = "/ip/service"


def connection(observed: Observed) -> list[Finding]:
    """How connecting went."""
    if not observed.connected:
        return _failed(observed)
    last = observed.steps[-1] if observed.steps else None
    found = [
        good(
            "connected",
            "login",
            service=SERVICES[observed.transport],
            ms=round(sum(s.ms for s in observed.steps if s.transport == observed.transport)),
            port=last.port if last else 0,
        )
    ]
    return [*found, *_passed_over(observed), _trust(observed)]


def _passed_over(observed: Observed) -> list[Finding]:
    """Ways that were tried before one worked."""
    return [
        Finding(
            "passed_over",
            step.stage,
            Level.NOTE,
            {"service": SERVICES[step.transport], "port": step.port, "why": step.text},
        )
        for step in observed.steps
        if step.error
    ]


def _trust(observed: Observed) -> Finding:
    if observed.transport not in TLS:
        return Finding("plain", "tls", Level.WARN, repair=_tls_repair(observed))
    if observed.trust == "verify":
        return good("tls_verified", "tls")
    if observed.trust == "pin" and observed.certificate:
        code = "tls_pinned" if observed.pinned else "tls_first"
        return good(code, "tls", certificate=observed.certificate)
    return Finding("tls_anybody", "tls", Level.WARN, repair=_tls_repair(observed))


def _tls_repair(observed: Observed) -> Mapping[int, Sequence[Line]]:
    allowed = {"address": _only(observed.server)} if observed.server else {}
    service = change(
        SERVICE_MENU, "api-ssl", disabled="no", port="8729", certificate=CERTIFICATE, **allowed
    )
    return both(*certificate(observed.host), service)


def _only(server: str) -> str:
    address = ipaddress.ip_address(server)
    return f"{address}/{address.max_prefixlen}"


def _failed(observed: Observed) -> list[Finding]:
    step = _telling(observed.steps)
    if step is None:
        return [Finding("not_tried", "name", Level.BAD)]
    found = [_why(observed, step)]
    if observed.kept_tls and step.stage in {"port", "tls"}:
        found.append(Finding("kept_tls", "tls", Level.NOTE))
    return found


def _telling(steps: Sequence[StepSeen]) -> StepSeen | None:
    """The failed step that got furthest: it says most about what is wrong."""
    order = ("name", "port", "tls", "greeting", "login", "facts")
    failed = [step for step in steps if step.error]
    return max(failed, key=lambda step: order.index(step.stage), default=None)


def _why(observed: Observed, step: StepSeen) -> Finding:
    values = {
        "host": observed.host,
        "port": step.port,
        "service": SERVICES[step.transport],
        "user": observed.user,
        "text": step.text,
    }
    code, repair = _cause(observed, step)
    return Finding(code, step.stage, Level.BAD, values, repair)


def _cause(observed: Observed, step: StepSeen) -> tuple[str, Mapping[int, Sequence[Line]]]:
    if step.stage == "name":
        return "name_unknown", {}
    if step.stage == "port":
        return _port(observed, step)
    if step.stage == "tls":
        return _tls(observed, step)
    if step.stage == "login":
        return "login_wrong", both(*_login_repair(observed))
    if step.error == "RouterTimedOut":
        return "hung", both(Look("/system/resource"), Look(SERVICE_MENU))
    if step.stage == "facts":
        return "facts_failed", both(*_policy_repair())
    return "other_service", both(Look(SERVICE_MENU))


def _port(observed: Observed, step: StepSeen) -> tuple[str, Mapping[int, Sequence[Line]]]:
    if "no route" in step.text:
        return "no_route", {}
    allowed = {"address": _only(observed.server)} if observed.server else {}
    service = change(
        SERVICE_MENU, SERVICES[step.transport], disabled="no", port=str(step.port), **allowed
    )
    lines: list[Line] = [Look(SERVICE_MENU), service]
    if step.error == "RouterTimedOut":
        source = {"src_address": observed.server} if observed.server else {}
        lines += [
            Look("/ip/firewall/filter", "where chain=input action=drop"),
            Look("/ip/firewall/filter"),
            add(
                "/ip/firewall/filter",
                chain="input",
                action="accept",
                protocol="tcp",
                **source,
                dst_port=str(step.port),
                comment="Ronda",
                place_before="0",
            ),
        ]
        return "port_silent", both(*lines)
    return "port_refused", both(*lines)


def _tls(observed: Observed, step: StepSeen) -> tuple[str, Mapping[int, Sequence[Line]]]:
    if step.error == "RouterHasNoCertificate":
        return "tls_none", _tls_repair(observed)
    if step.error == "RouterUntrusted" and observed.trust == "pin" and observed.pinned:
        return "tls_changed", both(Look("/certificate", "detail"))
    if step.error == "RouterUntrusted":
        return "tls_untrusted", both(Look("/certificate", "detail"))
    if step.error == "RouterTimedOut":
        return "hung", both(Look("/system/resource"), Look(SERVICE_MENU))
    return "not_tls", both(Look(SERVICE_MENU))


def _login_repair(observed: Observed) -> tuple[Line, ...]:
    return (
        Look("/user", "detail"),
        Look("/user/group", "detail"),
        change_found("/user", {"name": observed.user}, disabled="no"),
        Look("/log", 'where topics~"account"'),
    )


def _policy_repair() -> tuple[Line, ...]:
    return (
        Look("/user/group", "detail"),
        change_found("/user/group", {"name": GROUP}, policy=",".join(LEAST_POLICIES)),
    )
