"""`/log`: lines with the moment they tell of, printed as the version does.

Before 7.10 the time of a line of today is bare and an older one has its day in front; from 7.10 on
every line has its whole date.
"""

from datetime import datetime

from ronda.simulator.routers.hotspot.dates import short_text
from ronda.simulator.routers.router import LOG_LINES, VirtualRouter
from ronda.simulator.routers.store import Menu, Row

PATH = "/log"


class Logbook:
    """The log of one router; made once, it also dates the lines the router writes itself."""

    def __init__(self, router: VirtualRouter) -> None:
        self._router = router

    def attach(self) -> None:
        """Hook into the menu the router has now."""
        menu = self._router.menus[PATH]
        menu.listeners.append(self._stamp)
        if self.show not in menu.on_read:
            menu.on_read.append(self.show)

    def write(self, at: datetime, topics: str, message: str) -> None:
        """A line of that moment; the oldest make room."""
        menu = self._router.menus[PATH]
        iso = self._router.profile.since(7, 10)
        values = {"time": short_text(at, at, iso=iso), "topics": topics, "message": message}
        menu.insert(values, hidden={"at": at.isoformat()})
        while len(menu.rows) > LOG_LINES:
            menu.remove(next(iter(menu.rows.values())))

    def show(self, menu: Menu) -> None:
        """Put the day before lines that have become older than today."""
        if self._router.profile.since(7, 10):
            return
        now = self._router.now()
        for row in menu.rows.values():
            at = row.hidden.get("at")
            if at is not None:
                row["time"] = short_text(datetime.fromisoformat(at), now, iso=False)

    def _stamp(self, row: Row, dead: bool) -> None:
        if not dead:
            row.hidden.setdefault("at", self._router.now().isoformat())
