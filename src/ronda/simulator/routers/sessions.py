"""Who is logged in to a router and what they may do."""

import ipaddress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ronda.simulator.routers import traps
from ronda.simulator.routers.store import Row

if TYPE_CHECKING:
    from ronda.simulator.routers.router import VirtualRouter

NEEDS = {
    "print": "read",
    "getall": "read",
    "listen": "read",
    "monitor-traffic": "read",
    "monitor": "read",
    "reboot": "reboot",
    "shutdown": "reboot",
    "export": "ftp sensitive",
    "save": "ftp sensitive",
    "read": "read",
}
NEEDS_POLICY = ("/user", "/system/script", "/system/scheduler")


@dataclass
class Session:
    """One logged-in connection, or one request of REST.

    `policies` None is the simulation itself, which may do everything.
    """

    user: str = ""
    address: str = ""
    via: str = ""
    policies: frozenset[str] | None = None
    row: Row | None = field(default=None, repr=False)

    def may(self, policy: str) -> bool:
        """Whether the group has all of these policies."""
        return self.policies is None or self.policies.issuperset(policy.split())

    def check(self, menu: str, verb: str) -> None:
        """Let the command pass.

        Raises:
            Trap: the group lacks a policy for it.
        """
        needed = NEEDS.get(verb, "write")
        if needed == "write" and menu.startswith(NEEDS_POLICY):
            needed = "write policy"
        if not self.may(needed):
            raise traps.not_enough_permissions()


NOBODY = Session()


def log_in(
    router: "VirtualRouter", user: str, password: str, *, address: str, via: str, policy: str
) -> Session:
    """A session with a row in `/user/active`.

    `via` is what that row says ("api", "rest-api"), `policy` what the group must have.

    Raises:
        Trap: no such user, wrong password, disabled, from elsewhere, or without the policy.
    """
    row = router.menus["/user"].find(name=user)
    wrong = row is None or row.hidden.get("password", "") != password
    if row is None or wrong or not allowed(row, address):
        router.log(
            "system,error,critical", f"login failure for user {user} from {address} via {via}"
        )
        raise wrong_password(router)
    return admitted(router, row, address=address, via=via, policy=policy)


def admitted(router: "VirtualRouter", row: Row, *, address: str, via: str, policy: str) -> Session:
    """The session of a user whose password was right.

    Raises:
        Trap: the group lacks the policy.
    """
    group = router.menus["/user/group"].find(name=row.get("group", ""))
    policies = frozenset(group["policy"].split(",") if group else ())
    if policy not in policies:
        raise wrong_password(router)
    session = Session(row["name"], address, via, policies)
    row["last-logged-in"] = router.date_text()
    values = {"when": router.date_text(), "name": session.user, "address": address, "via": via}
    if router.profile.since(7):
        values["group"] = row["group"]
    session.row = router.menus["/user/active"].insert(values)
    router.log("system,info,account", f"user {session.user} logged in from {address} via {via}")
    return session


def log_out(router: "VirtualRouter", session: Session) -> None:
    """The session ends and its row goes away."""
    active = router.menus["/user/active"]
    row = active.rows.get(session.row.id) if session.row is not None else None
    if row is not None:
        active.remove(row)
        text = f"user {session.user} logged out from {session.address} via {session.via}"
        router.log("system,info,account", text)
    session.row = None


def wrong_password(router: "VirtualRouter") -> traps.Trap:
    """The one answer to every login that fails."""
    if router.profile.since(6, 43):
        return traps.Trap("invalid user name or password (6)")
    return traps.Trap("cannot log in")


def allowed(row: Row, address: str) -> bool:
    """Whether a user or service is switched on and may be used from this address."""
    if row.get("disabled") == "true":
        return False
    nets = [net for net in row.get("address", "").split(",") if net]
    return not nets or any(
        ipaddress.ip_address(address) in ipaddress.ip_network(net, strict=False) for net in nets
    )
