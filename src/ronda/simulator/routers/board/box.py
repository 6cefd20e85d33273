"""The box around a living router: it says what it is, how busy and how warm, and keeps files."""

from ronda.simulator.routers.board import load
from ronda.simulator.routers.board.files import Files
from ronda.simulator.routers.board.models import MODELS, Model
from ronda.simulator.routers.board.ports import PATH as INTERFACES
from ronda.simulator.routers.board.ports import Ports
from ronda.simulator.routers.commands import Answer, Call, Outcome, Repeat
from ronda.simulator.routers.life import Life
from ronda.simulator.routers.router import VirtualRouter
from ronda.simulator.routers.store import Menu
from ronda.simulator.routers.values import seconds_of

RESOURCE, HEALTH, LICENCE = "/system/resource", "/system/health", "/system/license"
BOARD, NTP, DEVICE_MODE = "/system/routerboard", "/system/ntp/client", "/system/device-mode"
SYSTEM_SHARE = 0.62
SECTORS_PER_HOUR = 130
SECTORS_BEFORE = 93_412


class Box:
    """One board with a router on it; made once, after the router's life."""

    def __init__(self, router: VirtualRouter, life: Life, model: str) -> None:
        self.model: Model = MODELS[model]
        self._router = router
        self._life = life
        self._menus = router.menus
        self.files = Files(router, int(self.model.disk * (1 - SYSTEM_SHARE)))
        self.ports = Ports(router, life)
        self._describe()
        self._attach()
        self._asked: dict[str, str] = {}
        router.handlers[f"{DEVICE_MODE}/update"] = self._update_device_mode
        router.hooks.append(self._look)
        router.on_reboot.append(lambda _router: self.ports.booted())

    def press(self) -> bool:
        """Somebody presses the button: what `device-mode/update` waits for is done, and a reboot."""
        if not self._asked:
            return False
        menu = self._menus[DEVICE_MODE]
        menu.change(menu.one, self._asked)
        self._asked = {}
        self._router.reboot()
        return True

    def _update_device_mode(self, call: Call) -> Outcome:
        known = {**call.menu.one}
        self._asked = {k: v for k, v in call.values.items() if k in known or k == "mode"}
        seconds = seconds_of(call.values.get("activation-timeout", "5m")) or 300.0
        told = Answer([{"update": "please activate by turning power off or pressing reset"}])
        return Repeat(1.0, lambda: told, int(seconds))

    @property
    def work(self) -> load.Work:
        """What it carries now."""
        sessions = list(self._life.world.logins)
        bits = 8 * sum(one.meter.rate_in + one.meter.rate_out for one in sessions)
        return load.Work(len(sessions), sum(1 for _ in self._life.world.hosts), bits)

    def _look(self, router: VirtualRouter, _now: float) -> None:
        if router.menus is not self._menus:
            self._menus = router.menus
            self._describe()
            self._attach()

    def _attach(self) -> None:
        for path, show in (
            (RESOURCE, self._show_resource),
            (HEALTH, self._show_health),
            (INTERFACES, self.ports.show),
            (NTP, self._show_ntp),
        ):
            menu = self._menus[path]
            if show not in menu.on_read:
                menu.on_read.append(show)

    def _describe(self) -> None:
        model, menus = self.model, self._menus
        menus[RESOURCE].one.update(
            {
                "cpu": model.cpu,
                "cpu-count": str(model.cores),
                "cpu-frequency": str(model.mhz),
                "total-memory": str(model.memory),
                "total-hdd-space": str(model.disk),
                "architecture-name": model.architecture,
                "board-name": model.board,
                "platform": model.platform,
            }
        )
        if self._router.profile.major > 6 or not model.sensors:
            menus[HEALTH].rows.pop("", None)
        board = menus[BOARD].one
        licence = menus[LICENCE].one
        if not model.model:
            serial = board.get("serial-number", "")
            for name in tuple(board):
                del board[name]
            board["routerboard"] = "false"
            for name in tuple(licence):
                del licence[name]
            licence.update({"system-id": f"{serial}chr", "level": model.licence})
            return
        board.update(
            {"board-name": model.board, "model": model.model, "firmware-type": model.firmware}
        )
        licence["nlevel"] = model.licence

    def _show_resource(self, menu: Menu) -> None:
        work, seed, now = self.work, self._router.name, self._router.clock.seconds()
        written = int(self._router.uptime() / 3600 * SECTORS_PER_HOUR)
        menu.one.update(
            {
                "cpu-load": str(load.cpu_percent(self.model, work, seed, now)),
                "free-memory": str(load.free_memory(self.model, work, seed, now)),
                "free-hdd-space": str(max(0, self.files.free) // 4096 * 4096),
                "write-sect-since-reboot": str(written),
                "write-sect-total": str(SECTORS_BEFORE + written),
            }
        )

    def _show_health(self, menu: Menu) -> None:
        now, seed = self._router.clock.seconds(), self._router.name
        busy = load.cpu_percent(self.model, self.work, seed, now)
        warm = load.warmth(self._life.hour(now))
        values = {
            sensor: load.reading(sensor, busy, warm, seed, now) for sensor in self.model.sensors
        }
        if self._router.profile.major == 6:
            # A box without sensors has no row at all.
            for sensor, value in values.items():
                menu.one[sensor.name] = str(round(value / sensor.step))
            return
        for sensor, value in values.items():
            text = f"{value:.1f}" if sensor.unit == "V" else str(round(value))
            row = menu.find(name=sensor.name)
            if row is None:
                menu.insert({"name": sensor.name, "value": text, "type": sensor.unit})
            else:
                row["value"] = text

    def _show_ntp(self, menu: Menu) -> None:
        right = abs(self._router.clock_offset) < 1
        menu.one["status"] = "synchronized" if right else "waiting"
