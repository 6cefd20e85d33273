"""Commands that only look: print and its forms, listen, monitor."""

from collections.abc import Sequence

from ronda.simulator.routers import traps
from ronda.simulator.routers.commands import Answer, Call, Outcome, Repeat, Watch
from ronda.simulator.routers.store import Row
from ronda.simulator.routers.values import seconds_of

SHORTEST_S = 0.01
EVERY_S = 1.0


def print_rows(call: Call) -> Outcome:
    """`print` and `getall`: the rows, how many, or both again and again."""
    first = _listing(call)
    if "interval" in call.values and "once" not in call.values:
        return Repeat(interval(call), lambda: _listing(call))
    return first


def listen(call: Call) -> Outcome:
    """Changes from now on."""
    return Watch(call.menu, call.test, call.proplist, call.hide)


def monitor_traffic(call: Call) -> Outcome:
    """What interfaces carry right now, from the counters of their rows.

    Raises:
        Trap: there is no such interface.
    """
    asked = call.values.get("interface", "").split(",")
    interfaces = [call.router.menus["/interface"].find(name=name) for name in asked]
    if any(row is None for row in interfaces):
        raise traps.no_match("interface")
    found = [row for row in interfaces if row is not None]
    meter = Meter(call, found)
    if "once" in call.values:
        return meter.read()
    seconds = seconds_of(call.values.get("duration", ""))
    every = interval(call)
    return Repeat(every, meter.read, None if seconds is None else max(1, round(seconds / every)))


class Meter:
    """Rates of interfaces between two looks at their counters."""

    def __init__(self, call: Call, rows: Sequence[Row]) -> None:
        self._call = call
        self._rows = rows
        self._before: dict[str, tuple[float, dict[str, int]]] = {}

    def read(self) -> Answer:
        """One row per interface."""
        call = self._call
        for refresh in call.router.menus["/interface"].on_read:
            refresh(call.router.menus["/interface"])
        now = call.router.clock.seconds()
        rows = [self._row(row, now) for row in self._rows]
        return Answer(rows, properties=call.proplist, listing=True)

    def _row(self, row: Row, now: float) -> dict[str, str]:
        counters = {
            name: int(row.get(name, "0"))
            for name in ("rx-byte", "tx-byte", "rx-packet", "tx-packet")
        }
        then, before = self._before.get(row["name"], (now, counters))
        self._before[row["name"]] = (now, counters)
        passed = now - then

        def rate(name: str, factor: int) -> str:
            return str(int((counters[name] - before[name]) * factor / passed) if passed else 0)

        return {
            "name": row["name"],
            "rx-packets-per-second": rate("rx-packet", 1),
            "rx-bits-per-second": rate("rx-byte", 8),
            "tx-packets-per-second": rate("tx-packet", 1),
            "tx-bits-per-second": rate("tx-byte", 8),
        }


def interval(call: Call) -> float:
    """How often, in seconds.

    Raises:
        Trap: the interval is none.
    """
    text = call.values.get("interval", "")
    seconds = seconds_of(text) if text else EVERY_S
    if seconds is None:
        raise traps.invalid_value("interval")
    return max(seconds, SHORTEST_S)


def _listing(call: Call) -> Answer:
    test = call.test
    read = call.menu.read()
    rows = [row for row in read if test(row)] if call.queries else list(read)
    named = call.values.get(".id", call.values.get("from"))
    if named:
        wanted = (
            {row.id for row in call.chosen()} if ".id" in call.values else set(named.split(","))
        )
        rows = [row for row in rows if row.id in wanted]
    if "count-only" in call.values:
        return Answer(ret=str(len(rows)))
    return Answer(rows, properties=call.proplist, hide=call.hide, listing=True)
