"""The invented gateways as a server on loopback, and the calls that they make."""

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

import httpx

from ronda.simulator.payments import page
from ronda.simulator.payments.book import KEYS, Book, Held
from ronda.simulator.payments.dialects import Asked, Call, answer, callback

MOST_BYTES = 64 * 1024


def post(call: Call) -> int:
    """Make one call; the status of the answer, 0 when nobody answered."""
    try:
        with httpx.Client(timeout=10.0, trust_env=False) as http:
            return http.post(call.url, content=call.body, headers=dict(call.headers)).status_code
    except httpx.HTTPError:
        return 0


class FakeGateways:
    """All four gateways from `with` until its end, on a port that the system picks.

    `send` makes the callbacks; tests may pass what hands them to a client of their own.
    """

    def __init__(self, *, port: int = 0, send: Callable[[Call], int] = post) -> None:
        self.book = Book()
        self.answers: list[int] = []
        self._send = send
        self._port = port
        self._stop = threading.Event()
        self._calls: list[threading.Thread] = []

    def __enter__(self) -> Self:
        handler = type("Handler", (_Handler,), {"fakes": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", self._port), handler)
        self._server.daemon_threads = False
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), name="fake-gateways", daemon=True
        )
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._stop.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        self.settle()

    @property
    def base(self) -> str:
        """The server's address."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def url(self, gateway: str) -> str:
        """The address that stands in for the gateway's own."""
        return f"{self.base}/{gateway}"

    def pay(self, gateway: str, reference: str) -> None:
        """A buyer pays: the charge is paid, and the merchant is called as the mood has it."""
        held = self.book.held[gateway, reference]
        with self.book.lock:
            if held.status != "pending":
                return
            held.status = "paid"
        self._tell(held, "paid")

    def expire(self, gateway: str, reference: str) -> None:
        """Nobody pays in time."""
        held = self.book.held[gateway, reference]
        with self.book.lock:
            if held.status != "pending":
                return
            held.status = "expired"
        self._tell(held, "expired")

    def calls(self, held: Held, status: str) -> list[Call]:
        """The calls that tell of this, in the order in which they leave."""
        mood = self.book.mood
        if mood.lost:
            return []
        amount = held.amount + 1 if mood.wrong_amount else held.amount
        found = [callback(held, status, amount, forged=mood.forged)] * mood.copies
        if mood.backwards:
            found.append(callback(held, "pending", held.amount))
        return found

    def settle(self) -> None:
        """Wait until every call that is under way has been made."""
        while self._calls:
            self._calls.pop().join()

    def _tell(self, held: Held, status: str) -> None:
        calls, delay = self.calls(held, status), self.book.mood.delay_s

        def tell() -> None:
            if delay:
                self._stop.wait(delay)
            for call in calls:
                self.answers.append(self._send(call))

        thread = threading.Thread(target=tell, name="fake-gateway-callback")
        self._calls.append(thread)
        thread.start()


class _Handler(BaseHTTPRequestHandler):
    fakes: FakeGateways
    protocol_version = "HTTP/1.1"
    timeout = 10

    def do_GET(self) -> None:
        self._do("GET")

    def do_POST(self) -> None:
        self._do("POST")

    def _do(self, method: str) -> None:
        self.close_connection = True
        raw = self.rfile.read(min(int(self.headers.get("Content-Length") or 0), MOST_BYTES))
        parts = urlsplit(self.path)
        name, _slash, path = parts.path.strip("/").partition("/")
        if name == "pay":
            self._pay(method, path, raw)
        elif name in KEYS:
            self._ask(name, method, f"/{path}", parts.query, raw)
        else:
            self._say(404, b"{}")

    def _pay(self, method: str, path: str, raw: bytes) -> None:
        gateway, _slash, reference = path.partition("/")
        held = self.fakes.book.find(gateway, reference)
        if held is None:
            self._say(404, b"-", "text/html")
            return
        if method == "POST":
            wanted = dict(parse_qsl(raw.decode("ascii", "replace"))).get("do")
            (self.fakes.pay if wanted == "pay" else self.fakes.expire)(gateway, reference)
        self._say(200, page.render(held), "text/html; charset=utf-8")

    def _ask(self, name: str, method: str, path: str, query: str, raw: bytes) -> None:
        book = self.fakes.book
        if book.mood.slow_s:
            threading.Event().wait(book.mood.slow_s)
        if book.fails_now():
            self._say(500, b"<html>Internal Server Error</html>", "text/html")
            return
        try:
            body: Any = json.loads(raw) if raw else {}
        except ValueError:
            body = None
        if not isinstance(body, dict):
            self._say(400, b'{"message": "no JSON object"}')
            return
        headers = {key.lower(): value for key, value in self.headers.items()}
        asked = Asked(method, path, dict(parse_qsl(query)), headers, body)
        said = answer(name, asked, book, self.fakes.base)
        if said.made and book.swallows_now():
            return
        self._say(said.status, json.dumps(said.told).encode())

    def _say(self, status: int, body: bytes, kind: str = "application/json") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- http.server's name
        """Nothing: headers and addresses of payments belong into no log."""
