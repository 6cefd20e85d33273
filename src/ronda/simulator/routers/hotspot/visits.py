"""Guests who come, log in, use the hotspot and go, day after day, by their own seeded habits."""

from collections.abc import Callable, Iterable, Mapping

from ronda.simulator.routers.hotspot import terms
from ronda.simulator.routers.hotspot.access import Refusal
from ronda.simulator.routers.hotspot.guests import Credentials, Guest
from ronda.simulator.routers.hotspot.rhythm import next_visit, stay, stretch
from ronda.simulator.routers.hotspot.session import Cause, Session
from ronda.simulator.routers.hotspot.tables import USERS, Tables
from ronda.simulator.routers.hotspot.world import World

# Who types badly, who logs out properly, whose device shows a second, stale address.
TYPO = 0.04
SAYS_GOODBYE = 0.12
SEEN_TWICE = 0.06
STALE_ADDRESSES = ("100.64.", "198.51.", "203.0.")
RETYPES_S = (180.0, 600.0)
RECONNECTS_S = (4.0, 15.0)
GIVES_UP_AFTER = 3
NO_CEILING = (None, None)
VOUCHER_LIMITS = ("limit-uptime", "limit-bytes-total", "limit-bytes-in", "limit-bytes-out")


class Visits:
    """The guests of one router; `hour` tells the local hour (0 to 24) of a moment."""

    def __init__(
        self,
        world: World,
        tables: Tables,
        guests: Iterable[Guest],
        hour: Callable[[float], float],
    ) -> None:
        self._world = world
        self._tables = tables
        self._hour = hour
        self._guests = {guest.mac: guest for guest in guests}
        self._visit: dict[str, int] = dict.fromkeys(self._guests, 0)
        world.logins.on_end.append(self._ended)

    def begin(self) -> None:
        """Plan everybody's first visit."""
        for guest in self._guests.values():
            self._plan_next(guest, self._world.time.now)

    def resume(self) -> None:
        """After a snapshot came back: whoever is there goes on, the others are on their way."""
        for guest in self._guests.values():
            there = self._world.hosts.by_mac(guest.mac) is not None
            self._visit[guest.mac] += 1 + (self._visit[guest.mac] % 2 == there)
            now = self._world.time.now
            if there:
                self._at(guest, now + stay(guest.generator, guest.habits), self._go)
                self._use(guest)
            else:
                self._plan_next(guest, now)

    def forget_all(self) -> None:
        """A reboot: devices reconnect once the router is back, within a minute or two."""
        for guest in self._guests.values():
            if self._visit[guest.mac] % 2:
                self._visit[guest.mac] += 1
                again = self._world.time.now + guest.generator.uniform(20, 120)
                self._at(guest, again, self._come)

    # An even number is a guest who is away, an odd one who is there; what was planned for
    # another visit does not happen.
    def _at(self, guest: Guest, moment: float, act: Callable[[Guest], None]) -> None:
        visit = self._visit[guest.mac]

        def if_still(_: float) -> None:
            if self._visit[guest.mac] == visit:
                act(guest)

        self._world.time.at(moment, if_still)

    def _plan_next(self, guest: Guest, now: float) -> None:
        self._at(guest, next_visit(guest.generator, guest.habits, now, self._hour), self._come)

    def _come(self, guest: Guest) -> None:
        now = self._world.time.now
        host = self._world.arrive(guest.mac, guest.server, device=guest.device)
        if host is None:
            self._at(guest, now + guest.generator.uniform(300, 900), self._come)
            return
        self._visit[guest.mac] += 1
        self._at(guest, now + stay(guest.generator, guest.habits), self._go)
        if guest.generator.random() < SEEN_TWICE:
            self._seen_twice(guest)
        if host.bypassed or self._world.session_of(host) is not None:
            self._use(guest)
        elif not host.blocked:
            self._at(guest, now + guest.generator.uniform(6, 45), self._type)

    def _seen_twice(self, guest: Guest) -> None:
        draw = guest.generator
        start = draw.choice(STALE_ADDRESSES)
        address = f"{start}{draw.randrange(1, 255)}.{draw.randrange(1, 255)}"
        self._world.hosts.stale(guest.mac, guest.server, address, draw.uniform(60, 240))

    def _type(self, guest: Guest, tries: int = 0) -> None:
        host = self._world.hosts.by_mac(guest.mac)
        if host is None or self._world.session_of(host) is not None:
            return
        if guest.knows is None:
            guest.knows = self._buy(guest)
        if guest.knows is None:
            if "trial" in self._world.logins.offered(guest.server):
                outcome = self._world.logins.log_in_on_trial(host)
                if not isinstance(outcome, Refusal):
                    self._use(guest)
            return
        user, password = guest.knows
        if guest.generator.random() < TYPO:
            password += "1"
        outcome = self._world.log_in(guest.mac, user, password)
        if not isinstance(outcome, Refusal):
            self._use(guest)
            return
        if not guest.owns and not outcome.may_pass and password == guest.knows[1]:
            guest.knows = None
        if tries < GIVES_UP_AFTER:
            again = self._world.time.now + guest.generator.uniform(*RECONNECTS_S)
            self._at(guest, again, lambda who: self._type(who, tries + 1))

    def _buy(self, guest: Guest) -> Credentials | None:
        taken = {other.knows[0] for other in self._guests.values() if other.knows}
        fresh = [
            row
            for row in self._tables.rows(USERS)
            if _is_voucher(row)
            and row.get("uptime", "0s") == "0s"
            and not terms.yes(row, "disabled")
            and row.get("server", "all") in ("all", guest.server)
            and row.get("name", "") not in taken
            and row.get("default") != "true"
        ]
        if not fresh:
            return None
        row = guest.generator.choice(fresh[:20])
        return row["name"], row.get("password", "")

    def _use(self, guest: Guest) -> None:
        host = self._world.hosts.by_mac(guest.mac)
        session = self._world.session_of(host) if host is not None else None
        if host is None or (session is None and not host.bypassed):
            return
        ahead = stretch(
            guest.generator, guest.habits, session.ceiling if session is not None else NO_CEILING
        )
        self._world.pace(guest.mac, ahead.rate_in, ahead.rate_out)
        self._at(guest, self._world.time.now + ahead.seconds, self._use)

    def _go(self, guest: Guest) -> None:
        self._visit[guest.mac] += 1
        now = self._world.time.now
        if self._world.hosts.by_mac(guest.mac) is not None:
            if guest.generator.random() < SAYS_GOODBYE:
                self._world.log_out(guest.mac)
            self._world.leave(guest.mac)
        self._plan_next(guest, now)

    def _ended(self, session: Session, cause: Cause) -> None:
        """A guest who was put out while he is there tries to come back in."""
        guest = self._guests.get(session.mac)
        if guest is None or not self._visit[session.mac] % 2 or cause is Cause.REBOOT:
            return
        host = self._world.hosts.by_mac(guest.mac)
        if host is None:
            return
        now, draw = self._world.time.now, guest.generator
        if cause is Cause.ADMIN:
            self._at(guest, now + draw.uniform(*RECONNECTS_S), self._reconnect)
        else:
            self._at(guest, now + draw.uniform(30, 120), self._reconnect)

    def _reconnect(self, guest: Guest) -> None:
        host = self._world.hosts.by_mac(guest.mac)
        if host is None:
            # A client has removed the host as well: the device shows itself again.
            host = self._world.arrive(guest.mac, guest.server, device=guest.device)
        if host is None or self._world.session_of(host) is not None:
            self._use(guest)
            return
        outcome = self._world.logins.log_in_by_itself(host)
        if outcome is None or isinstance(outcome, Refusal):
            again = self._world.time.now + guest.generator.uniform(*RETYPES_S)
            self._at(guest, again, self._type)
        else:
            self._use(guest)


def _is_voucher(row: Mapping[str, str]) -> bool:
    """Whether a stranger may buy it: limited, or its code is its password."""
    limited = any(name in row for name in VOUCHER_LIMITS)
    return limited or (row.get("password", "") == row.get("name") != "")
