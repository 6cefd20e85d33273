"""From one reading of a router to the next: who used how much, session by session. Pure.

The exact figure is the user's: RouterOS adds a session to the user's own counters when it ends
(manual of /ip/hotspot/user; routeros.md section 2), so *user counters + open sessions* grows by
precisely what was used, whatever came and went between two readings. What the sessions do not
explain belongs to the session that ended, or to one that nobody saw.

Guarantees, whatever the readings are: nothing is negative, nothing is counted twice. In doubt
(counters set back, power lost) too little is counted, never too much. Sessions are told apart by
the router's own uptime, so steps of its clock or of ours change nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from ronda.hotspot.rules.amounts import NOTHING, Amount, grown
from ronda.hotspot.rules.readings import (
    Account,
    Active,
    Bill,
    Counter,
    Ledger,
    Reading,
    Session,
    Use,
)

LOGIN_SLACK_S = 15
"""Two rows with the same id, user and MAC are one session when their logins lie this close."""
LATE_S = 120
"""A router whose uptime grew this much less than our clock may have been restarted meanwhile."""
TELLING_BYTES = 100_000
"""A session must have used this much between readings to show how user counters behave."""
MISSED = 12
"""An account missing from this many readings is forgotten; it may come back before that."""
EVERY_SERVER = frozenset({"", "all"})


def settle(before: Ledger | None, reading: Reading) -> tuple[Ledger, Bill]:
    """Fold one reading into the ledger; what it tells.

    The first reading of a router is where counting begins: what was used before belongs to nobody.
    A reading that is not newer than the ledger tells nothing.
    """
    rows = {row.id: row for row in reading.active}
    if before is None:
        return _first(reading, rows)
    if _is_late(before, reading):
        return before, Bill()
    return _Settling(before, reading, rows).done()


def _is_late(before: Ledger, reading: Reading) -> bool:
    """Read before the ledger's: both clocks say so, and by about as much."""
    by_ours = (before.at - reading.at).total_seconds()
    by_its = before.uptime_s - reading.uptime_s
    return by_ours >= 0 and by_its >= 0 and abs(by_ours - by_its) <= LATE_S


def _first(reading: Reading, rows: Mapping[str, Active]) -> tuple[Ledger, Bill]:
    accounts = _Accounts(reading.accounts)
    sessions = {row.id: _begun(row, reading, 0, accounts.of(row)) for row in rows.values()}
    counters = {account.id: Counter(account) for account in reading.accounts}
    ledger = Ledger(reading.at, reading.uptime_s, 0, sessions, {}, counters)
    return ledger, Bill(tuple(sessions.values()))


def _begun(row: Active, reading: Reading, boot: int, account: Account | None) -> Session:
    return Session(
        key=f"{boot}:{row.id}:{reading.uptime_s}",
        id=row.id,
        user=row.user,
        server=row.server,
        mac=row.mac,
        address=row.address,
        profile=account.profile if account else "",
        started_at=reading.at - timedelta(seconds=row.amount.seconds),
        seen_at=reading.at,
        login_s=reading.uptime_s - row.amount.seconds,
        amount=row.amount,
    )


class _Accounts:
    """Which account a session belongs to: the one of its server, else the one for all servers."""

    def __init__(self, accounts: Iterable[Account]) -> None:
        self.found = {
            (account.name, "" if account.server in EVERY_SERVER else account.server): account
            for account in accounts
        }

    def of(self, row: Active | Session) -> Account | None:
        return self.found.get((row.user, row.server)) or self.found.get((row.user, ""))


