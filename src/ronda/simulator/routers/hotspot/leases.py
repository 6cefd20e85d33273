"""DHCP leases of a hotspot's network: who has which address until when."""

from collections.abc import Mapping
from ipaddress import IPv4Address

from ronda.simulator.routers.hotspot import terms
from ronda.simulator.routers.hotspot.tables import LEASES, POOLS, Tables
from ronda.simulator.routers.hotspot.timeline import Timeline
from ronda.simulator.routers.store import Row
from ronda.simulator.routers.values import duration

LEASE_S = 30 * 60.0
FALLBACK_RANGE = "10.5.50.2-10.5.50.254"
DHCP_SERVER = "dhcp-hotspot"

# What a lease has only while somebody uses it.
LIVE = ("active-address", "active-mac-address", "active-server", "expires-after", "host-name")


class Leases:
    """Gives addresses out of the hotspot's pool, and takes them back when a lease has ended."""

    def __init__(self, tables: Tables, time: Timeline) -> None:
        self._tables = tables
        self._time = time
        self._until: dict[str, float] = {}
        self._heard: dict[str, float | None] = {}

    def bind(self, mac: str, device: str, pool: str) -> str | None:
        """The address this device has from now on; None when the pool is empty or it is blocked.

        It keeps the address it had while its lease has not ended; a static lease is kept for ever.
        """
        row = self._tables.find(LEASES, mac_address=mac)
        if row is not None and (terms.yes(row, "disabled") or terms.yes(row, "block-access")):
            return None
        if row is None:
            address = self._free(pool)
            if address is None:
                return None
            id_ = self._tables.add(
                LEASES,
                {
                    "address": address,
                    "mac-address": mac,
                    "server": DHCP_SERVER,
                    "address-lists": "",
                    "dhcp-option": "",
                    "dynamic": "true",
                    "radius": "false",
                    "disabled": "false",
                    "blocked": "false",
                },
            )
        else:
            address, id_ = row["address"], row.id
        self._heard[id_] = None
        self._renew(id_, mac, address, device)
        return address

    def silent(self, mac: str) -> None:
        """The device is not heard any more: its lease runs out."""
        row = self._tables.find(LEASES, active_mac_address=mac)
        if row is not None:
            id_ = row.id
            self._heard[id_] = self._time.now
            self._keep_until(id_, self._time.now + LEASE_S)

    def clear(self) -> None:
        """A reboot: leases are kept on disk only every few minutes; here all are forgotten."""
        for row in tuple(self._tables.rows(LEASES)):
            self._drop(row)
        self._until.clear()
        self._heard.clear()

    def refresh(self) -> None:
        """Write down what has changed with time."""
        for id_, heard in self._heard.items():
            row = self._tables.row(LEASES, id_)
            if row is None:
                continue
            now = self._time.now
            silent = 0.0 if heard is None else now - heard
            # A device that is there renews when half of its lease has passed.
            left = LEASE_S - (now % (LEASE_S / 2)) if heard is None else self._until[id_] - now
            row["last-seen"] = duration(int(silent))
            row["expires-after"] = duration(int(max(0.0, left)))

    def state(self) -> tuple[dict[str, float | None], dict[str, float]]:
        """When each lease's device was last heard (None: it is there), and until when it is kept."""
        return dict(self._heard), dict(self._until)

    def restore(
        self, state: tuple[Mapping[str, float | None], Mapping[str, float]], later: float
    ) -> None:
        """Go back to it, `later` seconds later."""
        heard, until = state
        self._heard = {id_: at if at is None else at + later for id_, at in heard.items()}
        self._until = {}
        for id_, moment in until.items():
            self._keep_until(id_, moment + later)

    def _keep_until(self, id_: str, moment: float) -> None:
        self._until[id_] = moment
        self._time.at(moment, lambda now: self._end(id_, now))

    def _renew(self, id_: str, mac: str, address: str, device: str) -> None:
        values = {
            "status": "bound",
            "expires-after": duration(int(LEASE_S)),
            "last-seen": "0s",
            "active-address": address,
            "active-mac-address": mac,
            "active-server": DHCP_SERVER,
        }
        if device:
            values["host-name"] = device
        self._tables.change(LEASES, id_, values)

    def _end(self, id_: str, now: float) -> None:
        row = self._tables.row(LEASES, id_)
        if row is not None and self._heard.get(id_) is not None and self._until[id_] <= now:
            self._drop(row)

    def _drop(self, row: Row) -> None:
        self._heard.pop(row.id, None)
        self._until.pop(row.id, None)
        if terms.yes(row, "dynamic"):
            self._tables.remove(LEASES, row.id)
        elif "active-address" in row:
            gone: dict[str, str | None] = dict.fromkeys(LIVE)
            self._tables.change(LEASES, row.id, {**gone, "status": "waiting"})

    def _free(self, pool: str) -> str | None:
        row = self._tables.named(POOLS, pool)
        taken = {lease.get("address") for lease in self._tables.rows(LEASES)}
        for span in row.get("ranges", FALLBACK_RANGE).split(","):
            first, _, last = span.strip().partition("-")
            for number in range(int(IPv4Address(first)), int(IPv4Address(last or first)) + 1):
                address = str(IPv4Address(number))
                if address not in taken:
                    return address
        return None
