"""A stage for the pages: the real templates and scripts in front of a live feed that the test plays.

Serves over loopback what the web process serves, under the same content security policy, but the
fleet, the stream and its failures are the test's to command. No database, no prober.
"""

import http.server
import json
import mimetypes
import queue
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from django.conf import settings
from django.contrib.staticfiles import finders
from django.template import engines
from django.test import RequestFactory
from django.utils import timezone

LIST = """{% extends "web/base.html" %}{% load ronda %}
{% block title %}List{% endblock %}{% block heading %}List{% endblock %}
{% block content %}<div class="table-box table-cards"><table class="table"><thead><tr><th scope="col">Name</th>
<th scope="col">State</th><th scope="col">Since</th></tr></thead><tbody>
{% for one in onts %}<tr data-ont="{{ one.id }}"><th scope="row"><a href="/onts/{{ one.id }}/">{{ one.name }}</a></th>
<td data-label="State">{% status one.state %}</td><td data-label="Since" data-since>{% lasting since %}</td></tr>
{% endfor %}</tbody></table></div><p><b data-count="down"></b></p>{% endblock %}"""

POLICY = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'self'"
NAMES = ("unknown", "up", "suspect", "down", "unreachable", "maintenance", "paused")


class Someone:
    """A person who is signed in."""

    is_authenticated = is_active = True
    role = "owner"
    language = ""

    def __str__(self) -> str:
        return "siti"


@dataclass
class Ont:
    """One ONT on the stage."""

    id: int
    name: str
    lat: float | None
    lon: float | None
    state: int = 1
    overlay: int = 0
    since: int = 1_763_715_000

    def row(self) -> list[Any]:
        return [self.id, self.state, self.overlay, self.since, None]

    def full(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "name": self.name,
            "customer_id": f"XM{self.id:06d}",
            "location": "Pos Ronda",
            "address": f"10.0.0.{self.id}",
            "lat": self.lat,
            "lon": self.lon,
            "area": 1,
            "area_name": "Niron",
            "site": "Sleman",
            "category": 0,
            "state": self.state,
            "overlay": self.overlay,
            "since": self.since,
            "rtt_ms": 8.2 if self.state == 1 else None,
        }


