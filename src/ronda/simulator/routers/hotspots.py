"""The three MikroTiks of the invented kalurahan, and the people of their hotspots; nobody is real.

One of each generation: an old 6.49 on the market of the town, a 7.16 in the village hall with
office hours, a new 7.24 at the mosque. Configured by the router's own commands, so that whatever
is written here is checked like anybody's.
"""

import random  # noqa: TID251 -- seeded simulation
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from ronda.simulator.places import KALURAHAN, TOWN
from ronda.simulator.routers.clock import Clock
from ronda.simulator.routers.control import SimulatedRouters
from ronda.simulator.routers.fleet import Fleet, Spec
from ronda.simulator.routers.furnish import complete
from ronda.simulator.routers.life import Life
from ronda.simulator.routers.router import VirtualRouter
from ronda.simulator.routers.serving import Serving

USER = "ronda"
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
CODE_LENGTH = 6
USERS_ADD = "/ip/hotspot/user/add"
DAY_S = 86_400.0
LOOKS_EVERY_S = 3_600.0
RUNNING_OUT = 10

# People give themselves such names: a title, a first name, a trade.
FIRST_NAMES = (
    "sri", "joko", "siti", "agus", "wahyu", "dewi", "bambang", "ratna", "slamet", "yanti",
    "eko", "tri", "dwi", "nur", "budi", "ani", "hendra", "lestari", "mulyono", "parjo",
)  # fmt: skip
TRADES = ("warung", "bengkel", "pos.ronda", "posyandu", "rt03", "rt05", "guru", "tani", "ojek")

VOUCHER_ON_LOGIN = (
    ':put (",remc,{price},{validity},{selling},,Enable,"); {{:local comment [ /ip hotspot user get '
    '[/ip hotspot user find where name="$user"] comment]; }}'
)


@dataclass(frozen=True, slots=True)
class Plan:
    """One kind of voucher: its profile, and the limits of each user who has it."""

    name: str
    rate: str
    limits: Mapping[str, str]
    price: int
    count: int
    session: str = ""


@dataclass(frozen=True)
class Place:
    """One router: where it stands, what it is, and who comes there."""

    key: str
    name: str
    site: str
    profile: str
    board: str
    tls: str
    server: str
    transport: str  # how the demo's product speaks to it
    guests: int
    members: int
    up_days: float
    network: str
    plans: Sequence[Plan] = field(default_factory=tuple)
    office: bool = False


HOUR = Plan("1jam", "1M/2M", {"limit-uptime": "1h"}, 2_000, 70)
THREE_HOURS = Plan("3jam", "1M/3M", {"limit-uptime": "3h"}, 4_000, 60)
DAY = Plan("harian", "2M/4M 3M/6M 1M/2M 16/16 8", {"limit-uptime": "1d"}, 6_000, 40)
DATA = Plan("kuota-1gb", "3M/6M", {"limit-bytes-total": str(1 << 30)}, 5_000, 40)
WEEK = Plan("mingguan", "2M/5M", {"limit-uptime": "1w"}, 20_000, 20, session="12h")

PLACES = (
    Place(
        "pasar", f"Pasar {TOWN}", TOWN, "v6.49.10", "hex", "off", "hs-pasar", "api",
        guests=46, members=10, up_days=41.3, network="10.5.40", plans=(HOUR, THREE_HOURS, DAY),
    ),
    Place(
        "balai", f"Balai {KALURAHAN}", KALURAHAN, "v7.16", "rb4011", "self-signed", "hs-balai",
        "api-ssl", guests=64, members=24, up_days=12.8, network="10.5.50",
        plans=(HOUR, DAY, DATA), office=True,
    ),
    Place(
        "masjid", "Masjid Al Hidayatul Umam", KALURAHAN, "v7.24", "hap-ax2", "self-signed",
        "hs-masjid", "api-ssl", guests=34, members=8, up_days=3.4, network="10.5.60",
        plans=(THREE_HOURS, DATA, WEEK),
    ),
)  # fmt: skip


