"""One connection to the web server of a virtual router, with the damage real ones do.

Measured on 7.21 to 7.24 by others: a request that is given up while its command runs corrupts the
server for about two seconds (connections are reset, and a 401 meant for somebody else is
delivered); a command that has not ended keeps every later request of that user and address
waiting, and `device-mode/update` everybody's; from 7.16 on REST leaves rows in `/user/active` that
only a reboot takes away.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

from ronda.simulator.routers.faults import Kind
from ronda.simulator.routers.outlet import Outlet
from ronda.simulator.routers.serving import Door
from ronda.simulator.routers.sessions import Session, allowed, log_in, log_out
from ronda.simulator.routers.store import Row
from ronda.simulator.routers.traps import Trap
from ronda.simulator.routers.web import rest
from ronda.simulator.routers.web.http import NotHttp, Reader, Request, Response, error

COMMAND_LIMIT_S = 60.0
HEALS_AFTER_S = 2.0
CLOSED = "Session closed"
PIECE_GAP_S = 0.000_05
HALFWAY = {"mid-word", "mid-sentence", "after-re"}
STALLS = "/system/device-mode/update"
PAGE = (
    b"<!doctype html><html><head><title>RouterOS</title></head>"
    b"<body><h1>RouterOS</h1></body></html>"
)


@dataclass
class User:
    """One user from one address, as the web server keeps him."""

    session: Session
    busy: bool = False
    waiting: deque[Callable[[], None]] = field(default_factory=deque)


class WebServer:
    """What all web connections of one router share.

    `pace` is how many seconds of the router's time limit a real one is worth: a test need not
    wait 60 s for the end of a command. `heals_s` is how long the damage of one given up lasts,
    `boots_s` how long after a reboot lists are answered empty.
    """

    def __init__(
        self, *, pace: float = 1.0, heals_s: float = HEALS_AFTER_S, boots_s: float = 0.0
    ) -> None:
        self.pace = pace
        self.heals_s = heals_s
        self.boots_s = boots_s
        self.booted = False
        self.users: dict[tuple[str, str], User] = {}
        self.corrupt_until = 0.0
        self.foreign = 0
        self.stalled_until = 0.0

    def forget(self) -> None:
        """A reboot."""
        self.users.clear()
        self.booted = True
        self.corrupt_until = self.stalled_until = 0.0


class WebConnection(asyncio.Protocol):
    """One client of the web server; its requests are answered one after the other."""

    def __init__(self, door: Door, server: WebServer) -> None:
        self.door = door
        self.router = door.router
        self._server = server
        self._reader = Reader()
        self._requests: deque[Request] = deque()
        self._open: Request | None = None
        self._service: Row | None = None
        self._received_limit: int | None = None
        self._mute = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody connects; whoever may not is reset."""
        self._loop = asyncio.get_running_loop()
        self._transport = cast("asyncio.Transport", transport)
        self.out = Outlet(self._transport, self._loop)
        peer = transport.get_extra_info("peername") or ("127.0.0.1", 0)
        self.address: str = peer[0]
        faults = self.router.faults
        service = self.router.menus["/ip/service"].find(name=self.door.service)
        turned_away = service is not None and not allowed(service, self.address)
        if turned_away or faults.take(Kind.RESET):
            self.out.close(reset=True)
            return
        self.door.connections.add(self)
        self._service = self.door.listed(self.address, peer[1])
        self._mute = faults.take(Kind.HANG) is not None
        ends = faults.take(Kind.CUT)
        if ends:
            self.out.limit_by_reset = bool(ends["rst"])
            self.out.limit = ends["sent"] if ends["sent"] >= 0 else None
            self._received_limit = ends["received"] if ends["received"] >= 0 else None
        garbage = faults.take(Kind.GARBAGE)
        if garbage:
            self.out.send([faults.noise(garbage["bytes"])])

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone; if it gave a command up, the server suffers."""
        self.door.connections.discard(self)
        self.door.unlist(self._service)
        self.out.drop()
        self._requests.clear()
        if self._open is not None:
            self._open = None
            self._server.corrupt_until = self._loop.time() + self._server.heals_s

    def data_received(self, data: bytes) -> None:
        """Bytes, split anywhere."""
        if self._mute or self._transport.is_closing():
            return
        if self._received_limit is not None:
            data = data[: self._received_limit]
            self._received_limit -= len(data)
        try:
            self._requests.extend(self._reader.feed(data))
        except NotHttp:
            self.out.send([error(400).encoded(keep=False)], then=self.out.close)
            return
        self._next()
        if self._received_limit == 0:
            self.end(reason=None, reset=self.out.limit_by_reset)

    def end(self, *, reason: str | None, reset: bool = False) -> None:
        """The router ends it; the web server has no last word."""
        del reason
        self._open = None
        self.out.close(reset=reset)

    def _next(self) -> None:
        if self._open is not None or not self._requests:
            return
        ahead = self._server.stalled_until - self._loop.time()
        if ahead > 0:
            self._loop.call_later(ahead, self._next)
            return
        request = self._requests.popleft()
        if self._loop.time() < self._server.corrupt_until:
            self._suffer()
            return
        self._open = request
        if not request.path.startswith(rest.PREFIX):
            self._answer(request, Response(200, PAGE, "text/html"))
        elif not self._has_rest():
            self._answer(request, Response(404, PAGE, "text/html"))
        else:
            self._admit(request)

    def _suffer(self) -> None:
        """The damage of an abandoned request: in turn a foreign 401 and a reset."""
        self._server.foreign += 1
        if self._server.foreign % 2:
            self.out.send([unauthorized().encoded()], then=self._next)
        else:
            self.out.close(reset=True)

    def _has_rest(self) -> bool:
        if not self.router.profile.since(7, 1):
            return False
        switches = self.router.menus.get("/ip/service/webserver")
        name = "rest-secure" if self.door.context is not None else "rest-plain"
        return switches is None or switches.one.get(name, "yes") not in ("no", "false")

    def _admit(self, request: Request) -> None:
        user = self._authenticated(request)
        if user is None:
            self._answer(request, unauthorized())
        elif user.busy:
            user.waiting.append(lambda: self._begin(request, user))
        else:
            self._begin(request, user)

    def _authenticated(self, request: Request) -> User | None:
        credentials = request.credentials
        if credentials is None or self.router.faults.take(Kind.WRONG_PASSWORD):
            return None
        name, password = credentials
        key = (name, self.address)
        row = self.router.menus["/user"].find(name=name)
        known = self._server.users.get(key)
        right = row is not None and row.hidden.get("password", "") == password
        if row is not None and right and allowed(row, self.address) and self._listed(known):
            return known
        try:
            session = log_in(
                self.router,
                name,
                password,
                address=self.address,
                via="rest-api",
                policy="rest-api",
            )
        except Trap:
            return None
        self._server.users[key] = User(session)
        return self._server.users[key]

    def _listed(self, known: User | None) -> bool:
        listed = self.router.menus["/user/active"].rows
        return known is not None and known.session.row in listed.values()

    def _begin(self, request: Request, user: User) -> None:
        if self._transport.is_closing():
            self._release(user)
            return
        user.busy = True
        try:
            order = rest.understood(self.router, request)
        except rest.Refused as refusal:
            self._finish(request, user, refusal.response)
            return
        faults = self.router.faults
        close = faults.take(Kind.CLOSE, order.command)
        if close and close["at"] == "before":
            self._abandon(user, reset=close["rst"])
            return
        silence = faults.take(Kind.NO_REPLY, order.command)
        if silence and not silence["applied"]:
            self._hang(user)
            return
        boots = self._server.booted and self.router.uptime() < self._server.boots_s
        empty = boots and order.form == "list" and request.method == "GET"
        outcome = Response(200, []) if empty else self._done(order, user)
        if close:
            whole = outcome.encoded() if isinstance(outcome, Response) else b""
            begun = len(whole) // 2 if close["at"] in HALFWAY else 0
            self.out.send([whole[:begun]])
            self._abandon(user, reset=close["rst"])
        elif silence:
            self._hang(user)
        elif isinstance(outcome, Response):
            self._finish(request, user, outcome, delay=self._delay(order.command))
        else:
            self._wait_for_end(request, user, order, outcome)

    def _done(self, order: rest.Order, user: User) -> Response | rest.Endless:
        trap = self.router.faults.take(Kind.TRAP, order.command)
        if trap:
            if trap["applied"]:
                rest.carried_out(self.router, order, user.session)
            return rest.refused(Trap(trap["message"]))
        return rest.carried_out(self.router, order, user.session)

    def _wait_for_end(
        self, request: Request, user: User, order: rest.Order, endless: rest.Endless
    ) -> None:
        if endless.seconds is None:
            self._hang(user)
            return
        outcome = rest.answered(endless.answer, order)
        if endless.seconds >= COMMAND_LIMIT_S or isinstance(outcome, rest.Endless):
            outcome = error(400, CLOSED)
        delay = min(endless.seconds, COMMAND_LIMIT_S) / self._server.pace
        if order.command == STALLS:
            self._server.stalled_until = self._loop.time() + delay
        self._finish(request, user, outcome, delay=delay)

    def _hang(self, user: User) -> None:
        """Not a byte is answered; until the time limit nothing else of this user is done."""
        limit = COMMAND_LIMIT_S / self._server.pace
        self._loop.call_later(limit, self._release, user)

    def _delay(self, command: str) -> float:
        latency = self.router.faults.take(Kind.LATENCY, command)
        cost = self.router.faults.take(Kind.COST, command)
        seconds = float(cost["ms"]) / 1000 if cost else 0.0
        knee = self.router.faults.take(Kind.KNEE, command)
        if knee and self.door.serving.in_burst(self._loop.time()) > knee["fast"]:
            seconds += float(knee["ms"]) / 1000
        if latency:
            jitter = latency["jitter_ms"]
            extra = self.router.faults.drawn(0, jitter) if jitter else 0.0
            seconds += float(latency["ms"] + extra) / 1000
        return seconds

    def _finish(
        self, request: Request, user: User, response: Response, *, delay: float = 0.0
    ) -> None:
        if delay:
            self._loop.call_later(delay, lambda: self._finish(request, user, response))
            return
        self._leave(user)
        if self._open is request:
            self._answer(request, response)
        self._release(user)
        if self.router.wants_reboot:
            self.router.wants_reboot = False
            self.door.serving.reboot()

    def _leave(self, user: User) -> None:
        """Before 7.16 the session of a request ended with it; since then it stays for ever."""
        if not self.router.profile.since(7, 16):
            log_out(self.router, user.session)
            self._server.users.pop((user.session.user, user.session.address), None)

    def _release(self, user: User) -> None:
        user.busy = False
        if user.waiting:
            user.waiting.popleft()()

    def _abandon(self, user: User, *, reset: bool) -> None:
        self._open = None
        self.out.close(reset=reset)
        self._release(user)

    def _answer(self, request: Request, response: Response) -> None:
        self._open = None
        keep = request.keep
        then = self._next if keep else self.out.close
        pieces, gap = self._in_pieces(response.encoded(keep=keep))
        self.out.send(pieces, gap=gap, then=then)

    def _in_pieces(self, whole: bytes) -> tuple[list[bytes], float]:
        """What is sent at once, and the seconds between two of them."""
        size, gap = len(whole), 0.0
        if self.router.faults.take(Kind.FRAGMENT):
            size, gap = 1, PIECE_GAP_S
        bandwidth = self.router.faults.take(Kind.BANDWIDTH)
        if bandwidth:
            size = max(1, int(bandwidth["bytes_per_s"] / 20))
            gap = size / bandwidth["bytes_per_s"]
        return [whole[at : at + size] for at in range(0, len(whole), size)], gap


def unauthorized() -> Response:
    """Without `detail`, as measured."""
    return error(401)
