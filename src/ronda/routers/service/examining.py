"""The test of a router: every step of connecting, and what is read to judge it.

It opens a connection of its own, so that it works before the desk has one and says why there is
none. Every wait is bounded: connecting by the target's time limit, at most 20 s here, each menu by the
same, and the whole by the job. What it saw is kept on the router's row.
"""

import socket
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from ronda.routeros.detect import Found, find
from ronda.routeros.errors import RouterError, RouterRefused
from ronda.routeros.port import Facts, Link, Row, Target
from ronda.routers.desk.port import Progress
from ronda.routers.models import Router
from ronda.routers.rules.observed import Observed, ReadSeen, StepSeen, to_json
from ronda.routers.service import state
from ronda.routers.service.credentials import ENCRYPTED, target_of
from ronda.work import jobs
from ronda.work.loops import in_thread

KIND = "routers.test"
LONGEST_S = 20.0
#: A test that no desk took up in this time is not begun any more: the page has said so by then.
START_WITHIN_S = 60

MOST_ROWS = 300
MENUS: Mapping[str, tuple[str, ...]] = {
    "/system/resource": (),
    "/system/identity": (),
    "/system/clock": (),
    "/system/license": (),
    "/system/device-mode": (),
    "/user": ("name", "group", "address", "disabled"),
    "/user/group": ("name", "policy"),
    "/user/active": ("name", "address", "via"),
    "/ip/hotspot": ("name", "interface", "profile", "disabled", "invalid"),
    "/ip/hotspot/profile": ("name", "use-radius", "login-by"),
    "/ip/hotspot/user/profile": ("name", "rate-limit", "shared-users", "session-timeout"),
    "/ip/service": ("name", "port", "address", "disabled", "invalid", "dynamic", "certificate"),
    "/ip/firewall/filter": (
        *("chain", "action", "protocol", "dst-port", "src-address", "src-address-list"),
        *("in-interface", "in-interface-list", "connection-state", "disabled", "comment"),
    ),
    "/log": ("time", "topics", "message"),
}
COUNTED = ("/ip/hotspot/user", "/ip/hotspot/active")
CONNECT = "connect"


def start(router_id: int) -> int:
    """Begin a test, or join the one that is under way; the job's id."""
    return jobs.enqueue(
        KIND,
        {"router": router_id},
        # Not the lock of the router's jobs: those wait for a connection, and this one says why there is none.
        lock=f"router-test:{router_id}",
        unique=f"{KIND}:{router_id}",
        start_by=timezone.now() + timedelta(seconds=START_WITHIN_S),
    )


async def run(payload: Mapping[str, Any], progress: Progress) -> Mapping[str, Any]:
    """The job: test one router and keep what was seen."""
    router_id = int(payload["router"])
    router = await in_thread(_present, router_id)
    if router is None:
        raise RouterError("the router was deleted")
    target = await in_thread(target_of, router)
    target = replace(target, timeout=min(target.timeout, LONGEST_S))
    observed, facts = await examine(router, target, progress)
    await in_thread(_keep, router, observed, facts)
    return {"router": router_id, "connected": observed.connected}


async def examine(
    router: Router, target: Target, progress: Progress
) -> tuple[Observed, Facts | None]:
    """Connect, read and close; never raises what a router can cause."""
    total = len(MENUS) + len(COUNTED) + 1
    found = Found()
    await progress(0, total, CONNECT)
    await find(target, found=found)
    server = await in_thread(_our_address, target)
    observed = _begun(router, target, found, server)
    if found.link is None:
        return observed, None
    try:
        return await _read(observed, found.link, progress, total), found.link.facts
    finally:
        await found.link.close()


def _begun(router: Router, target: Target, found: Found, server: str) -> Observed:
    facts = found.link.facts if found.link else None
    return Observed(
        at=timezone.now(),
        host=router.host,
        user=router.user,
        trust=router.trust,
        pinned=bool(router.pin),
        kept_tls=router.prefer != "pinned" and target.transport in ENCRYPTED,
        server=server,
        version_hint=router.version_hint,
        hotspot_name=router.hotspot_name,
        hotspot_interface=router.hotspot_interface,
        default_profile=router.default_profile,
        steps=tuple(
            StepSeen(
                step.transport.value,
                step.port,
                step.stage.value,
                round(step.seconds * 1000, 1),
                type(step.error).__name__ if step.error else "",
                step.error.text if step.error else "",
            )
            for step in found.steps
        ),
        transport=facts.transport.value if facts else "",
        certificate=(facts.certificate or "") if facts else "",
        version=facts.version if facts else "",
        release=facts.capabilities.version if facts else (),
        identity=facts.identity if facts else "",
        board=facts.board if facts else "",
    )


async def _read(observed: Observed, link: Link, progress: Progress, total: int) -> Observed:
    reads: dict[str, ReadSeen] = {}
    counts: dict[str, int] = {}
    at: datetime | None = None
    for done, (menu, properties) in enumerate(MENUS.items(), start=1):
        await progress(done, total, menu)
        if menu == "/system/device-mode" and not link.facts.capabilities.device_mode:
            continue
        reads[menu] = await _menu(link, menu, properties)
        if menu == "/system/clock":
            at = timezone.now()
        if not link.alive:
            break
    for done, menu in enumerate(COUNTED, start=len(MENUS) + 1):
        await progress(done, total, menu)
        try:
            counts[menu] = await link.count(menu)
        except RouterError:
            continue
    return replace(
        observed,
        at=at or observed.at,
        server=_as_the_router_sees(reads, observed) or observed.server,
        reads=reads,
        counts=counts,
    )


async def _menu(link: Link, menu: str, properties: Sequence[str]) -> ReadSeen:
    try:
        rows = await link.print(menu, properties=properties)
    except RouterRefused as refused:
        return ReadSeen((), type(refused).__name__, refused.text)
    except RouterError as failed:
        return ReadSeen((), type(failed).__name__, failed.text)
    newest: list[Row] = rows[-MOST_ROWS:] if menu == "/log" else rows[:MOST_ROWS]
    return ReadSeen(tuple(newest))


def _as_the_router_sees(reads: Mapping[str, ReadSeen], observed: Observed) -> str:
    """Our address among those signed in; "" where several have our name, or none."""
    rows = reads.get("/user/active", ReadSeen()).rows
    ours = {
        row.get("address", "")
        for row in rows
        if row.get("name") == observed.user and "api" in row.get("via", "")
    }
    return ours.pop() if len(ours) == 1 else ""


def _our_address(target: Target) -> str:
    """The address of ours that the way to the router starts from; nothing is sent."""
    try:
        found = socket.getaddrinfo(target.host, target.port or 8728, type=socket.SOCK_DGRAM)
        family, kind, protocol, _name, address = found[0]
        with socket.socket(family, kind, protocol) as plug:
            plug.connect(address)
            return str(plug.getsockname()[0])
    except OSError:
        return ""


def _present(router_id: int) -> Router | None:
    return Router.objects.present().select_related("site").filter(pk=router_id).first()


def _keep(router: Router, observed: Observed, facts: Facts | None) -> None:
    # Settings that were changed meanwhile are not those that were tested.
    same = Router.objects.filter(pk=router.pk, updated_at=router.updated_at)
    if same.update(report=to_json(observed), reported_at=observed.at) and facts is not None:
        state.connected(router.pk, facts)
