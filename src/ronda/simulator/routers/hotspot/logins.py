"""Logins and their ends: sessions, what they leave in the users' counters, cookies and queues."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from ronda.simulator.routers.hotspot import terms
from ronda.simulator.routers.hotspot.access import TYPED, Refusal, Used, decide, methods
from ronda.simulator.routers.hotspot.accounts import Account, Trials
from ronda.simulator.routers.hotspot.cookies import Cookies
from ronda.simulator.routers.hotspot.hosts import Host, Hosts
from ronda.simulator.routers.hotspot.rows import (
    active_counters,
    active_row,
    queue_counters,
    queue_row,
)
from ronda.simulator.routers.hotspot.session import Cause, Limits, Meter, Session
from ronda.simulator.routers.hotspot.tables import (
    ACTIVE,
    PROFILES,
    QUEUES,
    SERVER_PROFILES,
    USERS,
    Tables,
)
from ronda.simulator.routers.hotspot.timeline import Timeline
from ronda.simulator.routers.store import Row

TOPICS = "hotspot,account,info,debug"
DEFAULT_LOGIN_BY = "cookie,http-chap"

Note = Callable[[float, str, str], None]
Ended = Callable[[Session, Cause], None]


class Logins:
    """Who is logged in on a router; every end of a session is written to its user's counters."""

    def __init__(self, tables: Tables, time: Timeline, hosts: Hosts, note: Note) -> None:
        self.cookies = Cookies(tables, time)
        self.licence_level = 6
        self.on_end: list[Ended] = []
        self._tables = tables
        self._time = time
        self._hosts = hosts
        self._note = note
        self._sessions: dict[str, Session] = {}
        self._queues: dict[str, str] = {}
        self._trials = Trials(time)
        hosts.on_displaced.append(self._displaced)

    def __iter__(self) -> Iterator[Session]:
        return iter(tuple(self._sessions.values()))

    def by_id(self, id: str) -> Session | None:  # noqa: A002 -- RouterOS's own word
        """The session with this id."""
        return self._sessions.get(id)

    def of_user(self, name: str) -> list[Session]:
        """The sessions of a user, oldest first."""
        return [session for session in self._sessions.values() if session.user == name]

    def offered(self, server: str) -> list[str]:
        """How people may log in on this hotspot server, in the order the router tries them."""
        row = self._hosts.server(server)
        if row is None:
            return []
        return methods(self._server_profile(row).get("login-by", DEFAULT_LOGIN_BY))

    def log_in(self, host: Host, user: str, password: str | None, method: str) -> Session | Refusal:
        """Log in on this host; refusals are logged and change nothing.

        `password` None is for methods that need none; the user must be known all the same.
        """
        now = self._time.now
        who = f"{user} ({host.address})"
        self._note(now, TOPICS, f"{who}: trying to log in by {method}")
        outcome = self._admit(host, user, password, method)
        if isinstance(outcome, Refusal):
            self._note(now, TOPICS, f"{who}: login failed: {outcome.text}")
            return outcome
        self._note(now, TOPICS, f"{who}: logged in")
        return outcome

    def log_in_by_itself(self, host: Host) -> Session | Refusal | None:
        """What the hotspot does when a device appears: MAC, MAC cookie, browser cookie; or None."""
        offered = self.offered(host.server)
        if "mac" in offered and self._user(host.mac, host.server) is not None:
            return self.log_in(host, host.mac, None, "mac")
        for method in ("mac-cookie", "cookie"):
            cookie = self.cookies.of(host.mac, by_mac=method == "mac-cookie")
            if method in offered and cookie is not None:
                return self.log_in(host, cookie.user, None, method)
        return None

    def log_in_on_trial(self, host: Host) -> Session | Refusal:
        """Log in as a trial user, where the server offers it."""
        return self.log_in(host, f"T-{host.mac}", None, "trial")

    def end(self, session: Session, cause: Cause) -> None:
        """End a session now; its user's counters are written if the user is still there."""
        if self._sessions.pop(session.id, None) is None:
            return
        now = self._time.now
        session.finish(now, cause)
        self._tables.remove(ACTIVE, session.id)
        queue = self._queues.pop(session.id, None)
        if queue is not None:
            self._tables.remove(QUEUES, queue)
        self._write_counters(session, now)
        if cause is not Cause.REBOOT:
            self._note(now, TOPICS, f"{session.user} ({session.address}): logged out: {cause}")
        host = self._hosts.by_address(session.address)
        if host is not None:
            host.authorized = False
            host.meter.pace(now, 0.0, 0.0)
            if host.gone is not None:
                self._hosts.forget(host)
        for told in self.on_end:
            told(session, cause)

    def pace(self, session: Session, rate_in: float, rate_out: float) -> None:
        """From now on it moves so many bytes per second from and to the customer."""
        now = self._time.now
        session.meter.pace(now, rate_in, rate_out)
        host = self._hosts.by_address(session.address)
        if host is not None:
            host.meter.pace(now, rate_in, rate_out)
        self.plan(session)

    def spend(self, session: Session, bytes_in: int, bytes_out: int) -> None:
        """Count this much at once, and end the session if that was too much."""
        now = self._time.now
        session.meter.add(now, bytes_in, bytes_out)
        host = self._hosts.by_address(session.address)
        if host is not None:
            host.meter.add(now, bytes_in, bytes_out)
        self.plan(session)

    def silent(self, session: Session) -> None:
        """Its device has left without a word."""
        session.gone = self._time.now
        self.pace(session, 0.0, 0.0)

    def heard(self, session: Session) -> None:
        """Its device is back before anybody noticed."""
        session.gone = None
        self.plan(session)

    def plan(self, session: Session) -> None:
        """Look again when it will end."""
        session.plan += 1
        ending, plan = session.end(), session.plan
        if ending is None:
            return
        moment, cause = ending

        def end(_: float) -> None:
            if session.plan == plan and self._sessions.get(session.id) is session:
                self.end(session, cause)

        self._time.at(moment, end)

    def clear(self, *, written: bool) -> None:
        """A reboot: all sessions end; after a power cut nothing of them is written down."""
        for session in self:
            if not written:
                session.user = ""
            self.end(session, Cause.REBOOT)

    def refresh(self) -> None:
        """Write down what has grown."""
        now = self._time.now
        for session in self._sessions.values():
            row = self._tables.row(ACTIVE, session.id)
            if row is not None:
                row.update(active_counters(session, now))
            queue = self._tables.row(QUEUES, self._queues.get(session.id, ""))
            if queue is not None:
                queue.update(queue_counters(session, now))

    def state(self) -> tuple[list[Session], dict[str, str], dict[str, tuple[float, int]]]:
        """Copies of all sessions, which queue is whose, and the trials."""
        sessions = [replace(session, meter=replace(session.meter)) for session in self]
        return sessions, dict(self._queues), self._trials.state()

    def restore(self, state: Any, later: float) -> None:
        """Go back to them, `later` seconds later; call it when the rows are back."""
        sessions, queues, trials = state
        self._queues = dict(queues)
        self._trials.restore(trials, later)
        self._sessions = {}
        for old in sessions:
            session = replace(old, started=old.started + later, meter=old.meter.moved(later))
            if session.gone is not None:
                session.gone += later
            self._sessions[session.id] = session
            self.plan(session)

    def _displaced(self, host: Host) -> None:
        session = self._sessions.get(host.session_id)
        if session is not None:
            self.end(session, Cause.LEASE)

    def _admit(self, host: Host, user: str, password: str | None, method: str) -> Session | Refusal:
        server = self._hosts.server(host.server)
        if server is None or method not in self.offered(host.server):
            return Refusal("login method is not allowed")
        if host.blocked:
            return Refusal("host is blocked")
        if host.authorized:
            return Refusal("already authorizing, retry later")
        server_profile = self._server_profile(server)
        if terms.yes(server_profile, "use-radius"):
            # Local users count for nothing then, and no RADIUS server is simulated.
            return Refusal("RADIUS server is not responding", may_pass=True)
        account = (
            self._trials.account(host.mac, server_profile, self._profile)
            if method == "trial"
            else self._account(user, host.server)
        )
        decided = decide(
            account.grants if account is not None else None,
            password=(password or "") if method in TYPED else None,
            mac=host.mac,
            server=host.server,
            used=account.used if account is not None else Used(),
            live=len(self.of_user(user)),
            everybody=len(self._sessions),
            licence_level=self.licence_level,
        )
        if isinstance(decided, Refusal):
            if method in ("cookie", "mac-cookie") and not decided.may_pass:
                self.cookies.forget(host.mac, by_mac=method == "mac-cookie")
            return decided
        profile = account.profile if account is not None else {}
        session = self._begin(host, user, method, decided, profile)
        if method in TYPED:
            self.cookies.leave(user, host.mac, server_profile, profile)
        return session

    def _begin(
        self, host: Host, user: str, method: str, limits: Limits, profile: Mapping[str, str]
    ) -> Session:
        now = self._time.now
        session = Session(
            id=host.session_id,
            user=user,
            mac=host.mac,
            address=host.address,
            server=host.server,
            login_by=method,
            started=now,
            limits=limits,
            meter=Meter(now),
            ceiling=terms.rates(profile.get("rate-limit", "")),
        )
        self._sessions[session.id] = session
        host.authorized = True
        self._tables.add(ACTIVE, active_row(session, now), id=session.id)
        limit = profile.get("rate-limit", "")
        if limit:
            self._queues[session.id] = self._tables.add(QUEUES, queue_row(session, limit))
        self.plan(session)
        return session

    def _write_counters(self, session: Session, now: float) -> None:
        bytes_in, bytes_out = session.meter.at(now)
        uptime = int(session.uptime(now))
        if session.login_by == "trial":
            self._trials.write(session.mac, uptime)
        row = self._user(session.user, session.server)
        if row is not None:
            used = terms.used(row)
            self._tables.change(
                USERS,
                row.id,
                terms.counters(
                    used.uptime_s + uptime, used.bytes_in + bytes_in, used.bytes_out + bytes_out
                ),
            )

    def _account(self, user: str, server: str) -> Account | None:
        row = self._user(user, server)
        if row is None:
            return None
        profile = self._profile(row.get("profile", "default"))
        return Account(terms.grants(row, profile), terms.used(row), profile)

    def _user(self, name: str, server: str) -> Row | None:
        """The user of this name for this server; one for this server alone before one for all."""
        found = [
            row
            for row in self._tables.rows(USERS)
            if row.get("name") == name and row.get("server", "all") in ("all", "", server)
        ]
        return min(found, key=lambda row: row.get("server", "all") != server, default=None)

    def _profile(self, name: str) -> Mapping[str, str]:
        return self._tables.named(PROFILES, name)

    def _server_profile(self, server: Mapping[str, str]) -> Mapping[str, str]:
        name = server.get("profile", "default")
        return self._tables.named(SERVER_PROFILES, name)
