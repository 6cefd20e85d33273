"""Routers on which Mikhmon has sold vouchers for months: every version, every trap; nobody is real.

What stands where, and what goes wrong, follows the field notes of this project about Mikhmon and its
forks (section 2). Scripts hold the header that is read and one line of ours: nobody runs them here.
"""

import random  # noqa: TID251 -- seeded simulation
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from ronda.simulator.routers.clock import Clock
from ronda.simulator.routers.fleet import Fleet, Spec
from ronda.simulator.routers.furnish import complete
from ronda.simulator.routers.router import MONTHS, VirtualRouter
from ronda.simulator.routers.serving import Serving

USER = "ronda"
SERVER = "hotspot1"
OTHER_SERVER = "hotspot2"
LETTERS = "abcdefghijkmnprstuvwxyz23456789"
USERS = "/ip/hotspot/user"
PROFILES = "/ip/hotspot/user/profile"
SCRIPTS = "/system/script"
SCHEDULERS = "/system/scheduler"
SALES_PER_MONTH = 8
MONTHS_SOLD = 4

Owner = Callable[[datetime], str]


def _old_owner(at: datetime) -> str:
    return f"{MONTHS[at.month - 1]}{at.year}"


def _garbage_owner(at: datetime) -> str:
    """What an unpatched v3 cuts out of an ISO date."""
    text = f"{at:%Y-%m-%d}"
    return text[0:3] + text[7:11]


@dataclass(frozen=True, slots=True)
class Variant:
    """One kind of Mikhmon on one RouterOS; `header` is filled with a plan's fields."""

    routeros: str
    owner: Owner
    header: str = ':put (",{mode},{price},{validity},{selling},{noexp},{lock},");'
    grace: bool = False  # v2: where later ones keep the selling price
    short_sales: bool = False  # v2: neither plan nor comment
    one_monitor: bool = False  # v4
    knows_iso: bool = False  # its monitors compare ISO dates