@dataclass
class Stage:
    """What the test commands: the fleet and the fate of the connection."""

    onts: dict[int, Ont]
    version: int = 1000
    address: str = ""
    open: bool = True
    signed_in: bool = True
    watch_state: str = "ok"
    clients: list["queue.Queue[bytes | None]"] = field(default_factory=list)
    history: list[dict[str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    base_map: bytes = b""

    def change(self, *, told: bool = True, **states: int) -> None:
        """Give ONTs new states (`o3=3`); told over the stream, or only known to the server."""
        rows = []
        for key, state in states.items():
            one = self.onts[int(key[1:])]
            one.state, one.since = state, int(time.time()) - 5
            rows.append(one.row())
        self.publish({"rows": rows}, told=told)

    def publish(self, what: dict[str, Any], *, told: bool = True) -> None:
        """Send a delta of these parts."""
        base, self.version = self.version, self.version + 1
        delta = {"base": base, "version": self.version, **self.news(), **what}
        self.history.append(delta)
        if told:
            self.send(f"event: delta\nid: {self.version}\ndata: {json.dumps(delta)}\n\n")

    def send(self, frame: str) -> None:
        for client in self.clients:
            client.put(frame.encode())

    def cut(self) -> None:
        """Drop every stream, and refuse new ones."""
        self.open = False
        for client in self.clients:
            client.put(None)

    def news(self) -> dict[str, Any]:
        counts = dict.fromkeys((*NAMES, "flapping", "degraded"), 0)
        for one in self.onts.values():
            counts[NAMES[one.state]] += 1
        unlocated = sum(one.lat is None for one in self.onts.values())
        now = int(time.time())
        return {
            "at": now,
            "counts": {"total": len(self.onts), "unlocated": unlocated, **counts},
            "watch": {"state": self.watch_state, "swept_at": now - 3, "interval": 30},
        }

    def merged(self, since: int) -> dict[str, Any]:
        later = [delta for delta in self.history if delta["version"] > since]
        rows = {row[0]: row for delta in later for row in delta.get("rows", [])}
        changed = [one for delta in later for one in delta.get("changed", [])]
        return {
            "base": since,
            "version": self.version,
            **self.news(),
            "rows": list(rows.values()),
            "changed": changed,
        }

    def columns(self) -> dict[str, Any]:
        onts = list(self.onts.values())
        return {
            "version": self.version,
            **self.news(),
            "ids": differences([one.id for one in onts]),
            "lat": differences([None if one.lat is None else round(one.lat * 1e6) for one in onts]),
            "lon": differences([None if one.lon is None else round(one.lon * 1e6) for one in onts]),
            "areas": [[1, "Niron", "Sleman"]],
            "area": [0] * len(onts),
            "categories": "0" * len(onts),
            "states": "".join(str(one.state) for one in onts),
            "rows": [one.row() for one in onts if one.state != 1],
        }

    def names(self) -> dict[str, Any]:
        fulls = [one.full() for one in self.onts.values()]
        return {
            "version": self.version,
            "ids": differences([one["id"] for one in fulls]),
            "names": [one["name"] for one in fulls],
            "customer_ids": [one["customer_id"] for one in fulls],
            "locations": [one["location"] for one in fulls],
            "addresses": [one["address"] for one in fulls],
        }


def differences(numbers: list[Any]) -> list[Any]:
    last = 0
    out: list[Any] = []
    for number in numbers:
        out.append(None if number is None else number - last)
        last = last if number is None else number
    return out


def page(path: str, cookie: str, stage: Stage) -> str:
    """A page of the product, rendered as its view would."""
    theme = cookie.partition("theme=")[2].split(";")[0]
    request = RequestFactory(headers={"cookie": cookie}).get(path)
    request.user = Someone()  # type: ignore[assignment]
    request.COOKIES["theme"] = theme
    loader = engines["django"]
    # What other slices' context processors would ask the database for.
    context: dict[str, Any] = {"notices_unread": 0, "live_version": stage.version}
    if path == "/map/":
        context |= {
            "ont_url": "/onts/0/",
            "pmtiles_url": "/base.pmtiles" if stage.base_map else "",
        }
        return loader.get_template("overview/map.html").render(context, request)
    if path == "/wallboard/":
        source = (
            '{% extends "overview/map.html" %}{% block content %}'
            '{% include "overview/map_body.html" with wallboard=True %}{% endblock %}'
        )
        return loader.from_string(source).render(context, request)
    context |= {"onts": [one.full() for one in stage.onts.values()], "since": timezone.now()}
    return loader.from_string(LIST).render(context, request)


@contextmanager
def played(onts: list[Ont]) -> Iterator[Stage]:
    """A stage that is served until the block ends."""
    stage = Stage({one.id: one for one in onts})

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            stage.asked.append(self.path)
            if parts.path.startswith(settings.STATIC_URL):
                found = finders.find(unquote(parts.path.removeprefix(settings.STATIC_URL)))
                if not found:
                    return self.answer(404, b"", "text/plain")
                kind = mimetypes.guess_type(str(found))[0] or "application/octet-stream"
                return self.answer(200, Path(str(found)).read_bytes(), kind)
            if parts.path.startswith("/live/"):
                return self.live(parts.path, parse_qs(parts.query))
            if parts.path == "/base.pmtiles":
                return self.part_of(stage.base_map)
            try:
                body = page(parts.path, self.headers.get("Cookie", ""), stage)
            except Exception as error:
                stage.problems.append(repr(error))
                raise
            return self.answer(200, body.encode(), "text/html; charset=utf-8")

        def live(self, path: str, query: dict[str, list[str]]) -> None:
            if not stage.signed_in:
                return self.answer(401, b"{}", "application/json")
            if not stage.open:
                return self.answer(503, b"{}", "application/json")
            since = self.headers.get("Last-Event-ID") or query.get("since", [""])[0]
            if path == "/live/stream":
                return self.stream(int(since) if since else None)
            if path == "/live/columns":
                value: Any = stage.columns()
            elif path == "/live/names":
                value = stage.names()
            elif path == "/live/delta":
                value = stage.merged(int(since))
            else:
                value = stage.onts[int(path.rsplit("/", 1)[1])].full()
            return self.answer(200, json.dumps(value).encode(), "application/json")

        def stream(self, since: int | None) -> None:
            client: queue.Queue[bytes | None] = queue.Queue()
            hello = {"version": stage.version, "build": "1", "every": 15, **stage.news()}
            first = f"retry: 200\n\nevent: hello\ndata: {json.dumps(hello)}\n\n"
            if since is not None and since < stage.version:
                missed = json.dumps(stage.merged(since))
                first += f"event: delta\nid: {stage.version}\ndata: {missed}\n\n"
            stage.clients.append(client)
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Connection", "close")
            self.end_headers()
            self.close_connection = True
            frame: bytes | None = first.encode()
            try:
                while frame is not None:
                    self.wfile.write(frame)
                    self.wfile.flush()
                    frame = client.get(timeout=60)
            except (OSError, queue.Empty):
                pass
            finally:
                stage.clients.remove(client)

        def part_of(self, body: bytes) -> None:
            first, _, last = (
                self.headers.get("Range", "bytes=0-").removeprefix("bytes=").partition("-")
            )
            part = body[int(first) : int(last) + 1 if last else None]
            self.answer(206, part, "application/octet-stream")

        def answer(self, status: int, body: bytes, kind: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Content-Security-Policy", POLICY)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- its name there
            """Nothing: the test tells what went wrong."""

    class Server(http.server.ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            """A browser that goes away in the middle of an answer is no error here."""

    server = Server(("127.0.0.1", 0), Handler)
    stage.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield stage
    finally:
        stage.cut()
        server.shutdown()
        server.server_close()
        thread.join()
