"""What a WSGI application is given of an ASGI request, and the body it reads (PEP 3333)."""

import sys
from collections.abc import Callable, MutableMapping
from typing import Any

Environ = dict[str, Any]


class Body:
    """A request's body as a file: what has come already, then what `more` waits for."""

    def __init__(self, come: bytes, more: Callable[[], bytes] | None) -> None:
        """`more` answers the next part, b"" for the end; None when everything has come."""
        self._come = bytearray(come)
        self._more = more

    def read(self, size: int = -1) -> bytes:
        """So many bytes, fewer at the end; all for -1."""
        while (size < 0 or len(self._come) < size) and self._wait():
            pass
        return self._take(len(self._come) if size < 0 else size)

    def readline(self, size: int = -1) -> bytes:
        """Up to the next line's end, or so many bytes of it."""
        while (end := self._come.find(b"\n") + 1) == 0 and self._wait():
            if 0 <= size <= len(self._come):
                break
        end = end or len(self._come)
        return self._take(end if size < 0 else min(end, size))

    def readlines(self, _hint: int = -1) -> list[bytes]:
        """All lines."""
        return list(self)

    def __iter__(self) -> "Body":
        return self

    def __next__(self) -> bytes:
        line = self.readline()
        if not line:
            raise StopIteration
        return line

    def _wait(self) -> bool:
        if self._more is None:
            return False
        part = self._more()
        if not part:
            self._more = None
        self._come += part
        return bool(part)

    def _take(self, size: int) -> bytes:
        taken = bytes(self._come[:size])
        del self._come[:size]
        return taken


def environ_of(scope: MutableMapping[str, Any], body: Body) -> Environ:
    """The environment of this request."""
    server, client = scope.get("server") or ("localhost", 80), scope.get("client")
    environ: Environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": scope["path"].encode().decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1] or 0),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    if client is not None:
        environ["REMOTE_ADDR"], environ["REMOTE_PORT"] = client[0], str(client[1])
    for raw, value in scope["headers"]:
        # X_Forwarded_For must not pass for X-Forwarded-For, which only our proxy may say.
        if b"_" in raw:
            continue
        name = raw.decode("latin-1").replace("-", "_").upper()
        if name not in {"CONTENT_LENGTH", "CONTENT_TYPE"}:
            name = f"HTTP_{name}"
        text = value.decode("latin-1")
        joint = "; " if name == "HTTP_COOKIE" else ","
        environ[name] = f"{environ[name]}{joint}{text}" if name in environ else text
    return environ
