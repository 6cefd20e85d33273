"""`/file`, `/export` and `/system/backup/save`: files that really hold something.

The text of a file is shown in `contents` while it is short, as on a router: up to 4 KiB on version
6, up to 60 KiB on version 7. Longer and binary ones are read with `/file/read` from 7.13 on; before
that only FTP has them, which is not simulated.
"""

import zlib
from hashlib import sha256

from ronda.simulator.routers import traps
from ronda.simulator.routers.board.export import exported
from ronda.simulator.routers.commands import Answer, Call, Outcome
from ronda.simulator.routers.router import VirtualRouter
from ronda.simulator.routers.store import Menu, Row
from ronda.simulator.routers.wire import to_bytes, to_text

PATH = "/file"
SHOWN_V6, SHOWN_V7 = 4_095, 61_440
LARGEST_CHUNK = 32_768
BACKUP_MAGIC = b"\x88\xac\xa1\xb1"
BACKUP_BYTES = 24_576


class Files:
    """The files of one router; `free` bytes of its disk are left for them."""

    def __init__(self, router: VirtualRouter, room: int) -> None:
        self._router = router
        self._room = room
        handlers = router.handlers
        handlers["/export"] = self._export
        handlers["/system/backup/save"] = self._save
        handlers["/file/read"] = self._read

    @property
    def free(self) -> int:
        """Bytes of disk that are left."""
        return self._room - sum(int(row.get("size", "0")) for row in self._menu.rows.values())

    def put(self, name: str, kind: str, content: bytes) -> None:
        """Write a file, over one of the same name.

        Raises:
            Trap: the disk is full.
        """
        old = self._menu.find(name=name)
        freed = int(old.get("size", "0")) if old else 0
        if len(content) > self.free + freed:
            raise traps.action_failed()
        if old is not None:
            self._menu.remove(old)
        dated = "creation-time" if not self._router.profile.since(7, 11) else "last-modified"
        values = {"name": name, "type": kind, "size": str(len(content))}
        values[dated] = self._router.date_text()
        limit = SHOWN_V7 if self._router.profile.major > 6 else SHOWN_V6
        if kind != "backup" and len(content) <= limit:
            values["contents"] = to_text(content)
        self._menu.insert(values, hidden={"content": to_text(content)})

    @property
    def _menu(self) -> Menu:
        return self._router.menus[PATH]

    def _export(self, call: Call) -> Outcome:
        sensitive = "hide-sensitive" not in call.values
        if self._router.profile.major > 6:
            sensitive = "show-sensitive" in call.values
        text = exported(self._router, sensitive=sensitive)
        name = call.values.get("file")
        if not name:
            return Answer()
        self.put(name if name.endswith(".rsc") else f"{name}.rsc", "script", to_bytes(text))
        return Answer()

    def _save(self, call: Call) -> Outcome:
        name = call.values.get("name") or f"{self._router.name}-{self._router.now():%Y%m%d-%H%M}"
        text = to_bytes(exported(self._router, sensitive=True))
        packed = zlib.compress(text)
        padding = sha256(packed).digest() * (BACKUP_BYTES // 32)
        body = packed + padding[: max(0, BACKUP_BYTES - len(packed))]
        size = (len(body) + 8).to_bytes(4, "little")
        self.put(f"{name.removesuffix('.backup')}.backup", "backup", BACKUP_MAGIC + size + body)
        return Answer()

    def _read(self, call: Call) -> Outcome:
        if not self._router.profile.since(7, 13):
            raise traps.no_such_command()
        row = self._named(call)
        content = to_bytes(row.hidden.get("content", row.get("contents", "")))
        offset, size = _number(call, "offset", 0), _number(call, "chunk-size", LARGEST_CHUNK)
        if size > LARGEST_CHUNK:
            raise traps.out_of_range("chunk-size", "1", str(LARGEST_CHUNK))
        return Answer([{"data": to_text(content[offset : offset + size])}])

    def _named(self, call: Call) -> Row:
        name = call.values.get("file", "")
        row = self._menu.rows.get(name) or self._menu.find(name=name)
        if row is None:
            raise traps.no_such_item(self._router.profile.version)
        return row


def _number(call: Call, name: str, default: int) -> int:
    text = call.values.get(name, str(default))
    if not text.isdigit():
        raise traps.invalid_value(name)
    return int(text)