VARIANTS: dict[str, Variant] = {
    "v2": Variant("v6.42", _old_owner, grace=True, short_sales=True),
    "v3": Variant("v6.49.10", _old_owner),
    "v3-new-dates": Variant("v7.16", _garbage_owner),
    "v4": Variant(
        "v7.8",
        _old_owner,
        header=':put (",{mode},{price},{validity},{selling},{noexp},{lock},Disable,");',
        one_monitor=True,
    ),
    "fork-compact": Variant("v7.16", lambda at: f"{at:%m%Y}", knows_iso=True),
    "fork-dashed": Variant("v7.24", lambda at: f"{at:%Y-%m}", knows_iso=True),
    "fork-shifted": Variant(
        "v7.21",
        lambda at: f"{at:%Y-%m}",
        header=':put (",",{mode},{price},{validity},{selling},{noexp},{lock},");',
        knows_iso=True,
    ),
}


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan: Mikhmon's word for what happens at the end, rupiah, and each user's limits."""

    name: str
    mode: str
    price: int
    selling: int
    validity: str
    rate: str = "2M/4M"
    lock: bool = False
    shared: int = 1
    limit_uptime: str = ""
    limit_bytes: int = 0
    monitored: bool = True


PLANS = (
    Plan("harian", "remc", 3_000, 5_000, "1d", lock=True),
    Plan("mingguan", "ntfc", 15_000, 20_000, "7d", "3M/6M 4M/8M 2M/4M 16/16 8", shared=2),
    Plan("3jam", "rem", 2_000, 0, "3h", limit_uptime="3h"),
    Plan("kuota-1gb", "remc", 4_000, 5_000, "30d", limit_bytes=1 << 30, monitored=False),
    Plan("warga", "", 0, 0, "", "5M/10M", shared=3),
)


def specs(names: tuple[str, ...] = tuple(VARIANTS)) -> list[Spec]:
    """One specification for each variant."""
    return [
        Spec(
            VARIANTS[name].routeros,
            name=f"Mikhmon {name}",
            user=USER,
            options={"mikhmon": name, "tls": "off", "rest": False, "alive": False},
        )
        for name in names
    ]


def fleet(seed: int, clock: Clock, *names: str, size: int = 1) -> Fleet:
    """Routers of these variants, without anything that runs."""
    return Fleet(
        specs(names or tuple(VARIANTS)), seed=seed, clock=clock, furnish=[furnish(seed, size)]
    )


def furnish(seed: int, size: int = 1) -> Callable[[Serving], None]:
    """What makes a router of a fleet one of Mikhmon; `size` multiplies vouchers and sales."""

    def equip(serving: Serving) -> None:
        name = serving.options["mikhmon"]
        _Shop(serving.router, name, seed, size).open()
        complete(serving)

    return equip


class _Shop:
    """One operator who has worked with Mikhmon for months."""

    def __init__(self, router: VirtualRouter, name: str, seed: int, size: int) -> None:
        self._router = router
        self._variant = VARIANTS[name]
        self._dice = random.Random(f"mikhmon {seed} {name}")  # noqa: S311 -- seeded simulation
        self._size = size
        self._taken: set[str] = set()
        self._now = router.now().replace(microsecond=0)

    def open(self) -> None:
        """Everything that stands on the router."""
        self._ground()
        for plan in PLANS:
            self._profile(plan)
        for plan in PLANS[:4]:
            self._vouchers(plan)
        self._history()
        self._strays()

    def _ground(self) -> None:
        self._do("/ip/pool/add", name="hs-pool", ranges="10.7.0.10-10.7.0.254")
        self._do("/ip/address/add", address="10.7.0.1/24", interface="bridge1")
        for server, interface in ((SERVER, "bridge1"), (OTHER_SERVER, "ether2")):
            self._do(
                "/ip/hotspot/add",
                name=server,
                interface=interface,
                address_pool="hs-pool",
                profile="default",
                disabled="no",
            )

    def _profile(self, plan: Plan) -> None:
        header = self._variant.header.format(
            mode=plan.mode,
            price=plan.price or "",
            validity=plan.validity,
            selling=("5m" if self._variant.grace else plan.selling) if plan.validity else "",
            noexp="" if plan.mode else "noexp",
            lock="Enable" if plan.lock else "Disable",
        )
        self._do(
            f"{PROFILES}/add",
            name=plan.name,
            rate_limit=plan.rate,
            shared_users=str(plan.shared),
            status_autorefresh="1m",
            on_login=f'{header} :log info "masuk: $user"',
        )
        if plan.monitored and plan.mode and not self._variant.one_monitor:
            dates = '"nov"=11' if not self._variant.knows_iso else "yyyy-mm-dd"
            self._monitor(plan.name, f"Monitor Profile {plan.name}", dates)
        elif self._variant.one_monitor and plan is PLANS[0]:
            self._monitor("Mikhmon-Expire-Monitor", "Mikhmon Expire Monitor", f"/{self._now.year}")

    def _monitor(self, name: str, comment: str, dates: str) -> None:
        self._do(
            f"{SCHEDULERS}/add",
            name=name,
            comment=comment,
            interval="1m" if self._variant.one_monitor else f"2m{self._dice.randint(10, 59)}s",
            start_time=f"0{self._dice.randint(1, 5)}:00:00",
            on_event=f':log debug "{comment} {dates}"',
        )

    def _vouchers(self, plan: Plan) -> None:
        """Two batches that nobody used yet, and vouchers in use, over, and forgotten by the monitor."""
        for kind, days in (("vc", 6), ("up", 40)):
            batch = self._tag(kind, days)
            for _each in range(4 * self._size):
                self._user(plan, batch, same_password=kind == "vc")
        batch = self._tag("vc", 20)
        for share in (0.2, 0.6, 0.9):
            first = self._now - _length(plan.validity) * share
            self._used(plan, first, batch)
        over = self._now - _length(plan.validity) - timedelta(seconds=70)
        name = self._used(plan, over, batch)
        if plan.mode.startswith("ntf"):
            self._set(name, {"limit-uptime": "1s"})

    def _used(self, plan: Plan, first: datetime, batch: str) -> str:
        """A voucher that was logged in with, the end in its comment, and its sale where one is kept."""
        mark = {"rem": " X", "ntf": " N"}[plan.mode[:3]] if self._variant.one_monitor else ""
        end = self._router.date_text(first + _length(plan.validity)) + mark
        name = self._user(plan, end, same_password=True)
        mac = self._mac()
        counters = {"uptime": "42m10s", "bytes-in": "5242880", "bytes-out": "73400320"}
        self._set(name, counters | ({"mac-address": mac} if plan.lock else {}))
        if plan.mode.endswith("c"):
            self._sale(first, name, plan, mac, batch)
        return name

    def _history(self) -> None:
        """Sales of vouchers that are gone, month by month back."""
        for month in range(MONTHS_SOLD):
            for _each in range(SALES_PER_MONTH * self._size):
                back = timedelta(days=30 * month + 31, minutes=self._dice.randint(0, 40_000))
                plan = self._dice.choice((PLANS[0], PLANS[1]))
                sold = self._now - back
                batch = self._tag("vc", (self._now - sold).days + 3)
                self._sale(sold, self._code(), plan, self._mac(), batch)

    def _strays(self) -> None:
        """What every such router has after a year or two."""
        cut = self._user(PLANS[0], self._tag("vc", 3), same_password=True)
        self._set(cut, {"uptime": "12s"})
        self._do(f"{SCHEDULERS}/add", name=cut, interval="1d")
        self._user(PLANS[0], "", same_password=True)
        old = self._user(PLANS[0], self._tag("vc", 500), same_password=True)
        twin = {"name": old, "password": old, "profile": PLANS[0].name, "server": OTHER_SERVER}
        self._router.menus[USERS].insert({**twin, "uptime": "0s", "comment": self._tag("vc", 2)})
        member = self._user(PLANS[4], "bu lurah", same_password=False)
        self._set(member, {"uptime": "3w2d"})
        self._script("Quick_Print_Harian", "QuickPrintMikhmon", _QUICK, self._variant.owner)
        garbage = "catatan toko" if self._variant.routeros.startswith("v6") else "202-21-|-rusak"
        self._script(garbage, "mikhmon", "", self._variant.owner)
        self._do(f"{SCRIPTS}/add", name="cadangan", source=":log info cadangan")

    def _sale(self, at: datetime, user: str, plan: Plan, mac: str, batch: str) -> None:
        date, _, time = self._router.date_text(at).partition(" ")
        fields = [date, time, user, str(plan.price), "10.7.0.23", mac, plan.validity]
        if not self._variant.short_sales:
            fields += [plan.name, batch]
        self._script("-|-".join(fields), "mikhmon", date, self._variant.owner, at)

    def _script(
        self, name: str, comment: str, source: str, owner: Owner, at: datetime | None = None
    ) -> None:
        # Written unchecked: `owner` is read-only in these trees, and Mikhmon sets it.
        self._router.menus[SCRIPTS].insert(
            {"name": name, "comment": comment, "source": source, "owner": owner(at or self._now)}
        )

    def _user(self, plan: Plan, comment: str, *, same_password: bool) -> str:
        name = self._code()
        password = name if same_password else self._code()
        limits = {"limit_uptime": plan.limit_uptime} if plan.limit_uptime else {}
        if plan.limit_bytes:
            limits["limit_bytes_total"] = str(plan.limit_bytes)
        self._do(
            f"{USERS}/add",
            name=name,
            password=password,
            profile=plan.name,
            comment=comment,
            **limits,
        )
        return name

    def _set(self, name: str, values: dict[str, str]) -> None:
        menu = self._router.menus[USERS]
        row = menu.find(name=name)
        if row is not None:
            menu.change(row, values)

    def _tag(self, kind: str, days: int) -> str:
        on = self._now - timedelta(days=days)
        note = self._dice.choice(("warung siti", "bengkel", "pos-ronda", ""))
        return f"{kind}-{self._dice.randint(100, 999)}-{on:%m.%d.%y}-{note}"

    def _code(self) -> str:
        while (code := "".join(self._dice.choices(LETTERS, k=6))) in self._taken:
            continue
        self._taken.add(code)
        return code

    def _mac(self) -> str:
        return "02:00:07:" + ":".join(f"{self._dice.randint(0, 255):02X}" for _ in range(3))

    def _do(self, command: str, **values: str) -> None:
        words = [f"={name.replace('_', '-')}={value}" for name, value in values.items()]
        self._router.execute(command, words)


_QUICK = "#Harian#all#vc#6##mix#harian###pasar#1d#3000_5000#Enable"
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1)}


def _length(validity: str) -> timedelta:
    return int(validity[:-1]) * _UNITS[validity[-1]]
