"""The commands that set a router up for Ronda, block by block, for v6 and v7.

The order within a block matters: what is named has to exist first. Facts and the faults that must
not come back (`uptime-limit`, `auth-type`, quotas on profiles, hotspot before its profile, full
group, service open to everybody) are those of the property trees, which the tests compare with.
"""

import ipaddress
from dataclasses import dataclass
from itertools import chain

from ronda.routers.rules.commands import Command, Line, Look, add, change

GROUP = "ronda"
CERTIFICATE = "ronda-api"
#: Always needed: reading, changing hotspot users, the API itself, and `test` for ping and torch.
LEAST_POLICIES = ("read", "write", "api", "test")
#: What a person may add, and for what: see the texts of the page. `policy` and full never.
MORE_POLICIES = ("password", "sensitive", "ftp", "reboot")
_OUTSIDE_HOTSPOT = 10


@dataclass(frozen=True, slots=True)
class HotspotPlan:
    """A hotspot to make on `interface`, with `gateway` such as 10.5.50.1/24 as its address."""

    interface: str
    gateway: str
    name: str = "hotspot1"
    dns_name: str = ""


@dataclass(frozen=True, slots=True)
class ProfilePlan:
    """A user profile: `session_s` ends each login after so long, None never; rate as `512k/2M`."""

    name: str
    shared_users: int = 1
    rate_limit: str = ""
    session_s: int | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What is wanted. `server` is Ronda's address as the router sees it; `host` the router's own."""

    major: int
    server: str
    host: str
    user: str = "ronda"
    password: str = ""
    tls: bool = True
    rest: bool = False
    more: tuple[str, ...] = ()
    time_zone: str = "Asia/Jakarta"
    hotspot: HotspotPlan | None = None
    profiles: tuple[ProfilePlan, ...] = ()

    def __repr__(self) -> str:
        return f"Plan(v{self.major}, {self.host!r})"


@dataclass(frozen=True, slots=True)
class Block:
    """Commands that belong together; `code` names the text that explains them."""

    code: str
    lines: tuple[Line, ...]


def policies_of(plan: Plan) -> tuple[str, ...]:
    """The policies of the group: the least, `rest-api` for REST on v7, and what was chosen."""
    rest = ("rest-api",) if plan.rest and plan.major >= 7 else ()
    chosen = tuple(policy for policy in MORE_POLICIES if policy in plan.more)
    return LEAST_POLICIES + rest + chosen


def blocks_of(plan: Plan) -> list[Block]:
    """Every block in the order in which it is pasted."""
    found: list[Block] = []
    if plan.tls:
        found.append(Block("certificate", certificate(plan.host)))
    found += [Block("user", user(plan)), Block("service", services(plan))]
    found += [Block("clock", clock(plan)), Block("firewall", firewall(plan))]
    if plan.hotspot:
        found.append(Block("hotspot", hotspot(plan.hotspot)))
    if plan.profiles:
        found.append(Block("profiles", profiles(plan.profiles)))
    return found


def certificate(host: str) -> tuple[Line, ...]:
    """A certificate of the router's own; the terminal is busy for a while with signing it."""
    made = add(
        "/certificate",
        name=CERTIFICATE,
        common_name=host,
        subject_alt_name=_alternative(host),
        key_usage="digital-signature,key-encipherment,tls-server",
        key_size="2048",
        days_valid="3650",
    )
    sign = Command("/certificate", "sign", item=CERTIFICATE)
    return (made, sign)


def _alternative(host: str) -> str:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return f"DNS:{host}"
    return f"IP:{host}"


def user(plan: Plan) -> tuple[Line, ...]:
    """A group with the least rights, and the user in it, from Ronda's address only."""
    return (
        add("/user/group", name=GROUP, policy=",".join(policies_of(plan))),
        add(
            "/user",
            name=plan.user,
            group=GROUP,
            password=plan.password,
            address=_network(plan.server),
            comment="Ronda",
        ),
    )


