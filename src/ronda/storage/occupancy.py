"""Whether an installation is running: every part holds a shared lock on one file while it lives.

The lock is the system's, so a killed process leaves none behind.
"""

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path

NAME = "running.lock"


class Running(Exception):
    """Some part of the installation runs, or somebody else is restoring."""


if sys.platform == "win32":
    import msvcrt

    # Windows has no shared lock here: only restoring is exclusive, running parts are found by
    # the database's own lock.
    def _shared(descriptor: int) -> None:
        pass

    def _alone(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _shared(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)

    def _alone(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextlib.contextmanager
def occupy(data: Path) -> Iterator[None]:
    """Say that a part of the installation runs, for as long as the block lasts.

    Raises:
        Running: a restore is going on.
    """
    with _locked(data, exclusive=False):
        yield


@contextlib.contextmanager
def sole(data: Path) -> Iterator[None]:
    """Keep every part of the installation from starting while the block lasts.

    Raises:
        Running: one is running.
    """
    with _locked(data, exclusive=True):
        yield


@contextlib.contextmanager
def _locked(data: Path, *, exclusive: bool) -> Iterator[None]:
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (data / NAME).open("a") as file:
        try:
            (_alone if exclusive else _shared)(file.fileno())
        except OSError as error:
            raise Running from error
        yield