def specs(seed: int) -> list[Spec]:
    """One specification for each place."""
    found = []
    for place in PLACES:
        members = _members(place, seed)
        options = {
            "place": place.key,
            "tls": place.tls,
            "board": place.board,
            "hotspot": place.server,
            "guests": place.guests,
            "members": [(name, word) for name, word, _ in members],
        }
        found.append(Spec(place.profile, name=place.name, user=USER, options=options))
    return found


def opened(seed: int, clock: Clock) -> SimulatedRouters:
    """The three, ready to be started; their day goes on from `clock`."""
    return SimulatedRouters(*specs(seed), seed=seed, clock=clock, furnish=[furnish(seed)])


def fleet(seed: int, clock: Clock) -> Fleet:
    """The same three without anything that runs, for whoever only wants to look."""
    return Fleet(specs(seed), seed=seed, clock=clock, furnish=[furnish(seed)])


def live(lived: Fleet, seconds: float) -> None:
    """Let so much time pass, hour by hour."""
    for _ in range(int(seconds // LOOKS_EVERY_S)):
        lived.clock.advance(LOOKS_EVERY_S)
        for serving in lived.servings:
            serving.router.tick()


def furnish(seed: int) -> Callable[[Serving], None]:
    """What makes a router of a fleet that of its place."""
    places = {place.key: place for place in PLACES}

    def equip(serving: Serving) -> None:
        place, router = places[serving.options["place"]], serving.router
        _configure(router, place, seed)
        router.up_before = place.up_days * DAY_S
        complete(serving)
        _plug_in(router, place)
        router.on_reboot.append(lambda _router: _plug_in(router, place))
        router.hooks.append(Shop(place, seed).look)

    return equip


class Shop:
    """The warung that sells a place's vouchers: prints new ones when few are left."""

    def __init__(self, place: Place, seed: int) -> None:
        self._place = place
        self._dice = random.Random(f"shop {seed} {place.key}")  # noqa: S311 -- seeded simulation
        self._next = LOOKS_EVERY_S

    def look(self, router: VirtualRouter, now: float) -> None:
        """Count what is left, once an hour."""
        if now < self._next:
            return
        self._next = now + LOOKS_EVERY_S
        users = router.menus["/ip/hotspot/user"].rows.values()
        taken = {row["name"] for row in users}
        for plan in self._place.plans:
            fresh = sum(row["profile"] == plan.name and row["uptime"] == "0s" for row in users)
            if fresh < RUNNING_OUT:
                _vouchers(router, self._place, plan, RUNNING_OUT * 3, self._dice, taken)


def _plug_in(router: VirtualRouter, place: Place) -> None:
    """What is always there: the camera, and the laptop that is kept out."""
    life = router.behaviours.get("hotspot")
    if isinstance(life, Life):
        camera, _, pest = _macs(place)
        life.world.arrive(camera, place.server, device="CCTV")
        life.world.pace(camera, 90_000.0, 2_500.0)
        life.world.arrive(pest, place.server, device="LAPTOP-9QX2")


def _configure(router: VirtualRouter, place: Place, seed: int) -> None:
    """Everything somebody has set up there before the demo begins."""
    own_rest = "" if router.profile.major == 6 else ",rest-api"
    _do(
        router,
        "/user/group/add",
        name="ronda",
        policy=f"read,write,api,test,ftp,sensitive{own_rest}",
    )
    _do(router, "/user/set", numbers=USER, group="ronda")
    pool = f"pool-{place.key}"
    network = place.network
    _do(router, "/ip/pool/add", name=pool, ranges=f"{network}.10-{network}.254")
    _do(router, "/ip/address/add", address=f"{network}.1/24", interface="bridge1")
    _do(router, "/ip/dhcp-server/add", name="dhcp-hotspot", interface="bridge1", address_pool=pool)
    _do(
        router,
        "/ip/hotspot/profile/add",
        name=f"hsprof-{place.key}",
        hotspot_address=f"{network}.1",
        dns_name=f"{place.key}.wifi",
        login_by="http-chap,cookie,mac-cookie",
    )
    _do(
        router,
        "/ip/hotspot/add",
        name=place.server,
        interface="bridge1",
        address_pool=pool,
        profile=f"hsprof-{place.key}",
        disabled="no",
    )
    _profiles(router, place)
    _users(router, place, seed)
    _devices(router, place)
    if place.office:
        _office_hours(router)


def _profiles(router: VirtualRouter, place: Place) -> None:
    _do(router, "/ip/hotspot/user/profile/add", name="warga", rate_limit="3M/8M", shared_users="3")
    if place.office:
        _do(router, "/ip/hotspot/user/profile/add", name="kantor", rate_limit="5M/10M")
    for plan in place.plans:
        validity = plan.limits.get("limit-uptime", "30d")
        _do(
            router,
            "/ip/hotspot/user/profile/add",
            name=plan.name,
            rate_limit=plan.rate,
            on_login=VOUCHER_ON_LOGIN.format(
                price=plan.price * 3 // 4, validity=validity, selling=plan.price
            ),
            **({"session_timeout": plan.session} if plan.session else {}),
        )


def _users(router: VirtualRouter, place: Place, seed: int) -> None:
    for name, password, profile in _members(place, seed):
        _do(router, USERS_ADD, name=name, password=password, profile=profile, comment="warga")
    dice = random.Random(f"vouchers {seed} {place.key}")  # noqa: S311 -- seeded simulation
    taken: set[str] = set()
    for plan in place.plans:
        _vouchers(router, place, plan, plan.count, dice, taken)


def _vouchers(
    router: VirtualRouter,
    place: Place,
    plan: Plan,
    count: int,
    dice: random.Random,
    taken: set[str],
) -> None:
    comment = f"vc-{dice.randint(100, 999)}-{router.now():%m.%d.%y}-{place.key}"
    limits = {name.replace("-", "_"): value for name, value in plan.limits.items()}
    for code in _codes(dice, count, taken):
        values = {"name": code, "password": code, "profile": plan.name, "comment": comment}
        _do(router, USERS_ADD, **values, **limits)


def _codes(dice: random.Random, count: int, taken: set[str]) -> list[str]:
    """So many voucher codes that were not given before."""
    found: list[str] = []
    while len(found) < count:
        code = "".join(dice.choices(LETTERS, k=CODE_LENGTH))
        if code not in taken:
            taken.add(code)
            found.append(code)
    return found


def _members(place: Place, seed: int) -> list[tuple[str, str, str]]:
    """Name, password and profile of the people who have an account."""
    dice = random.Random(f"members {seed} {place.key}")  # noqa: S311 -- seeded simulation
    pairs = [f"{first}.{trade}" for first in FIRST_NAMES for trade in TRADES]
    names = dice.sample(pairs, place.members)
    office = place.members // 4 if place.office else 0
    return [
        (name, "".join(dice.choices("23456789", k=4)), "kantor" if n < office else "warga")
        for n, name in enumerate(names)
    ]


def _devices(router: VirtualRouter, place: Place) -> None:
    """A camera that needs no login, a printer that never came, somebody who is kept out."""
    camera, printer, pest = _macs(place)
    binding = "/ip/hotspot/ip-binding/add"
    _do(router, binding, mac_address=camera, type="bypassed", comment="CCTV")
    _do(router, binding, mac_address=pest, type="blocked", comment="laptop nakal")
    _do(
        router,
        "/ip/dhcp-server/lease/add",
        address=f"{place.network}.5",
        mac_address=printer,
        comment="printer",
    )


def _macs(place: Place) -> tuple[str, str, str]:
    number = PLACES.index(place)
    camera, printer, pest = (f"02:00:00:00:{number:02X}:{n:02X}" for n in (1, 2, 3))
    return camera, printer, pest


def _office_hours(router: VirtualRouter) -> None:
    whose = "[find where profile=kantor]"
    entries = {
        "kantor-buka": ("07:00:00", f"/ip hotspot user enable {whose}"),
        "kantor-tutup": ("17:00:00", f"/ip hotspot user disable {whose}"),
    }
    for name, (start, source) in entries.items():
        _do(
            router,
            "/system/scheduler/add",
            name=name,
            start_time=start,
            interval="1d",
            on_event=source,
            comment="jam kantor",
        )


def _do(router: VirtualRouter, command: str, **values: str) -> None:
    router.execute(
        command, [f"={name.replace('_', '-')}={value}" for name, value in values.items()]
    )
