"""Cookies of the hotspot: what lets a device back in without typing anything."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ronda.simulator.routers.hotspot import terms
from ronda.simulator.routers.hotspot.access import methods
from ronda.simulator.routers.hotspot.tables import COOKIES, Tables
from ronda.simulator.routers.hotspot.timeline import Timeline
from ronda.simulator.routers.values import duration

LIFETIME_S = 3 * 86_400.0


@dataclass(frozen=True, slots=True)
class Cookie:
    """A device may come back as this user until then; `by_mac` without its browser."""

    user: str
    mac: str
    until: float
    by_mac: bool


class Cookies:
    """The router's cookies; removing the row of one is removing it."""

    def __init__(self, tables: Tables, time: Timeline) -> None:
        self._tables = tables
        self._time = time
        self._cookies: dict[str, Cookie] = {}

    def of(self, mac: str, *, by_mac: bool) -> Cookie | None:
        """The cookie of this device, if it has a valid one."""
        now = self._time.now
        for id_, cookie in self._cookies.items():
            if cookie.mac == mac and cookie.by_mac == by_mac and cookie.until > now:
                return cookie if self._tables.row(COOKIES, id_) is not None else None
        return None

    def leave(
        self,
        user: str,
        mac: str,
        server_profile: Mapping[str, str],
        profile: Mapping[str, str],
    ) -> None:
        """Somebody has typed his password: give his device what the profiles allow."""
        offered = methods(server_profile.get("login-by", "cookie,http-chap"))
        if "cookie" in offered:
            life = terms.time_limit(server_profile, "http-cookie-lifetime") or LIFETIME_S
            self._put(user, mac, life, by_mac=False)
        if "mac-cookie" in offered and profile.get("add-mac-cookie", "yes") in ("yes", "true"):
            life = terms.time_limit(profile, "mac-cookie-timeout") or LIFETIME_S
            self._put(user, mac, life, by_mac=True)

    def forget(self, mac: str, *, by_mac: bool) -> None:
        """It let somebody in who may not come in any more."""
        for id_, cookie in tuple(self._cookies.items()):
            if cookie.mac == mac and cookie.by_mac == by_mac:
                self._drop(id_)

    def refresh(self) -> None:
        """Write down what is left of each."""
        now = self._time.now
        for id_, cookie in self._cookies.items():
            row = self._tables.row(COOKIES, id_)
            if row is not None:
                row["expires-in"] = duration(int(max(0.0, cookie.until - now)))

    def state(self) -> dict[str, Cookie]:
        """All cookies by the ids of their rows."""
        return dict(self._cookies)

    def restore(self, state: Mapping[str, Cookie], later: float) -> None:
        """Go back to them, `later` seconds later."""
        self._cookies = {}
        for id_, cookie in state.items():
            self._keep(id_, replace(cookie, until=cookie.until + later))

    def _keep(self, id_: str, cookie: Cookie) -> None:
        self._cookies[id_] = cookie
        self._time.at(cookie.until, lambda _: self._drop(id_))

    def _put(self, user: str, mac: str, life: float, *, by_mac: bool) -> None:
        self.forget(mac, by_mac=by_mac)
        until = self._time.now + life
        row = {"user": user, "mac-address": mac, "expires-in": duration(int(life))}
        if by_mac:
            row["mac-cookie"] = "true"
        id_ = self._tables.add(COOKIES, row)
        self._keep(id_, Cookie(user, mac, until, by_mac))

    def _drop(self, id_: str) -> None:
        if self._cookies.pop(id_, None) is not None:
            self._tables.remove(COOKIES, id_)
