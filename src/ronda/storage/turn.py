"""One at a time across processes: a lock that its holder's death releases at once, kill -9 included."""

import os
import sys
import zlib
from pathlib import Path
from typing import IO

from django.db import DatabaseError, connection

from ronda.storage.database import is_sqlite

TURN_LOCK = 0x5455524E


class Turn:
    """The right to be the only process that does what `name` says, in one installation.

    SQLite: a lock on a file beside the database, held by the kernel for as long as the process
    lives. PostgreSQL: a session lock, lost with the connection; take it again after an error.
    """

    def __init__(self, name: str) -> None:
        """Nothing is held before `take`."""
        self.name = name
        self._file: IO[bytes] | None = None

    def take(self) -> bool:
        """Try to hold the turn; true also when it is held already. Does not wait."""
        return self._lock_file() if is_sqlite() else self._lock_session()

    def give_back(self) -> None:
        """Let another process have it."""
        if self._file is not None:
            self._file.close()
            self._file = None
        elif not is_sqlite():
            try:
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_advisory_unlock(%s, %s)", self._numbers())
            except DatabaseError:
                connection.close()  # the lock goes with it

    def _lock_session(self) -> bool:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted"
                " AND pid = pg_backend_pid() AND classid::bigint = %s AND objid::bigint = %s)"
                " OR pg_try_advisory_lock(%s, %s)",
                [*self._numbers(), *self._numbers()],
            )
            row = cursor.fetchone()
        return bool(row and row[0])

    def _numbers(self) -> tuple[int, int]:
        return TURN_LOCK, zlib.crc32(self.name.encode()) & 0x7FFFFFFF

    def _lock_file(self) -> bool:
        if self._file is not None:
            return True
        path = Path(f"{connection.settings_dict['NAME']}.{self.name}.turn")
        file = path.open("ab")
        try:
            _lock(file)
        except OSError:
            file.close()
            return False
        self._file = file
        return True


def _lock(file: IO[bytes]) -> None:
    """Lock the open file for this process.

    Raises:
        OSError: another process holds it.
    """
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.set_inheritable(file.fileno(), False)
