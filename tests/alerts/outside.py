"""Servers of others, as far as the channels speak to them: real HTTP and SMTP on loopback."""

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs


@dataclass
class Asked:
    """One call that arrived."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def form(self) -> dict[str, str]:
        return {key: values[0] for key, values in parse_qs(self.body.decode()).items()}


@dataclass
class Outside:
    """A server that answers what it is told to, in turn; the last answer stays. `None` breaks the line off."""

    port: int = 0
    asked: list[Asked] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str], Any] | None] = field(default_factory=list)
    hold: threading.Event = field(default_factory=threading.Event)
    slow: bool = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def say(self, status: int, body: Any = None, **headers: str) -> None:
        self.answers.append(
            (status, {k.replace("_", "-"): v for k, v in headers.items()}, body or {})
        )

    def break_off(self) -> None:
        self.answers.append(None)

    def next(self) -> tuple[int, dict[str, str], Any] | None:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def outside(told: Outside | None = None) -> Iterator[Outside]:
    """A server on a free port of loopback."""
    told = told or Outside()

    class Handler(BaseHTTPRequestHandler):
        # Whoever calls a port that was another server's before may never say a word.
        timeout = 10

        def do_POST(self) -> None:
            length = int(self.headers.get("content-length", 0))
            body = self.rfile.read(length)
            if len(body) < length:
                return  # whoever asked died over it
            headers = {name.lower(): value for name, value in self.headers.items()}
            told.asked.append(Asked(self.path, headers, body))
            if told.slow:
                told.hold.wait(30)
            answer = told.next()
            if answer is None:
                self.close_connection = True
                return
            status, extra, content = answer
            text = (content if isinstance(content, str) else json.dumps(content)).encode()
            self.send_response(status)
            for name, value in extra.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            with suppress(BrokenPipeError):
                self.wfile.write(text)

        do_GET = do_POST  # noqa: N815 -- the name that http.server calls

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = False
    told.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield told
    finally:
        told.hold.set()
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class Post:
    """A mail server without encryption; `refuse` answers a command with these words instead."""

    port: int = 0
    mails: list[str] = field(default_factory=list)
    refuse: dict[str, str] = field(default_factory=dict)


@contextmanager
def post_office() -> Iterator[Post]:
    """A mail server on a free port of loopback."""
    told = Post()

    class Handler(socketserver.StreamRequestHandler):
        def say(self, text: str) -> None:
            self.wfile.write(text.encode() + b"\r\n")

        def handle(self) -> None:
            self.say("220 mail")
            while line := self.rfile.readline():
                verb = line.decode().split(" ")[0].strip().upper().partition(":")[0]
                if verb in told.refuse:
                    if told.refuse[verb] == "":
                        return
                    self.say(told.refuse[verb])
                elif verb == "EHLO":
                    self.say("250-mail")
                    self.say("250 AUTH PLAIN")
                elif verb == "AUTH":
                    self.say("235 ok")
                elif verb == "DATA":
                    self.say("354 go")
                    told.mails.append(self.message())
                    self.say("250 ok")
                elif verb == "QUIT":
                    self.say("221 bye")
                    return
                else:
                    self.say("250 ok")

        def message(self) -> str:
            lines = []
            while (line := self.rfile.readline().decode()) != ".\r\n":
                lines.append(line)
            return "".join(lines)

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True

    server = Server(("127.0.0.1", 0), Handler)
    told.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield told
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
