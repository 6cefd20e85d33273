"""Interfaces: their counters grow with what the hotspot carries, and start again at a reboot."""

from ronda.simulator.routers.board.load import noise
from ronda.simulator.routers.hotspot.session import packets
from ronda.simulator.routers.life import Life
from ronda.simulator.routers.router import VirtualRouter
from ronda.simulator.routers.store import Menu, Row

PATH = "/interface"
UPLINK = "ether1"
# What a router says for itself: name servers, time, and whoever watches it, in bytes per second.
OWN_RATE = 900.0


class Ports:
    """Counters of one router's interfaces: the uplink, and all others as the hotspot's side."""

    def __init__(self, router: VirtualRouter, life: Life) -> None:
        self._router = router
        self._life = life
        self._begin = (0, 0)
        self.booted()

    def booted(self) -> None:
        """Counters start at nothing, links have just come up."""
        self._begin = self._life.world.hosts.carried()
        for place, row in enumerate(self._router.menus[PATH].rows.values()):
            row["last-link-up-time"] = self._router.date_text()
            row["link-downs"] = str(int(noise(row["name"], 0) > 0)) if place else "0"
            row.setdefault("mac-address", _mac(self._router.serial, place))

    def show(self, menu: Menu) -> None:
        """Write the counters down."""
        up, down = self._life.world.hosts.carried()
        up, down = up - self._begin[0], down - self._begin[1]
        own = int(OWN_RATE * self._router.uptime())
        for row in menu.rows.values():
            if row.get("disabled") == "true" or row.get("running") != "true":
                continue
            if row["name"] == UPLINK:
                _count(row, received=down + own, sent=up + own // 2)
            else:
                _count(row, received=up + own // 4, sent=down + own // 8)


def _count(row: Row, *, received: int, sent: int) -> None:
    for side, count in (("rx", received), ("tx", sent)):
        row[f"{side}-byte"] = row[f"fp-{side}-byte"] = str(count)
        row[f"{side}-packet"] = row[f"fp-{side}-packet"] = str(packets(count))


def _mac(serial: str, place: int) -> str:
    digits = f"{int(serial, 16) % (1 << 24) + place:06X}"[-6:]
    return f"02:0C:42:{digits[:2]}:{digits[2:4]}:{digits[4:]}"
