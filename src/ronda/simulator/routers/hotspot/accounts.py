"""What a login is measured against: a user of the router, or a trial of the hotspot server."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ronda.simulator.routers.hotspot import terms
from ronda.simulator.routers.hotspot.access import Grants, Used
from ronda.simulator.routers.hotspot.timeline import Timeline

TRIAL_S = 30 * 60.0
TRIAL_AGAIN_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Account:
    """What somebody may, what he has used, and the profile's row."""

    grants: Grants
    used: Used
    profile: Mapping[str, str]


class Trials:
    """Free minutes by device: used up until the server's `trial-uptime-reset` has passed."""

    def __init__(self, time: Timeline) -> None:
        self._time = time
        self._used: dict[str, tuple[float, int]] = {}

    def account(
        self,
        mac: str,
        server_profile: Mapping[str, str],
        profile_of: Callable[[str], Mapping[str, str]],
    ) -> Account:
        """The account of a device on trial."""
        again = terms.time_limit(server_profile, "trial-uptime-reset") or TRIAL_AGAIN_S
        since, used_s = self._used.get(mac, (self._time.now, 0))
        if self._time.now - since >= again:
            since, used_s = self._time.now, 0
        self._used[mac] = (since, used_s)
        profile = profile_of(server_profile.get("trial-user-profile", "default"))
        allowed = terms.time_limit(server_profile, "trial-uptime-limit") or TRIAL_S
        user = {"name": f"T-{mac}", "limit-uptime": f"{int(allowed)}"}
        return Account(terms.grants(user, profile), Used(uptime_s=used_s), profile)

    def state(self) -> dict[str, tuple[float, int]]:
        """What each device has used since when."""
        return dict(self._used)

    def restore(self, state: Mapping[str, tuple[float, int]], later: float) -> None:
        """Go back to it, `later` seconds later."""
        self._used = {mac: (since + later, used) for mac, (since, used) in state.items()}

    def write(self, mac: str, uptime_s: int) -> None:
        """A trial has ended."""
        since, used_s = self._used[mac]
        self._used[mac] = (since, used_s + uptime_s)
