"""Requests and responses of HTTP/1.1, as much as a router's web server speaks of it. Pure."""

import base64
import binascii
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

LONGEST_HEAD = 16_384
LONGEST_BODY = 1 << 20


class NotHttp(ValueError):
    """The peer sent what no web client sends."""


@dataclass(frozen=True)
class Request:
    """One request with its whole body; header names are lower case."""

    method: str
    path: str
    query: Sequence[tuple[str, str]] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def keep(self) -> bool:
        """Whether the connection stays open after it."""
        return self.headers.get("connection", "").lower() != "close"

    @property
    def credentials(self) -> tuple[str, str] | None:
        """User and password of HTTP Basic; None without."""
        scheme, _, text = self.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "basic":
            return None
        try:
            user, colon, password = base64.b64decode(text, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        return (user, password) if colon else None


class Reader:
    """Requests out of bytes that come in any pieces."""

    def __init__(self) -> None:
        self._buffer = b""

    def feed(self, data: bytes) -> Iterator[Request]:
        """Every request that is complete now.

        Raises:
            NotHttp: this is none.
        """
        self._buffer += data
        while (request := self._next()) is not None:
            yield request

    def _next(self) -> Request | None:
        head, end, rest = self._buffer.partition(b"\r\n\r\n")
        if len(head) > LONGEST_HEAD:
            raise NotHttp("a head without end")
        if not end:
            return None
        line, *fields = head.decode("latin-1").split("\r\n")
        words = line.split(" ")
        if len(words) != 3 or not words[2].startswith("HTTP/1."):
            raise NotHttp(line[:80])
        headers = {
            name.strip().lower(): value.strip()
            for name, _, value in (text.partition(":") for text in fields)
        }
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > LONGEST_BODY:
            raise NotHttp("a body without end")
        if len(rest) < int(length):
            return None
        self._buffer = rest[int(length) :]
        target = urlsplit(words[1])
        query = parse_qsl(target.query, keep_blank_values=True)
        return Request(words[0], unquote(target.path), query, headers, rest[: int(length)])


@dataclass(frozen=True)
class Response:
    """What goes back; `body` None is none at all."""

    status: int
    body: Any = None
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)

    def encoded(self, *, keep: bool = True) -> bytes:
        """The bytes for the wire."""
        if self.body is None:
            content = b""
        elif isinstance(self.body, bytes):
            content = self.body
        else:
            content = json.dumps(self.body, ensure_ascii=False, separators=(",", ":")).encode(
                "utf-8", "surrogateescape"
            )
        lines = [
            f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}",
            f"Connection: {'Keep-Alive' if keep else 'close'}",
            f"Content-Length: {len(content)}",
            *([f"Content-Type: {self.content_type}"] if content else []),
            *(f"{name}: {value}" for name, value in self.headers.items()),
        ]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + content


def error(status: int, detail: str = "") -> Response:
    """An error as REST tells it; there is no `detail` with 401 and 404."""
    body = {"error": status, "message": HTTPStatus(status).phrase}
    return Response(status, {"detail": detail, **body} if detail else body)