class _Settling:
    """One step from a ledger to the next."""

    def __init__(
        self,
        before: Ledger,
        reading: Reading,
        rows: Mapping[str, Active],
    ) -> None:
        self.before, self.reading = before, reading
        remembered = [counter.account for counter in before.counters.values()]
        self.accounts = _Accounts((*remembered, *reading.accounts))
        self.restarted = reading.uptime_s < before.uptime_s
        ours_s = (reading.at - before.at).total_seconds()
        its_s = reading.uptime_s - before.uptime_s
        self.doubtful = self.restarted or ours_s - its_s > LATE_S
        self.passed_s = ours_s if self.restarted else its_s
        self.boot = before.boot + self.restarted
        self.uses: list[Use] = []
        self.open: dict[str, Session] = {}
        self.gains: dict[str, Amount] = {}
        self.back: set[str] = set()
        for row in rows.values():
            self._take(row)
        self.ended = {
            id_: session
            for id_, session in before.open.items()
            if id_ not in self.open or self.open[id_].key != session.key
        }
        self.closed = {session.key: self._close(session) for session in self.ended.values()}

    def _take(self, row: Active) -> None:
        """Count one active row, as what it was at the last reading or as a new session."""
        account = self.accounts.of(row)
        for known in (self.before.open.get(row.id), self.before.gone.get(row.id)):
            gain = None if known is None else self._gain(known, row)
            if known is not None and gain is not None:
                session = replace(
                    known,
                    address=row.address,
                    profile=account.profile if account else known.profile,
                    seen_at=self.reading.at,
                    amount=known.amount.plus(gain),
                    ended_at=None,
                )
                if row.id not in self.before.open:
                    self.back.add(known.key)
                break
        else:
            session, gain = _begun(row, self.reading, self.boot, account), row.amount
        self.open[row.id] = session
        self.gains[row.id] = gain
        self._use(session, gain, max(self.before.at, session.started_at))

    def _gain(self, known: Session, row: Active) -> Amount | None:
        """What a session gained, None when the row is another session."""
        login_s = self.reading.uptime_s - row.amount.seconds
        if (
            self.restarted
            or (known.user, known.mac) != (row.user, row.mac)
            or abs(login_s - known.login_s) > LOGIN_SLACK_S
        ):
            return None
        # The session's own amount goes on after a counter wrapped; what the router said does not.
        shown = Amount(*(self._as_shown(known.amount, row.amount)), known.amount.seconds)
        return grown(shown, row.amount)

    @staticmethod
    def _as_shown(amount: Amount, row: Amount) -> tuple[int, int]:
        pairs = zip(amount[:2], row[:2], strict=True)
        first, second = (
            mine if mine < 1 << 32 or its >= 1 << 32 else mine % (1 << 32) for mine, its in pairs
        )
        return first, second

    def _use(self, session: Session, amount: Amount, since: datetime) -> None:
        if amount != NOTHING:
            until = max(since, session.ended_at or self.reading.at)
            if self.reading.at < self.before.at:
                since = until = self.reading.at
            self.uses.append(Use(session.user, session.profile, session.mac, amount, since, until))

    def _close(self, session: Session) -> Session:
        return replace(session, ended_at=session.seen_at)

    def done(self) -> tuple[Ledger, Bill]:
        """The ledger after this reading, and the bill."""
        live = self._live()
        counters = self._counters(live)
        ledger = Ledger(
            self.reading.at,
            self.reading.uptime_s,
            self.boot,
            self.open,
            {} if self.restarted else self.ended,
            counters,
            live,
        )
        return ledger, Bill((*self.open.values(), *self.closed.values()), tuple(self.uses))

    def _live(self) -> bool:
        """Whether users' counters follow sessions that last, as those of single ones show.

        The manual says they do not; a router that does it would otherwise be counted twice.
        """
        votes = [0, 0]
        lasting = self._by_account(self.open.values())
        ended = self._by_account(self.ended.values())
        for account in self.reading.accounts:
            mine = lasting.get(account.id, [])
            known = self.before.counters.get(account.id)
            if known is None or known.missed or len(mine) != 1 or account.id in ended:
                continue
            gain = self.gains[mine[0].id].total
            rise = account.amount.total - known.account.amount.total
            if gain >= TELLING_BYTES:
                votes[abs(rise - gain) <= gain // 10] += 1
        return self.before.live if votes[0] == votes[1] else votes[1] > votes[0]

    def _by_account(self, sessions: Iterable[Session]) -> dict[str, list[Session]]:
        found: dict[str, list[Session]] = {}
        for session in sessions:
            account = self.accounts.of(session)
            if account is not None:
                found.setdefault(account.id, []).append(session)
        return found

    def _counters(self, live: bool) -> Mapping[str, Counter]:
        """The accounts' counters after this reading; what they say beyond the sessions is used."""
        ended = self._by_account(self.ended.values())
        lasting = self._by_account(self.open.values())
        counters: dict[str, Counter] = {}
        for account in self.reading.accounts:
            before = self._before(account)
            follow = self._follow_live if live else self._follow
            counters[account.id] = follow(
                account, before, lasting.get(account.id, []), ended.get(account.id, [])
            )
        for id_, counter in self.before.counters.items():
            if id_ not in counters and counter.missed < MISSED:
                used = lasting.get(id_, []) if live else ended.get(id_, [])
                counters[id_] = self._missed(counter, used, live)
        return counters

    def _before(self, account: Account) -> Counter:
        """What is remembered of an account, or where its counting begins."""
        known = self.before.counters.get(account.id)
        if known is None:
            # One with more time on it than passed was not made since: it was forgotten.
            made_since = account.amount.seconds <= self.passed_s + LOGIN_SLACK_S
            return Counter(account._replace(amount=NOTHING) if made_since else account)
        if known.last is not None and known.last.key in self.back:
            return Counter(known.account)
        return known

    def _missed(self, counter: Counter, used: list[Session], live: bool) -> Counter:
        """An account that was not in the reading; when it is back, its sessions are owed."""
        owed = counter.owed
        for session in used:
            owed = owed.plus(self.gains[session.id] if live else session.amount)
        last = counter.last if live or not used else self.closed[max(used, key=_login).key]
        return Counter(counter.account, owed, last, counter.missed + 1)

    def _rise(self, before: Amount, after: Amount) -> Amount:
        """What an account's counters gained; after they were set back, what they show since.

        A restart may bring back old values, which were counted long ago: then nothing is certain.
        """
        if after.covers(before):
            return after.beyond(before)
        return NOTHING if self.doubtful else after

    def _follow(
        self, account: Account, before: Counter, _mine: list[Session], gone: list[Session]
    ) -> Counter:
        """A router that adds sessions to the account when they end."""
        rise = self._rise(before.account.amount, account.amount).beyond(before.owed)
        counted = NOTHING
        for session in gone:
            counted = counted.plus(session.amount)
        self._add_rest(account, rise.beyond(counted), gone, before.last)
        owed = NOTHING if self.restarted else counted.beyond(rise)
        last = self.closed[max(gone, key=_login).key] if gone and owed != NOTHING else None
        return Counter(account, owed, last)

    def _follow_live(
        self, account: Account, before: Counter, mine: list[Session], gone: list[Session]
    ) -> Counter:
        """A router that adds to the account all the time; `owed` is how far sessions were ahead."""
        rise = self._rise(before.account.amount, account.amount)
        if not mine:
            self._add_rest(account, rise.beyond(before.owed), gone, before.last)
            return Counter(account)
        ahead = before.owed
        for session in mine:
            ahead = ahead.plus(self.gains[session.id])
        return Counter(account, ahead.beyond(rise))

    def _add_rest(
        self, account: Account, rest: Amount, gone: list[Session], last: Session | None
    ) -> None:
        """What the account gained beyond its sessions belongs to the one that ended last."""
        if rest == NOTHING:
            return
        if gone or last is not None:
            ended = self.closed[max(gone, key=_login).key] if gone else last
            assert ended is not None  # noqa: S101 -- one of the two is there
            end = ended.seen_at + timedelta(seconds=rest.seconds)
            session = replace(
                ended,
                profile=account.profile,
                amount=ended.amount.plus(rest),
                ended_at=max(ended.seen_at, min(end, self.reading.at)),
            )
        else:
            session = self._unseen(account, rest)
        self.closed[session.key] = session
        self._use(session, rest, min(self.before.at, session.ended_at or self.before.at))

    def _unseen(self, account: Account, rest: Amount) -> Session:
        """A stay that began and ended between the readings."""
        start, end = sorted((self.before.at, self.reading.at))
        return Session(
            key=f"{self.boot}:{account.id}:unseen:{self.reading.uptime_s}",
            id="",
            user=account.name,
            server=account.server,
            mac="",
            address="",
            profile=account.profile,
            started_at=max(start, end - timedelta(seconds=max(1, rest.seconds))),
            seen_at=end,
            login_s=self.before.uptime_s,
            amount=rest,
            ended_at=end,
            watched=False,
        )


def _login(session: Session) -> int:
    return session.login_s