def services(plan: Plan) -> tuple[Line, ...]:
    """The service Ronda speaks to, from its address only; the one without TLS is switched off."""
    source = _network(plan.server)
    if not plan.tls:
        return (change("/ip/service", "api", disabled="no", port="8728", address=source),)
    shut = change("/ip/service", "api", disabled="yes")
    api = {"disabled": "no", "port": "8729", "address": source, "certificate": CERTIFICATE}
    lines: list[Line] = [change("/ip/service", "api-ssl", **api), shut]
    if plan.rest and plan.major >= 7:
        lines.append(change("/ip/service", "www-ssl", **api | {"port": "443"}))
    return tuple(lines)


def clock(plan: Plan) -> tuple[Line, ...]:
    """Time zone and time servers: schedules, logs and certificates go by the router's clock."""
    zone = change("/system/clock", time_zone_name=plan.time_zone)
    if plan.major >= 7:
        return (zone, change("/system/ntp/client", enabled="yes", servers="id.pool.ntp.org"))
    return (zone, change("/system/ntp/client", enabled="yes", server_dns_names="id.pool.ntp.org"))


def firewall(plan: Plan) -> tuple[Line, ...]:
    """A rule that lets Ronda in, above those that drop; the numbers come from the print before it."""
    ports = [*(["8729"] if plan.tls else ["8728"])]
    if plan.tls and plan.rest and plan.major >= 7:
        ports.append("443")
    rule = add(
        "/ip/firewall/filter",
        chain="input",
        action="accept",
        protocol="tcp",
        src_address=plan.server,
        dst_port=",".join(ports),
        comment="Ronda",
        place_before="0",
    )
    return (Look("/ip/firewall/filter"), rule)


def hotspot(plan: HotspotPlan) -> tuple[Line, ...]:
    """Address, pool, addresses for guests, the hotspot's profile, and then the hotspot itself."""
    inside = ipaddress.IPv4Interface(plan.gateway)
    gateway, network = str(inside.ip), inside.network
    made = f"{plan.name}-pool"
    look = {"dns_name": plan.dns_name} if plan.dns_name else {}
    return (
        add("/ip/address", address=str(inside), interface=plan.interface, comment="Ronda"),
        add("/ip/pool", name=made, ranges=_range(inside)),
        add(
            "/ip/dhcp-server",
            name=f"{plan.name}-dhcp",
            interface=plan.interface,
            address_pool=made,
            lease_time="1h",
            disabled="no",
        ),
        add(
            "/ip/dhcp-server/network",
            address=str(network),
            gateway=gateway,
            dns_server=gateway,
        ),
        add(
            "/ip/firewall/nat",
            chain="srcnat",
            action="masquerade",
            src_address=str(network),
            comment="Ronda",
        ),
        add(
            "/ip/hotspot/profile",
            name=f"{plan.name}-profile",
            hotspot_address=gateway,
            **look,
            login_by="cookie,http-chap,mac-cookie",
        ),
        add(
            "/ip/hotspot",
            name=plan.name,
            interface=plan.interface,
            address_pool=made,
            profile=f"{plan.name}-profile",
            disabled="no",
        ),
    )


def _range(inside: ipaddress.IPv4Interface) -> str:
    """Addresses for guests: all of the network but its ends and the gateway's neighbours below."""
    first, last = inside.network[1], inside.network[-2]
    if inside.ip == first and inside.network.num_addresses > 4 * _OUTSIDE_HOTSPOT:
        return f"{first + _OUTSIDE_HOTSPOT - 1}-{last}"
    parts = []
    if first < inside.ip:
        parts.append(f"{first}-{inside.ip - 1}")
    if inside.ip < last:
        parts.append(f"{inside.ip + 1}-{last}")
    return ",".join(parts)


def profiles(plans: tuple[ProfilePlan, ...]) -> tuple[Line, ...]:
    """User profiles. Time in total and data are limits of each user; they are not here."""
    return tuple(chain.from_iterable(_profile(plan) for plan in plans))


def _profile(plan: ProfilePlan) -> tuple[Line, ...]:
    values = {"name": plan.name, "shared_users": str(plan.shared_users)}
    if plan.rate_limit:
        values["rate_limit"] = plan.rate_limit
    if plan.session_s:
        values["session_timeout"] = str(plan.session_s)
    return (add("/ip/hotspot/user/profile", **values),)


def _network(server: str) -> str:
    address = ipaddress.ip_address(server)
    return f"{address}/{address.max_prefixlen}"
